package unpicklableexception

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// raises lists the expressions by which tasks of pools raise a class, or a
// subclass that inherits its constructor, where nobody in the worker catches it.
func raises(p *rule.Pass, class *project.Def) []*syntax.Node {
	family := []*project.Def{class}
	for _, sub := range p.Project.Subclasses(class) {
		if init := p.Project.Method(sub, "__init__"); sub != class && init != nil && init.Class == class {
			family = append(family, sub)
		}
	}
	var found []*syntax.Node
	seen := map[*project.Def]bool{}
	for _, w := range p.Model.Workers {
		if !pickled(w) {
			continue
		}
		for _, d := range w.Reaches {
			if seen[d] {
				continue
			}
			d.Walk(func(n *syntax.Node) {
				if !n.Is("raise_statement") || len(n.NamedChildren()) == 0 {
					return
				}
				e := n.NamedChildren()[0]
				values, _ := p.Project.Values(e)
				for _, v := range values {
					if (v.Kind == project.Class || v.Kind == project.Instance) && has(family, v.Def) && leaves(p, w, d, n, v.Def, map[*project.Def]bool{}) {
						found, seen[d] = append(found, e), true
					}
				}
			})
		}
	}
	return found
}

func has(defs []*project.Def, d *project.Def) bool {
	for _, have := range defs {
		if have == d {
			return true
		}
	}
	return false
}

// pickled says whether a worker's errors are sent back: those of tasks are,
// unless the package pickles by other means.
func pickled(w *process.Worker) bool {
	for _, t := range w.Tasks {
		if t.Pool == nil || t.Pool.Object.Root != "multiprocess" {
			return true
		}
	}
	return false
}

// leaves says whether an exception raised at a node of a definition leaves the
// worker.
func leaves(p *rule.Pass, w *process.Worker, d *project.Def, n *syntax.Node, class *project.Def, busy map[*project.Def]bool) bool {
	if caught(p, n, d, class) {
		return false
	}
	if d == w.Entry {
		return true
	}
	if busy[d] {
		return false
	}
	busy[d] = true
	calls, _ := p.Project.Callers(d)
	for _, c := range calls {
		in := p.Project.Enclosing(c.Node)
		if in != nil && has(w.Reaches, in) && leaves(p, w, in, c.Node, class, busy) {
			return true
		}
	}
	return false
}

// caught says whether a try statement around a node in its function catches
// the class and does not raise again.
func caught(p *rule.Pass, n *syntax.Node, d *project.Def, class *project.Def) bool {
	for t := n.Ancestor("try_statement"); t != nil && t.Within(d.Node); t = t.Ancestor("try_statement") {
		if !n.Within(t.Body()) {
			continue
		}
		for _, clause := range t.NamedChildren() {
			if clause.Is("except_clause", "except_group_clause") && catches(p, clause, class) {
				again := false
				clause.Walk(func(c *syntax.Node) bool {
					again = again || c.Is("raise_statement")
					return !again
				})
				return !again
			}
		}
	}
	return false
}

func catches(p *rule.Pass, clause *syntax.Node, class *project.Def) bool {
	children := clause.NamedChildren()
	if len(children) == 0 || children[0].Is("block") {
		return true
	}
	what := children[0]
	if what.Is("as_pattern") && len(what.NamedChildren()) > 0 {
		what = what.NamedChildren()[0]
	}
	line, external, _ := p.Project.Ancestors(class)
	exprs := []*syntax.Node{what}
	if u := syntax.Unparen(what); u.Is("tuple") {
		exprs = u.NamedChildren()
	}
	for _, e := range exprs {
		values, known := p.Project.Values(e)
		if !known {
			return true // it may
		}
		for _, v := range values {
			if v.Kind == project.Class && has(line, v.Def) || v.Is("builtins.Exception", "builtins.BaseException") {
				return true
			}
			for _, name := range external {
				if v.Is(name) {
					return true
				}
			}
		}
	}
	return false
}
