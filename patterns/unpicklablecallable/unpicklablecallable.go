// Package unpicklablecallable finds functions and classes that are sent to
// workers though pickle cannot find them by name, and gives them a name.
package unpicklablecallable

import (
	_ "embed"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unpicklablecallable.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF301 unpicklable-callable.
var Rule = &rule.Rule{
	ID:    "MPF301",
	Name:  "unpicklable-callable",
	Title: "a function or class is sent to a worker that pickle cannot find by its name",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	var seen []*project.Def
	var groups [][]fault // by expression that is sent
	for _, f := range faultsAt(p.Model, match.Node) {
		if contains(seen, f.def) || sentBefore(p.Model, match.Node, f.def) {
			continue
		}
		seen = append(seen, f.def)
		last := len(groups) - 1
		if last >= 0 && groups[last][0].together(f) {
			groups[last] = append(groups[last], f)
		} else {
			groups = append(groups, []fault{f})
		}
	}
	for _, g := range groups {
		report(p, match.Node, g)
	}
}

func contains(defs []*project.Def, d *project.Def) bool {
	for _, have := range defs {
		if have == d {
			return true
		}
	}
	return false
}

// sentBefore says whether a call further up sends the definition too: it is
// reported once.
func sentBefore(m *process.Model, call *syntax.Node, d *project.Def) bool {
	for _, other := range senders(m) {
		if !before(other, call) {
			continue
		}
		for _, f := range faultsAt(m, other) {
			if f.def == d {
				return true
			}
		}
	}
	return false
}

func before(a, b *syntax.Node) bool {
	if pa, pb := a.Tree.File.Path, b.Tree.File.Path; pa != pb {
		return pa < pb
	}
	return a.Start < b.Start
}

// senders lists the calls that send something to workers.
func senders(m *process.Model) []*syntax.Node {
	var calls []*syntax.Node
	for _, l := range m.Launches {
		calls = append(calls, l.Call)
	}
	for _, pu := range m.Pools {
		calls = append(calls, pu.Object.Made)
	}
	for _, t := range m.Tasks {
		calls = append(calls, t.Call)
	}
	return calls
}

// report reports the faults of one expression that is sent.
func report(p *rule.Pass, call *syntax.Node, group []fault) {
	ft := group[0]
	when := "under every start method"
	if ft.sent.Situation == process.AtStart {
		when = "under spawn and forkserver"
	}
	f := &rule.Finding{
		Span:    ft.sent.Expr.Span(),
		Message: fmt.Sprintf("%s cannot be pickled, which fails %s: %s", ft.what(), when, ft.why()),
	}
	rw := refactor.New()
	var titles []string
	safety := rule.Safe
	var err error
	for _, ft := range group {
		f.Trail = append(f.Trail, rule.Note{Span: ft.def.Node.Span(), Text: "defined here"})
		title, s, failed := mend(p, rw, call, ft)
		if err == nil {
			err = failed
		}
		titles, safety = append(titles, title), max(safety, s)
	}
	if err == nil {
		var fix rule.Fix
		if fix.Edits, err = rw.Set(); err == nil {
			fix.Title, fix.Safety = strings.Join(titles, ", "), safety
			f.Fixes = append(f.Fixes, fix)
			if safety == rule.Unsafe {
				f.Why = "a captured variable may change between here and the call"
			}
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// mend plans the fix of a fault.
func mend(p *rule.Pass, rw *refactor.Rewrite, call *syntax.Node, ft fault) (title string, safety rule.Safety, err error) {
	switch ft.kind {
	case mangled:
		title, err = unmangle(p, rw, ft.def)
		return title, rule.Safe, err
	case undecorated:
		return "add functools.wraps to the wrapper", rule.Safe, addWraps(p, rw, ft)
	case renamed:
		title, err = redefine(p, rw, ft)
		return title, rule.Safe, err
	}
	if ft.def.IsClass() {
		title, err = hoistClass(p, rw, ft.def)
		return title, rule.Safe, err
	}
	if ft.def.IsLambda() && syntax.Unparen(ft.sent.Expr) == ft.def.Node && ft.sent.Callee {
		if title, ok := forward(p, rw, call, ft); ok {
			return title, rule.Safe, nil
		}
	}
	return hoist(p, rw, ft)
}
