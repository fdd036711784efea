// Package importsideeffect finds statements at module level whose effect every
// child repeats, and moves them under the main guard.
package importsideeffect

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed importsideeffect.scm
var query string

// Rule is MPF107.
var Rule = &rule.Rule{
	ID:    "MPF107",
	Name:  "import-side-effect",
	Title: "what a module does while it is imported is repeated in every child",
	Doc:   doc,
	Query: query,
	Level: rule.Warning,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	all, start := startup.RepeatedIn(p.Model, p.Module)
	if len(all) == 0 || all[0].Stmt != match.Captures["stmt"][0] {
		return // once for each module, at its first such statement
	}
	plan, rest := startup.PlanLowered(p.Model, p.Module, all)
	if plan != nil && len(plan.Moved) > 0 {
		f := finding(plan.Moved[0], start)
		for _, r := range plan.Moved[1:] {
			f.Trail = append(f.Trail, rule.Note{Span: r.Call.Span(), Text: "this is repeated too"})
		}
		lower(f, plan)
		p.Report(f)
	}
	for _, r := range all {
		if err := rest[r]; err != nil {
			f := finding(r, start)
			f.Why = err.Error()
			pass(p, f, r)
			p.Report(f)
		}
	}
}

func finding(r *startup.Repeated, start *process.Start) *rule.Finding {
	return &rule.Finding{
		Span: r.Call.Span(),
		Message: fmt.Sprintf("%s runs while the module is imported: under spawn and forkserver every child imports it again and %s",
			syntax.Head(r.Call), r.Does),
		Trail: []rule.Note{{Span: start.Node.Span(), Text: "the children are started here"}},
	}
}

// lower moves the statements under the guard.
func lower(f *rule.Finding, plan *startup.Lowered) {
	rw := refactor.New()
	plan.Write(rw)
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: "move it under the main guard", Safety: rule.Safe, Edits: set}
	if !plan.Sure {
		fix.Safety = rule.Unsafe
		f.Why = "it moves past statements that may do anything, or may do more itself"
	}
	f.Fixes = append(f.Fixes, fix)
}

// pass puts what workers need of the statement under the guard too, and passes
// it to them.
func pass(p *rule.Pass, f *rule.Finding, r *startup.Repeated) {
	guard, err := startup.PlanRepeated(p.Model, p.Module, r)
	if err != nil {
		return
	}
	rw := refactor.New()
	guard.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{
		Title:  fmt.Sprintf("put it under the main guard and pass %s to the workers", guard.Handed[0]),
		Safety: rule.Unsafe,
		Edits:  set,
	})
}
