package shutdown

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// leaving are the functions that end the process or the thread that calls them.
var leaving = map[string]bool{
	"sys.exit": true, "builtins.exit": true, "builtins.quit": true, "builtins.next": true, "os._exit": true, "os.abort": true,
	"os.kill": true, "os.killpg": true, "signal.raise_signal": true, "os.execv": true, "os.execvp": true, "os.execl": true,
	"os.execlp": true, "os.execve": true, "os.execvpe": true, "_thread.interrupt_main": true,
}

// findEnd says what ends the loop.
func (c *Consumer) findEnd(m *process.Model) {
	mod := m.Project.ModuleOf(c.Loop)
	if c.caughtOutside() {
		return
	}
	exits, known := exitsOf(m, c.Loop)
	if !known {
		return
	}
	switch c.Form {
	case Iter:
		if len(exits) == 0 {
			c.End, c.Sentinel = BySentinel, syntax.CallArgs(iterCall(c.Get)).Positional[1]
		}
		return
	case Walrus:
		if s := walrusSentinel(c.Loop.Field("condition"), c.Get.Call); s != nil && len(exits) == 0 {
			c.End, c.Sentinel = BySentinel, s
		}
		return
	}
	if len(exits) == 0 {
		c.End = Never
		return
	}
	item := c.itemName()
	for _, e := range exits {
		s := testedAt(e, item, c.Loop)
		if s == nil || c.Sentinel != nil && c.Sentinel.Text() != s.Text() {
			c.Sentinel = nil
			return
		}
		c.Sentinel = s
	}
	if item.Is("match_statement") || mod.Binding(item) != nil {
		c.End = BySentinel
	}
}

// itemName returns the name that holds the item, nil if there is none.
func (c *Consumer) itemName() *syntax.Node {
	p := c.Get.Call.Parent
	if p.Is("assignment") && p.Field("right") == c.Get.Call && p.Field("left").Is("identifier") {
		return p.Field("left")
	}
	if p.Is("named_expression") && p.Field("name").Is("identifier") {
		return p.Field("name")
	}
	if p.Is("match_statement") {
		return p
	}
	return nil
}

// caughtOutside says whether the loop stands in a try statement that may be
// meant to end it: any handler but a bare "except Exception".
func (c *Consumer) caughtOutside() bool {
	for n := c.Loop; n.Parent != nil && n != c.In.Node; n = n.Parent {
		if n.Parent.Kind != "try_statement" || n.FieldName != "body" {
			continue
		}
		for _, h := range n.Parent.NamedChildren() {
			if h.Is("except_clause", "except_group_clause") {
				kinds := h.NamedChildren()
				if len(kinds) < 2 || !strings.HasPrefix(kinds[0].Text(), "Exception") {
					return true
				}
			}
		}
	}
	return false
}

// exitsOf lists the break and return statements that leave a loop; known is
// false when something else may leave it: an exception raised on purpose, the
// end of the process, a yield, an await.
func exitsOf(m *process.Model, loop *syntax.Node) (exits []*syntax.Node, known bool) {
	known = true
	body := loop
	if loop.Kind == "for_in_clause" {
		body = loop.Parent
	}
	body.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "function_definition", "lambda", "class_definition":
			return false
		case "break_statement":
			if n.Ancestor("while_statement", "for_statement") == loop {
				exits = append(exits, n)
			}
		case "return_statement":
			exits = append(exits, n)
		case "raise_statement", "yield", "await", "assert_statement":
			known = false
		case "call":
			if leaves(m, n) {
				known = false
			}
		case "ERROR":
			known = false
		}
		return true
	})
	return exits, known
}

// leaves says whether a call may end the process, itself or in what it runs.
func leaves(m *process.Model, call *syntax.Node) bool {
	if leaving[m.Project.ModuleOf(call).Qualified(call.Field("function"))] {
		return true
	}
	for _, d := range m.Project.CalledBy(call) {
		for _, r := range m.Project.Reaches(d) {
			found := false
			r.Walk(func(n *syntax.Node) {
				if n.Kind == "call" && leaving[m.Project.ModuleOf(n).Qualified(n.Field("function"))] || n.Kind == "raise_statement" && strings.Contains(n.Text(), "SystemExit") {
					found = true
				}
			})
			if found {
				return true
			}
		}
	}
	return false
}

// testedAt returns what the item is compared with where an exit is taken, nil
// when the exit is not the consequence of such a test alone.
func testedAt(exit, item, loop *syntax.Node) *syntax.Node {
	if item == nil {
		return nil
	}
	block := exit.Parent
	if !block.Is("block") {
		return nil
	}
	up := block.Parent
	switch {
	case up.Is("if_statement", "elif_clause") && block.FieldName == "consequence":
		s := comparedWith(up.Field("condition"), item.Text(), "is", "==")
		if s == nil || !directly(up, loop) {
			return nil
		}
		return s
	case up.Is("case_clause"):
		if m := up.Ancestor("match_statement"); m != item && m.Field("subject").Text() != item.Text() || !directly(m, loop) {
			return nil
		}
		for _, p := range up.NamedChildren() {
			if p.Is("case_pattern") {
				if in := p.NamedChildren(); len(in) == 1 && in[0].Is("none", "string", "integer") && up.Field("guard") == nil {
					return in[0]
				}
				return nil
			}
		}
	}
	return nil
}

// directly says whether a test is met by every item: nothing but try and with
// statements stands between it and the loop.
func directly(test, loop *syntax.Node) bool {
	for n := test.Parent; n != nil; n = n.Parent {
		if n == loop {
			return true
		}
		if !n.Is("block", "try_statement", "with_statement", "if_statement") || n.Is("if_statement") && test.Kind != "elif_clause" {
			return false
		}
	}
	return false
}

// comparedWith returns the other side of a comparison of a name by one of the
// operators.
func comparedWith(cond *syntax.Node, name string, ops ...string) *syntax.Node {
	cond = syntax.Unparen(cond)
	if !cond.Is("comparison_operator") {
		return nil
	}
	sides := cond.NamedChildren()
	if len(sides) != 2 {
		return nil
	}
	op := strings.Join(strings.Fields(cond.Tree.File.Text[sides[0].End:sides[1].Start]), " ")
	left, right := syntax.Unparen(sides[0]), syntax.Unparen(sides[1])
	for _, want := range ops {
		if op != want {
			continue
		}
		if left.Text() == name {
			return right
		}
		if right.Text() == name {
			return left
		}
	}
	return nil
}

// walrusSentinel returns S of "(item := q.get()) is not S".
func walrusSentinel(cond, get *syntax.Node) *syntax.Node {
	cond = syntax.Unparen(cond)
	if !cond.Is("comparison_operator") || !get.Parent.Is("named_expression") {
		return nil
	}
	return comparedWith(cond, get.Parent.Text(), "is not", "!=")
}

// reputs says whether the worker of a consumer puts into the channel it reads.
func (c *Consumer) reputs(m *process.Model) bool {
	for _, u := range c.Puts() {
		if runsIn(m, u.Node, c.Launches) {
			return true
		}
	}
	return false
}

// runsIn says whether the code at a node runs in one of the launches.
func runsIn(m *process.Model, n *syntax.Node, launches []*process.Launch) bool {
	for _, w := range m.WorkersAt(n) {
		for _, l := range w.Launches {
			for _, have := range launches {
				if l == have {
					return true
				}
			}
		}
	}
	return false
}

// reachedBy says whether running a definition may run another.
func reachedBy(m *process.Model, from, to *project.Def) bool {
	for _, d := range m.Project.Reaches(from) {
		if d == to {
			return true
		}
	}
	return false
}
