// Package falseguard finds conditions that should keep children from starting
// processes but hold in a child too, and puts the main guard in their place.
package falseguard

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed falseguard.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF102 false-guard.
var Rule = &rule.Rule{
	ID:    "MPF102",
	Name:  "false-guard",
	Title: "a condition does not keep children from starting processes",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	why, found := process.FalseGuard(p.Module, match.Captures["condition"][0])
	if !found {
		return
	}
	starts := startup.StartsUnder(p.Model, match.Node)
	if len(starts) == 0 {
		return
	}
	if main, _ := p.Model.MainLike(p.Model.AtImport(starts[0].Node).Module); !main {
		return
	}
	f := &rule.Finding{
		Span:    match.Captures["condition"][0].Span(),
		Message: "this is no main guard: under spawn and forkserver every child gets past it, for " + why,
	}
	for _, s := range starts {
		f.Trail = append(f.Trail, rule.Note{Span: s.Node.Span(), Text: "a start behind it"})
	}
	if err := fix(p, f, match.Node); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// fix puts a real guard in the place of the false one.
func fix(p *rule.Pass, f *rule.Finding, guard *syntax.Node) error {
	if importers := p.Project.Importers(p.Module); len(importers) > 0 {
		return fmt.Errorf("%s imports this module; under a guard the processes would not start at all", importers[0].Tree.File.Path)
	}
	mended, err := startup.MendGuard(p.Model, p.Module, guard)
	if err != nil {
		return err
	}
	rw := refactor.New()
	mended.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	fix := rule.Fix{Title: "test for the main module", Safety: rule.Safe, Edits: set}
	if !mended.Sure {
		fix.Safety = rule.Unsafe
		f.Why = "children would run the else branch, or get what may not be picklable"
	}
	f.Fixes = append(f.Fixes, fix)
	return nil
}
