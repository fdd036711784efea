package shutdown

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Defect says why a loop does not tell its sentinel from its items.
type Defect int

// The defects.
const (
	ByIdentity Defect = iota // what arrives is a copy of the sentinel
	ByItems                  // the comparison runs a method of the items that fails
	ByTruth                  // items are as false as the sentinel
)

// Unrecognised is a loop that takes items from a channel and does not tell its
// sentinel from them.
type Unrecognised struct {
	Defect   Defect
	Get      *process.Use
	Test     *syntax.Node // the comparison, the condition, or the call of iter
	Sentinel *syntax.Node // what the item is compared with; nil for ByTruth
	Put      *process.Use // a put of the sentinel, or of an item that is taken for it
	Method   *project.Def // for ByItems the method that fails; nil for an array

	m    *process.Model
	c    *Consumer
	op   string       // the operator: "is", "is not", "==", "!=", or "" for a test of truth
	item *syntax.Node // the name or expression that is tested
}

// UnrecognisedAt returns what is wrong with the test for the sentinel in a while
// or for statement; nil when nothing is, or when it is not known. It does not
// matter in which process the loop runs: whatever goes through a queue or a pipe
// is pickled (Lib/multiprocessing/queues.py, Queue._feed).
func UnrecognisedAt(m *process.Model, loop *syntax.Node) *Unrecognised {
	c := reading(m, loop)
	if c == nil {
		return nil
	}
	for _, u := range sentinelTests(c) {
		u.Get, u.m, u.c = c.Get, m, c
		if u.op == "" && u.false() || u.op != "" && (u.copied() || u.overloaded()) {
			return u
		}
	}
	return nil
}

// Negated says whether the test is one that the sentinel should fail.
func (u *Unrecognised) Negated() bool { return u.op == "is not" || u.op == "!=" }

// reading returns the loop as a consumer, in whatever process it runs.
func reading(m *process.Model, loop *syntax.Node) *Consumer {
	c := &Consumer{Loop: loop, In: m.Project.Enclosing(loop)}
	for _, ch := range m.Channels {
		for _, u := range ch.Get {
			if !u.Node.Within(loop) || u.In != c.In {
				continue
			}
			form, ok := formOf(m, u, loop)
			if !ok && loop.Kind != "while_statement" {
				continue
			}
			if !ok || c.Get != nil || !u.Sole {
				return nil
			}
			c.Channel, c.Get, c.Form = ch, u, form
		}
	}
	if c.Get == nil {
		return nil
	}
	return c
}

// sentinelTests lists the tests of an item that end a loop.
func sentinelTests(c *Consumer) (tests []*Unrecognised) {
	add := func(cond, item *syntax.Node, ends bool) {
		if u := testOf(cond, item, ends); u != nil {
			tests = append(tests, u)
		}
	}
	switch c.Form {
	case Iter:
		call := iterCall(c.Get)
		return []*Unrecognised{{Test: call, Sentinel: syntax.CallArgs(call).Positional[1], op: "=="}}
	case Walrus:
		add(c.Loop.Field("condition"), c.Get.Call.Parent, false)
		return tests
	}
	item := c.itemName()
	if !item.Is("identifier") {
		return nil
	}
	c.Loop.Walk(func(n *syntax.Node) bool {
		if n.Is("function_definition", "lambda", "class_definition") {
			return false
		}
		if !n.Is("if_statement") || !directly(n, c.Loop) || n.Start < c.Get.Call.End {
			return true
		}
		if leavesLoop(n.Field("consequence"), c.Loop) {
			add(n.Field("condition"), item, true)
		} else if alt := n.Fields("alternative"); len(alt) == 1 && alt[0].Is("else_clause") && leavesLoop(alt[0].Field("body"), c.Loop) {
			add(n.Field("condition"), item, false)
		}
		return true
	})
	return tests
}

// leavesLoop says whether a block ends by leaving a loop.
func leavesLoop(block, loop *syntax.Node) bool {
	for _, s := range block.NamedChildren() {
		if s.Is("return_statement") || s.Is("break_statement") && s.Ancestor("while_statement", "for_statement") == loop {
			return true
		}
	}
	return false
}

// testOf reads a condition on an item; ends says whether it holds for the
// sentinel or for all others. Nil for other conditions.
func testOf(cond, item *syntax.Node, ends bool) *Unrecognised {
	inner := syntax.Unparen(cond)
	truth := inner
	if ends {
		if truth = nil; inner.Is("not_operator") {
			truth = syntax.Unparen(inner.Field("argument"))
		}
	}
	if truth != nil && truth.Is("identifier", "named_expression") && (truth == item || truth.Text() == item.Text()) {
		return &Unrecognised{Test: inner, item: truth}
	}
	ops := []string{"is not", "!="}
	if ends {
		ops = []string{"is", "=="}
	}
	for _, op := range ops {
		if s := comparedWith(inner, item.Text(), op); s != nil {
			return &Unrecognised{Test: inner, Sentinel: s, op: op, item: item}
		}
	}
	return nil
}

// copied says whether the sentinel loses on the way what the test asks for.
func (u *Unrecognised) copied() bool {
	v, ok := u.m.Project.Only(u.Sentinel)
	if !ok || !losesIdentity(u.m, v, strings.HasPrefix(u.op, "is")) {
		return false
	}
	for _, put := range u.c.Puts() {
		item := putItem(put)
		if item == nil {
			continue
		}
		if sameName(u.m.Project, item, u.Sentinel) || v.Kind == project.Literal && equals(u.m, item, u.Sentinel, 0) == Yes {
			u.Defect, u.Put = ByIdentity, put
			return true
		}
	}
	return false
}

// losesIdentity says whether a value that was pickled and read again is known to
// be another object, or for identity == false an unequal one.
func losesIdentity(m *process.Model, v project.Value, identity bool) bool {
	switch v.Kind {
	case project.External:
		return v.Name == "builtins.object()" && v.Node.Is("call")
	case project.Literal:
		if !identity || ofClass(v.Node) {
			return false
		}
		switch v.Node.Kind {
		case "string", "concatenated_string":
			s, ok := syntax.StringValue(v.Node)
			return ok && len(s) > 1 // CPython keeps one object for each shorter one
		case "integer":
			i, ok := syntax.IntValue(v.Node)
			return ok && (i < -5 || i > 256)
		case "float", "list", "dictionary", "set":
			return true
		case "tuple":
			return len(v.Node.NamedChildren()) > 0
		}
	case project.Instance:
		if v.Node == nil || len(v.Def.Decorators()) > 0 || v.Def.Node.Field("superclasses") != nil && len(v.Def.Node.Field("superclasses").NamedChildren()) > 0 {
			return false
		}
		special := []string{"__reduce__", "__reduce_ex__", "__new__", "__getnewargs__", "__getnewargs_ex__", "__getattr__"}
		if !identity {
			special = append(special, "__eq__", "__ne__")
		}
		for _, name := range special {
			if m.Project.Method(v.Def, name) != nil {
				return false
			}
		}
		return true
	}
	return false
}

// ofClass says whether a value is assigned in the body of a class with bases: an
// Enum makes members of them.
func ofClass(n *syntax.Node) bool {
	class := n.Ancestor("class_definition", "function_definition", "lambda")
	return class.Is("class_definition") && class.Field("superclasses") != nil
}

// overloaded says whether comparing an item with the sentinel by == or != fails.
func (u *Unrecognised) overloaded() bool {
	if u.op != "==" && u.op != "!=" || constant(u.m.Project, u.Sentinel) == nil {
		return false
	}
	sent := false
	for _, put := range u.c.Puts() {
		item := putItem(put)
		if item == nil {
			continue
		}
		sent = sent || equals(u.m, item, u.Sentinel, 0) == Yes
		values, _ := u.m.Project.Values(item)
		for _, v := range values {
			if u.Put != nil {
				break
			}
			if v.Kind == project.External && arrays[v.ResultOf()] {
				u.Put = put
			}
			if v.Kind == project.Instance {
				if method := brittle(u.m, v.Def, u.op); method != nil {
					u.Put, u.Method = put, method
				}
			}
		}
	}
	u.Defect = ByItems
	return sent && u.Put != nil
}

// arrays are callables whose results compare element by element, so that the
// comparison has no truth value.
var arrays = map[string]bool{
	"numpy.array": true, "numpy.zeros": true, "numpy.ones": true, "numpy.arange": true, "numpy.linspace": true, "numpy.empty": true,
	"numpy.full": true, "numpy.eye": true, "numpy.asarray": true, "numpy.random.rand": true, "numpy.random.randn": true,
	"numpy.zeros_like": true, "numpy.ones_like": true, "numpy.load": true,
	"pandas.DataFrame": true, "pandas.Series": true, "pandas.read_csv": true,
}

// brittle returns the method of a class that a comparison with a sentinel runs
// when it takes attributes or items of the other side without looking what it is.
func brittle(m *process.Model, class *project.Def, op string) *project.Def {
	method := m.Project.Method(class, "__eq__")
	if op == "!=" {
		if ne := m.Project.Method(class, "__ne__"); ne != nil {
			method = ne
		}
	}
	if method == nil || len(method.Params()) != 2 {
		return nil
	}
	other := method.Params()[1].Name
	takes, looks := false, false
	method.Node.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "try_statement", "is":
			looks = true
		case "attribute":
			if o := n.Field("object"); o.Is("identifier") && o.Text() == other {
				takes = true
				if strings.HasPrefix(n.Field("attribute").Text(), "__") {
					looks = true
				}
			}
		case "identifier":
			switch n.Text() {
			case "isinstance", "issubclass", "type", "hasattr", "getattr", "NotImplemented", "None":
				looks = true
			}
		case "none", "boolean_operator", "if_statement", "conditional_expression":
			if n.Kind != "boolean_operator" || looksFirst(n, other) {
				looks = true
			}
		}
		return true
	})
	if !takes || looks {
		return nil
	}
	return method
}

// looksFirst says whether the left side of "and" or "or" may settle the answer
// without taking anything from the other object.
func looksFirst(n *syntax.Node, other string) bool {
	takes := false
	n.Field("left").Walk(func(c *syntax.Node) bool {
		if o := c.Field("object"); c.Is("attribute") && o.Is("identifier") && o.Text() == other {
			takes = true
		}
		return true
	})
	return !takes
}

// false says whether the loop ends on None by a test of truth that other items
// fail too.
func (u *Unrecognised) false() bool {
	u.Defect = ByTruth
	none := false
	for _, put := range u.c.Puts() {
		item := putItem(put)
		switch {
		case item == nil:
		case equalsNone(u.m, item) == Yes:
			none = true
			if u.Put == nil && falseItem(u.m, item, 0) {
				u.Put = put
			}
		case u.Put == nil && falseItem(u.m, item, 0):
			u.Put = put
		}
	}
	return none && u.Put != nil
}

// falseItem says whether an expression is known to give, at some time, an item
// other than None that is false.
func falseItem(m *process.Model, n *syntax.Node, depth int) bool {
	n = syntax.Unparen(n)
	if n == nil || depth > 6 {
		return false
	}
	switch n.Kind {
	case "none", "true":
		return false
	case "false":
		return true
	case "integer", "float":
		return strings.Trim(n.Text(), "0_.") == ""
	case "string", "concatenated_string":
		s, ok := syntax.StringValue(n)
		return ok && s == ""
	case "list", "tuple", "dictionary":
		return len(n.NamedChildren()) == 0
	case "unary_operator":
		return falseItem(m, n.Field("argument"), depth+1)
	case "binary_operator":
		op := n.Field("operator").Text()
		left := n.Field("left")
		return (op == "*" || op == "/" || op == "//" || op == "**") && left.Is("identifier") && falseName(m, left, depth+1)
	}
	return n.Is("identifier") && falseName(m, n, depth+1)
}

// falseName is falseItem for a name: one assigned once, or the variable of a
// loop over a range from zero or over a display. A name that conditions ask
// about may be tested before it is put.
func falseName(m *process.Model, n *syntax.Node, depth int) bool {
	b := m.Project.ModuleOf(n).Binding(n)
	if b == nil || b.Single() == nil || b.Single().Path != nil || asked(b) {
		return false
	}
	d := b.Single()
	switch d.Kind {
	case scope.Assign:
		return !d.Value.Is("list", "dictionary") && falseItem(m, d.Value, depth)
	case scope.For:
		if zeroFirst(m, d.Value) {
			return true
		}
		values, _ := m.Project.Values(d.Value)
		for _, v := range values {
			if v.Kind != project.Literal || !v.Node.Is("list", "tuple", "set") {
				continue
			}
			for _, e := range v.Node.NamedChildren() {
				if falseItem(m, e, depth) {
					return true
				}
			}
		}
	}
	return false
}

// asked says whether a name stands in the condition of a statement or a
// comprehension.
func asked(b *scope.Binding) bool {
	for _, u := range b.Uses {
		for n := u; n.Parent != nil && !n.Parent.Is("block", "module"); n = n.Parent {
			if n.FieldName == "condition" || n.Parent.Is("if_clause", "conditional_expression", "boolean_operator", "assert_statement") {
				return true
			}
		}
	}
	return false
}

// zeroFirst says whether an expression is a range that begins at zero.
func zeroFirst(m *process.Model, over *syntax.Node) bool {
	if !over.Is("call") || m.Project.ModuleOf(over).Qualified(over.Field("function")) != "builtins.range" {
		return false
	}
	args := syntax.CallArgs(over)
	if len(args.Stars)+len(args.Names) > 0 || len(args.Positional) == 0 {
		return false
	}
	first, ok := syntax.IntValue(args.Positional[0])
	if len(args.Positional) == 1 {
		return !ok || first > 0
	}
	return ok && first == 0
}
