package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// changing are the methods of builtin containers that change them.
var changing = map[string]bool{
	"append": true, "extend": true, "insert": true, "remove": true, "pop": true, "clear": true, "sort": true, "reverse": true,
	"add": true, "discard": true, "update": true, "setdefault": true, "popitem": true, "appendleft": true, "popleft": true,
}

// Mutates returns a place where running a definition changes memory that its
// caller may look at afterwards: a global, an argument or what they hold. Objects
// of multiprocessing do not count, nor globals that only workers read. Nil when
// none is seen.
func (m *Model) Mutates(d *project.Def) *syntax.Node {
	for _, r := range m.Reach(d) {
		if n := m.mutates(r); n != nil {
			return n
		}
	}
	return nil
}

// workersOnly says whether no code of the parent reads a global.
func (m *Model) workersOnly(b *scope.Binding) bool {
	uses, all := m.Project.Uses(b)
	for _, u := range uses {
		if u.Import != nil || !u.Store && m.InParent(u.Node) {
			return false
		}
	}
	return all
}

func (m *Model) mutates(d *project.Def) (found *syntax.Node) {
	note := func(n, object *syntax.Node) {
		root := object
		for root.Is("attribute", "subscript", "parenthesized_expression") {
			if next := root.Field("object"); next != nil {
				root = next
			} else if next := root.Field("value"); next != nil {
				root = next
			} else {
				break
			}
		}
		if !root.Is("identifier") || found != nil {
			return
		}
		b := d.Module.Binding(root)
		if b == nil || b.Scope == d.Scope && (b.Single() == nil || b.Single().Kind != scope.Param) {
			return // a local variable
		}
		if objects, _ := m.ObjectsOf(object); len(objects) > 0 {
			return // shared
		}
		found = n
	}
	d.Walk(func(n *syntax.Node) {
		switch n.Kind {
		case "global_statement":
			for _, name := range n.NamedChildren() {
				if b := d.Module.Binding(name); found == nil && (b == nil || !m.workersOnly(b)) {
					found = n
				}
			}
		case "assignment", "augmented_assignment":
			if left := n.Field("left"); left.Is("attribute", "subscript") {
				object := left.Field("object")
				if object == nil {
					object = left.Field("value")
				}
				note(n, object)
			}
		case "call":
			if f := n.Field("function"); f.Is("attribute") && changing[f.Field("attribute").Text()] {
				note(n, f.Field("object"))
			}
		}
	})
	return found
}
