package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Length returns how many elements an iterable is known to have at least when a
// loop goes over it: a display, a range, a comprehension over one of these, the
// words of a literal string.
func (m *Model) Length(expr *syntax.Node) (n int, known bool) { return m.atLeast(expr, 0) }

func (m *Model) atLeast(expr *syntax.Node, depth int) (int, bool) {
	expr = syntax.Unparen(expr)
	if expr == nil || depth > 6 {
		return 0, false
	}
	if n, ok := m.length(expr); ok {
		return n, true
	}
	if expr.Is("identifier") && m.shrinks(expr) {
		return 0, false
	}
	v, ok := m.Project.Only(expr)
	if !ok || v.Node == nil {
		return 0, false
	}
	n := v.Node
	switch {
	case n.Is("list", "tuple") && v.Kind == project.Literal:
		count := 0
		for _, e := range n.NamedChildren() {
			if e.Kind != "list_splat" {
				count++
			}
		}
		return count, true
	case n.Is("list_comprehension"):
		if over := Iterable(n); over != nil {
			return m.atLeast(over, depth+1)
		}
	case n.Is("string"):
		s, ok := syntax.StringValue(n)
		return len([]rune(s)), ok
	case n.Is("call"):
		f, args := n.Field("function"), syntax.CallArgs(n)
		if f.Is("attribute") && f.Field("attribute").Text() == "split" && len(args.Positional)+len(args.Names)+len(args.Stars)+len(args.DoubleStars) == 0 {
			text := f.Field("object")
			if only, ok := m.Project.Only(text); ok && only.Kind == project.Literal {
				text = only.Node
			}
			s, ok := syntax.StringValue(text)
			return len(strings.Fields(s)), ok
		}
		if v.Is("builtins.enumerate()", "builtins.list()", "builtins.tuple()", "builtins.sorted()", "builtins.reversed()") && len(args.Positional) > 0 {
			return m.atLeast(args.Positional[0], depth+1)
		}
	}
	return 0, false
}

// shrinks says whether a name is bound more than once, or something may be taken
// out of what it holds.
func (m *Model) shrinks(ident *syntax.Node) bool {
	b := m.Project.ModuleOf(ident).Binding(ident)
	if b == nil || b.Single() == nil {
		return true
	}
	for _, u := range b.Uses {
		up := u.Parent
		if up.Is("delete_statement") || up.Is("subscript") && project.StoredTo(up) {
			return true
		}
		if up.Is("attribute") && up.Field("object") == u {
			switch up.Field("attribute").Text() {
			case "pop", "remove", "clear", "popleft":
				return true
			}
		}
	}
	return false
}
