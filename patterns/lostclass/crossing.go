package lostclass

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// crosses returns an expression that sends a value to a worker or back, nil if
// none is seen to.
func crosses(p *rule.Pass, is func(project.Value) bool) *syntax.Node {
	var calls []*syntax.Node
	for _, l := range p.Model.Launches {
		calls = append(calls, l.Call)
	}
	for _, pu := range p.Model.Pools {
		calls = append(calls, pu.Object.Made)
	}
	for _, t := range p.Model.Tasks {
		calls = append(calls, t.Call)
	}
	for _, call := range calls {
		for _, s := range p.Model.SentAt(call) {
			for _, v := range s.Values {
				if holds(p, v, is, 0) {
					return s.Expr
				}
			}
		}
	}
	return returned(p, is)
}

// returned returns an expression that sends a value out of a worker: the result
// of a task, or what is put into a queue.
func returned(p *rule.Pass, is func(project.Value) bool) *syntax.Node {
	look := func(e *syntax.Node) bool {
		values, _ := p.Project.Values(e)
		for _, v := range values {
			if holds(p, v, is, 0) {
				return true
			}
		}
		return false
	}
	for _, w := range p.Model.Workers {
		pickled := false
		for _, t := range w.Tasks {
			pickled = pickled || t.Pool == nil || t.Pool.Object.Root != "multiprocess"
		}
		if !pickled || w.Entry.IsGenerator() || w.Entry.IsAsync() {
			continue
		}
		for _, e := range w.Entry.Returns() {
			if look(e) {
				return e
			}
		}
	}
	for _, c := range p.Model.Channels {
		for _, put := range c.Put {
			if put.Call == nil || c.Object.Root == "multiprocess" {
				continue
			}
			if args := syntax.CallArgs(put.Call).Positional; len(args) > 0 && look(args[0]) {
				return args[0]
			}
		}
	}
	return nil
}

// holds says whether a value is what is looked for, or a container with it.
func holds(p *rule.Pass, v project.Value, is func(project.Value) bool, depth int) bool {
	if is(v) {
		return true
	}
	if depth > 3 || v.Kind != project.Literal && !(v.Kind == project.External && strings.HasPrefix(v.Name, "builtins.")) {
		return false
	}
	elements, _ := p.Project.Elements(v)
	for _, e := range elements {
		if holds(p, e, is, depth+1) {
			return true
		}
	}
	return false
}

// madeBy returns the call that made the class of a value, nil if it is not
// known.
func madeBy(p *rule.Pass, v project.Value) *syntax.Node {
	if v.Kind != project.External || !instance(v.Name) {
		return nil
	}
	n := v.Node
	for range 5 {
		if !n.Is("call") {
			return nil
		}
		f := n.Field("function")
		if makers[p.Project.ModuleOf(n).Qualified(f)] {
			return n
		}
		if f.Is("attribute") {
			f = f.Field("object")
		}
		next, ok := p.Project.Only(f)
		if !ok || next.Kind != project.External || next.Node == n {
			return nil
		}
		n = next.Node
	}
	return nil
}

// instance says whether the name of a value is that of an object of a class
// that a maker made: called, by _make or _replace, or the member of an Enum.
func instance(name string) bool {
	for maker := range makers {
		rest, ok := strings.CutPrefix(name, maker+"()")
		if !ok {
			continue
		}
		member, dotted := strings.CutPrefix(rest, ".")
		return rest == "()" || strings.HasSuffix(rest, "._make()") || strings.HasSuffix(rest, "._replace()") ||
			strings.HasPrefix(maker, "enum.") && dotted && !strings.ContainsAny(member, ".(")
	}
	return false
}

// recursion returns the attribute by which __getattr__ calls itself when the
// object has no attributes yet, nil if it does not.
func recursion(p *project.Project, class *project.Def) *syntax.Node {
	b := class.Scope.Names["__getattr__"]
	line, external, known := p.Ancestors(class)
	if b == nil || !known || len(external) > 0 {
		return nil
	}
	for _, c := range line {
		for _, name := range []string{"__setstate__", "__getstate__", "__reduce__", "__reduce_ex__", "__getattribute__"} {
			if c.Scope.Names[name] != nil {
				return nil
			}
		}
	}
	d := p.Method(class, "__getattr__")
	if d == nil || d.Class != class || len(d.Params()) != 2 || d.Self() == "" {
		return nil
	}
	return firstAccess(d, line, d.Body().NamedChildren())
}

// firstAccess looks for an attribute of self in the code that runs for every
// name.
func firstAccess(d *project.Def, line []*project.Def, stmts []*syntax.Node) *syntax.Node {
	for _, stmt := range stmts {
		switch stmt.Kind {
		case "if_statement":
			cond := stmt.Field("condition")
			if n := access(d, line, cond); n != nil {
				return n
			}
			return nil // a guard, or not understood
		case "try_statement":
			return firstAccess(d, line, stmt.Body().NamedChildren())
		case "return_statement", "expression_statement":
			if n := access(d, line, stmt); n != nil {
				return n
			}
		default:
			return nil
		}
	}
	return nil
}

// access returns an attribute of self that the class itself does not have.
func access(d *project.Def, line []*project.Def, n *syntax.Node) (found *syntax.Node) {
	n.Walk(func(c *syntax.Node) bool {
		if found != nil || c.Is("lambda", "conditional_expression", "boolean_operator") {
			return false
		}
		if !c.Is("attribute") || c.Field("object").Text() != d.Self() || project.StoredTo(c) {
			return true
		}
		name := c.Field("attribute").Text()
		if strings.HasPrefix(name, "__") && strings.HasSuffix(name, "__") {
			return true
		}
		for _, class := range line {
			if b := class.Scope.Names[name]; b != nil && bound(b) {
				return true
			}
		}
		found = c
		return false
	})
	return found
}

func bound(b *scope.Binding) bool {
	for _, d := range b.Defs {
		if d.Binds() {
			return true
		}
	}
	return false
}
