package scope

import (
	"cmp"
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Free is a name that code reads from outside.
type Free struct {
	Name    string
	Binding *Binding       // nil for a builtin, a star import's name or an unbound one
	Uses    []*syntax.Node // the reads inside the code, in source order
}

// FreeNames returns the names that n reads and that are bound outside it, each
// once, in the order of their first reads. A name of a scope around n counts as
// bound inside when every definition of it stands in n and in the scope n runs in.
func (m *Module) FreeNames(n *syntax.Node) []Free {
	if n == nil || n.Tree != m.Tree {
		return nil
	}
	type key struct {
		binding *Binding
		name    string
	}
	var list []Free
	seen := map[key]int{}
	n.Walk(func(id *syntax.Node) bool {
		r, ok := m.refs[id]
		if !ok || !r.load || r.binding != nil && boundInside(r.binding, n) {
			return true
		}
		k := key{r.binding, id.Text()}
		i, ok := seen[k]
		if !ok {
			i = len(list)
			seen[k] = i
			list = append(list, Free{Name: k.name, Binding: r.binding})
		}
		list[i].Uses = append(list[i].Uses, id)
		return true
	})
	return list
}

// boundInside reports whether b belongs to the code at n alone.
func boundInside(b *Binding, n *syntax.Node) bool {
	if b.Scope.Node.Within(n) {
		return true
	}
	bound := false
	for _, d := range b.Defs {
		if !d.Binds() {
			continue
		}
		if d.Scope != b.Scope || !d.Name.Within(n) {
			return false
		}
		bound = true
	}
	return bound
}

// BoundIn returns the bindings that statements inside n give a value, of the
// scope n runs in and of those it declares global or nonlocal, in source order.
// For a def or class that is its own name.
func (m *Module) BoundIn(n *syntax.Node) []*Binding {
	s := m.ScopeOf(n)
	if s == nil {
		return nil
	}
	return m.bound(n, func(d *Def, b *Binding) bool { return d.Scope == s || b.Scope == s })
}

// AssignedIn returns the bindings that code standing in s itself gives a value,
// parameters and names declared global or nonlocal included, in source order.
func (m *Module) AssignedIn(s *Scope) []*Binding {
	if s == nil || s.Module != m {
		return nil
	}
	return m.bound(s.Node, func(d *Def, _ *Binding) bool { return d.Scope == s })
}

// bound returns the bindings with a definition below n that is wanted, ordered
// by the first such definition.
func (m *Module) bound(n *syntax.Node, want func(*Def, *Binding) bool) []*Binding {
	first := map[*Binding]int{}
	var list []*Binding
	n.Walk(func(id *syntax.Node) bool {
		r, ok := m.refs[id]
		if !ok || !r.store || r.binding == nil {
			return true
		}
		if _, ok := first[r.binding]; ok {
			return true
		}
		for _, d := range r.binding.Defs {
			if d.Name == id && d.Binds() && want(d, r.binding) {
				first[r.binding] = id.Start
				list = append(list, r.binding)
			}
		}
		return true
	})
	slices.SortFunc(list, func(a, b *Binding) int { return cmp.Compare(first[a], first[b]) })
	return list
}
