package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// statements lists the statements around a node inside its function or module,
// innermost first.
func statements(n *syntax.Node) []*syntax.Node {
	var found []*syntax.Node
	for s := n.Statement(); s != nil; s = s.Parent.Statement() {
		def := s
		if s.Kind == "decorated_definition" {
			def = s.Field("definition")
		}
		if def.Is("function_definition", "class_definition") {
			break
		}
		found = append(found, s)
		if s.Parent == nil || s.Parent.Kind == "module" {
			break
		}
	}
	return found
}

// commonBlock returns the innermost block of statements that all nodes stand
// in, nil when they are in different functions or files.
func commonBlock(nodes []*syntax.Node) *syntax.Node {
	if len(nodes) == 0 {
		return nil
	}
	for _, s := range statements(nodes[0]) {
		all := true
		for _, n := range nodes {
			if n.Tree != s.Tree || !n.Within(s.Parent) || stmtIn(s.Parent, n) == nil {
				all = false
				break
			}
		}
		if all {
			return s.Parent
		}
	}
	return nil
}

// stmtIn returns the statement of a block that a node stands in.
func stmtIn(block, n *syntax.Node) *syntax.Node {
	for _, s := range statements(n) {
		if s.Parent == block {
			return s
		}
	}
	return nil
}

// later returns the one of two statements of a block that comes last; either
// may be nil.
func later(a, b *syntax.Node) *syntax.Node {
	if a == nil || b != nil && b.Start > a.Start {
		return b
	}
	return a
}

// earlier is later for the one that comes first.
func earlier(a, b *syntax.Node) *syntax.Node {
	if a == nil || b != nil && b.Start < a.Start {
		return b
	}
	return a
}

// inFunction lists where the code of a function comes to a place in another
// one: the place itself, or the calls in the function that lead to it.
func inFunction(m *process.Model, fn *project.Def, top *syntax.Node, place *syntax.Node) []*syntax.Node {
	in := m.Project.Enclosing(place)
	if in == fn && place.Tree == top.Tree {
		return []*syntax.Node{place}
	}
	if in == nil {
		return nil
	}
	var found []*syntax.Node
	visit := func(n *syntax.Node) {
		if n.Kind != "call" || m.Project.Enclosing(n) != fn {
			return
		}
		for _, d := range m.Project.CalledBy(n) {
			if d == in || reachedBy(m, d, in) {
				found = append(found, n)
				return
			}
		}
	}
	if fn != nil {
		fn.Walk(visit)
	} else {
		top.Walk(func(n *syntax.Node) bool { visit(n); return true })
	}
	return found
}

// textFor returns how a function writes a channel's object: a name or an
// attribute of self that holds it for sure and that is no loop's variable.
func textFor(m *process.Model, o *process.Object, fn *project.Def, top *syntax.Node) (text string, ok bool) {
	if len(process.Loops(o.Made)) > 0 {
		return "", false
	}
	consider := func(n *syntax.Node) {
		if ok || !n.Is("identifier", "attribute") || m.Project.Enclosing(n) != fn || !plainName(m, n) {
			return
		}
		if n.Parent.Is("attribute") && n.Parent.Field("object") != n || n.Parent.Is("keyword_argument") && n.FieldName == "name" {
			return
		}
		if objects, sole := m.ObjectsOf(n); sole && len(objects) == 1 && objects[0] == o {
			text, ok = n.Text(), true
		}
	}
	if fn != nil {
		fn.Walk(consider)
		if !ok && fn.Class != nil {
			text, ok = attributeFor(m, o, fn)
		}
	} else {
		top.Walk(func(n *syntax.Node) bool { consider(n); return !ok })
	}
	return text, ok
}

// attributeFor returns the attribute of self that holds an object made in
// another method of the class.
func attributeFor(m *process.Model, o *process.Object, fn *project.Def) (string, bool) {
	line, _, _ := m.Project.Ancestors(fn.Class)
	for _, class := range line {
		a := o.Made.Parent
		if o.In == nil || o.In.Class != class || !a.Is("assignment") || a.Field("right") != o.Made {
			continue
		}
		left := a.Field("left")
		if left.Is("attribute") && left.Field("object").Text() == o.In.Self() && fn.Self() != "" && !fn.IsStatic() {
			return fn.Self() + "." + left.Field("attribute").Text(), true
		}
	}
	return "", false
}

// plainName says whether an expression is a name that stands for the same thing
// wherever the function writes it: a name that no loop binds, or an attribute
// of such a name.
func plainName(m *process.Model, n *syntax.Node) bool {
	for n.Is("attribute") {
		n = n.Field("object")
	}
	if !n.Is("identifier") {
		return false
	}
	b := m.Project.ModuleOf(n).Binding(n)
	if b == nil {
		return false
	}
	binds := 0
	for _, d := range b.Defs {
		if !d.Binds() {
			continue
		}
		binds++
		if d.Kind == scope.For || d.Kind == scope.Comp || d.Kind == scope.Del {
			return false
		}
	}
	return binds == 1
}
