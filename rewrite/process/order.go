package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// frame is a place that runs the code that is asked about: itself, or a call
// that leads to it.
type frame struct {
	in *project.Def // nil at module level
	at *syntax.Node
}

// frames lists the ways a node comes to run, from itself upwards.
func (m *Model) frames(n *syntax.Node) []frame {
	all := []frame{{m.Project.Enclosing(n), n}}
	seen := map[*project.Def]bool{}
	for i := 0; i < len(all) && len(all) < 64; i++ {
		d := all[i].in
		if d == nil || seen[d] {
			continue
		}
		seen[d] = true
		calls, _ := m.Project.Callers(d)
		for _, c := range calls {
			all = append(all, frame{m.Project.Enclosing(c.Node), c.Node})
		}
	}
	return all
}

// RunsBefore says whether the code at a node may have run, in the same process
// and as far as the text tells, when the code at another one does: it stands
// above it in the same function, shares a loop with it, or is run by a call
// above it or above a call that leads to it.
func (m *Model) RunsBefore(first, then *syntax.Node) bool {
	home := m.Project.Enclosing(first)
	for _, f := range m.frames(then) {
		if f.in == home && (home != nil || f.at.Tree == first.Tree) {
			if precedes(first, f.at) {
				return true
			}
			if home == nil {
				continue
			}
		}
		if home == nil {
			if f.in == nil && f.at.Tree != first.Tree {
				return true // another module's body: imported earlier, as a rule
			}
			continue
		}
		if m.callBefore(home, f) {
			return true
		}
	}
	return false
}

// callBefore says whether something above a place of its function runs d.
func (m *Model) callBefore(d *project.Def, f frame) bool {
	var root *syntax.Node
	if f.in != nil {
		root = f.in.Body()
	} else {
		root = f.at.Tree.Root
	}
	if root == nil {
		return false
	}
	found := false
	root.Walk(func(n *syntax.Node) bool {
		if found || n != root && n.Is("function_definition", "lambda") || n.Start >= f.at.End && !sharedLoop(n, f.at) {
			return false
		}
		if n.Kind != "call" || f.at.Within(n) || !n.Within(f.at) && !precedes(n, f.at) {
			return true
		}
		for _, c := range m.Project.CalledBy(n) {
			if c == f.in {
				continue
			}
			for _, r := range m.Project.Reaches(c) {
				found = found || r == d
			}
		}
		return !found
	})
	return found
}

// precedes says whether one node of a function runs before another: it stands
// above it on a way that leads there, or in a loop with it.
func precedes(first, then *syntax.Node) bool {
	if exclusive(first, then) || leavesAfter(first, then) {
		return false
	}
	return first.End <= then.Start || sharedLoop(first, then)
}

// sharedLoop says whether two nodes of a function stand in the same loop.
func sharedLoop(a, b *syntax.Node) bool {
	for _, l := range Loops(a) {
		for _, o := range Loops(b) {
			if l == o {
				return true
			}
		}
	}
	return false
}

// exclusive says whether two nodes stand in different branches of one if, try or
// match, of which one run takes only one.
func exclusive(a, b *syntax.Node) bool {
	for c, up := a, a.Parent; up != nil; c, up = up, up.Parent {
		if !b.Within(up) {
			continue
		}
		if !up.Is("if_statement", "conditional_expression") && !(up.Is("block") && up.Parent.Is("match_statement")) {
			return false
		}
		for d := b; d != up; d = d.Parent {
			if d.Parent == up {
				return d != c && c.FieldName != "condition" && d.FieldName != "condition" && d.Is("block", "elif_clause", "else_clause", "case_clause") &&
					c.Is("block", "elif_clause", "else_clause", "case_clause")
			}
		}
		return false
	}
	return false
}

// leavesAfter says whether the block of first ends by leaving the function or loop,
// so that what follows the block does not run after it.
func leavesAfter(first, then *syntax.Node) bool {
	for block := first.Block(); block != nil && !then.Within(block); block = block.Block() {
		c := block.NamedChildren()
		if block.Kind == "module" || len(c) == 0 {
			return false
		}
		if c[len(c)-1].Is("return_statement", "raise_statement", "continue_statement", "break_statement") {
			return true
		}
	}
	return false
}

// repeats says whether the code at a node runs more than once with the same
// objects around: it, or a call that leads to it, stands in a loop.
func (m *Model) repeats(n *syntax.Node) bool {
	for _, f := range m.frames(n) {
		if len(Loops(f.at)) > 0 {
			return true
		}
	}
	return false
}

// OneProcess says whether an object starts at most one process by the launch:
// neither it nor a call that leads to it stands in a loop, unless the object is
// made in that loop too, and there are no more calls than objects.
func (m *Model) OneProcess(l *Launch) bool {
	if l.Object.Class != nil {
		return true // a process object is started once
	}
	var made []*syntax.Node
	for _, e := range l.Entries {
		if e.Class != nil {
			made = append(made, m.Project.Constructions(e.Class)...)
		}
	}
	inside := func(loop *syntax.Node) bool {
		for _, c := range made {
			if !c.Within(loop) {
				return false
			}
		}
		return len(made) > 0
	}
	ways := map[*project.Def]int{}
	for _, f := range m.frames(l.Call) {
		loops := Loops(f.at)
		if len(loops) > 0 && !inside(loops[0]) {
			return false
		}
		for _, d := range m.Project.CalledBy(f.at) {
			if ways[d]++; ways[d] > max(1, len(made)) {
				return false
			}
		}
	}
	return true
}
