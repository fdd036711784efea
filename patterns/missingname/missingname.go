// Package missingname finds names that workers read and that have their value only
// in the parent, and brings them to the workers.
package missingname

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/sharedstate"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed missingname.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF103 missing-name.
var Rule = &rule.Rule{
	ID:    "MPF103",
	Name:  "missing-name",
	Title: "a worker reads a name that only the parent has or sets",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	for _, x := range startup.MissingIn(p.Model, p.Module) {
		if sharedstate.Look(p.Model, x.Binding) != nil {
			continue // it changes while the workers run
		}
		report(p, x)
	}
}

func report(p *rule.Pass, x *startup.Missing) {
	entry := x.Workers[0].Entry
	f := &rule.Finding{
		Span: x.Sets[0].Span(),
		Message: fmt.Sprintf("%s exists only in the parent: under spawn and forkserver %s() finds no such name, for children import the module without what the parent did",
			x.Name, entry.QualName()),
		Trail: trail(x, x.Workers[0]),
	}
	if !x.Absent {
		f.Message = fmt.Sprintf("%s is set here in the parent only: under spawn and forkserver %s() reads the value that importing the module gives it", x.Name, entry.QualName())
	}
	if err := fix(f, x); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

func trail(x *startup.Missing, w *process.Worker) []rule.Note {
	notes := []rule.Note{{Span: x.Reads[0].Node.Span(), Text: "a worker reads it here"}, {Span: w.Entry.Node.Span(), Text: "the worker"}}
	for _, l := range w.Launches {
		notes = append(notes, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
	}
	for _, t := range w.Tasks {
		notes = append(notes, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
	}
	return notes
}

// fix moves what the workers need above the guard, or passes it to them.
func fix(f *rule.Finding, x *startup.Missing) error {
	plan, err := x.Plan()
	if err != nil {
		return err
	}
	rw := refactor.New()
	plan.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	fix := rule.Fix{Title: plan.Title, Safety: rule.Safe, Edits: set}
	if !plan.Sure {
		fix.Safety = rule.Unsafe
		f.Why = fmt.Sprintf("what %s holds may not be picklable", x.Name)
	}
	f.Fixes = append(f.Fixes, fix)
	return nil
}
