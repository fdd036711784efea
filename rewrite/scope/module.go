package scope

import (
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Module is one module with its names resolved.
type Module struct {
	Tree    *syntax.Tree
	Name    string // dotted name, "" when unknown
	Package string // the package that relative imports start from, "" when unknown
	Top     *Scope
	Imports []*Import // in source order

	refs    map[*syntax.Node]ref    // identifiers that read, bind or declare a name
	opened  map[*syntax.Node]*Scope // by the node that opens the scope
	params  map[*syntax.Node]*Scope // TypeParams scopes by def, class or type alias
	unbound map[string]bool         // names that are read but bound nowhere in sight
	exports StarExports
}

// ref is what one identifier does.
type ref struct {
	binding     *Binding // nil: bound nowhere in the module
	scope       *Scope
	load, store bool
}

// StarExports tells which names from module import * binds; known is false when
// that cannot be said. The module's name is absolute. It is called by Qualified,
// QualifiedAll and FreshName, maybe from several goroutines.
type StarExports func(module string) (names []string, known bool)

// New resolves the names of a tree. name is the module's dotted name and pkg the
// package its relative imports start from; both may be "". Without a StarExports
// every star import is unknown. Code that the grammar could not read counts as
// reading the names in it.
func New(t *syntax.Tree, name, pkg string, exports ...StarExports) *Module {
	m := &Module{
		Tree: t, Name: name, Package: pkg,
		opened:  map[*syntax.Node]*Scope{},
		params:  map[*syntax.Node]*Scope{},
		unbound: map[string]bool{},
	}
	for _, e := range exports {
		if e != nil {
			m.exports = e
		}
	}
	c := &collector{m: m}
	m.Top = c.open(TopLevel, t.Root, nil, name)
	if t.Root != nil {
		c.children(t.Root, m.Top)
	}
	c.resolve()
	return m
}

// Globals returns the names bound in the module's own scope.
func (m *Module) Globals() map[string]*Binding { return m.Top.Names }

// Binding returns the binding that an identifier reads, binds or declares. Nil
// for builtins, names of star imports, attribute names, keyword names, and
// anything but an identifier of this tree.
func (m *Module) Binding(ident *syntax.Node) *Binding { return m.refs[ident].binding }

// IsStore says whether the identifier binds its name or deletes it. The target
// of an augmented assignment is both a store and a load; names in global and
// nonlocal statements are neither.
func (m *Module) IsStore(ident *syntax.Node) bool { return m.refs[ident].store }

// IsLoad says whether the identifier reads a name, bound or not.
func (m *Module) IsLoad(ident *syntax.Node) bool { return m.refs[ident].load }

// ScopeFor returns the scope that a module, def, class, lambda or comprehension
// node opens; a decorated_definition stands for what it decorates. Nil for other
// nodes.
func (m *Module) ScopeFor(n *syntax.Node) *Scope {
	if n.Is("decorated_definition") {
		n = n.Field("definition")
	}
	return m.opened[n]
}

// ScopeOf returns the scope in which the code at n runs. The name, decorators,
// defaults, annotations and bases of a definition, and the first iterable of a
// comprehension, belong to the scope around it (annotations and bases to that of
// the type parameters if there are any). A parameter's name belongs to the
// function. Nil for a node of another tree.
func (m *Module) ScopeOf(n *syntax.Node) *Scope {
	if n == nil || n.Tree != m.Tree {
		return nil
	}
	if r, ok := m.refs[n]; ok {
		return r.scope
	}
	inDefault, inIterable := false, false
	for child, p := n, n.Parent; p != nil; child, p = p, p.Parent {
		switch p.Kind {
		case "default_parameter", "typed_default_parameter":
			inDefault = child.FieldName == "value"
		case "for_in_clause":
			inIterable = child.FieldName != "left" && child.Start > p.Field("left").Span().Start
		case "function_definition", "class_definition", "lambda":
			switch child.FieldName {
			case "name":
			case "parameters", "return_type", "superclasses", "type_parameters":
				if s := m.params[p]; s != nil && !(inDefault && child.FieldName == "parameters") {
					return s
				}
			default:
				if s := m.opened[p]; s != nil && child.Named {
					return s
				}
			}
			inDefault, inIterable = false, false
		case "type_alias_statement":
			if s := m.params[p]; s != nil {
				return s
			}
		case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			if s := m.opened[p]; s != nil && !(inIterable && child == firstClause(p)) {
				return s
			}
			inDefault, inIterable = false, false
		}
	}
	return m.Top
}
