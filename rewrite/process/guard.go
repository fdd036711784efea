package process

import (
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
}

// findGuards finds the main guards of a module in all the spellings that hold
// back a child: if with the test, its negation followed by an exit, match.
func findGuards(m *scope.Module) *guards {
	g := &guards{module: m}
	m.Tree.Root.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "if_statement":
			g.ifStatement(n)
		case "match_statement":
			g.matchStatement(n)
		}
		return true
	})
	return g
}

func (g *guards) ifStatement(n *syntax.Node) {
	body := n.Field("consequence")
	switch GuardCondition(g.module, n.Field("condition")) {
	case MainGuard:
		g.blocks = append(g.blocks, body)
	case ChildBranch:
		if leaves(g.module, body) {
			g.after = append(g.after, n)
		}
		for _, alt := range n.Fields("alternative") {
			g.blocks = append(g.blocks, alt)
		}
	}
	for _, alt := range n.Fields("alternative") {
		if alt.Kind == "elif_clause" && GuardCondition(g.module, alt.Field("condition")) == MainGuard {
			g.blocks = append(g.blocks, alt.Field("consequence"))
		}
	}
}

func (g *guards) matchStatement(n *syntax.Node) {
	subject := n.Field("subject")
	if !subject.Is("identifier") || subject.Text() != "__name__" {
		return
	}
	n.Walk(func(c *syntax.Node) bool {
		if c.Kind == "case_clause" {
			for _, p := range c.Children {
				if p.Kind == "case_pattern" {
					text := p.Text()
					if text == `"__main__"` || text == "'__main__'" {
						if body := c.Field("consequence"); body != nil {
							g.blocks = append(g.blocks, body)
						}
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
// spawn.py prepare()). parent_process() is not: it is still None at that time.
func GuardCondition(m *scope.Module, cond *syntax.Node) GuardKind {
	cond = syntax.Unparen(cond)
	switch {
	case cond == nil:
		return NoGuard
	case cond.Kind == "boolean_operator":
		left, right := GuardCondition(m, cond.Field("left")), GuardCondition(m, cond.Field("right"))
		op := cond.Field("operator").Text()
		if op == "and" && (left == MainGuard || right == MainGuard) {
			return MainGuard
		}
		if op == "or" && (left == ChildBranch || right == ChildBranch) {
			return ChildBranch
		}
		return NoGuard
	case cond.Kind == "not_operator":
		switch GuardCondition(m, cond.Field("argument")) {
		case MainGuard:
			return ChildBranch
		case ChildBranch:
			return MainGuard
		}
		return NoGuard
	case cond.Kind == "comparison_operator":
		return comparison(m, cond)
	case cond.Kind == "identifier":
		if b := m.Binding(cond); b != nil && b.Single() != nil && b.Single().Kind == scope.Assign && b.Single().Value != cond {
			return GuardCondition(m, b.Single().Value)
		}
	}
	return NoGuard
}

func comparison(m *scope.Module, n *syntax.Node) GuardKind {
	operands := n.NamedChildren()
	if len(operands) != 2 {
		return NoGuard
	}
	op := ""
	for _, c := range n.Children {
		if !c.Named || c.Kind == "not in" || c.Kind == "is not" {
			op += c.Text()
		}
	}
	left, right := syntax.Unparen(operands[0]), syntax.Unparen(operands[1])
	subject, other := left, right
	if !isName(m, subject) && isName(m, other) && (op == "==" || op == "!=") {
		subject, other = other, subject
	}
	if !isName(m, subject) {
		return NoGuard
	}
	want := "__main__"
	if !isDunderName(subject) {
		want = "MainProcess"
	}
	has := false
	plain := true
	if s, ok := syntax.StringValue(other); ok {
		has = s == want
	} else if other.Is("tuple", "list", "set") {
		for _, c := range other.NamedChildren() {
			s, ok := syntax.StringValue(c)
			plain = plain && ok && s != "__mp_main__"
			has = has || ok && s == want
		}
	}
	if !has || !plain {
		return NoGuard
	}
	switch op {
	case "==", "in", "is":
		return MainGuard
	case "!=", "notin", "not in", "isnot", "is not":
		return ChildBranch
	}
	return NoGuard
}

// isName says whether an expression is __name__ or the name of the current
// process.
func isName(m *scope.Module, n *syntax.Node) bool {
	if isDunderName(n) {
		return m.Binding(n) == nil
	}
	if n.Is("attribute") && n.Field("attribute").Text() == "name" {
		if call := n.Field("object"); call.Is("call") {
			rest, _, ok := split(m.Qualified(call.Field("function")))
			return ok && rest == "current_process"
		}
	}
	return false
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
			if s := b.Ancestor("if_statement", "match_statement"); s != nil {
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
