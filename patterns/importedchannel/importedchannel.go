// Package importedchannel finds queues, locks and other shared objects that are
// made while a module is imported and used by name in workers, and makes them in
// the parent.
package importedchannel

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed importedchannel.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF104 imported-channel.
var Rule = &rule.Rule{
	ID:    "MPF104",
	Name:  "imported-channel",
	Title: "an object that processes share is made while a module is imported",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	c := startup.LookImported(p.Model, p.Module, match.Node)
	if c == nil {
		return
	}
	f := &rule.Finding{
		Span: match.Node.NamedChildren()[0].Span(),
		Message: fmt.Sprintf("%s is made while the module is imported: under spawn and forkserver each child makes one of its own, and %s() uses that one",
			c.Name, c.Workers[0].Entry.QualName()),
		Trail: trail(c),
	}
	if err := fix(p, f, c); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

func trail(c *startup.Imported) []rule.Note {
	notes := []rule.Note{{Span: c.Reads[0].Node.Span(), Text: "a worker uses it here"}}
	w := c.Workers[0]
	notes = append(notes, rule.Note{Span: w.Entry.Node.Span(), Text: "the worker"})
	for _, l := range w.Launches {
		notes = append(notes, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
	}
	for _, t := range w.Tasks {
		notes = append(notes, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
	}
	return notes
}

// fix makes the object where the parent starts the workers, and hands it over.
func fix(p *rule.Pass, f *rule.Finding, c *startup.Imported) error {
	moved, err := c.Plan()
	if err != nil {
		return err
	}
	rw := refactor.New()
	moved.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	fix := rule.Fix{Title: fmt.Sprintf("make %s in %s and pass it to the workers", c.Name, moved.Where()), Edits: set}
	if !moved.Sure() {
		fix.Safety = rule.Unsafe
		f.Why = fmt.Sprintf("what else %s holds may not be picklable", c.Name)
	}
	f.Fixes = append(f.Fixes, fix)
	return nil
}
