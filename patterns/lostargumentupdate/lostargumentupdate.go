// Package lostargumentupdate finds lists and dicts that a worker is passed and changes while the parent reads its own copy, and shares them
// through a manager.
package lostargumentupdate

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

//go:embed lostargumentupdate.scm
var query string

// Rule is MPF205.
var Rule = &rule.Rule{
	ID:    "MPF205",
	Name:  "lost-argument-update",
	Title: "a worker changes a list or dict it was passed, and the parent reads its own",
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
	c := sharedstate.LookArgumentContainer(p.Model, roots[0])
	if c == nil || c.Writes[0] != write {
		return
	}
	f := &rule.Finding{
		Span: write.Span(),
		Message: fmt.Sprintf("%s is a copy of what the parent passed: the change made here in a child process is lost, under any start method",
			roots[0].Text()),
		Trail: trail(c.Worker(), c),
	}
	if err := fix(f, c); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

func trail(w *process.Worker, c *sharedstate.Container) []rule.Note {
	notes := []rule.Note{{Span: c.Def.Name.Span(), Text: "the parent makes it here"}, {Span: w.Entry.Node.Span(), Text: "the worker"}}
	for _, l := range w.Launches {
		notes = append(notes, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
	}
	for _, t := range w.Tasks {
		notes = append(notes, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
	}
	return append(notes, rule.Note{Span: c.Reads[0].Span(), Text: "the parent reads its own copy here"})
}

// fix makes the container a manager's, which is passed as before.
func fix(f *rule.Finding, c *sharedstate.Container) error {
	plan, err := sharedstate.PlanProxy(c, false)
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
