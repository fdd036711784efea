package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// GuardKind says what a condition does to a child that imports the module.
type GuardKind int

// The kinds of guard.
const (
	NoGuard     GuardKind = iota
	MainGuard             // true in the main process only: __name__ == "__main__" and its kin
	ChildBranch           // true in children only: __name__ != "__main__"
)

// guards are the regions of a module that children do not run.
type guards struct {
	module *scope.Module
	blocks []*syntax.Node // bodies that run in the main process only
	after  []*syntax.Node // statements whose following siblings run in the main process only
	dead   []*syntax.Node // bodies that never run: if TYPE_CHECKING, if False
}

// findGuards finds the main guards of a module in all the spellings that hold
// back a child: if with the test, its negation followed by an exit, match, a
// conditional expression, and, or, assert.
func findGuards(m *scope.Module) *guards {
	g := &guards{module: m}
	m.Tree.Root.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "if_statement":
			g.ifStatement(n)
		case "match_statement":
			g.matchStatement(n)
		case "assert_statement":
			if c := n.NamedChildren(); len(c) > 0 && GuardCondition(m, c[0]) == MainGuard {
				g.after = append(g.after, n)
			}
		case "conditional_expression":
			if c := n.NamedChildren(); len(c) == 3 {
				switch GuardCondition(m, c[1]) {
				case MainGuard:
					g.blocks = append(g.blocks, c[0])
				case ChildBranch:
					g.blocks = append(g.blocks, c[2])
				}
			}
		case "boolean_operator":
			want := MainGuard
			if n.Field("operator").Text() == "or" {
				want = ChildBranch
			}
			if GuardCondition(m, n.Field("left")) == want {
				g.blocks = append(g.blocks, n.Field("right"))
			}
		}
		return true
	})
	return g
}

func (g *guards) ifStatement(n *syntax.Node) {
	main := false // the tests so far hold in children only: what follows is for the main process
	for _, branch := range append([]*syntax.Node{n}, n.Fields("alternative")...) {
		body, cond := branch.Field("consequence"), branch.Field("condition")
		if branch.Kind == "else_clause" {
			body = branch.Field("body")
		}
		if body == nil {
			continue
		}
		kind := NoGuard
		if cond != nil {
			kind = GuardCondition(g.module, cond)
		}
		switch {
		case cond != nil && never(g.module, cond):
			g.dead = append(g.dead, body)
		case main || kind == MainGuard:
			g.blocks = append(g.blocks, body)
		case kind == ChildBranch && branch == n && leaves(g.module, body):
			g.after = append(g.after, n)
		}
		main = main || kind == ChildBranch
	}
}

// never says whether a condition is false whenever the module runs.
func never(m *scope.Module, cond *syntax.Node) bool {
	cond = syntax.Unparen(cond)
	if i, ok := syntax.IntValue(cond); ok {
		return i == 0
	}
	switch cond.Kind {
	case "false", "none":
		return true
	case "identifier", "attribute":
		switch m.Qualified(cond) {
		case "typing.TYPE_CHECKING", "typing_extensions.TYPE_CHECKING":
			return true
		}
	}
	return false
}

func (g *guards) matchStatement(n *syntax.Node) {
	subject := syntax.Unparen(n.Field("subject"))
	if !isName(g.module, subject) {
		return
	}
	want := "__main__"
	if !isDunderName(subject) {
		want = "MainProcess"
	}
	n.Walk(func(c *syntax.Node) bool {
		if c.Kind == "case_clause" {
			for _, p := range c.Children {
				if p.Kind == "case_pattern" && strings.Trim(p.Text(), `"'`) == want {
					if body := c.Field("consequence"); body != nil {
						g.blocks = append(g.blocks, body)
					}
				}
			}
		}
		return true
	})
}

// leaves says whether a block always ends by leaving the function or program.
func leaves(m *scope.Module, body *syntax.Node) bool {
	stmts := body.NamedChildren()
	if len(stmts) == 0 {
		return false
	}
	last := stmts[len(stmts)-1]
	switch last.Kind {
	case "return_statement", "raise_statement", "continue_statement", "break_statement":
		return true
	case "expression_statement":
		if c := last.NamedChildren(); len(c) == 1 && c[0].Kind == "call" {
			switch m.Qualified(c[0].Field("function")) {
			case "sys.exit", "builtins.exit", "builtins.quit", "os._exit":
				return true
			}
		}
	}
	return false
}

// GuardCondition says whether an expression is a main guard. Any test over
// __name__ for "__main__" counts, and the name of the current process, which is
// set before a child imports the main module (FACTS: Lib/multiprocessing/
// spawn.py prepare()). parent_process() is not: it is still None at that time,
// see FalseGuard.
func GuardCondition(m *scope.Module, cond *syntax.Node) GuardKind {
	return guardCondition(m, cond, 0)
}

func guardCondition(m *scope.Module, cond *syntax.Node, depth int) GuardKind {
	cond = syntax.Unparen(cond)
	switch {
	case cond == nil || depth > 20:
		return NoGuard
	case cond.Kind == "boolean_operator":
		left, right := guardCondition(m, cond.Field("left"), depth+1), guardCondition(m, cond.Field("right"), depth+1)
		op := cond.Field("operator").Text()
		switch {
		case op == "and" && (left == MainGuard || right == MainGuard):
			return MainGuard
		case op == "or" && (left == ChildBranch || right == ChildBranch):
			return ChildBranch
		}
	case cond.Kind == "not_operator":
		switch guardCondition(m, cond.Field("argument"), depth+1) {
		case MainGuard:
			return ChildBranch
		case ChildBranch:
			return MainGuard
		}
	case cond.Kind == "comparison_operator":
		return comparison(m, cond)
	case cond.Kind == "identifier":
		if d := m.Binding(cond).Single(); d != nil && d.Kind == scope.Assign && len(d.Path) == 0 {
			return guardCondition(m, d.Value, depth+1)
		}
	case cond.Kind == "call":
		// __name__.startswith("__main__")
		if s, method := nameMethod(m, cond); s != "" {
			if affix(method, "__main__", s) && !affix(method, "__mp_main__", s) {
				return MainGuard
			}
		}
	}
	return NoGuard
}

// nameMethod returns the text and the method of __name__.startswith("…") and
// endswith, "" for anything else.
func nameMethod(m *scope.Module, call *syntax.Node) (s, method string) {
	f := call.Field("function")
	if !f.Is("attribute") || !isDunderName(f.Field("object")) || !isName(m, f.Field("object")) {
		return "", ""
	}
	if args := syntax.CallArgs(call); len(args.Positional) == 1 {
		s, _ = syntax.StringValue(args.Positional[0])
	}
	return s, f.Field("attribute").Text()
}

func affix(method, name, s string) bool {
	return method == "startswith" && strings.HasPrefix(name, s) || method == "endswith" && strings.HasSuffix(name, s)
}

func comparison(m *scope.Module, n *syntax.Node) GuardKind {
	left, op, right := operands(n)
	if left == nil {
		return NoGuard
	}
	subject, other := left, right
	switch {
	case isName(m, left):
	case isName(m, right) && (op == "==" || op == "!=" || op == "is" || op == "is not"):
		subject, other = right, left
	case isName(m, right) && isDunderName(right) && (op == "in" || op == "not in"):
		// "__main__" in __name__: it is no part of "__mp_main__".
		if s, ok := syntax.StringValue(left); !ok || s != "__main__" {
			return NoGuard
		}
		if op == "in" {
			return MainGuard
		}
		return ChildBranch
	default:
		return NoGuard
	}
	main, child := "__main__", "__mp_main__"
	if !isDunderName(subject) {
		main, child = "MainProcess", ""
	}
	names, ok := texts(other)
	if !ok {
		return NoGuard
	}
	hasMain, hasChild := names[main], child != "" && names[child]
	holds := NoGuard
	switch {
	case hasMain == hasChild:
		return NoGuard
	case hasMain:
		holds = MainGuard
	case len(names) == 1:
		holds = ChildBranch
	}
	switch op {
	case "==", "in", "is":
		return holds
	case "!=", "not in", "is not":
		switch holds {
		case MainGuard:
			return ChildBranch
		case ChildBranch:
			return MainGuard
		}
	}
	return NoGuard
}

// operands takes a comparison of two operands apart; left is nil for others.
func operands(n *syntax.Node) (left *syntax.Node, op string, right *syntax.Node) {
	c := n.NamedChildren()
	if len(c) != 2 {
		return nil, "", nil
	}
	words := strings.Fields(n.Tree.File.Text[c[0].End:c[1].Start])
	return syntax.Unparen(c[0]), strings.Join(words, " "), syntax.Unparen(c[1])
}

// texts returns the strings of a literal: one, or those of a display.
func texts(n *syntax.Node) (names map[string]bool, ok bool) {
	names = map[string]bool{}
	if s, ok := syntax.StringValue(n); ok {
		names[s] = true
		return names, true
	}
	if !n.Is("tuple", "list", "set") {
		return nil, false
	}
	for _, c := range n.NamedChildren() {
		s, ok := syntax.StringValue(c)
		if !ok {
			return nil, false
		}
		names[s] = true
	}
	return names, true
}

// isName says whether an expression is __name__ or the name of the current
// process.
func isName(m *scope.Module, n *syntax.Node) bool {
	if isDunderName(n) {
		return m.Binding(n) == nil
	}
	return n.Is("attribute") && n.Field("attribute").Text() == "name" && isCurrentProcess(m, n.Field("object"))
}

// isCurrentProcess says whether an expression is current_process(), or a name
// for it.
func isCurrentProcess(m *scope.Module, n *syntax.Node) bool {
	n = syntax.Unparen(n)
	if n.Is("identifier") {
		if d := m.Binding(n).Single(); d != nil && d.Kind == scope.Assign && len(d.Path) == 0 {
			n = syntax.Unparen(d.Value)
		}
	}
	return callsOwn(m, n, "current_process")
}

// callsOwn says whether an expression is a call of a function of
// multiprocessing.
func callsOwn(m *scope.Module, n *syntax.Node, name string) bool {
	if !n.Is("call") {
		return false
	}
	rest, _, ok := split(m.Qualified(n.Field("function")))
	return ok && rest == name
}

func isDunderName(n *syntax.Node) bool { return n.Is("identifier") && n.Text() == "__name__" }

// Guarded says whether the code at a node stands under a main guard in its own
// function or module body.
func (m *Model) Guarded(n *syntax.Node) bool { return m.GuardOf(n) != nil }

// GuardOf returns the statement of the main guard around a node (or before it,
// for a guard that leaves), nil if there is none.
func (m *Model) GuardOf(n *syntax.Node) *syntax.Node {
	g := m.guards[n.Tree]
	if g == nil {
		return nil
	}
	for _, b := range g.blocks {
		if n.Within(b) {
			if s := b.Ancestor("if_statement", "match_statement"); s != nil && b.Kind == "block" {
				return s
			}
			if s := b.Statement(); s != nil {
				return s
			}
			return b
		}
	}
	for _, s := range g.after {
		if n.Start >= s.End && s.Parent != nil && n.Within(s.Parent) {
			return s
		}
	}
	return nil
}

// Dead says whether the code at a node never runs: under if TYPE_CHECKING and
// under a constant that is false.
func (m *Model) Dead(n *syntax.Node) bool {
	g := m.guards[n.Tree]
	if g == nil {
		return false
	}
	for _, b := range g.dead {
		if n.Within(b) {
			return true
		}
	}
	return false
}

// hasGuard says whether a module has a main guard at module level.
func (m *Model) hasGuard(mod *scope.Module) bool {
	g := m.guards[mod.Tree]
	if g == nil {
		return false
	}
	for _, list := range [][]*syntax.Node{g.blocks, g.after} {
		for _, b := range list {
			if m.Project.Enclosing(b) == nil {
				return true
			}
		}
	}
	return false
}
