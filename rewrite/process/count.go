package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Count says how many processes a launch stands for. expr is the iterable of
// the loop or comprehension that makes them, in the function of the launch or
// in its only caller, nil when there is no loop. n is their number if known,
// else 0; it is not known behind a condition, in a while loop, and for an
// iterable of unknown length.
func (m *Model) Count(l *Launch) (n int, expr *syntax.Node, known bool) {
	return m.times(l.Call, 0)
}

// times says how often the code at a node runs in one run of the program.
func (m *Model) times(at *syntax.Node, depth int) (n int, expr *syntax.Node, known bool) {
	if depth > 6 {
		return 0, nil, false
	}
	n, known = 1, true
	for i, loop := range Loops(at) {
		iterable := Iterable(loop)
		if i > 0 || iterable == nil {
			return 0, nil, false
		}
		expr = iterable
		n, known = m.length(iterable)
	}
	if m.conditional(at) {
		n, known = 0, false
	}
	d := m.Project.Enclosing(at)
	if d == nil {
		return n, expr, known
	}
	calls, complete := m.Project.Callers(d)
	if len(calls) == 0 { // main(), a test, an entry point that something unseen calls
		return n, expr, known && complete
	}
	total, all := 0, complete
	for _, c := range calls {
		if c.Node.Tree != calls[0].Node.Tree {
			return 0, nil, false // perhaps different programs
		}
		k, outer, ok := m.times(c.Node, depth+1)
		if outer != nil {
			if expr != nil || len(calls) > 1 {
				return 0, nil, false
			}
			expr = outer
		}
		if k != 1 || !ok {
			all = all && ok
		}
		total += k
	}
	if !known || !all {
		return 0, expr, false
	}
	return n * total, expr, true
}

// conditional says whether the code at a node is skipped in some runs of its
// function: it stands in a branch other than a main guard.
func (m *Model) conditional(n *syntax.Node) bool {
	mod := m.Project.ModuleOf(n)
	for c, up := n, n.Parent; up != nil; c, up = up, up.Parent {
		switch up.Kind {
		case "function_definition", "lambda", "class_definition":
			return false
		case "if_statement", "elif_clause":
			if c.FieldName == "consequence" && GuardCondition(mod, up.Field("condition")) != MainGuard {
				return true
			}
			if c.FieldName == "alternative" && GuardCondition(mod, up.Field("condition")) != ChildBranch {
				return true
			}
		case "case_clause":
			if !m.Guarded(n) {
				return true
			}
		case "except_clause", "except_group_clause", "conditional_expression", "boolean_operator":
			return true
		}
	}
	return false
}

// Iterable returns what a for loop or a comprehension with one clause and
// without a filter goes over, nil for other loops.
func Iterable(loop *syntax.Node) *syntax.Node {
	switch loop.Kind {
	case "for_statement":
		return loop.Field("right")
	case "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
		var clause *syntax.Node
		for _, c := range loop.NamedChildren() {
			switch {
			case c.Kind == "if_clause", c.Kind == "for_in_clause" && clause != nil:
				return nil
			case c.Kind == "for_in_clause":
				clause = c
			}
		}
		return clause.Field("right")
	}
	return nil
}

// length returns how many elements an iterable has.
func (m *Model) length(n *syntax.Node) (int, bool) {
	n = syntax.Unparen(n)
	if n.Is("list", "tuple") {
		for _, c := range n.NamedChildren() {
			if c.Kind == "list_splat" {
				return 0, false
			}
		}
		return len(n.NamedChildren()), true
	}
	v, ok := m.Project.Only(n)
	if !ok {
		return 0, false
	}
	switch {
	case v.Kind == project.Literal && v.Node.Is("tuple"):
		if v.Node != n {
			return m.length(v.Node)
		}
	case v.Node.Is("call") && v.Is("builtins.range()"):
		args := syntax.CallArgs(v.Node)
		if len(args.Stars) > 0 || len(args.Positional) == 0 || len(args.Positional) > 2 {
			return 0, false
		}
		var bounds []int
		for _, a := range args.Positional {
			i, ok := m.integer(a)
			if !ok {
				return 0, false
			}
			bounds = append(bounds, i)
		}
		if len(bounds) == 1 {
			return max(bounds[0], 0), true
		}
		return max(bounds[1]-bounds[0], 0), true
	case v.Node.Is("call") && v.Is("builtins.enumerate()", "builtins.list()", "builtins.tuple()", "builtins.sorted()", "builtins.reversed()"):
		if args := syntax.CallArgs(v.Node); len(args.Positional) > 0 {
			return m.length(args.Positional[0])
		}
	}
	return 0, false
}

// integer returns the only integer that an expression can hold.
func (m *Model) integer(n *syntax.Node) (int, bool) {
	if i, ok := syntax.IntValue(n); ok {
		return int(i), true
	}
	if v, ok := m.Project.Only(n); ok && v.Kind == project.Literal {
		if i, ok := syntax.IntValue(v.Node); ok {
			return int(i), true
		}
	}
	return 0, false
}
