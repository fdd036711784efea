package startup

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// FalseGuardOf returns the if statement that should keep children from a start but
// also holds while they import the main module; nil when there is none.
func FalseGuardOf(m *process.Model, s *process.Start) *syntax.Node {
	run := m.AtImport(s.Node)
	if run == nil {
		return nil
	}
	for _, at := range append([]*syntax.Node{s.Node}, run.Calls...) {
		mod := m.Project.ModuleOf(at)
		for n, up := at, at.Parent; up != nil; n, up = up, up.Parent {
			if up.Is("if_statement") && n.FieldName == "consequence" {
				if _, found := process.FalseGuard(mod, up.Field("condition")); found {
					return up
				}
			}
		}
	}
	return nil
}

// StartsUnder lists the starts that a false guard stands before.
func StartsUnder(m *process.Model, guard *syntax.Node) []*process.Start {
	var found []*process.Start
	for _, s := range m.Starts {
		if !m.ForkOnly(s.Object) && FalseGuardOf(m, s) == guard {
			found = append(found, s)
		}
	}
	return found
}

// Mended is a plan that makes a false guard a real one.
type Mended struct {
	// Sure says that nothing but the start of processes hangs on the condition.
	Sure  bool
	parts []*syntax.Node // of the condition
	bring []*Brought
	mod   *scope.Module
}

// MendGuard plans to replace a false guard's condition. What workers need of the
// guarded block is brought to them in the same fix.
func MendGuard(m *process.Model, mod *scope.Module, guard *syntax.Node) (*Mended, error) {
	g := &Mended{mod: mod, Sure: guard.Field("alternative") == nil}
	part, err := falsePart(m, mod, guard.Field("condition"))
	if err != nil {
		return nil, err
	}
	g.parts = append(g.parts, part)
	for _, x := range missingUnder(m, mod, guard) {
		b, err := x.Plan()
		if err != nil {
			return nil, fmt.Errorf("under a real guard workers would miss %s: %w", x.Name, err)
		}
		g.Sure = g.Sure && b.Sure
		g.bring = append(g.bring, b)
	}
	return g, nil
}

// falsePart finds the test in a condition that looks like a guard.
func falsePart(m *process.Model, mod *scope.Module, cond *syntax.Node) (*syntax.Node, error) {
	cond = syntax.Unparen(cond)
	switch cond.Kind {
	case "boolean_operator":
		for _, side := range []string{"left", "right"} {
			if _, found := process.FalseGuard(mod, cond.Field(side)); found {
				return falsePart(m, mod, cond.Field(side))
			}
		}
	case "identifier":
		b := mod.Binding(cond)
		d := b.Single()
		if d == nil || d.Kind != scope.Assign {
			return nil, fmt.Errorf("%s is bound more than once", cond.Text())
		}
		uses, all := m.Project.Uses(b)
		for _, u := range uses {
			if !all || u.Module != mod || !u.Store && !u.Node.Parent.Is("if_statement", "boolean_operator", "not_operator", "parenthesized_expression") {
				return nil, fmt.Errorf("%s is used for other things too", cond.Text())
			}
		}
		return falsePart(m, mod, d.Value)
	}
	return cond, nil
}

// missingUnder lists what workers would miss if the children did not run a block.
func missingUnder(m *process.Model, mod *scope.Module, guard *syntax.Node) []*Missing {
	var found []*Missing
	for _, b := range mod.BoundIn(guard) {
		if b.Scope != mod.Top {
			continue
		}
		if x := lookMissing(m, b, guard); x != nil {
			found = append(found, x)
		}
	}
	return found
}

// Write makes the change.
func (g *Mended) Write(rw *refactor.Rewrite) {
	q := rw.Quote(g.mod)
	for _, p := range g.parts {
		rw.Replace(p, "__name__ == "+q+"__main__"+q)
		p.Walk(func(n *syntax.Node) bool {
			if n.Is("identifier") {
				rw.DropUnused(g.mod, n.Text(), p)
			}
			return true
		})
	}
	for _, b := range g.bring {
		b.Write(rw)
	}
}

// importRun is AtImport as if a block were guarded.
func (x *Missing) importRun(n *syntax.Node) *process.ImportRun {
	run := x.model.AtImport(n)
	if run == nil || x.pretend == nil {
		return run
	}
	if n.Within(x.pretend) {
		return nil
	}
	for _, c := range run.Calls {
		if c.Within(x.pretend) {
			return nil
		}
	}
	return run
}

// enclosed says whether a definition stands under the guard, or the one that is
// to be.
func (x *Missing) enclosed(d *project.Def) bool {
	return x.model.Guarded(d.Node) || x.pretend != nil && d.Node.Within(x.pretend)
}
