package pickledhandle

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// makeStatic turns a method that does not use self into a static one. It is
// false, and nothing is written, when the method needs its object, is part of
// an inheritance, or is reached through the class.
func makeStatic(m *process.Model, rw *refactor.Rewrite, d *project.Def) bool {
	params := d.Params()
	if len(params) == 0 || params[0].Star != 0 || params[0].Default != nil || len(d.Decorators()) > 0 {
		return false
	}
	if strings.HasPrefix(d.Name, "__") { // special, or mangled: pickle would not find it by its name
		return false
	}
	self := d.Scope.Names[params[0].Name]
	if self == nil || len(self.Uses) > 0 || len(self.Defs) != 1 || usesClass(d) {
		return false
	}
	family := m.Project.Subclasses(d.Class)
	line, _, known := m.Project.Ancestors(d.Class)
	if !known {
		return false
	}
	for _, c := range append(line[1:], family...) {
		if c.Scope.Names[d.Name] != nil {
			return false
		}
	}
	if b := d.Class.Scope.Names[d.Name]; b == nil || len(b.Uses) > 0 || len(b.Defs) != 1 {
		return false
	}
	for _, mod := range m.Project.Modules() {
		direct := false
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Kind == "attribute" && n.Field("attribute").Text() == d.Name {
				values, _ := m.Project.Values(n.Field("object"))
				for _, v := range values {
					direct = direct || v.Kind == project.Class
				}
			}
			return !direct
		})
		if direct {
			return false
		}
	}
	rw.RemoveParameter(d.Node, params[0].Name)
	rw.InsertBefore(d.Node, "@staticmethod\n"+indentOf(d.Node))
	return true
}

// usesClass says whether the body reaches its class or object by super() or
// __class__.
func usesClass(d *project.Def) bool {
	found := false
	d.Body().Walk(func(n *syntax.Node) bool {
		found = found || n.Is("identifier") && (n.Text() == "super" || n.Text() == "__class__" || n.Text() == "locals")
		return !found
	})
	return found
}

// indentOf returns the blank space in front of a node that begins its line.
func indentOf(n *syntax.Node) string {
	f := n.Tree.File
	return f.Text[f.LineStart(f.LineOf(n.Start)):n.Start]
}
