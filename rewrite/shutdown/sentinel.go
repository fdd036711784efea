package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

var errInline = errors.New("the item is taken inside a larger expression")

// writeTest puts "if item is SENTINEL: break" behind the get of an endless
// loop; test is the comparison without its left side, such as "is None".
func (c *Consumer) writeTest(m *process.Model, rw *refactor.Rewrite, test string) error {
	call := c.Get.Call
	stmt := call.Statement()
	lines := func(name string) []string { return []string{"if " + name + " " + test + ":", "\tbreak"} }
	if a := call.Parent; a.Is("assignment") && a.Field("right") == call && a.Parent == stmt {
		left := a.Field("left")
		if left.Is("identifier") || left.Is("attribute") && left.Field("object").Is("identifier") {
			rw.LinesAfter(stmt, lines(left.Text())...)
			return nil
		}
		if !left.Is("pattern_list", "tuple_pattern", "list_pattern") || a.Field("type") != nil {
			return errInline
		}
		name := c.freshItem(m)
		rw.Replace(left, name)
		rw.LinesAfter(stmt, append(lines(name), left.Text()+" = "+name)...)
		return nil
	}
	for n := call; n != stmt; n = n.Parent {
		switch n.Parent.Kind {
		case "boolean_operator":
			if n.FieldName != "left" {
				return errInline
			}
		case "conditional_expression", "lambda", "list_comprehension", "set_comprehension", "dictionary_comprehension",
			"generator_expression", "named_expression", "elif_clause", "while_statement", "comparison_operator":
			if n.Parent.Kind != "comparison_operator" || len(n.Parent.NamedChildren()) > 2 {
				return errInline
			}
		}
	}
	if callsBefore(stmt, call) {
		return errInline
	}
	name := c.freshItem(m)
	rw.LinesBefore(stmt, append([]string{name + " = " + call.Text()}, lines(name)...)...)
	rw.Replace(call, name)
	return nil
}

func (c *Consumer) freshItem(m *process.Model) string {
	mod := m.Project.ModuleOf(c.Loop)
	want := "item"
	if c.Channel.Object.Kind == process.Connection {
		want = "message"
	}
	return mod.FreshName(mod.ScopeOf(c.Loop), want)
}

// callsBefore says whether the statement calls something before the call.
func callsBefore(stmt, call *syntax.Node) bool {
	found := false
	stmt.Walk(func(n *syntax.Node) bool {
		if n.Is("call", "await") && n != call && n.End <= call.Start {
			found = true
		}
		return true
	})
	return found
}
