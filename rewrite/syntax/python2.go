package syntax

import (
	"slices"
	"sort"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Python2 reports whether the file is Python 2 source. Syntax that Python 3
// refuses is proof: print and exec statements, backquotes, "<>", ur"",
// 0777, 10L, "raise X, y", tuples among the parameters. Two forms that Python 3
// reads but that hardly run there (print >>f, x and except X, e with an e bound
// nowhere else; PEP 758 made the latter legal) count only when nothing in the
// file is Python 3 alone. Damaged lines prove nothing: the grammar does not
// read all of Python 3.
func (t *Tree) Python2() bool {
	t.python2.Do(func() {
		s := signs{tree: t}
		t.Root.Walk(s.visit)
		t.isPython2 = s.proof || !s.modern && (s.chevron || s.unboundHandler())
	})
	return t.isPython2
}

// signs are what a walk over the tree found.
type signs struct {
	tree     *Tree
	proof    bool    // Python 3 refuses this
	modern   bool    // Python 2 refuses this
	chevron  bool    // print >>f, x
	handlers []*Node // except_clause nodes with a comma
}

func (s *signs) visit(n *Node) bool {
	if s.proof {
		return false
	}
	if s.legacy(n) && !s.tree.damaged(n) {
		s.proof = true
	}
	if modern(n) {
		s.modern = true
	}
	switch n.Kind {
	case "print_statement":
		if n.child("chevron") != nil && n.Field("argument") != nil && !s.tree.damaged(n) {
			s.chevron = true
		}
	case "except_clause":
		if n.child(",") != nil {
			s.handlers = append(s.handlers, n)
		}
	}
	return true
}

// legacy reports whether Python 3 refuses n.
func (s *signs) legacy(n *Node) bool {
	switch n.Kind {
	case "print_statement", "exec_statement":
		if n.child("chevron") != nil || len(n.Children) < 2 {
			return false
		}
		// What can go on as an expression after a name would be Python 3.
		rest := n.Tree.File.Text[n.Children[0].End:n.Children[1].Start] + n.Children[1].Text()
		rest = strings.TrimLeft(rest, " \t\f\\\r\n")
		return rest != "" && !strings.ContainsRune("([.,:;=+-*/%@<>!&|^", rune(rest[0]))
	case "string":
		if len(n.Children) == 0 {
			return false
		}
		start := strings.ToLower(n.Children[0].Text())
		return strings.HasPrefix(start, "`") || strings.HasPrefix(start, "ur")
	case "integer":
		return legacyInteger(n.Text())
	case "<>":
		return !n.Named && !strings.Contains(n.Tree.File.Text, "barry_as_FLUFL")
	case "raise_statement":
		return n.child("expression_list") != nil
	case "tuple_pattern":
		return n.Parent.Is("parameters", "lambda_parameters") ||
			n.Parent.Is("default_parameter") && n.FieldName == "name"
	}
	return false
}

// modern reports whether Python 2 refuses n.
func modern(n *Node) bool {
	switch n.Kind {
	case "nonlocal_statement", "await", "async", "named_expression", "match_statement",
		"type_alias_statement", "type_parameter", "type", "keyword_separator", "positional_separator",
		"except_group_clause", "interpolation", ":=", "->":
		return true
	case "yield":
		return n.child("from") != nil
	case "raise_statement":
		return n.Field("cause") != nil
	case "string_start":
		return strings.ContainsAny(n.Text(), "fF")
	case "binary_operator", "augmented_assignment":
		return strings.HasPrefix(n.Field("operator").Text(), "@")
	case "list_splat_pattern":
		return !n.Parent.Is("parameters", "lambda_parameters")
	case "call":
		if n.Field("function").Text() == "print" {
			return len(CallArgs(n).Names) > 0
		}
	case "class_definition":
		return len(CallArgs(n).Names) > 0
	case "future_import_statement":
		return strings.Contains(n.Text(), "print_function")
	}
	return false
}

// unboundHandler reports whether some "except X, e" can only mean Python 2: e
// is a lower-case name that stands nowhere but in handlers that end with it,
// so that Python 3 would not find its value.
func (s *signs) unboundHandler() bool {
	byName := map[string][]*Node{} // clauses by their last name
	for _, h := range s.handlers {
		if s.tree.damaged(h.Children[0]) {
			continue
		}
		named := slices.DeleteFunc(h.NamedChildren(), func(n *Node) bool { return n.Kind == "block" })
		if len(named) != 2 || !named[1].Is("identifier") {
			continue
		}
		name := named[1].Text()
		if r, _ := utf8.DecodeRuneInString(name); unicode.IsUpper(r) {
			continue
		}
		byName[name] = append(byName[name], h)
	}
	if len(byName) == 0 {
		return false
	}
	star := false
	s.tree.Root.Walk(func(n *Node) bool {
		if n.Kind == "wildcard_import" {
			star = true
		}
		if n.Kind != "identifier" || len(byName[n.Text()]) == 0 {
			return !star
		}
		if !slices.ContainsFunc(byName[n.Text()], n.Within) {
			delete(byName, n.Text())
		}
		return true
	})
	return !star && len(byName) > 0
}

// child returns the first child of the kind, or nil.
func (n *Node) child(kind string) *Node {
	for _, c := range n.Children {
		if c.Kind == kind {
			return c
		}
	}
	return nil
}

// damaged reports whether n lies in an ERROR node or shares a line with a
// syntax error.
func (t *Tree) damaged(n *Node) bool {
	if n.Error || n.Ancestor("ERROR") != nil {
		return true
	}
	text := t.File.Text
	start := strings.LastIndexAny(text[:n.Start], "\r\n") + 1
	end := len(text)
	if i := strings.IndexAny(text[n.End:], "\r\n"); i >= 0 {
		end = n.End + i
	}
	i := sort.Search(len(t.Errors), func(i int) bool { return t.Errors[i].End >= start })
	return i < len(t.Errors) && t.Errors[i].Start <= end
}
