package scope

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Import is one imported name of an import statement.
type Import struct {
	Node   *syntax.Node // import_statement, import_from_statement or future_import_statement
	Name   *syntax.Node // its entry in the list: dotted_name, aliased_import or wildcard_import
	Module string       // dotted, without the leading dots
	Level  int          // number of leading dots
	Member string       // x of from m import x, "*" for a star import, "" for import m
	Local  string       // the name it binds, "" for a star import
	Scope  *Scope
	// Guarded says that the statement stands inside another one of its scope
	// (try, if, with, a loop, match), so that it may not be what runs.
	Guarded bool
	// TypeOnly says that it stands under if TYPE_CHECKING: and does not run.
	TypeOnly bool
}

// Absolute returns the absolute name of the module it imports from. A relative
// one is resolved with Module.Package (The import system, section 5.7); "" when
// that is unknown or too short.
func (i *Import) Absolute() string {
	if i.Level == 0 {
		return i.Module
	}
	pkg := i.Scope.Module.Package
	for n := 1; n < i.Level && pkg != ""; n++ {
		cut := strings.LastIndexByte(pkg, '.')
		pkg = pkg[:max(cut, 0)]
	}
	if pkg == "" || i.Module == "" {
		return pkg
	}
	return pkg + "." + i.Module
}

// Target returns the qualified name that Local stands for: "a" for import a.b,
// "a.b" for import a.b as x, "a.b" for from a import b. "" for a star import and
// when the module is unknown.
func (i *Import) Target() string {
	m := i.Absolute()
	switch {
	case m == "" || i.Member == "*":
		return ""
	case i.Member != "":
		return m + "." + i.Member
	case i.Name.Is("aliased_import"):
		return m
	}
	first, _, _ := strings.Cut(m, ".")
	return first
}

// importStatement records the names of an import, from-import or future import.
func (c *collector) importStatement(n *syntax.Node, s *Scope) {
	guarded, typeOnly := guards(n, s)
	from := n.Kind != "import_statement"
	module, level := "", 0
	if n.Kind == "future_import_statement" {
		module = "__future__"
	} else if from {
		module, level = moduleName(n.Field("module_name"))
	}
	add := func(entry *syntax.Node) {
		i := &Import{Node: n, Name: entry, Module: module, Level: level, Scope: s, Guarded: guarded, TypeOnly: typeOnly}
		name := entry
		var local *syntax.Node
		if entry.Kind == "aliased_import" {
			name, local = entry.Field("name"), entry.Field("alias")
		}
		ids := identifiers(name)
		switch {
		case entry.Kind == "wildcard_import":
			i.Member = "*"
			c.m.Imports = append(c.m.Imports, i)
			s.Star = append(s.Star, i)
			return
		case len(ids) == 0:
			return
		case from:
			i.Member = dotted(ids)
		default:
			i.Module = dotted(ids)
		}
		if local == nil {
			local = ids[0]
		}
		if !usable(local) {
			return
		}
		i.Local = local.Text()
		c.m.Imports = append(c.m.Imports, i)
		c.define(s, &Def{Kind: Imported, Name: local, Node: n, Import: i})
	}
	for _, k := range n.Children {
		switch {
		case k.Kind == "wildcard_import":
			add(k)
		case k.FieldName == "name" && k.Is("dotted_name", "aliased_import"):
			add(k)
		case k.Kind == "ERROR":
			c.visit(k, s)
		}
	}
}

// moduleName reads the module_name field of a from-import.
func moduleName(n *syntax.Node) (module string, level int) {
	if !n.Is("relative_import") {
		return dotted(identifiers(n)), 0
	}
	for _, k := range n.Children {
		switch k.Kind {
		case "import_prefix":
			level += strings.Count(k.Text(), ".")
		case "dotted_name":
			module = dotted(identifiers(k))
		}
	}
	return module, level
}

// identifiers returns the identifier children of n.
func identifiers(n *syntax.Node) []*syntax.Node {
	var list []*syntax.Node
	for _, k := range n.NamedChildren() {
		if k.Kind == "identifier" {
			list = append(list, k)
		}
	}
	return list
}

// dotted joins identifiers with dots.
func dotted(ids []*syntax.Node) string {
	parts := make([]string, len(ids))
	for i, id := range ids {
		parts[i] = id.Text()
	}
	return strings.Join(parts, ".")
}

// guards reports whether n stands inside another statement of scope s, and
// whether one of them is if TYPE_CHECKING:.
func guards(n *syntax.Node, s *Scope) (guarded, typeOnly bool) {
	for child, p := n, n.Parent; p != nil && p != s.Node; child, p = p, p.Parent {
		switch p.Kind {
		case "if_statement", "elif_clause":
			guarded = true
			if child.FieldName == "consequence" && isTypeChecking(p.Field("condition")) {
				typeOnly = true
			}
		case "try_statement", "while_statement", "for_statement", "match_statement", "with_statement", "ERROR":
			guarded = true
		}
	}
	return guarded, typeOnly
}

// isTypeChecking recognizes the test TYPE_CHECKING or typing.TYPE_CHECKING.
func isTypeChecking(cond *syntax.Node) bool {
	for cond.Is("parenthesized_expression") && len(cond.NamedChildren()) == 1 {
		cond = cond.NamedChildren()[0]
	}
	if cond.Is("attribute") {
		cond = cond.Field("attribute")
	}
	return cond.Is("identifier") && cond.Text() == "TYPE_CHECKING"
}
