package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Origins returns what an expression may hold, as project.Values does, less
// what a local name held before its last assignment on every way to the
// expression or gets after it: in
//
//	p = Process(target=f); p.start(); p = Process(target=g); p.start()
//
// each start() is that of one process.
func (m *Model) Origins(expr *syntax.Node) (values []project.Value, known bool) {
	values, known = m.Project.Values(expr)
	if !expr.Is("identifier") || len(values) < 2 {
		return values, known
	}
	d := m.Reaching(expr)
	if d == nil || d.Value == nil {
		return values, known
	}
	given, all := m.Project.Values(d.Value)
	if d.Kind == scope.For {
		if len(d.Path) > 0 {
			return values, known
		}
		elements, whole := []project.Value(nil), all
		for _, v := range given {
			e, ok := m.Project.Elements(v)
			elements, whole = append(elements, e...), whole && ok
		}
		given, all = elements, whole
	}
	for _, at := range d.Path { // a, b = Queue(), Queue()
		if len(given) != 1 || given[0].Kind != project.Literal || !given[0].Node.Is("tuple", "expression_list", "list") {
			break
		}
		list := given[0].Node.NamedChildren()
		if at < 0 || at >= len(list) {
			return values, known
		}
		given, all = m.Project.Values(list[at])
	}
	var kept []project.Value
	for _, v := range values {
		for _, g := range given {
			if v.Same(g) || len(d.Path) > 0 && v.Node != nil && v.Node == g.Node && strings.HasPrefix(v.Name, g.Name) {
				kept = append(kept, v)
				break
			}
		}
	}
	if len(kept) == 0 {
		return values, known
	}
	return kept, all
}

// Reaching returns the only definition of a local name that the identifier can
// see: the last one before it that stands in a block around the identifier, with
// no other definition of the name in between, nor later in a loop around it. Nil
// when there is no such one, and for names that other functions see.
func (m *Model) Reaching(ident *syntax.Node) *scope.Def {
	mod := m.Project.ModuleOf(ident)
	if mod == nil {
		return nil
	}
	b := mod.Binding(ident)
	if b == nil || len(b.GlobalIn) > 0 || len(b.NonlocalIn) > 0 {
		return nil
	}
	if at := mod.ScopeOf(ident); at != b.Scope && (at == nil || at.Kind != scope.Comprehension || at.Function() != b.Scope.Function()) {
		return nil
	}
	var last *scope.Def
	for _, d := range b.Defs {
		if d.Kind == scope.AnnOnly {
			continue
		}
		if d.Scope != b.Scope {
			return nil
		}
		if end(d) <= ident.Start && (last == nil || end(d) > end(last)) {
			last = d
		}
	}
	if last == nil {
		return nil
	}
	switch last.Kind {
	case scope.Assign, scope.With, scope.For:
	default:
		return nil
	}
	home := block(last)
	if home == nil || !ident.Within(home) {
		return nil
	}
	for _, d := range b.Defs {
		if d == last || d.Kind == scope.AnnOnly {
			continue
		}
		// Another definition counts when it can come after last and before the
		// identifier: between them, or later in a loop inside home around it.
		if d.Name.Start > end(last) && d.Name.Start < ident.Start {
			return nil
		}
		for up := ident.Parent; up != nil && up != home; up = up.Parent {
			if up.Is("for_statement", "while_statement") && d.Name.Within(up) && d.Name.Start > ident.Start {
				return nil
			}
		}
	}
	return last
}

// end returns where a definition has taken effect.
func end(d *scope.Def) int {
	switch d.Kind {
	case scope.With, scope.For:
		return d.Name.End
	}
	return d.Node.End
}

// block returns the block in all of which, behind it, a definition holds: that
// of its statement, or the body of its loop.
func block(d *scope.Def) *syntax.Node {
	if d.Kind == scope.For {
		return d.Node.Field("body")
	}
	return d.Name.Block()
}
