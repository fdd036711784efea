package scope

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Qualified returns the dotted name that an expression stands for, as
// "multiprocessing.Queue": through imports and their aliases, attribute chains,
// and names assigned once from such an expression (Q = mp.Queue). Builtins are
// "builtins.NAME". It returns "" when the name is unknown, local, or may stand
// for different things; QualifiedAll tells those.
func (m *Module) Qualified(expr *syntax.Node) string {
	if all := m.QualifiedAll(expr); len(all) == 1 {
		return all[0]
	}
	return ""
}

// QualifiedAll returns every dotted name an expression may stand for, in source
// order of the definitions: more than one for a name that is imported in both
// branches of a try or an if. Definitions that are the constant None are left
// out if there are others. It is nil when any definition is unknown, so a list
// is complete: a parameter, a loop variable, a local def, a call's result, or a
// name that an unknown star import could bind.
func (m *Module) QualifiedAll(expr *syntax.Node) []string {
	if expr == nil || expr.Tree != m.Tree {
		return nil
	}
	q := qualifier{m: m, found: map[*Binding][]string{}}
	return q.expr(expr)
}

// qualifier answers one question. found holds what is known of the bindings met,
// nil while one is being worked out, so that a cycle ends as unknown.
type qualifier struct {
	m     *Module
	found map[*Binding][]string
}

func (q *qualifier) expr(n *syntax.Node) []string {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case "identifier":
		return q.ident(n)
	case "attribute":
		attr := n.Field("attribute")
		if !usable(attr) {
			return nil
		}
		return suffix(q.expr(n.Field("object")), attr.Text())
	case "dotted_name":
		ids := identifiers(n)
		if len(ids) == 0 {
			return nil
		}
		all := q.ident(ids[0])
		if len(ids) > 1 {
			all = suffix(all, dotted(ids[1:]))
		}
		return all
	case "parenthesized_expression", "type":
		if list := n.NamedChildren(); len(list) == 1 {
			return q.expr(list[0])
		}
	case "named_expression":
		return q.expr(n.Field("value"))
	case "conditional_expression":
		if list := n.NamedChildren(); len(list) == 3 {
			return both(q.expr(list[0]), q.expr(list[2]))
		}
	}
	return nil
}

func (q *qualifier) ident(n *syntax.Node) []string {
	r, ok := q.m.refs[n]
	switch {
	case !ok:
		return nil
	case r.binding == nil:
		return q.free(n.Text(), r.scope)
	}
	return q.binding(r.binding, r.scope)
}

// binding returns what b stands for, read from scope s.
func (q *qualifier) binding(b *Binding, s *Scope) []string {
	if all, ok := q.found[b]; ok {
		if all == nil && b.Scope.Kind == Class && s == b.Scope {
			// name = name in a class body reads the module's name.
			return q.global(b.Name)
		}
		return all
	}
	q.found[b] = nil
	all := q.defs(b, s)
	q.found[b] = all
	return all
}

func (q *qualifier) defs(b *Binding, s *Scope) []string {
	var all []string
	bound, none := false, false
	for _, d := range b.Defs {
		if !d.Binds() {
			continue
		}
		bound = true
		var found []string
		switch d.Kind {
		case Imported:
			if t := d.Import.Target(); t != "" {
				found = []string{t}
			}
		case Assign, Walrus:
			v := element(d.Value, d.Path)
			if v.Is("none") {
				none = true
				continue
			}
			found = q.expr(v)
		}
		if found == nil {
			return nil
		}
		all = union(all, found)
	}
	if !bound { // only declared: the name comes from elsewhere
		return q.free(b.Name, s)
	}
	if b.Scope.Kind != TopLevel || all == nil && none {
		return all
	}
	return union(all, q.starsOver(b))
}

// starsOver returns what known star imports could put over a name of the module.
// Those before an unconditional definition are overwritten by it.
func (q *qualifier) starsOver(b *Binding) []string {
	from := -1
	for _, d := range b.Defs {
		if d.Binds() && d.Scope == b.Scope && unconditional(d, b.Scope) {
			from = d.Name.Start
		}
	}
	var all []string
	for _, i := range b.Scope.Star {
		if i.Node.Start < from {
			continue
		}
		if has, known := q.m.starHas(i, b.Name); known && has {
			all = union(all, []string{i.Absolute() + "." + b.Name})
		}
	}
	return all
}

func unconditional(d *Def, s *Scope) bool {
	guarded, _ := guards(d.Name, s)
	return !guarded
}

func (q *qualifier) global(name string) []string {
	if b := q.m.Top.Names[name]; b != nil {
		return q.binding(b, q.m.Top)
	}
	return q.free(name, q.m.Top)
}

// free returns what a name that is bound nowhere stands for in scope s: the
// member of a star import, or a builtin.
func (q *qualifier) free(name string, s *Scope) []string {
	var all []string
	for c := s; c != nil; c = c.Parent {
		for k := len(c.Star) - 1; k >= 0; k-- {
			has, known := q.m.starHas(c.Star[k], name)
			if !known {
				return nil
			}
			if has {
				all = union([]string{c.Star[k].Absolute() + "." + name}, all)
				if !c.Star[k].Guarded {
					return all
				}
			}
		}
	}
	if all == nil && isBuiltin(name) {
		return []string{"builtins." + name}
	}
	return all
}

// starHas reports whether a star import binds the name.
func (m *Module) starHas(i *Import, name string) (has, known bool) {
	module := i.Absolute()
	if m.exports == nil || module == "" {
		return false, false
	}
	names, known := m.exports(module)
	return known && slices.Contains(names, name), known
}

// element follows a path into a tuple or list display; nil when it leaves it.
func element(v *syntax.Node, path []int) *syntax.Node {
	for _, at := range path {
		for v.Is("parenthesized_expression") && len(v.NamedChildren()) == 1 {
			v = v.NamedChildren()[0]
		}
		if !v.Is("expression_list", "tuple", "list") {
			return nil
		}
		list := v.NamedChildren()
		if slices.ContainsFunc(list, func(e *syntax.Node) bool { return e.Is("list_splat") }) {
			return nil
		}
		if at < -1 {
			at += 1 + len(list)
		}
		if at < 0 || at >= len(list) {
			return nil
		}
		v = list[at]
	}
	return v
}

func suffix(all []string, attr string) []string {
	list := make([]string, len(all))
	for i, a := range all {
		list[i] = a + "." + attr
	}
	if len(list) == 0 {
		return nil
	}
	return list
}

// both unites two lists, nil when one is unknown.
func both(a, b []string) []string {
	if a == nil || b == nil {
		return nil
	}
	return union(a, b)
}

func union(a, b []string) []string {
	list := slices.Clip(a)
	for _, x := range b {
		if !slices.Contains(list, x) {
			list = append(list, x)
		}
	}
	return list
}
