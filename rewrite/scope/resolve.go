package scope

import (
	"cmp"
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// resolve makes the second pass: every definition gets its binding, then every
// read is looked up.
func (c *collector) resolve() {
	c.m.refs = make(map[*syntax.Node]ref, len(c.defs)+len(c.loads))
	var later []pending
	for _, p := range c.defs {
		name := p.def.Name.Text()
		switch {
		case p.scope.globals[name]:
			c.bind(c.m.Top, p.def)
		case p.scope.nonlocals[name]:
			later = append(later, p) // needs the bindings of the functions around it
		default:
			c.bind(p.scope, p.def)
		}
	}
	for _, p := range later {
		c.bind(nonlocalOwner(p.scope, p.def.Name.Text()), p.def)
	}
	for _, l := range c.loads {
		name := l.ident.Text()
		r := c.m.refs[l.ident]
		if !r.store { // an augmented assignment's target has its binding
			r.binding, r.scope = l.scope.Lookup(name), l.scope
		}
		r.load = true
		c.m.refs[l.ident] = r
		if r.binding == nil {
			c.m.unbound[name] = true
		} else {
			r.binding.Uses = append(r.binding.Uses, l.ident)
		}
	}
	c.sort(c.m.Top)
	slices.SortStableFunc(c.m.Imports, func(a, b *Import) int { return cmp.Compare(a.Name.Start, b.Name.Start) })
}

// nonlocalOwner returns the scope that a nonlocal name of s belongs to; s itself
// when no function around it binds the name, which Python refuses.
func nonlocalOwner(s *Scope, name string) *Scope {
	for c := s.Parent; c != nil; c = c.Parent {
		if (c.Kind == Function || c.Kind == Lambda || c.Kind == Comprehension) && c.Names[name] != nil {
			return c
		}
	}
	return s
}

// bind adds a definition to the binding of its name in owner.
func (c *collector) bind(owner *Scope, d *Def) {
	name := d.Name.Text()
	b := owner.Names[name]
	if b == nil {
		b = &Binding{Name: name, Scope: owner}
		owner.Names[name] = b
	}
	b.Defs = append(b.Defs, d)
	switch d.Kind {
	case Global:
		if !slices.Contains(b.GlobalIn, d.Scope) {
			b.GlobalIn = append(b.GlobalIn, d.Scope)
		}
	case Nonlocal:
		if !slices.Contains(b.NonlocalIn, d.Scope) {
			b.NonlocalIn = append(b.NonlocalIn, d.Scope)
		}
	}
	c.m.refs[d.Name] = ref{binding: b, scope: d.Scope, store: d.Kind != Global && d.Kind != Nonlocal}
}

// sort puts definitions and uses into source order.
func (c *collector) sort(s *Scope) {
	for _, b := range s.Names {
		slices.SortStableFunc(b.Defs, func(x, y *Def) int { return cmp.Compare(x.Name.Start, y.Name.Start) })
		slices.SortStableFunc(b.Uses, func(x, y *syntax.Node) int { return cmp.Compare(x.Start, y.Start) })
	}
	slices.SortStableFunc(s.Children, func(x, y *Scope) int { return cmp.Compare(x.Node.Start, y.Node.Start) })
	for _, k := range s.Children {
		c.sort(k)
	}
}
