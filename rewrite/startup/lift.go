package startup

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Lift moves definitions, with what they need, from under the main guard to above
// it, where the children that import the module find them.
type Lift struct {
	guard *syntax.Node
	stmts []*syntax.Node // in order
}

// PlanLift plans to move a statement of the guard's block; the error says in one
// sentence what stands in the way.
func PlanLift(m *process.Model, mod *scope.Module, guard, stmt *syntax.Node) (*Lift, error) {
	l := &Lift{guard: guard}
	need := map[*syntax.Node]bool{}
	if err := l.need(m, mod, stmt, need); err != nil {
		return nil, err
	}
	for _, s := range guard.Field("consequence").NamedChildren() {
		if need[s] {
			l.stmts = append(l.stmts, s)
		}
	}
	return l, nil
}

// need adds a statement, and those it needs, to what moves.
func (l *Lift) need(m *process.Model, mod *scope.Module, stmt *syntax.Node, need map[*syntax.Node]bool) error {
	if need[stmt] {
		return nil
	}
	if !l.guard.Is("if_statement") || stmt == nil || stmt.Parent != l.guard.Field("consequence") {
		return fmt.Errorf("%s does not stand directly under the guard", syntax.Head(stmt))
	}
	if !definition(stmt) && !importing(stmt) && !assignment(stmt) {
		return fmt.Errorf("%s cannot move above the guard", syntax.Head(stmt))
	}
	if assignment(stmt) && !m.Repeatable(stmt.NamedChildren()[0].Field("right")) {
		return fmt.Errorf("%s is needed and cannot be evaluated in each child", syntax.Head(stmt))
	}
	for _, b := range mod.BoundIn(stmt) {
		if b.Single() == nil {
			return fmt.Errorf("%s is bound more than once", b.Name)
		}
		if assignment(stmt) {
			if places, all := m.Changed(b); len(places) > 0 || !all {
				return fmt.Errorf("%s is needed and changes", b.Name)
			}
		}
	}
	need[stmt] = true
	for _, f := range mod.FreeNames(stmt) {
		if f.Binding == nil || f.Binding.Scope != mod.Top {
			continue
		}
		for _, d := range f.Binding.Defs {
			if !d.Binds() {
				continue
			}
			if d.Scope != mod.Top || m.AtImport(d.Name) == nil || d.Name.Within(l.guard) {
				if d.Scope != mod.Top || process.TopStatement(d.Name) != l.guard {
					return fmt.Errorf("%s, which it needs, is set elsewhere in the parent", f.Name)
				}
				if err := l.need(m, mod, d.Name.Statement(), need); err != nil {
					return err
				}
			} else if d.Name.Start > l.guard.Start && !definition(stmt) {
				return fmt.Errorf("%s is bound below the guard", f.Name)
			}
		}
	}
	return nil
}

// Write makes the move. Constants go above the first definition of the module,
// anything else directly above the guard.
func (l *Lift) Write(rw *refactor.Rewrite) {
	before := l.guard
	constants := true
	for _, s := range l.stmts {
		constants = constants && assignment(s)
	}
	if constants {
		for _, s := range l.guard.Parent.NamedChildren() {
			if definition(s) {
				before = s
				break
			}
		}
	}
	rw.Move(l.stmts, before)
}
