package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// joinStatement says whether a statement does nothing but join processes.
func joinStatement(m *process.Model, stmt *syntax.Node) bool {
	_, ok := joinsOf(m, stmt)
	return ok
}

// joinsOf lists the joins in a statement that does nothing but join processes
// without a timeout: p.join(), a loop over such statements, a comprehension.
func joinsOf(m *process.Model, stmt *syntax.Node) (joins []*process.Use, ok bool) {
	switch stmt.Kind {
	case "for_statement":
		if stmt.Field("alternative") != nil || !quiet(stmt.Field("right")) {
			return nil, false
		}
		for _, s := range stmt.Field("body").NamedChildren() {
			inner, ok := joinsOf(m, s)
			if !ok {
				return nil, false
			}
			joins = append(joins, inner...)
		}
		return joins, len(joins) > 0
	case "expression_statement":
		e := syntax.Unparen(stmt.NamedChildren()[0])
		if e.Is("list_comprehension") {
			if clauseOf(e) == nil || !quiet(clauseOf(e).Field("right")) {
				return nil, false
			}
			e = e.Field("body")
		}
		if !e.Is("call") {
			return nil, false
		}
		args := syntax.CallArgs(e)
		if len(args.Positional)+len(args.Names)+len(args.Stars)+len(args.DoubleStars) > 0 {
			return nil, false
		}
		for _, l := range m.Launches {
			for _, j := range l.Joins {
				if j.Call == e {
					joins = append(joins, j)
				}
			}
		}
		return joins, len(joins) > 0
	}
	return nil, false
}

// quiet says whether evaluating an expression calls nothing but methods of
// dictionaries and builtins that only pass items on.
func quiet(n *syntax.Node) bool {
	ok := true
	n.Walk(func(c *syntax.Node) bool {
		if c.Kind == "call" {
			f := c.Field("function")
			name := f.Text()
			if f.Is("attribute") {
				name = f.Field("attribute").Text()
			}
			switch name {
			case "values", "items", "keys", "zip", "enumerate", "reversed", "range", "list", "len", "sorted":
			default:
				ok = false
			}
		}
		return ok
	})
	return ok
}
