package startup

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// runsBefore is Model.RunsBefore within one program: what stands under the guard of
// a module runs before code elsewhere only when that module leads to it.
func runsBefore(m *process.Model, first, then *syntax.Node) bool {
	if m.Project.Enclosing(first) == nil && !leadsTo(m, first.Tree, then) {
		return false
	}
	return m.RunsBefore(first, then)
}

// leadsTo says whether code at module level of a file leads to a node.
func leadsTo(m *process.Model, tree *syntax.Tree, n *syntax.Node) bool {
	seen := map[*project.Def]bool{}
	queue := []*syntax.Node{n}
	for i := 0; i < len(queue) && i < 256; i++ {
		d := m.Project.Enclosing(queue[i])
		if d == nil {
			if queue[i].Tree == tree {
				return true
			}
			continue
		}
		if seen[d] {
			continue
		}
		seen[d] = true
		calls, _ := m.Project.Callers(d)
		for _, c := range calls {
			queue = append(queue, c.Node)
		}
	}
	return false
}
