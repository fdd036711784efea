package project

import (
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// reaching returns the one definition of a name that is in force where it is
// read, when that is plain from the text: it stands before in the same block or
// in one around it with no other definition in between, it is the target of a
// for or with statement around it, or it is the parameter that nothing has
// replaced yet. Otherwise nil.
func reaching(m *scope.Module, b *scope.Binding, read *syntax.Node) *scope.Def {
	if len(b.Defs) < 2 || len(b.GlobalIn)+len(b.NonlocalIn) > 0 || b.Scope.Kind == scope.Class {
		return nil
	}
	s := m.ScopeOf(read)
	for s != nil && s != b.Scope && s.Kind == scope.Comprehension && !s.Node.Is("generator_expression") {
		s = s.Parent
	}
	if s != b.Scope {
		return nil
	}
	stmt := read.Statement()
	if stmt == nil {
		return nil
	}
	if own := defsIn(b, stmt); len(own) > 0 {
		a := firstNamed(stmt)
		if !stmt.Is("expression_statement") || !a.Is("assignment") || !read.Within(a.Field("right")) || len(own) > 1 || own[0].Node != a {
			return nil
		}
	}
	for {
		block := stmt.Parent
		if block == nil {
			return nil
		}
		before := block.NamedChildren()
		at := 0
		for at < len(before) && before[at] != stmt {
			at++
		}
		for at--; at >= 0; at-- {
			if defs := defsIn(b, before[at]); len(defs) > 0 {
				return plainDef(before[at], defs)
			}
		}
		if block.Parent == nil {
			return nil
		}
		if block.Parent == b.Scope.Node {
			for _, d := range b.Defs {
				if d.Kind == scope.Param {
					return d
				}
			}
			return nil
		}
		outer := block.Statement()
		if outer == nil || outer == stmt {
			return nil
		}
		defs := defsIn(b, outer)
		if block.Parent == outer && block.FieldName == "body" {
			var target *scope.Def
			count := 0
			for _, d := range defs {
				if outer.Is("for_statement") && d.Kind == scope.For && d.Node == outer || outer.Is("with_statement") && d.Kind == scope.With && d.Node.Is("with_item") && d.Node.Ancestor("with_statement") == outer {
					target = d
					count++
				}
			}
			if count == 1 {
				return target
			}
		}
		if len(defs) > 0 {
			return nil
		}
		stmt = outer
	}
}

// defsIn lists the definitions of a name that stand in a node.
func defsIn(b *scope.Binding, n *syntax.Node) []*scope.Def {
	var defs []*scope.Def
	for _, d := range b.Defs {
		if d.Kind != scope.AnnOnly && n.Start <= d.Name.Start && d.Name.End <= n.End {
			defs = append(defs, d)
		}
	}
	return defs
}

// plainDef returns the definition that a whole statement is, nil if it may not
// be carried out or there are several.
func plainDef(stmt *syntax.Node, defs []*scope.Def) *scope.Def {
	if len(defs) != 1 {
		return nil
	}
	d := defs[0]
	switch d.Kind {
	case scope.Assign:
		if stmt.Is("expression_statement") && d.Node.Is("assignment") {
			return d
		}
	case scope.FuncDef, scope.ClassDef:
		if d.Node == stmt || d.Node.Parent == stmt && stmt.Is("decorated_definition") {
			return d
		}
	case scope.Imported:
		if d.Node == stmt {
			return d
		}
	}
	return nil
}
