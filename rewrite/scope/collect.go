package scope

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// collector makes the first pass: it opens scopes and notes what is bound and
// what is read in them, without deciding yet what a name refers to.
type collector struct {
	m     *Module
	defs  []pending
	loads []load
}

// pending is a definition whose binding is not decided yet.
type pending struct {
	scope *Scope // the scope whose rules decide: Def.Scope, but never a comprehension for a walrus
	def   *Def
}

type load struct {
	ident *syntax.Node
	scope *Scope
}

func (c *collector) open(k Kind, n *syntax.Node, parent *Scope, name string) *Scope {
	s := &Scope{Kind: k, Node: n, Parent: parent, Module: c.m, Name: name, Names: map[string]*Binding{}}
	if parent != nil {
		parent.Children = append(parent.Children, s)
	}
	if k != TypeParams {
		c.m.opened[n] = s
	}
	return s
}

// usable reports whether an identifier node is a name. Repair of broken code
// can make identifiers of nothing or of a keyword.
func usable(id *syntax.Node) bool {
	return id.Is("identifier") && id.Start < id.End && !keywords[id.Text()]
}

// define notes a definition in s; Def.Scope is filled in here.
func (c *collector) define(s *Scope, d *Def) {
	if !usable(d.Name) {
		return
	}
	d.Scope = s
	at := s
	if d.Kind == Walrus { // PEP 572: binds in the scope around the comprehensions
		for at.Kind == Comprehension && at.Parent != nil {
			at = at.Parent
		}
	}
	c.defs = append(c.defs, pending{at, d})
}

func (c *collector) load(id *syntax.Node, s *Scope) {
	if usable(id) {
		c.loads = append(c.loads, load{id, s})
	}
}

func (c *collector) children(n *syntax.Node, s *Scope) {
	for _, k := range n.Children {
		c.visit(k, s)
	}
}

// visit notes what n and all below it bind and read in s. Unknown kinds, ERROR
// nodes among them, read the identifiers in them.
func (c *collector) visit(n *syntax.Node, s *Scope) {
	if n == nil || !n.Named { // the token "lambda" is of kind lambda too
		return
	}
	switch n.Kind {
	case "identifier":
		c.load(n, s)
	case "attribute":
		for _, k := range n.Children {
			if k.FieldName != "attribute" {
				c.visit(k, s)
			}
		}
	case "member_type":
		if list := n.NamedChildren(); len(list) > 0 {
			c.visit(list[0], s)
		}
	case "dotted_name":
		if ids := identifiers(n); len(ids) > 0 {
			c.load(ids[0], s)
		}
	case "keyword_argument":
		for _, k := range n.Children {
			if k.FieldName != "name" {
				c.visit(k, s)
			}
		}
	case "function_definition":
		c.function(n, s)
	case "class_definition":
		c.class(n, s)
	case "lambda":
		c.lambda(n, s)
	case "list_comprehension":
		c.comprehension(n, s, "<listcomp>")
	case "set_comprehension":
		c.comprehension(n, s, "<setcomp>")
	case "dictionary_comprehension":
		c.comprehension(n, s, "<dictcomp>")
	case "generator_expression":
		c.comprehension(n, s, "<genexpr>")
	case "assignment":
		c.assignment(n, s)
	case "augmented_assignment":
		c.augmented(n, s)
	case "named_expression":
		c.walrus(n, s)
	case "for_statement":
		c.loop(n, s, s, For)
	case "as_pattern":
		c.as(n, s)
	case "except_clause", "except_group_clause":
		c.except(n, s)
	case "delete_statement":
		for _, k := range n.NamedChildren() {
			c.target(k, nil, s, Def{Kind: Del, Node: n})
		}
	case "global_statement":
		c.declare(n, s, Global)
	case "nonlocal_statement":
		c.declare(n, s, Nonlocal)
	case "import_statement", "import_from_statement", "future_import_statement":
		c.importStatement(n, s)
	case "type_alias_statement":
		c.typeAlias(n, s)
	case "case_clause":
		c.caseClause(n, s)
	default:
		c.children(n, s)
	}
}

func (c *collector) assignment(n *syntax.Node, s *Scope) {
	left, right := n.Field("left"), n.Field("right")
	value := right
	for value.Is("assignment") {
		value = value.Field("right")
	}
	for _, k := range n.Children {
		if k != left {
			c.visit(k, s)
		}
	}
	kind := Assign
	if right == nil {
		if !left.Is("identifier") { // an annotated expression binds nothing
			c.visit(left, s)
			return
		}
		kind = AnnOnly
	}
	c.target(left, nil, s, Def{Kind: kind, Node: n, Value: value})
}

func (c *collector) augmented(n *syntax.Node, s *Scope) {
	left := n.Field("left")
	for left.Is("parenthesized_expression") && len(left.NamedChildren()) == 1 {
		left = left.NamedChildren()[0]
	}
	c.children(n, s) // reads the target as well
	if left.Is("identifier") {
		c.define(s, &Def{Kind: AugAssign, Name: left, Node: n, Value: n.Field("right")})
	}
}

func (c *collector) walrus(n *syntax.Node, s *Scope) {
	name := n.Field("name")
	for _, k := range n.Children {
		if k != name {
			c.visit(k, s)
		}
	}
	c.target(name, nil, s, Def{Kind: Walrus, Node: n, Value: n.Field("value")})
}

// loop notes a for statement or clause. The iterable runs in outer.
func (c *collector) loop(n *syntax.Node, s, outer *Scope, kind BindKind) {
	d := Def{Kind: kind, Node: n}
	if right := n.Fields("right"); len(right) == 1 {
		d.Value = right[0]
	}
	left := n.Field("left")
	for _, k := range n.Children {
		switch {
		case k == left:
			c.target(k, nil, s, d)
		case k.FieldName == "right" || k.Kind == "ERROR":
			c.visit(k, outer)
		default:
			c.visit(k, s)
		}
	}
}

// as notes value as target, of a with item or an except clause.
func (c *collector) as(n *syntax.Node, s *Scope) {
	alias := n.Field("alias")
	d := Def{Kind: With, Node: n}
	for _, k := range n.NamedChildren() {
		if k == alias {
			continue
		}
		if d.Value == nil {
			d.Value = k
		}
		c.visit(k, s)
	}
	if clause := n.Ancestor("with_item", "except_clause", "except_group_clause", "block"); clause != nil && clause.Kind != "block" {
		d.Node = clause
		if clause.Kind != "with_item" {
			d.Kind = Except
			if d.Value.Is("list_splat") { // except* E as name
				if list := d.Value.NamedChildren(); len(list) == 1 {
					d.Value = list[0]
				}
			}
		}
	}
	if alias != nil {
		c.target(alias, nil, s, d)
	}
}

// except notes an except clause. Python 2 binds in "except E, name"; since
// Python 3.14 (PEP 758) the same text lists two types. A second name counts as
// bound when it starts with a lower-case letter or _ and is no builtin.
func (c *collector) except(n *syntax.Node, s *Scope) {
	var heads []*syntax.Node
	for _, k := range n.NamedChildren() {
		if k.Kind != "block" {
			heads = append(heads, k)
		}
	}
	old := len(heads) == 2 && heads[1].Is("identifier") && !isBuiltin(heads[1].Text()) && startsLower(heads[1].Text())
	for _, k := range n.Children {
		if old && k == heads[1] {
			c.define(s, &Def{Kind: Except, Name: k, Node: n, Value: heads[0]})
			continue
		}
		c.visit(k, s)
	}
}

func startsLower(name string) bool {
	return name != "" && (name[0] == '_' || 'a' <= name[0] && name[0] <= 'z')
}

// declare notes a global or nonlocal statement.
func (c *collector) declare(n *syntax.Node, s *Scope, kind BindKind) {
	for _, id := range n.NamedChildren() {
		if !usable(id) {
			continue
		}
		name := id.Text()
		switch {
		case s.Kind == TopLevel: // says nothing there
		case kind == Global:
			if s.globals == nil {
				s.globals = map[string]bool{}
			}
			s.globals[name] = true
		default:
			if s.nonlocals == nil {
				s.nonlocals = map[string]bool{}
			}
			s.nonlocals[name] = true
		}
		c.define(s, &Def{Kind: kind, Name: id, Node: n})
	}
}

// target notes the names an assignment target binds. d is the definition but for
// its name and path. Objects and subscripts in the target are read.
func (c *collector) target(n *syntax.Node, path []int, s *Scope, d Def) {
	switch {
	case n == nil:
	case n.Kind == "identifier":
		d.Name, d.Path = n, path
		if d.Kind == Del {
			d.Path = nil
		}
		c.define(s, &d)
	case n.Is("pattern_list", "tuple_pattern", "tuple", "list_pattern", "list", "expression_list"):
		list := n.NamedChildren()
		if len(list) == 1 && n.Is("tuple_pattern", "tuple") && !hasComma(n) { // just parentheses
			c.target(list[0], path, s, d)
			return
		}
		star := slices.IndexFunc(list, func(e *syntax.Node) bool { return e.Is("list_splat_pattern", "list_splat") })
		for i, e := range list {
			at := i
			switch {
			case i == star:
				at = -1
			case star >= 0 && i > star:
				at = -1 - (len(list) - i)
			}
			c.target(e, append(slices.Clip(path), at), s, d)
		}
	case n.Is("parenthesized_expression", "as_pattern_target", "list_splat_pattern", "list_splat", "dictionary_splat_pattern"):
		for _, k := range n.NamedChildren() {
			c.target(k, path, s, d)
		}
	default:
		c.visit(n, s)
	}
}

func hasComma(n *syntax.Node) bool {
	return slices.ContainsFunc(n.Children, func(k *syntax.Node) bool { return k.Kind == "," })
}
