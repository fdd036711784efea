package scope

import "github.com/mpfix/mpfix/rewrite/syntax"

// function notes a def: its name, defaults and annotations outside, parameters
// and body inside.
func (c *collector) function(n *syntax.Node, s *Scope) {
	name := n.Field("name")
	c.define(s, &Def{Kind: FuncDef, Name: name, Node: n})
	around := c.typeParams(n, n.Field("type_parameters"), s, name.Text())
	inner := c.open(Function, n, around, name.Text())
	for _, k := range n.Children {
		switch k.FieldName {
		case "name", "type_parameters":
		case "parameters":
			c.parameters(k, inner, around, s)
		case "return_type":
			c.visit(k, around)
		default:
			c.visit(k, inner)
		}
	}
}

// class notes a class statement: its name and bases outside, the body inside.
func (c *collector) class(n *syntax.Node, s *Scope) {
	name := n.Field("name")
	c.define(s, &Def{Kind: ClassDef, Name: name, Node: n})
	around := c.typeParams(n, n.Field("type_parameters"), s, name.Text())
	inner := c.open(Class, n, around, name.Text())
	for _, k := range n.Children {
		switch k.FieldName {
		case "name", "type_parameters":
		case "superclasses":
			c.visit(k, around)
		default:
			c.visit(k, inner)
		}
	}
}

func (c *collector) lambda(n *syntax.Node, s *Scope) {
	inner := c.open(Lambda, n, s, "<lambda>")
	for _, k := range n.Children {
		if k.FieldName == "parameters" {
			c.parameters(k, inner, s, s)
		} else {
			c.visit(k, inner)
		}
	}
}

// parameters notes the parameters of a function or lambda in inner. Annotations
// run in around, defaults in outer.
func (c *collector) parameters(n *syntax.Node, inner, around, outer *Scope) {
	for _, p := range n.NamedChildren() {
		switch p.Kind {
		case "identifier", "list_splat_pattern", "dictionary_splat_pattern", "tuple_pattern":
			c.target(p, nil, inner, Def{Kind: Param, Node: p})
		case "default_parameter", "typed_default_parameter", "typed_parameter":
			d := Def{Kind: Param, Node: p, Value: p.Field("value")}
			for _, k := range p.NamedChildren() {
				switch {
				case k.FieldName == "type":
					c.visit(k, around)
				case k.FieldName == "value" || k.Kind == "ERROR":
					c.visit(k, outer)
				default: // the name, which has a field or not
					c.target(k, nil, inner, d)
				}
			}
		default:
			c.visit(p, outer)
		}
	}
}

// firstClause returns the first for clause of a comprehension.
func firstClause(n *syntax.Node) *syntax.Node {
	for _, k := range n.Children {
		if k.Kind == "for_in_clause" {
			return k
		}
	}
	return nil
}

// comprehension notes a comprehension: all of it runs inside but the first
// iterable (The Python Language Reference, section 6.2.4).
func (c *collector) comprehension(n *syntax.Node, s *Scope, name string) {
	inner := c.open(Comprehension, n, s, name)
	first := firstClause(n)
	for _, k := range n.Children {
		switch {
		case k == first:
			c.loop(k, inner, s, Comp)
		case k.Kind == "for_in_clause":
			c.loop(k, inner, inner, Comp)
		default:
			c.visit(k, inner)
		}
	}
}

// typeParams opens the scope of a type parameter list (PEP 695) between owner
// and s. Without a list it returns s.
func (c *collector) typeParams(owner, list *syntax.Node, s *Scope, name string) *Scope {
	if list == nil {
		return s
	}
	inner := c.open(TypeParams, list, s, name)
	c.m.params[owner] = inner
	isDefault := false // behind "T =" (PEP 696), which the grammar does not read
	for _, k := range list.NamedChildren() {
		switch {
		case k.Kind == "ERROR":
			c.brokenParam(k, list, inner)
			isDefault = true
		case isDefault:
			c.visit(k, inner)
			isDefault = false
		default:
			c.typeParam(k, list, inner)
		}
	}
	return inner
}

// brokenParam notes the parameter in an ERROR node of a type parameter list:
// names that stand directly before "=" are bound, the others read.
func (c *collector) brokenParam(n, list *syntax.Node, s *Scope) {
	for i, k := range n.Children {
		if k.Kind == "identifier" && i+1 < len(n.Children) && n.Children[i+1].Kind == "=" {
			c.define(s, &Def{Kind: TypeParam, Name: k, Node: list})
			continue
		}
		c.visit(k, s)
	}
}

// typeParam notes one of T, T: bound, *Ts and **P.
func (c *collector) typeParam(n, list *syntax.Node, s *Scope) {
	switch n.Kind {
	case "identifier":
		c.define(s, &Def{Kind: TypeParam, Name: n, Node: list})
	case "type", "splat_type", "constrained_type":
		for i, k := range n.NamedChildren() {
			if i == 0 {
				c.typeParam(k, list, s)
			} else {
				c.visit(k, s)
			}
		}
	default:
		c.visit(n, s)
	}
}

// typeAlias notes type X[T] = value.
func (c *collector) typeAlias(n *syntax.Node, s *Scope) {
	list := n.NamedChildren()
	if len(list) == 0 {
		return
	}
	head := list[0]
	if head.Kind == "type" && len(head.NamedChildren()) == 1 {
		head = head.NamedChildren()[0]
	}
	var params *syntax.Node
	if head.Kind == "generic_type" {
		for _, k := range head.NamedChildren() {
			if k.Kind == "type_parameter" {
				params = k
			}
		}
		if ids := identifiers(head); len(ids) > 0 {
			head = ids[0]
		}
	}
	around := s
	if head.Kind == "identifier" {
		c.define(s, &Def{Kind: Assign, Name: head, Node: n})
		around = c.typeParams(n, params, s, head.Text())
	} else {
		c.visit(list[0], s)
	}
	for _, k := range list[1:] {
		c.visit(k, around)
	}
}
