package sharedstate

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// mutators are the methods of list, dict, set, deque, Counter and defaultdict
// that change them (The Python Standard Library, "Built-in Types" and
// "collections").
var mutators = map[string]bool{
	"append": true, "extend": true, "insert": true, "remove": true, "pop": true, "clear": true, "sort": true, "reverse": true,
	"add": true, "discard": true, "update": true, "setdefault": true, "popitem": true, "appendleft": true, "popleft": true,
	"extendleft": true, "rotate": true, "subtract": true, "difference_update": true, "intersection_update": true,
	"symmetric_difference_update": true, "move_to_end": true,
}

// Nested is a run of statements that change what they fetched from a manager's
// dict, list or Namespace, which is a copy.
type Nested struct {
	Object  *process.Object
	Proxy   *syntax.Node // d in d[k].append(x)
	Element *syntax.Node // d[k]
	Key     *syntax.Node // k; nil for an attribute of a Namespace
	Default *syntax.Node // in d.setdefault(k, default)
	Change  *syntax.Node // the call or assignment
	Stmts   []*syntax.Node

	model *process.Model
}

// LookNested judges an expression that is changed in place, d[k] in
// d[k].append(x); nil when it is no element of a manager's container, or one that
// is shared itself. Of several statements in a row that change the same element
// the first counts.
func LookNested(m *process.Model, change, element *syntax.Node) *Nested {
	n := fetch(m, change, element)
	if n == nil || !n.plain() {
		return nil
	}
	stmt := change.Statement()
	if s := stmt.Prev(); s != nil && n.same(s) {
		return nil
	}
	n.Stmts = []*syntax.Node{stmt}
	for s := stmt.Next(); s != nil && n.same(s) && n.Default == nil; s = s.Next() {
		n.Stmts = append(n.Stmts, s)
	}
	return n
}

// fetch takes an element apart.
func fetch(m *process.Model, change, element *syntax.Node) *Nested {
	n := &Nested{Element: element, Change: change, model: m}
	var names string
	switch element.Kind {
	case "subscript":
		keys := element.Fields("subscript")
		if len(keys) != 1 || keys[0].Is("slice") {
			return nil
		}
		n.Proxy, n.Key, names = element.Field("value"), keys[0], "dict list"
	case "attribute":
		n.Proxy, names = element.Field("object"), "Namespace"
	case "call":
		f := element.Field("function")
		args := syntax.CallArgs(element)
		if !f.Is("attribute") || f.Field("attribute").Text() != "setdefault" || len(args.Positional) != 2 || len(args.Names) > 0 {
			return nil
		}
		n.Proxy, n.Key, n.Default, names = f.Field("object"), args.Positional[0], args.Positional[1], "dict"
	default:
		return nil
	}
	objects, sole := m.ObjectsOf(n.Proxy)
	if !sole || len(objects) == 0 {
		return nil
	}
	for _, o := range objects {
		if o.Kind != process.Proxy || !strings.Contains(" "+names+" ", " "+o.Name+" ") {
			return nil
		}
	}
	n.Object = objects[0]
	return n
}

// same says whether a statement changes the same element once more.
func (n *Nested) same(stmt *syntax.Node) bool {
	if stmt.Kind != "expression_statement" || len(stmt.NamedChildren()) != 1 {
		return false
	}
	element := ChangedIn(stmt.NamedChildren()[0])
	return element != nil && element.Text() == n.Element.Text() && n.Default == nil
}

// ChangedIn returns the expression that a call or assignment changes in place:
// x in x.append(1), x[0] = 1, x.a = 1; nil for others.
func ChangedIn(change *syntax.Node) *syntax.Node {
	switch change.Kind {
	case "call":
		if f := change.Field("function"); f.Is("attribute") && mutators[f.Field("attribute").Text()] {
			return f.Field("object")
		}
	case "assignment", "augmented_assignment":
		switch left := change.Field("left"); left.Kind {
		case "subscript":
			return left.Field("value")
		case "attribute":
			return left.Field("object")
		}
	}
	return nil
}

// plain says whether what the proxy holds is known to be no proxies: something
// that is stored in it is an ordinary container or object, and nothing a proxy.
func (n *Nested) plain() bool {
	m := n.model
	found := false
	ok := true
	look := func(expr *syntax.Node) {
		switch k := n.kindOf(expr, 0); {
		case k > 0:
			found = true
		case k < 0:
			ok = false
		}
	}
	if n.Default != nil {
		look(n.Default)
	}
	objects, _ := m.ObjectsOf(n.Proxy)
	for _, o := range objects {
		args := syntax.CallArgs(o.Made)
		for _, a := range args.Positional {
			n.inner(a, look)
		}
		for name, a := range args.Keywords {
			if n.Key != nil || name == n.Element.Field("attribute").Text() {
				look(a)
			}
		}
		for _, u := range o.Uses {
			if n.Key == nil {
				continue
			}
			a := syntax.CallArgs(u.Call)
			switch {
			case u.Call == nil:
			case (u.Name == "append" || u.Name == "insert" || u.Name == "setdefault") && len(a.Positional) > 0:
				look(a.Positional[len(a.Positional)-1])
			case (u.Name == "extend" || u.Name == "update") && len(a.Positional) > 0:
				n.inner(a.Positional[0], look)
			}
		}
	}
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(c *syntax.Node) bool {
			if c.Kind != "assignment" || c.Field("right") == nil {
				return true
			}
			left, holder := c.Field("left"), (*syntax.Node)(nil)
			switch {
			case left.Is("subscript") && n.Key != nil:
				holder = left.Field("value")
			case left.Is("attribute") && n.Key == nil && left.Field("attribute").Text() == n.Element.Field("attribute").Text():
				holder = left.Field("object")
			default:
				return true
			}
			held, _ := m.ObjectsOf(holder)
			for _, h := range held {
				if h == n.Object {
					look(c.Field("right"))
					break
				}
			}
			return true
		})
	}
	return found && ok
}

// inner looks at what an expression for a whole container puts into it.
func (n *Nested) inner(expr *syntax.Node, look func(*syntax.Node)) {
	values, _ := n.model.Project.Values(expr)
	for _, v := range values {
		elements, _ := n.model.Project.Elements(v)
		for _, e := range elements {
			if e.Node != nil {
				look(e.Node)
			}
		}
		if v.Node != nil && v.Node.Is("list_comprehension", "dictionary_comprehension", "binary_operator") {
			v.Node.Walk(func(c *syntax.Node) bool {
				if c != v.Node && c.Is("list", "dictionary", "set", "call") && c.Parent.Kind != "for_in_clause" {
					look(c)
				}
				return true
			})
		}
	}
}

// kindOf says what a stored expression is: 1 an ordinary container or object, -1
// a proxy, 0 something that has no parts, or not known.
func (n *Nested) kindOf(expr *syntax.Node, depth int) int {
	objects, _ := n.model.ObjectsOf(expr)
	if len(objects) > 0 {
		return -1
	}
	kind := 0
	values, _ := n.model.Project.Values(expr)
	for _, v := range values {
		switch v.Kind {
		case project.Instance:
			kind = 1
		case project.Literal:
			if v.Node.Is("list", "dictionary", "set", "list_comprehension", "dictionary_comprehension", "set_comprehension", "binary_operator") {
				kind = 1
			}
		case project.External:
			if v.Is("builtins.list()", "builtins.dict()", "builtins.set()", "collections.defaultdict()", "collections.Counter()", "collections.deque()", "collections.OrderedDict()") {
				kind = 1
			}
		}
	}
	return kind
}

// FixNested plans to read the element, change it, and store it again, under a
// lock where several processes may do so with one element. The error says in one
// sentence what stands in the way.
func FixNested(n *Nested) (*refactor.Rewrite, error) {
	m := n.model
	first, last := n.Stmts[0], n.Stmts[len(n.Stmts)-1]
	if first.Kind != "expression_statement" || len(first.NamedChildren()) != 1 || !n.direct(first.NamedChildren()[0]) {
		return nil, fmt.Errorf("the change is part of a larger statement")
	}
	key := n.Proxy.Text() + "." + n.Element.Field("attribute").Text()
	if n.Key != nil {
		if !m.Repeatable(n.Key) {
			return nil, fmt.Errorf("the key is computed in place")
		}
		key = n.Proxy.Text() + "[" + n.Key.Text() + "]"
	}
	rw := refactor.New()
	if m.Contended(n.Object, []*syntax.Node{n.Proxy}) && !Locked(m, first) && (n.Key == nil || !OwnSlot(m, n.Key, n.Object.Name == "list", n.Default != nil)) {
		g, err := PlanGuard(m, n.Object, []*syntax.Node{first})
		if err != nil {
			return nil, err
		}
		g.Write(rw)
		rw.WrapWith(first, last, "with "+g.Ref(first)+":")
	}
	if n.concatenate(rw, key) {
		return rw, nil
	}
	name := n.local()
	source := key
	if n.Default != nil {
		source = n.Proxy.Text() + ".get(" + n.Key.Text() + ", " + n.Default.Text() + ")"
	}
	rw.LinesBefore(first, name+" = "+source)
	for _, s := range n.Stmts {
		s.Walk(func(c *syntax.Node) bool {
			if c.Is(n.Element.Kind) && c.Text() == n.Element.Text() {
				rw.Replace(c, name)
				return false
			}
			return true
		})
	}
	rw.LinesAfter(last, key+" = "+name)
	return rw, nil
}

// direct says whether the change is all that a statement does, or all that it
// assigns.
func (n *Nested) direct(expr *syntax.Node) bool {
	return expr == n.Change || expr.Is("assignment") && expr.Field("right") == n.Change
}

// concatenate writes d[k] = d.get(k, []) + [x] for d.setdefault(k, []).append(x).
func (n *Nested) concatenate(rw *refactor.Rewrite, key string) bool {
	if n.Default == nil || !n.Default.Is("list") || !n.Change.Is("call") || !n.Change.Parent.Is("expression_statement") {
		return false
	}
	f := n.Change.Field("function")
	args := syntax.CallArgs(n.Change)
	if len(args.Positional) != 1 || f.Field("attribute").Text() != "append" {
		return false
	}
	rw.Replace(n.Change, key+" = "+n.Proxy.Text()+".get("+n.Key.Text()+", "+n.Default.Text()+") + ["+args.Positional[0].Text()+"]")
	return true
}

// local finds a name for the element: that of the attribute, or the container's
// in the singular.
func (n *Nested) local() string {
	mod := n.model.Project.ModuleOf(n.Proxy)
	s := mod.ScopeOf(n.Element)
	want := "item"
	if n.Key == nil {
		want = n.Element.Field("attribute").Text()
	} else if text := n.Proxy.Text(); n.Proxy.Is("identifier") && len(text) > 3 && strings.HasSuffix(text, "s") && !strings.HasSuffix(text, "ss") && !strings.HasSuffix(text, "us") && !strings.HasSuffix(text, "ies") {
		want = strings.TrimSuffix(text, "s")
	}
	if name := mod.FreshName(s, want); name == want {
		return name
	}
	return mod.FreshName(s, "item")
}
