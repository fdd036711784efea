package project

import (
	"cmp"
	"slices"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// flow is a graph of where things may pass through, made from names alone: an
// attribute is one vertex whatever its object, a call passes its arguments to
// every parameter of every function of its name. What it says is more than what
// is true; the evaluator looks closer at what it names. Its use is that a
// question about one function or container need not look at the whole program.
type flow struct {
	ids    map[any]int
	next   [][]int32
	called map[int][]*syntax.Node // calls whose callee may come from the vertex
	passed map[int][]handed       // calls that it is, or is part of, an argument of
	stored map[int][]int          // indices of the index's sites, by receiver
	fields map[int][]int          // indices of the index's object stores, by value

	defs    map[string][]*syntax.Node // functions and classes by name
	bound   map[string]bool           // names of attributes that something is stored to
	escapes map[string]bool           // names of definitions that are not only called
	element int                       // the vertex of all things in containers
	dynamic int                       // the vertex of arguments of calls whose callee has no name
	ofHub   *trace                    // the trace of hub
	hub     map[int32]bool            // element and the vertices that reach each other in large knots
}

// handed is an expression passed to a call.
type handed struct{ call, expr *syntax.Node }

// The kinds of vertices besides *scope.Binding and *syntax.Node (a lambda, a
// container or a call, by what it makes).
type (
	attrVertex   string // an attribute or module-level name
	argVertex    string // arguments of calls of a name
	resultVertex string // results of calls of a name
	returnVertex struct{ n *syntax.Node }
	hubVertex    string
)

// trace is what a thing may come to. What it comes to by way of the hub is the
// same for all things, and stands apart.
type trace struct {
	calls  []*syntax.Node
	passed []handed
	sites  []int
	fields []int
	hub    bool
}

func newFlow() *flow {
	f := &flow{
		ids: map[any]int{}, called: map[int][]*syntax.Node{}, passed: map[int][]handed{}, stored: map[int][]int{}, fields: map[int][]int{},
		defs: map[string][]*syntax.Node{}, bound: map[string]bool{}, escapes: map[string]bool{},
	}
	f.element = f.id(hubVertex("element"))
	f.dynamic = f.id(hubVertex("arguments of unnamed calls"))
	return f
}

func (f *flow) id(vertex any) int {
	n, ok := f.ids[vertex]
	if !ok {
		n = len(f.next)
		f.ids[vertex] = n
		f.next = append(f.next, nil)
	}
	return n
}

func (f *flow) edge(from, to int) {
	if from != to {
		f.next[from] = append(f.next[from], int32(to))
	}
}

// through lists the calls that hand on what they are given: the result is, or
// holds, an argument.
var through = map[string]bool{
	"partial": true, "partialmethod": true, "copy": true, "deepcopy": true, "cast": true, "closing": true, "aclosing": true,
	"nullcontext": true, "enter_context": true, "enter_async_context": true, "wraps": true, "lru_cache": true, "cache": true,
	"next": true, "anext": true, "min": true, "max": true, "setdefault": true, "get": true, "pop": true, "popleft": true,
	"popitem": true, "reduce": true, "update_wrapper": true, "getattr": true, "filter": true, "reversed": true, "iter": true, "field": true,
}

// sources lists the vertices that the value of an expression may come from.
func (f *flow) sources(m *scope.Module, n *syntax.Node) []int {
	if n == nil {
		return nil
	}
	switch n.Kind {
	case "identifier":
		if b := m.Binding(n); b != nil {
			return []int{f.id(b)}
		}
		return []int{f.id(attrVertex(n.Text()))}
	case "attribute":
		return []int{f.id(attrVertex(n.Field("attribute").Text()))}
	case "call", "lambda", "list", "tuple", "dictionary", "set", "expression_list", "list_comprehension", "set_comprehension",
		"dictionary_comprehension", "generator_expression", "binary_operator":
		return []int{f.id(n)}
	case "subscript":
		all := []int{f.element}
		if n.Field("subscript").Is("slice") {
			all = append(all, f.sources(m, n.Field("value"))...)
		}
		return all
	case "parenthesized_expression", "await", "list_splat", "dictionary_splat", "conditional_expression", "boolean_operator":
		var all []int
		for _, c := range n.NamedChildren() {
			all = append(all, f.sources(m, c)...)
		}
		return all
	case "named_expression":
		return f.sources(m, n.Field("value"))
	case "assignment":
		return f.sources(m, n.Field("right"))
	case "yield":
		return nil
	}
	return nil
}

func (f *flow) into(m *scope.Module, n *syntax.Node, to int) {
	for _, from := range f.sources(m, n) {
		f.edge(from, to)
	}
}

// target adds the edges of an assignment of what comes from the vertices.
func (f *flow) target(m *scope.Module, target *syntax.Node, from []int) {
	if target == nil {
		return
	}
	switch target.Kind {
	case "identifier":
		if b := m.Binding(target); b != nil {
			for _, v := range from {
				f.edge(v, f.id(b))
			}
		}
	case "attribute":
		for _, v := range from {
			f.edge(v, f.id(attrVertex(target.Field("attribute").Text())))
		}
	case "subscript":
		for _, v := range from {
			f.edge(v, f.element)
		}
	case "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "expression_list":
		for _, c := range target.NamedChildren() {
			f.target(m, c, []int{f.element})
		}
	case "list_splat_pattern", "list_splat":
		f.target(m, firstNamed(target), append(from, f.element))
	case "parenthesized_expression", "as_pattern_target":
		f.target(m, firstNamed(target), from)
	}
}

func firstNamed(n *syntax.Node) *syntax.Node {
	if c := n.NamedChildren(); len(c) > 0 {
		return c[0]
	}
	return nil
}

// declare notes the definitions and the names of the attributes of a module
// before its edges are added.
func (f *flow) declare(m *scope.Module, n *syntax.Node) {
	switch n.Kind {
	case "function_definition", "class_definition":
		if name := n.Field("name").Text(); name != "" {
			f.defs[name] = append(f.defs[name], n)
		}
	case "assignment", "for_statement", "augmented_assignment":
		n.Field("left").Walk(func(c *syntax.Node) bool {
			if c.Kind == "attribute" {
				f.bound[c.Field("attribute").Text()] = true
			}
			return c.Is("attribute", "pattern_list", "tuple_pattern", "list_pattern", "tuple", "list", "list_splat_pattern", "parenthesized_expression")
		})
	}
}

// add adds the edges of one node.
func (f *flow) add(p *Project, m *scope.Module, n *syntax.Node) {
	switch n.Kind {
	case "assignment":
		left, right := n.Field("left"), n.Field("right")
		if right == nil {
			return
		}
		if l, r := left.NamedChildren(), right.NamedChildren(); left.Is("pattern_list", "tuple_pattern") && right.Is("expression_list", "tuple") && len(l) == len(r) {
			for i := range l {
				f.target(m, l[i], f.sources(m, r[i]))
			}
			return
		}
		f.target(m, left, f.sources(m, right))
	case "named_expression":
		f.target(m, n.Field("name"), f.sources(m, n.Field("value")))
	case "for_statement", "for_in_clause":
		f.target(m, n.Field("left"), []int{f.element})
	case "as_pattern":
		from := append(f.sources(m, firstNamed(n)), f.element, f.id(resultVertex("__enter__")), f.id(resultVertex("__aenter__")))
		f.target(m, n.Field("alias"), from)
	case "list", "tuple", "set", "expression_list", "pair", "list_comprehension", "set_comprehension", "dictionary_comprehension",
		"generator_expression", "yield":
		for _, c := range n.NamedChildren() {
			if !c.Is("for_in_clause", "if_clause") {
				f.into(m, c, f.element)
			}
		}
	case "return_statement":
		if d := m.ScopeOf(n).Function(); d != nil {
			f.into(m, firstNamed(n), f.id(returnVertex{d.Node}))
		}
	case "lambda":
		f.into(m, n.Field("body"), f.id(returnVertex{n}))
		f.edge(f.id(returnVertex{n}), f.id(resultVertex("")))
		f.params(m, n, f.dynamic, false)
		if a := n.Parent; a.Is("assignment", "keyword_argument", "pair") {
			if name := lastName(a.Children[0]); name != "" {
				f.edge(f.id(returnVertex{n}), f.id(resultVertex(name)))
				f.params(m, n, f.id(argVertex(name)), false)
			}
		}
	case "function_definition":
		f.function(m, n)
	case "class_definition":
		f.class(m, n)
	case "identifier":
		if f.defs[n.Text()] != nil && !callee(n) && !n.Parent.Is("attribute") && m.IsLoad(n) {
			f.escapes[n.Text()] = true
		}
	case "attribute":
		if name := n.Field("attribute").Text(); f.defs[name] != nil && !callee(n) {
			f.escapes[name] = true
		}
	case "call":
		f.call(m, n)
	}
}

// callee says whether an expression is what a call calls, or a base or
// decorator.
func callee(n *syntax.Node) bool {
	return n.FieldName == "function" && n.Parent.Is("call")
}

// binding adds the edge from a name that others can reach as an attribute or
// import.
func (f *flow) binding(b *scope.Binding) {
	if k := b.Scope.Kind; k == scope.TopLevel || k == scope.Class {
		f.edge(f.id(b), f.id(attrVertex(b.Name)))
		f.edge(f.id(attrVertex(b.Name)), f.id(b))
	}
	for _, d := range b.Defs {
		if d.Kind == scope.Imported && d.Import.Member != "" {
			f.edge(f.id(attrVertex(d.Import.Member)), f.id(b))
			if b.Name != d.Import.Member {
				f.alias(d.Import.Member, b.Name)
			}
		}
	}
}

// alias notes that calls of one name may be calls of another.
func (f *flow) alias(name, other string) {
	f.edge(f.id(resultVertex(name)), f.id(resultVertex(other)))
	f.edge(f.id(argVertex(other)), f.id(argVertex(name)))
}

func (f *flow) function(m *scope.Module, n *syntax.Node) {
	name := n.Field("name").Text()
	ret := f.id(returnVertex{n})
	f.edge(ret, f.id(resultVertex(name)))
	if n.Parent.Is("decorated_definition") { // a property
		f.edge(ret, f.id(attrVertex(name)))
	}
	f.params(m, n, f.id(argVertex(name)), true)
}

// params adds the edges from a vertex of arguments to all parameters.
func (f *flow) params(m *scope.Module, n *syntax.Node, from int, defaults bool) {
	s := m.ScopeFor(n)
	if s == nil {
		return
	}
	for _, prm := range parameters(n) {
		b := s.Names[prm.Name]
		if b == nil {
			continue
		}
		f.edge(from, f.id(b))
		if prm.Star > 0 {
			f.edge(from, f.element)
		}
		if defaults && prm.Default != nil {
			f.into(m, prm.Default, f.id(b))
		}
	}
}

func (f *flow) class(m *scope.Module, n *syntax.Node) {
	name := n.Field("name").Text()
	arg := f.id(argVertex(name))
	for _, b := range n.Field("superclasses").NamedChildren() {
		if b.Is("subscript") {
			b = b.Field("value")
		}
		if base := lastName(b); base != "" {
			f.edge(arg, f.id(argVertex(base)))
		}
	}
	body := m.ScopeFor(n)
	if body == nil {
		return
	}
	for _, b := range body.Names {
		for _, d := range b.Defs {
			switch {
			case d.Kind == scope.FuncDef:
				if b.Name == "__init__" || b.Name == "__new__" {
					f.params(m, d.Node, arg, false)
				}
				if d.Node.Parent.Is("decorated_definition") || b.Name == "__new__" { // cls of a class method
					if prms := parameters(d.Node); len(prms) > 0 && m.ScopeFor(d.Node) != nil {
						if cls := m.ScopeFor(d.Node).Names[prms[0].Name]; cls != nil && m.Binding(n.Field("name")) != nil {
							f.edge(f.id(m.Binding(n.Field("name"))), f.id(cls))
						}
					}
				}
			case d.Node.Is("assignment") && d.Node.Field("type") != nil: // a field of a dataclass
				f.edge(arg, f.id(attrVertex(b.Name)))
			}
		}
	}
}

func (f *flow) call(m *scope.Module, n *syntax.Node) {
	fn := n.Field("function")
	name := lastName(fn)
	result := f.id(n)
	for _, from := range f.sources(m, fn) {
		f.called[from] = append(f.called[from], n)
	}
	unnamed := name == "" || fn.Is("identifier") && dynamicCallee(m, fn) || fn.Is("attribute") && f.bound[name]
	if name != "" {
		f.edge(f.id(resultVertex(name)), result)
	}
	if unnamed {
		f.edge(f.id(resultVertex("")), result)
	}
	if name == "getattr" {
		if args := syntax.CallArgs(n).Positional; len(args) > 1 {
			if attr, ok := syntax.StringValue(args[1]); ok {
				f.edge(f.id(attrVertex(attr)), result)
			}
		}
	}
	project := f.defs[name] != nil
	if through[name] && !project {
		f.edge(f.element, result)
	}
	var exprs []*syntax.Node
	loose := false // arguments that are no displays: their elements may be passed
	var collect func(e *syntax.Node)
	collect = func(e *syntax.Node) {
		switch {
		case e.Is("keyword_argument"):
			collect(e.Field("value"))
		case e.Is("pair"):
			collect(e.Field("value"))
		case e.Is("list", "tuple", "dictionary", "set", "list_splat", "dictionary_splat", "parenthesized_expression"):
			exprs = append(exprs, e)
			for _, c := range e.NamedChildren() {
				collect(c)
			}
		case e != nil:
			loose = loose || e.Is("identifier", "attribute", "call", "subscript", "list_comprehension", "generator_expression")
			exprs = append(exprs, e)
		}
	}
	list := n.Field("arguments")
	if list.Is("generator_expression") {
		collect(list)
	} else {
		for _, e := range list.NamedChildren() {
			collect(e)
		}
	}
	var to []int
	if name != "" && (project || f.bound[name] || unnamed) {
		to = append(to, f.id(argVertex(name)))
	}
	if unnamed {
		to = append(to, f.dynamic)
	}
	if through[name] {
		to = append(to, result)
	}
	for _, e := range exprs { // a function among the arguments gets the others
		if g := lastName(e); g != "" && f.defs[g] != nil {
			to = append(to, f.id(argVertex(g)))
		} else if g := e.Parent; e.Is("lambda") || g.Is("keyword_argument") && hooks[g.Field("name").Text()] {
			to = append(to, f.dynamic)
		}
	}
	slices.Sort(to)
	to = slices.Compact(to)
	for _, e := range exprs {
		for _, from := range f.sources(m, e) {
			f.passed[from] = append(f.passed[from], handed{n, e})
			for _, v := range to {
				f.edge(from, v)
			}
		}
	}
	if loose {
		for _, v := range to {
			if v != result {
				f.edge(f.element, v)
			}
		}
	}
}

// hooks lists the keywords under which libraries take functions to call.
var hooks = map[string]bool{
	"target": true, "function": true, "func": true, "fn": true, "initializer": true, "callback": true, "key": true, "default_factory": true,
}

// finish adds the edges that need all modules: definitions that are passed
// around may be what a call without a name calls.
func (f *flow) finish(p *Project) {
	for name, nodes := range f.defs {
		if !f.escapes[name] {
			continue
		}
		f.edge(f.dynamic, f.id(argVertex(name)))
		for _, n := range nodes {
			if n.Is("function_definition") {
				f.edge(f.id(returnVertex{n}), f.id(resultVertex("")))
			}
		}
	}
	for i, list := range f.next {
		slices.Sort(list)
		f.next[i] = slices.Compact(list)
	}
	f.findHub()
}

// findHub marks the vertices whose traces are the same: the knot (strongly
// connected component) of the vertex of elements, and the largest one. In large
// programs most that is passed around ends there. The algorithm is Tarjan's.
func (f *flow) findHub() {
	n := len(f.next)
	index, low := make([]int32, n), make([]int32, n)
	onStack := make([]bool, n)
	var stack []int32
	var largest, ofElement []int32
	type frame struct {
		v int32
		i int
	}
	count := int32(0)
	for root := range n {
		if index[root] != 0 {
			continue
		}
		frames := []frame{{v: int32(root)}}
		for len(frames) > 0 {
			top := &frames[len(frames)-1]
			v := top.v
			if top.i == 0 {
				count++
				index[v], low[v] = count, count
				stack = append(stack, v)
				onStack[v] = true
			}
			if top.i < len(f.next[v]) {
				w := f.next[v][top.i]
				top.i++
				if index[w] == 0 {
					frames = append(frames, frame{v: w})
				} else if onStack[w] {
					low[v] = min(low[v], index[w])
				}
				continue
			}
			frames = frames[:len(frames)-1]
			if len(frames) > 0 {
				up := frames[len(frames)-1].v
				low[up] = min(low[up], low[v])
			}
			if low[v] != index[v] {
				continue
			}
			at := slices.Index(stack, v)
			knot := slices.Clone(stack[at:])
			stack = stack[:at]
			for _, w := range knot {
				onStack[w] = false
				if int(w) == f.element {
					ofElement = knot
				}
			}
			if len(knot) > len(largest) {
				largest = knot
			}
		}
	}
	f.hub = map[int32]bool{}
	for _, v := range ofElement {
		f.hub[v] = true
	}
	if len(largest) >= 100 {
		for _, v := range largest {
			f.hub[v] = true
		}
	}
}

// follow returns what things that start at the vertices may come to.
func (f *flow) follow(start ...int) *trace {
	return f.walk(start, f.hub).sort()
}

func (t *trace) sort() *trace {
	slices.SortFunc(t.calls, comparePlaces)
	slices.SortFunc(t.passed, handed.compare)
	slices.Sort(t.sites)
	slices.Sort(t.fields)
	t.calls, t.passed = slices.Compact(t.calls), slices.Compact(t.passed)
	t.sites, t.fields = slices.Compact(t.sites), slices.Compact(t.fields)
	return t
}

// shared returns what things in the hub may come to.
func (f *flow) shared() *trace {
	if f.ofHub == nil {
		var start []int
		for v := range f.hub {
			start = append(start, int(v))
		}
		f.ofHub = f.walk(start, nil).sort()
	}
	return f.ofHub
}

func (a handed) compare(b handed) int {
	return cmp.Or(comparePlaces(a.call, b.call), comparePlaces(a.expr, b.expr))
}

// walk collects what is attached to the vertices behind the start, but not
// what is behind the stop.
func (f *flow) walk(start []int, stop map[int32]bool) *trace {
	t := &trace{}
	seen := map[int32]bool{}
	todo := make([]int32, 0, 16)
	for _, v := range start {
		seen[int32(v)] = true
		todo = append(todo, int32(v))
	}
	for len(todo) > 0 {
		v := int(todo[len(todo)-1])
		todo = todo[:len(todo)-1]
		if stop[int32(v)] {
			t.hub = true
			continue
		}
		t.calls = append(t.calls, f.called[v]...)
		t.passed = append(t.passed, f.passed[v]...)
		t.sites = append(t.sites, f.stored[v]...)
		t.fields = append(t.fields, f.fields[v]...)
		for _, w := range f.next[v] {
			if !seen[w] {
				seen[w] = true
				todo = append(todo, w)
			}
		}
	}
	return t
}
