// Package unguardedstart finds processes that are started while the main
// module is imported, and puts the start under a main guard.
package unguardedstart

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed unguardedstart.scm
var query string

// Rule is MPF101.
var Rule = &rule.Rule{
	ID:    "MPF101",
	Name:  "unguarded-start",
	Title: "processes are started while the main module is imported",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// symptom says what an unguarded start does to the parent, by what is started
// (measured, see FACTS 2).
var symptom = map[process.StartKind]string{
	process.StartProcess:  "the child dies with a RuntimeError",
	process.StartPool:     "the children start pools of their own without end",
	process.StartExecutor: "the executor breaks with BrokenProcessPool",
	process.StartManager:  "the server process dies with a RuntimeError",
}

func check(p *rule.Pass, match syntax.Match) {
	start := p.Model.StartAt(match.Node)
	if start == nil || p.Model.ForkOnly(start.Object) {
		return
	}
	run := p.Model.AtImport(start.Node)
	if run == nil {
		return
	}
	starts := unguarded(p.Model, run.Module)
	if len(starts) == 0 || starts[0] != start {
		return // one finding for each module, at its first start
	}
	if main, _ := p.Model.MainLike(run.Module); !main {
		return
	}
	f := &rule.Finding{
		Span: start.Node.Span(),
		Message: fmt.Sprintf("%s runs while the module is imported: under spawn and forkserver every child imports it again, and %s",
			syntax.Head(start.Node), symptom[start.Kind]),
		Trail: trail(p.Model, run, starts),
	}
	var triggers []*syntax.Node
	for _, s := range starts {
		triggers = append(triggers, p.Model.AtImport(s.Node).Stmt)
	}
	fix(p, f, run.Module, triggers)
	p.Report(f)
}

// unguarded lists the starts that importing a module runs, in order.
func unguarded(m *process.Model, mod *scope.Module) []*process.Start {
	var found []*process.Start
	for _, s := range m.Starts {
		if m.ForkOnly(s.Object) || startup.FalseGuardOf(m, s) != nil {
			continue // MPF102 has the latter
		}
		if run := m.AtImport(s.Node); run != nil && run.Module == mod {
			found = append(found, s)
		}
	}
	return found
}

func trail(m *process.Model, run *process.ImportRun, starts []*process.Start) []rule.Note {
	var notes []rule.Note
	for _, c := range run.Calls {
		notes = append(notes, rule.Note{Span: c.Span(), Text: "called here while the module is imported"})
	}
	for _, l := range m.Launches {
		if l.Object == starts[0].Object {
			for _, e := range l.Entries {
				notes = append(notes, rule.Note{Span: e.Node.Span(), Text: "the worker"})
			}
		}
	}
	for _, s := range starts[1:] {
		notes = append(notes, rule.Note{Span: s.Node.Span(), Text: "another start"})
	}
	return notes
}

// fix adds the guard, or says why there is none.
func fix(p *rule.Pass, f *rule.Finding, mod *scope.Module, triggers []*syntax.Node) {
	if importers := p.Project.Importers(mod); len(importers) > 0 {
		f.Why = fmt.Sprintf("%s imports this module; under a guard the processes would not start at all", importers[0].Tree.File.Path)
		return
	}
	guard, err := startup.PlanGuard(p.Model, mod, triggers)
	if err != nil {
		f.Why = err.Error()
		return
	}
	rw := refactor.New()
	guard.Write(rw)
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: "put the start under a main guard", Safety: rule.Safe, Edits: set}
	if len(guard.Handed) > 0 {
		fix.Title = fmt.Sprintf("put the start under a main guard and pass %s to the workers", guard.Handed[0])
	}
	if !guard.Sure {
		fix.Safety = rule.Unsafe
		f.Why = "what is passed to the workers may not be picklable"
	}
	f.Fixes = append(f.Fixes, fix)
}
