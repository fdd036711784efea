package scope

import "github.com/mpfix/mpfix/rewrite/syntax"

// caseClause notes a case block: captures in its patterns bind in s (The Python
// Language Reference, section 8.6.4).
func (c *collector) caseClause(n *syntax.Node, s *Scope) {
	d := Def{Kind: Match, Node: n}
	var patterns []*syntax.Node
	for _, k := range n.Children {
		if k.Kind == "case_pattern" {
			patterns = append(patterns, k)
		} else {
			c.visit(k, s)
		}
	}
	// case a, b: and case a,: take the subject apart.
	if subjects := n.Ancestor("match_statement").Fields("subject"); len(subjects) == 1 && len(patterns) == 1 && !hasComma(n) {
		d.Value = subjects[0]
	}
	for _, p := range patterns {
		c.pattern(p, s, d)
	}
}

// pattern notes the captures of a pattern. d.Value is the subject while the
// pattern still stands for the whole of it.
func (c *collector) pattern(n *syntax.Node, s *Scope, d Def) {
	part := d
	part.Value = nil
	switch n.Kind {
	case "case_pattern", "union_pattern":
		for _, k := range n.NamedChildren() {
			c.pattern(k, s, d)
		}
	case "tuple_pattern":
		if hasComma(n) {
			d = part
		}
		for _, k := range n.NamedChildren() {
			c.pattern(k, s, d)
		}
	case "list_pattern":
		for _, k := range n.NamedChildren() {
			c.pattern(k, s, part)
		}
	case "dotted_name":
		switch ids := identifiers(n); len(ids) {
		case 0:
		case 1:
			d.Name = ids[0]
			c.define(s, &d)
		default: // a value pattern
			c.load(ids[0], s)
		}
	case "as_pattern":
		for _, k := range n.NamedChildren() {
			if k.Is("identifier", "as_pattern_target") {
				c.target(k, nil, s, d)
			} else {
				c.pattern(k, s, d)
			}
		}
	case "splat_pattern":
		for _, k := range identifiers(n) {
			c.target(k, nil, s, part)
		}
	case "class_pattern":
		for i, k := range n.NamedChildren() {
			if i == 0 {
				c.visit(k, s) // the class
			} else {
				c.pattern(k, s, part)
			}
		}
	case "keyword_pattern":
		for i, k := range n.NamedChildren() {
			if i > 0 { // the first is the attribute's name
				c.pattern(k, s, part)
			}
		}
	case "dict_pattern":
		for _, k := range n.NamedChildren() {
			if k.FieldName == "key" {
				c.visit(k, s)
			} else {
				c.pattern(k, s, part)
			}
		}
	default: // literals and broken code
		c.visit(n, s)
	}
}
