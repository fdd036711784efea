package unpicklablecallable

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// unmangle takes one underscore off the name of a method wherever it is used.
func unmangle(p *rule.Pass, rw *refactor.Rewrite, d *project.Def) (string, error) {
	name := "_" + strings.TrimLeft(d.Name, "_")
	line, _, _ := p.Project.Ancestors(d.Class)
	for _, class := range append(line, p.Project.Subclasses(d.Class)...) {
		if class.Scope.Names[name] != nil {
			return "", fmt.Errorf("%s has a %s already", class.Name, name)
		}
	}
	full := "_" + strings.TrimLeft(d.Class.Name, "_") + d.Name
	taken := false
	rename := func(n *syntax.Node, inside bool) {
		if !n.Is("identifier") {
			return
		}
		switch attribute := n.Parent.Is("attribute") && n.FieldName == "attribute"; {
		case attribute && n.Text() == name:
			taken = true
		case attribute && n.Text() == full, inside && n.Text() == d.Name:
			rw.Replace(n, name)
		}
	}
	for _, m := range p.Project.Modules() {
		if !strings.Contains(m.Tree.File.Text, full) && m != d.Module {
			continue
		}
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Is("string_content") && n.Text() == full {
				taken = true
			}
			rename(n, n.Within(d.Class.Node) && nearest(n) == d.Class.Node)
			return true
		})
	}
	if taken {
		return "", fmt.Errorf("%s is used already", name)
	}
	return fmt.Sprintf("call it %s", name), nil
}

// nearest returns the innermost class around a node: the one whose name mangles
// the names in it.
func nearest(n *syntax.Node) *syntax.Node { return n.Ancestor("class_definition") }
