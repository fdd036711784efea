// Package parentsetting finds settings of the process that only the parent makes
// and that workers rely on, and repeats them in the workers.
package parentsetting

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed parentsetting.scm
var query string

// Rule is MPF108.
var Rule = &rule.Rule{
	ID:    "MPF108",
	Name:  "parent-setting",
	Title: "workers rely on a setting that only the parent makes",
	Doc:   doc,
	Query: query,
	Level: rule.Warning,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	s := startup.SettingAt(p.Model, match.Captures["stmt"][0])
	if s == nil {
		return
	}
	where := "under spawn and forkserver workers start without it"
	switch {
	case s.Reseeded:
		where = "under every start method children are seeded anew"
	case s.Forkserver:
		where = "under forkserver workers get that of the server, which was started before"
	}
	f := &rule.Finding{
		Span:    s.Stmt.Span(),
		Message: fmt.Sprintf("the parent sets %s for itself: %s", s.What, where),
		Trail:   []rule.Note{{Span: s.Use.Span(), Text: "a worker relies on it"}},
	}
	for _, w := range s.Workers {
		f.Trail = append(f.Trail, rule.Note{Span: w.Entry.Node.Span(), Text: "the worker"})
	}
	if err := fix(f, s); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// fix repeats the setting in the workers.
func fix(f *rule.Finding, s *startup.Setting) error {
	plan, err := s.PlanRepeat()
	if err != nil {
		return err
	}
	rw := refactor.New()
	plan.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	f.Fixes = append(f.Fixes, rule.Fix{
		Title:  fmt.Sprintf("set %s in the workers too", s.What),
		Safety: rule.Unsafe,
		Edits:  set,
	})
	f.Why = "workers may be meant to have a setting of their own"
	return nil
}
