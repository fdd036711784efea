// Package lostglobalcontainer finds lists, dicts and other containers that a worker changes through a global name while the parent reads its own copy, and shares them
// through a manager.
package lostglobalcontainer

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/sharedstate"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed lostglobalcontainer.scm
var query string

// Rule is MPF202.
var Rule = &rule.Rule{
	ID:    "MPF202",
	Name:  "lost-global-container",
	Title: "a worker changes a global list or dict that the parent reads",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	write := match.Captures["write"][0]
	roots := sharedstate.RootOf(write)
	if len(roots) == 0 || len(p.Model.WorkersAt(write)) == 0 {
		return
	}
	b := sharedstate.GlobalBinding(p.Project, p.Module, roots[0])
	if b == nil && len(roots) > 1 {
		b = sharedstate.GlobalBinding(p.Project, p.Module, roots[1])
	}
	if b == nil {
		return
	}
	c := sharedstate.LookGlobalContainer(p.Model, b)
	if c == nil || c.Writes[0] != write {
		return
	}
	f := &rule.Finding{
		Span: write.Span(),
		Message: fmt.Sprintf("%s is changed here in a child process, which has its own copy of it: the parent never sees the change, under any start method",
			b.Name),
		Trail: trail(c.Worker(), c),
	}
	if err := fix(f, c); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

func trail(w *process.Worker, c *sharedstate.Container) []rule.Note {
	notes := []rule.Note{{Span: c.Def.Name.Span(), Text: "the name is bound here"}, {Span: w.Entry.Node.Span(), Text: "the worker"}}
	for _, l := range w.Launches {
		notes = append(notes, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
	}
	for _, t := range w.Tasks {
		notes = append(notes, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
	}
	return append(notes, rule.Note{Span: c.Reads[0].Span(), Text: "the parent reads its own copy here"})
}

// fix makes the container a manager's and hands it to the workers.
func fix(f *rule.Finding, c *sharedstate.Container) error {
	plan, err := sharedstate.PlanProxy(c, true)
	if err != nil {
		return err
	}
	rw := refactor.New()
	plan.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: plan.Title(), Safety: rule.Safe, Edits: set})
	return nil
}
