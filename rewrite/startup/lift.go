package startup

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Lift moves definitions, with what they need, from under the main guard to above
// it, where the children that import the module find them.
type Lift struct {
	module *scope.Module
	guard  *syntax.Node
	stmts  []*syntax.Node // in order
}

// PlanLift plans to move a statement of the guard's block; the error says in one
// sentence what stands in the way.
func PlanLift(m *process.Model, mod *scope.Module, guard, stmt *syntax.Node) (*Lift, error) {
	l := &Lift{module: mod, guard: guard}
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
		return fmt.Errorf("%s is needed, which has to be passed first", syntax.Head(stmt))
	}
	for _, b := range mod.BoundIn(stmt) {
		if !bindsHere(mod, b, stmt) {
			continue
		}
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
		if f.Binding == nil || f.Binding.Scope != mod.Top || late(m, l.guard, stmt, f) {
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

// bindsHere says whether running a statement, and not a function in it, binds a name.
func bindsHere(mod *scope.Module, b *scope.Binding, stmt *syntax.Node) bool {
	for _, d := range b.Defs {
		if d.Scope == mod.Top && d.Name.Within(stmt) {
			return true
		}
	}
	return false
}

// late says whether a definition reads a name only when it is called, and children
// have the name by then: importing the module binds it, or a worker does.
func late(m *process.Model, guard, stmt *syntax.Node, f scope.Free) bool {
	if !definition(stmt) {
		return false
	}
	for _, u := range f.Uses {
		if m.Project.Enclosing(u) == nil {
			return false
		}
	}
	for _, d := range f.Binding.Defs {
		if d.Binds() && (len(m.WorkersAt(d.Name)) > 0 || m.AtImport(d.Name) != nil && !d.Name.Within(guard)) {
			return true
		}
	}
	return false
}

// Write makes the move. Imports go to the others, constants above the first
// definition of the module, anything else directly above the guard.
func (l *Lift) Write(rw *refactor.Rewrite) {
	before := l.guard
	var imports, rest []*syntax.Node
	constants := true
	for _, s := range l.stmts {
		if importing(s) && lastImport(l.module) != nil {
			imports = append(imports, s)
			continue
		}
		rest = append(rest, s)
		constants = constants && assignment(s)
	}
	raiseImports(rw, l.module, imports)
	l.closeGap(rw)
	if len(rest) == 0 {
		return
	}
	if constants {
		for _, s := range l.guard.Parent.NamedChildren() {
			if definition(s) {
				before = s
				break
			}
		}
	}
	rw.Move(rest, before)
}

// closeGap takes out the blank lines between the guard and its first statement when
// that moves: they stood there for a definition.
func (l *Lift) closeGap(rw *refactor.Rewrite) {
	block := l.guard.Field("consequence")
	first := block.NamedChildren()[0]
	f := first.Tree.File
	from := f.LineOf(l.guard.Field("condition").End) + 1
	to := from
	for to < f.LineOf(first.Start) && strings.TrimSpace(f.Line(to)) == "" {
		to++
	}
	if l.stmts[0] == first && to > from {
		rw.ReplaceRange(f, f.LineStart(from), f.LineStart(to), "")
	}
}

// raiseImports moves imports to those that begin the module.
func raiseImports(rw *refactor.Rewrite, mod *scope.Module, stmts []*syntax.Node) {
	last := lastImport(mod)
	next := last.Next()
	var lines []string
	for _, s := range stmts {
		if commented(s) && next != nil {
			rw.Move([]*syntax.Node{s}, next)
			continue
		}
		lines = append(lines, s.Text())
		rw.Delete(s)
	}
	if len(lines) > 0 {
		rw.LinesAfter(last, lines...)
	}
}

// commented says whether a comment stands on a statement's lines or directly above
// it.
func commented(s *syntax.Node) bool {
	f := s.Tree.File
	for _, c := range s.Tree.Comments {
		line := f.LineOf(c.Start)
		if line >= f.LineOf(s.Start)-1 && line <= f.LineOf(s.End) {
			return true
		}
	}
	return false
}
