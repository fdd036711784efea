package argsnottuple

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// arity is how many positional arguments a worker takes besides the keyword
// arguments it is given.
type arity struct {
	known       bool
	least, most int
	star        bool
	def         *project.Def
}

// fits says whether n arguments will do; a negative n is not known to.
func (a arity) fits(n int) bool { return n >= a.least && (a.star || n <= a.most) }

// namesAll says whether all keys of a dict display are parameters, and all
// required parameters among them.
func (a arity) namesAll(dict *syntax.Node) bool {
	given := map[string]bool{}
	for _, c := range dict.NamedChildren() {
		key, ok := syntax.StringValue(c.Field("key"))
		if _, i := a.def.Param(key); !ok || i < 0 {
			return false
		}
		given[key] = true
	}
	for i, param := range a.def.Params() {
		self := i == 0 && a.def.Class != nil && !a.def.IsStatic()
		if !self && param.Default == nil && param.Star == 0 && !given[param.Name] {
			return false
		}
	}
	return len(given) > 0
}

func (a arity) trail() []rule.Note {
	if a.def == nil {
		return nil
	}
	return []rule.Note{{Span: a.def.Node.Span(), Text: "the worker"}}
}

func arityOf(p *rule.Pass, s site) arity {
	v, ok := p.Project.Only(s.target)
	if !ok {
		return arity{}
	}
	def, skip := v.Def, 0
	switch v.Kind {
	case project.Function:
	case project.Method:
		skip = 1
	case project.Class:
		if def = p.Project.Method(v.Def, "__init__"); def == nil {
			return arity{}
		}
		skip = 1
	default:
		return arity{}
	}
	if def.IsStatic() {
		skip = 0
	} else if len(def.Decorators()) > 0 && !def.IsClassMethod() {
		return arity{} // the wrapper may take something else
	}
	given, ok := keywords(s.kwargs)
	if !ok {
		return arity{}
	}
	a := arity{known: true, def: def}
	for i, param := range def.Params() {
		switch {
		case i < skip || param.Star == 2:
		case param.Star == 1:
			a.star = true
		case slices.Contains(given, param.Name):
		case param.KwOnly:
			if param.Default == nil {
				return arity{}
			}
		default:
			a.most++
			if param.Default == nil {
				a.least++
			}
		}
	}
	return a
}

// keywords lists the names in a dict of keyword arguments.
func keywords(kwargs *syntax.Node) (names []string, ok bool) {
	switch {
	case kwargs == nil || kwargs.Is("none"):
		return nil, true
	case kwargs.Is("dictionary"):
		for _, c := range kwargs.NamedChildren() {
			key, ok := syntax.StringValue(c.Field("key"))
			if !ok {
				return nil, false
			}
			names = append(names, key)
		}
		return names, true
	case kwargs.Is("call") && kwargs.Field("function").Text() == "dict":
		args := syntax.CallArgs(kwargs)
		return args.Names, len(args.Positional)+len(args.Stars)+len(args.DoubleStars) == 0
	}
	return nil, false
}

// characters returns the length of a string literal, -1 for anything else.
func characters(n *syntax.Node) int {
	if s, ok := syntax.StringValue(syntax.Unparen(n)); ok {
		return len([]rune(s))
	}
	return -1
}

// items returns the number of elements of what "(name)" holds: a tuple or list
// display that nothing is added to.
func items(p *rule.Pass, args *syntax.Node) (n int, ok bool) {
	name := syntax.Unparen(args)
	if name == args || !name.Is("identifier") {
		return 0, false
	}
	v, ok := p.Project.Only(name)
	if !ok || v.Kind != project.Literal || !v.Node.Is("tuple", "list", "expression_list") {
		return 0, false
	}
	for _, c := range v.Node.NamedChildren() {
		if c.Is("list_splat") {
			return 0, false
		}
	}
	b := p.Module.Binding(name)
	if b == nil || b.Single() == nil || b.Single().Kind != scope.Assign || b.Single().Value != v.Node || len(b.GlobalIn) > 0 {
		return 0, false
	}
	if v.Node.Is("list") {
		for _, use := range b.Uses {
			up := use.Parent
			if up.Is("attribute", "subscript", "list_splat", "assignment", "list", "tuple", "dictionary", "pair") || up.Is("argument_list") && up.Parent.Field("function").Text() != "len" && up.Parent.Field("function").Text() != "print" {
				return 0, false
			}
		}
	}
	return len(v.Node.NamedChildren()), true
}
