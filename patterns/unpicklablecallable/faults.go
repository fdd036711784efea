package unpicklablecallable

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

type kind int

const (
	unnamed     kind = iota // a lambda, nested function or local class
	mangled                 // a method with two underscores
	undecorated             // a decorator's wrapper has another name
	renamed                 // a wrapped function is bound to another name
)

// fault is one definition that pickle cannot find.
type fault struct {
	kind    kind
	def     *project.Def
	sent    process.Sent
	path    []process.Step
	wrapper *project.Def // of the decorator, for undecorated and renamed
}

// together says whether two faults are mended by one fix: those of the lambdas
// in a table, and those that read alike.
func (f fault) together(o fault) bool {
	table := f.def.IsLambda() && o.def.IsLambda() && process.TopStatement(f.def.Node) == process.TopStatement(o.def.Node)
	return f.sent.Expr == o.sent.Expr && f.kind == o.kind && (table || f.what() == o.what())
}

func (f fault) what() string {
	switch {
	case f.kind == undecorated:
		return f.def.Name
	case f.kind == renamed:
		return syntax.Head(f.sent.Expr)
	case f.def.IsLambda():
		return syntax.Head(f.def.Node)
	case f.def.IsClass():
		return "the local class " + f.def.Name
	case f.kind == mangled:
		return "the method " + f.def.Name
	}
	return "the nested function " + f.def.Name
}

func (f fault) why() string {
	switch f.kind {
	case mangled:
		return "pickle looks for " + f.def.Name + ", but its name is _" + strings.TrimLeft(f.def.Class.Name, "_") + f.def.Name
	case undecorated:
		if f.wrapper == nil {
			return "its name holds the object of a class that decorates it, and pickle finds that object by no name"
		}
		return "its name holds " + f.wrapper.QualName() + ", which pickle cannot find by that name"
	case renamed:
		if wraps(f.def) == "" {
			return "it is " + f.def.QualName() + ", which pickle cannot find by that name"
		}
		return "functools.wraps gives it the name of the function inside"
	}
	return "pickle finds functions and classes by their name in a module"
}

// faultsAt lists what a call sends that pickle cannot find.
func faultsAt(m *process.Model, call *syntax.Node) []fault {
	var found []fault
	for _, s := range m.SentAt(call) {
		for _, v := range s.Values {
			found = append(found, faultsOf(m, s, v)...)
		}
	}
	return found
}

func faultsOf(m *process.Model, s process.Sent, v project.Value) []fault {
	var found []fault
	if v.Is("functools.partial()") && v.Node != nil {
		if args := syntax.CallArgs(v.Node); len(args.Positional) > 0 {
			inner, _ := m.Project.Values(args.Positional[0])
			for _, i := range inner {
				if i.Def != nil && (i.Def.TopLevel() || i.Kind == project.Method) {
					found = append(found, faultsOf(m, s, i)...)
				}
			}
		}
	}
	if d := v.Def; d != nil && (v.Kind == project.Function || v.Kind == project.Method) {
		switch {
		case d.Class != nil && strings.HasPrefix(d.Name, "__") && !strings.HasSuffix(d.Name, "__"):
			found = append(found, fault{kind: mangled, def: d, sent: s})
		case d.TopLevel():
			if w, ok := unwrapped(m.Project, d); ok {
				found = append(found, fault{kind: undecorated, def: d, sent: s, wrapper: w})
			}
		}
	}
	for _, b := range m.Breaks(v, s) {
		d := b.Value.Def
		if b.Kind != process.Unnamed || d == nil {
			continue
		}
		f := fault{kind: unnamed, def: d, sent: s, path: b.Path}
		if wraps(d) != "" || decorates(m.Project, d) {
			f.kind, f.wrapper = renamed, d
		}
		found = append(found, f)
	}
	return found
}

// decorates says whether a nested function is what a decorator puts in the place
// of functions.
func decorates(p *project.Project, d *project.Def) bool {
	outer := p.Enclosing(d.Node.Parent)
	if outer == nil || d.IsLambda() || d.IsClass() {
		return false
	}
	for _, use := range p.References(outer) {
		n := use
		for n.Parent.Is("attribute", "call", "parenthesized_expression") {
			n = n.Parent
		}
		if n.Parent.Is("decorator") {
			return true
		}
	}
	return false
}

// wraps returns the function that functools.wraps names in the decorators of a
// function, "" if none does.
func wraps(d *project.Def) string {
	for _, e := range d.Decorators() {
		if e.Is("call") && d.Module.Qualified(e.Field("function")) == "functools.wraps" {
			if args := syntax.CallArgs(e); len(args.Positional) > 0 {
				return args.Positional[0].Text()
			}
		}
	}
	return ""
}

// unwrapped says whether a decorator of a function puts something in its place
// that pickle cannot find by the function's name: a wrapper that does not take
// the name over, or, with a nil wrapper, an object of a class. The outermost
// decorators have to be known.
func unwrapped(p *project.Project, d *project.Def) (wrapper *project.Def, ok bool) {
	for _, e := range d.Decorators() {
		v, only := p.Only(e)
		if only && v.Kind == project.Class && p.Method(v.Def, "__call__") != nil {
			_, external, known := p.Ancestors(v.Def)
			custom := p.Method(v.Def, "__reduce__") != nil || p.Method(v.Def, "__reduce_ex__") != nil || p.Method(v.Def, "__getstate__") != nil
			return nil, known && len(external) == 0 && !custom
		}
		if only && v.Kind == project.External {
			continue
		}
		w, param := wrapperOf(p, e)
		if w == nil || len(w.Decorators()) > 0 && wraps(w) == "" {
			return nil, false
		}
		if wraps(w) == "" && !named(w, param) {
			return w, true
		}
	}
	return nil, false
}

// wrapperOf returns the nested function that a decorator hands back, and the
// name of the decorator's parameter.
func wrapperOf(p *project.Project, decorator *syntax.Node) (w *project.Def, param string) {
	v, ok := p.Only(decorator)
	if !ok || v.Kind != project.Function || v.Def.IsLambda() || len(v.Def.Params()) == 0 {
		return nil, ""
	}
	for _, e := range v.Def.Returns() {
		r, ok := p.Only(e)
		if !ok || r.Kind != project.Function || w != nil && r.Def != w {
			return nil, ""
		}
		w = r.Def
	}
	if w == nil || w.IsLambda() || w.Scope.Parent != v.Def.Scope || w.Class != nil {
		return nil, ""
	}
	return w, v.Def.Params()[0].Name
}

// named says whether a wrapper may get its name in another way: by
// functools.update_wrapper, or by an attribute.
func named(w *project.Def, param string) bool {
	outer := w.Scope.Parent
	found := false
	outer.Node.Walk(func(n *syntax.Node) bool {
		switch {
		case n.Is("call"):
			q := outer.Module.Qualified(n.Field("function"))
			found = found || q == "functools.update_wrapper" || q == "functools.wraps" || q == "builtins.setattr"
		case n.Is("attribute"):
			name := n.Field("attribute").Text()
			found = found || (name == "__name__" || name == "__qualname__") && project.StoredTo(n)
		}
		return !found
	})
	return found || outer.Names[param] == nil || outer.Kind != scope.Function
}
