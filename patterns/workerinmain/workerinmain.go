// Package workerinmain finds workers that children cannot find, because they are
// defined under the main guard or in a package's __main__.py, and moves them above
// the guard.
package workerinmain

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed workerinmain.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF109 worker-in-main.
var Rule = &rule.Rule{
	ID:    "MPF109",
	Name:  "worker-in-main",
	Title: "a worker is defined where children do not find it",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	h := startup.LookHidden(p.Model, match.Node)
	if h == nil {
		return
	}
	f := &rule.Finding{
		Span:    match.Node.Field("name").Span(),
		Message: fmt.Sprintf("%s is defined under the main guard: under spawn and forkserver children do not run that block, and cannot find it", h.Def.Name),
	}
	if h.Package {
		f.Message = fmt.Sprintf("%s is defined in a package's __main__.py: under spawn and forkserver children do not import that file, and cannot find it", h.Def.Name)
	}
	for _, l := range h.Worker.Launches {
		f.Trail = append(f.Trail, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
	}
	for _, t := range h.Worker.Tasks {
		f.Trail = append(f.Trail, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
	}
	for _, pool := range h.Worker.InitOf {
		f.Trail = append(f.Trail, rule.Note{Span: pool.Object.Made.Span(), Text: "initializes the workers of this pool"})
	}
	if err := fix(f, h); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// fix moves the worker above the guard.
func fix(f *rule.Finding, h *startup.Hidden) error {
	lift, err := h.Plan()
	if err != nil {
		return err
	}
	rw := refactor.New()
	lift.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: fmt.Sprintf("move %s above the guard", h.Def.Name), Safety: rule.Safe, Edits: set})
	return nil
}
