package project

import (
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// index lists, for all loaded modules in order, what questions about callers
// and contents have to look through.
type index struct {
	calls      map[string][]*syntax.Node // by the last name of the callee
	dynamic    []*syntax.Node            // calls of something that is not a plain name or attribute, or is a parameter
	aliases    map[string][]string       // other names a name is bound to
	attrStores map[string][]attrStore
	attrLoads  map[string][]*syntax.Node
	classes    []*Def
	sites      []storeSite
	indirect   []indirectCall // nil until asked for
	askedFor   bool
	asking     bool // the table of indirect calls is being made
}

type attrStore struct {
	target *syntax.Node // the attribute node
	value  *syntax.Node // nil when unknown
	path   []int
	loop   bool // a for target: value is iterated over
}

// storeSite is a place where something is put into a container.
type storeSite struct {
	receiver *syntax.Node
	store    store
}

type store struct {
	key   *syntax.Node // of d[key] = value; nil otherwise
	value *syntax.Node
	whole bool // the elements of value are added: extend, update, +=
	Node  *syntax.Node
}

type indirectCall struct {
	node *syntax.Node
	Indirect
}

// adders maps methods of the builtin containers to the position of the
// argument they store, and whether its elements are stored.
var adders = map[string]struct {
	arg   int
	whole bool
}{
	"append": {0, false}, "appendleft": {0, false}, "add": {0, false}, "insert": {1, false},
	"extend": {0, true}, "extendleft": {0, true}, "update": {0, true}, "setdefault": {1, false},
}

func (p *Project) idx() *index {
	if p.index != nil {
		return p.index
	}
	x := &index{
		calls:      map[string][]*syntax.Node{},
		aliases:    map[string][]string{},
		attrStores: map[string][]attrStore{},
		attrLoads:  map[string][]*syntax.Node{},
	}
	p.index = x
	for _, m := range p.loaded {
		for _, imp := range m.Imports {
			if imp.Member != "" && imp.Local != "" && imp.Local != imp.Member {
				x.aliases[imp.Member] = append(x.aliases[imp.Member], imp.Local)
			}
		}
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			p.indexNode(x, m, n)
			return true
		})
	}
	return x
}

func (p *Project) indexNode(x *index, m *scope.Module, n *syntax.Node) {
	switch n.Kind {
	case "class_definition":
		if d := p.defAt(n); d != nil {
			x.classes = append(x.classes, d)
		}
	case "call":
		f := n.Field("function")
		name := lastName(f)
		if name != "" {
			x.calls[name] = append(x.calls[name], n)
		}
		if name == "" || dynamicCallee(m, f) {
			x.dynamic = append(x.dynamic, n)
		}
		if f.Is("attribute") {
			if a, ok := adders[name]; ok {
				args := syntax.CallArgs(n)
				if len(args.Positional) > a.arg {
					x.sites = append(x.sites, storeSite{f.Field("object"), store{value: args.Positional[a.arg], whole: a.whole, Node: n}})
				}
			}
		}
	case "attribute":
		name := n.Field("attribute").Text()
		x.attrLoads[name] = append(x.attrLoads[name], n)
	case "assignment":
		right := n.Field("right")
		if right == nil {
			return
		}
		p.indexTarget(x, n.Field("left"), right, nil, false)
		if name := lastName(right); name != "" {
			if to := lastName(n.Field("left")); to != "" && to != name {
				x.aliases[name] = append(x.aliases[name], to)
			}
		}
	case "augmented_assignment":
		if n.Field("left").Is("identifier", "attribute") && n.Field("operator").Text() == "+=" {
			x.sites = append(x.sites, storeSite{n.Field("left"), store{value: n.Field("right"), whole: true, Node: n}})
		}
		p.indexTarget(x, n.Field("left"), nil, nil, false)
	case "for_statement", "for_in_clause":
		p.indexTarget(x, n.Field("left"), n.Field("right"), nil, true)
	case "as_pattern":
		if alias := n.Field("alias"); alias != nil {
			if c := alias.NamedChildren(); len(c) == 1 && c[0].Kind == "attribute" {
				x.attrStores[c[0].Field("attribute").Text()] = append(x.attrStores[c[0].Field("attribute").Text()], attrStore{target: c[0], value: n.NamedChildren()[0]})
			}
		}
	}
}

// indexTarget records stores to attributes and subscripts in an assignment's
// target. A nil value says that what is stored is not known.
func (p *Project) indexTarget(x *index, target, value *syntax.Node, path []int, loop bool) {
	if target == nil {
		return
	}
	switch target.Kind {
	case "attribute":
		name := target.Field("attribute").Text()
		if value != nil {
			x.attrStores[name] = append(x.attrStores[name], attrStore{target, value, path, loop})
		}
	case "subscript":
		if value == nil {
			return
		}
		if len(path) == 0 && !loop {
			x.sites = append(x.sites, storeSite{target.Field("value"), store{key: target.Field("subscript"), value: value, Node: target}})
		} else {
			x.sites = append(x.sites, storeSite{target.Field("value"), store{key: target.Field("subscript"), Node: target}})
		}
	case "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "parenthesized_expression":
		for i, c := range target.NamedChildren() {
			p.indexTarget(x, c, value, append(path[:len(path):len(path)], i), loop)
		}
	}
}

// storesOf lists what is put into a container.
func (x *index) storesOf(p *Project, v Value) []store {
	var found []store
	k := v.key()
	for _, s := range x.sites {
		for _, have := range p.values(s.receiver).values {
			if have.key() == k {
				found = append(found, s.store)
				break
			}
		}
	}
	return found
}

// lastName returns the name of an identifier, or the attribute name at the end
// of a dotted expression; "" for anything else.
func lastName(n *syntax.Node) string {
	switch {
	case n.Is("identifier"):
		return n.Text()
	case n.Is("attribute"):
		return n.Field("attribute").Text()
	}
	return ""
}

// dynamicCallee says whether a callee is a name that gets its value from a
// call, a loop or a parameter, so that its own name says nothing.
func dynamicCallee(m *scope.Module, f *syntax.Node) bool {
	if !f.Is("identifier") {
		return !f.Is("attribute")
	}
	b := m.Binding(f)
	if b == nil {
		return false
	}
	for _, d := range b.Defs {
		switch d.Kind {
		case scope.FuncDef, scope.ClassDef, scope.Imported:
		case scope.Assign:
			if lastName(d.Value) == "" {
				return true
			}
		default:
			return true
		}
	}
	return false
}
