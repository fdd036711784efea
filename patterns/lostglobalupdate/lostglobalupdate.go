// Package lostglobalupdate finds numbers and flags that a worker changes through
// a global name while the parent reads its own copy, and shares them.
package lostglobalupdate

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/sharedstate"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed lostglobalupdate.scm
var query string

// Rule is MPF201.
var Rule = &rule.Rule{
	ID:    "MPF201",
	Name:  "lost-global-update",
	Title: "a worker changes a global number or flag that the parent reads",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	write := match.Captures["write"][0]
	if len(p.Model.WorkersAt(write)) == 0 && !sharedstate.AfterStart(p.Model, write) {
		return
	}
	b := binding(p, write.Field("left"))
	if b == nil {
		return
	}
	g := sharedstate.Look(p.Model, b)
	if g == nil || g.FirstWrite() != write || g.Kind == process.NotNumber && !g.Numeric {
		return
	}
	f := &rule.Finding{
		Span: write.Span(),
		Message: fmt.Sprintf("%s is changed here in a child process, which has its own copy of it: the parent never sees the change, under any start method",
			b.Name),
		Trail: trail(p.Model, g),
	}
	if len(g.WorkerWrites) == 0 {
		f.Message = fmt.Sprintf("%s is changed here after the children were started: each has its own copy of it and never sees the change, under any start method", b.Name)
	}
	if err := fix(p, f, g); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// binding returns the module-level name that a target stands for, in this
// module or in one that it imports.
func binding(p *rule.Pass, target *syntax.Node) *scope.Binding {
	if target.Is("identifier") {
		b := p.Module.Binding(target)
		if b == nil || b.Scope != p.Module.Top {
			return nil
		}
		return b
	}
	values, _ := p.Project.Values(target.Field("object"))
	if len(values) != 1 || values[0].Kind != project.Module {
		return nil
	}
	return values[0].Mod.Top.Names[target.Field("attribute").Text()]
}

func trail(m *process.Model, g *sharedstate.Global) []rule.Note {
	notes := []rule.Note{{Span: g.Def.Name.Span(), Text: "the name is bound here"}}
	read, text := g.WorkerReads, "the worker waits for it here"
	at := g.FirstWrite()
	if len(g.WorkerWrites) > 0 {
		read, text = g.ParentReads, "the parent reads its own copy here"
	} else {
		at = read[0].Node
	}
	for _, w := range m.WorkersAt(at) {
		notes = append(notes, rule.Note{Span: w.Entry.Node.Span(), Text: "the worker"})
		for _, l := range w.Launches {
			notes = append(notes, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
		}
		for _, t := range w.Tasks {
			notes = append(notes, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
		}
	}
	return append(notes, rule.Note{Span: read[0].Node.Span(), Text: text})
}

// fix shares the number through a multiprocessing.Value, a flag that is only
// set and waited for through an Event.
func fix(p *rule.Pass, f *rule.Finding, g *sharedstate.Global) error {
	if g.Kind == process.NotNumber {
		return fmt.Errorf("what kind of number %s holds is not known", g.Binding.Name)
	}
	share, err := sharedstate.Plan(p.Model, g)
	if err != nil {
		return err
	}
	rw := refactor.New()
	share.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: share.Title(), Safety: rule.Safe, Edits: set})
	return nil
}
