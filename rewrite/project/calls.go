package project

import (
	"sort"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Arg is where a parameter gets its value from.
type Arg struct {
	Expr *syntax.Node
	// Element: the parameter gets the elements of Expr, one a call, as the
	// function that map() calls does.
	Element bool
}

// Indirect is a call that an external function makes on behalf of its caller:
// Process(target=f, args=(a,)) calls f(a).
type Indirect struct {
	Func     *syntax.Node // the expression that is called
	Args     []Arg
	Keywords map[string]Arg
	Rest     *Arg         // a sequence with the positional arguments that follow Args
	Mapping  *syntax.Node // a dict with keyword arguments
	// Unknown: there may be arguments that cannot be seen.
	Unknown bool
}

// Call is one call of a definition of the project.
type Call struct {
	Node     *syntax.Node // the call expression
	Def      *Def
	Indirect *Indirect // nil for a direct call
	Bound    bool      // the first parameter (self or cls) is not among the arguments
}

// Callers returns the calls of a function, method or class constructor in the
// loaded modules, in order of place; complete is false if it may be called from
// where mpfix cannot see.
func (p *Project) Callers(d *Def) (calls []Call, complete bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.callers(d)
}

type callersKey struct{ d *Def }

type callersAnswer struct {
	calls    []Call
	complete bool
}

func (p *Project) callers(d *Def) ([]Call, bool) {
	var answer callersAnswer
	// The evaluator remembers sets of values only; calls ride along in a side
	// table under the same rules of remembering.
	if a, ok := p.eval.memo[callersKey{d}]; ok {
		return a.values[0].calls()
	}
	if _, busy := p.eval.active[callersKey{d}]; busy {
		p.eval.ask(callersKey{d}, nil) // notes the cut
		return nil, true
	}
	p.eval.ask(callersKey{d}, func() result {
		answer.calls, answer.complete = p.findCallers(d)
		return just(Value{Kind: External, Name: "calls", callers: &answer})
	})
	return answer.calls, answer.complete
}

func (v Value) calls() ([]Call, bool) { return v.callers.calls, v.callers.complete }

func (p *Project) findCallers(d *Def) ([]Call, bool) {
	x := p.idx()
	var calls []Call
	seen := map[*syntax.Node]bool{}
	consider := func(n *syntax.Node) {
		if seen[n] {
			return
		}
		seen[n] = true
		for _, v := range p.values(n.Field("function")).values {
			if c, ok := p.callOf(v, d, n); ok {
				calls = append(calls, c)
				return
			}
		}
		// Base.__init__(self, …) and super().__init__(…) resolve like any
		// method; nothing to add.
	}
	for _, name := range p.namesOf(d) {
		for _, n := range x.calls[name] {
			consider(n)
		}
	}
	for _, n := range x.dynamic {
		consider(n)
	}
	for _, ic := range p.indirects() {
		for _, v := range p.values(ic.Func).values {
			if c, ok := p.callOf(v, d, ic.node); ok {
				ind := ic.Indirect
				c.Indirect = &ind
				calls = append(calls, c)
				break
			}
		}
	}
	sort.SliceStable(calls, func(i, j int) bool {
		a, b := calls[i].Node, calls[j].Node
		if pa, pb := a.Tree.File.Path, b.Tree.File.Path; pa != pb {
			return pa < pb
		}
		return a.Start < b.Start
	})
	return calls, !p.escapes(d)
}

// callOf says whether calling v runs d.
func (p *Project) callOf(v Value, d *Def, n *syntax.Node) (Call, bool) {
	switch v.Kind {
	case Function:
		if v.Def == d {
			return Call{Node: n, Def: d}, true
		}
	case Method:
		if v.Def == d {
			return Call{Node: n, Def: d, Bound: true}, true
		}
	case Class:
		if v.Def == d {
			return Call{Node: n, Def: d, Bound: true}, true
		}
		if d.Name == "__init__" && d.Class != nil && p.method(v.Def, "__init__") == d {
			return Call{Node: n, Def: d, Bound: true}, true
		}
	case Instance:
		if d.Name == "__call__" && d.Class != nil && v.Def != nil && p.method(v.Def, "__call__") == d {
			return Call{Node: n, Def: d, Bound: true}, true
		}
	}
	return Call{}, false
}

// namesOf lists the last names under which a definition may be called.
func (p *Project) namesOf(d *Def) []string {
	start := d.Name
	if d.Name == "__init__" && d.Class != nil {
		names := p.aliasClosure(d.Class.Name)
		for _, sub := range p.subclasses(d.Class) {
			names = append(names, p.aliasClosure(sub.Name)...)
		}
		return append(names, "__init__")
	}
	if d.IsLambda() {
		if a := d.Node.Parent; a.Is("assignment") && a.Field("right") == d.Node {
			start = lastName(a.Field("left"))
		}
	}
	if start == "" {
		return nil
	}
	return p.aliasClosure(start)
}

func (p *Project) aliasClosure(name string) []string {
	names := []string{name}
	seen := map[string]bool{name: true}
	for i := 0; i < len(names); i++ {
		for _, a := range p.idx().aliases[names[i]] {
			if !seen[a] {
				seen[a] = true
				names = append(names, a)
			}
		}
	}
	return names
}

// constructions lists the calls that make instances of a class or, if they
// inherit its constructor, of a subclass.
func (p *Project) constructions(class *Def) []*syntax.Node {
	var found []*syntax.Node
	names := p.aliasClosure(class.Name)
	for _, name := range names {
		for _, n := range p.idx().calls[name] {
			for _, v := range p.values(n.Field("function")).values {
				if v.Kind == Class && v.Def == class {
					found = append(found, n)
				}
			}
		}
	}
	return found
}

// Constructions lists the calls that make instances of a class, in order.
func (p *Project) Constructions(class *Def) []*syntax.Node {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.constructions(class)
}

// indirects lists the indirect calls of all loaded modules.
func (p *Project) indirects() []indirectCall {
	x := p.idx()
	if x.askedFor || p.opts.Indirect == nil {
		if x.asking {
			p.eval.lowest = -1 // the table is not whole: nothing above is remembered
		}
		return x.indirect
	}
	x.askedFor, x.asking = true, true
	// The table must not miss what a question under way would cut.
	active, depth, lowest := p.eval.active, p.eval.depth, p.eval.lowest
	p.eval.active, p.eval.depth, p.eval.lowest = map[any]int{}, 0, notCut
	defer func() {
		x.asking = false
		p.eval.active, p.eval.depth, p.eval.lowest = active, depth, lowest
	}()
	look := func(n *syntax.Node) ([]Value, bool) {
		r := p.values(n)
		return r.values, r.known
	}
	for _, m := range p.loaded {
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Kind == "call" {
				for _, name := range p.externalNames(n.Field("function")) {
					found := p.opts.Indirect(look, n, name)
					for _, ind := range found {
						x.indirect = append(x.indirect, indirectCall{n, ind})
					}
					if len(found) > 0 {
						break
					}
				}
			}
			return true
		})
	}
	return x.indirect
}

// externalNames lists the external callables an expression may be; for a class
// of the project that inherits its constructor from an external base, that
// base.
func (p *Project) externalNames(f *syntax.Node) []string {
	var names []string
	for _, v := range p.values(f).values {
		switch v.Kind {
		case External:
			names = append(names, v.Name)
		case Class:
			if _, ext, _ := p.ancestors(v.Def); p.method(v.Def, "__init__") == nil {
				names = append(names, ext...)
			}
		}
	}
	return names
}

// escapes says whether a definition is handed to code that mpfix cannot see.
func (p *Project) escapes(d *Def) bool {
	if d.IsLambda() {
		return p.handedAway(d.Node)
	}
	for _, n := range p.references(d) {
		if p.handedAway(n) {
			return true
		}
	}
	return false
}

// References lists the expressions that name a definition in the loaded
// modules: identifiers, and attributes that resolve to it.
func (p *Project) References(d *Def) []*syntax.Node {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.references(d)
}

func (p *Project) references(d *Def) []*syntax.Node {
	var found []*syntax.Node
	if d.Scope == nil || d.Name == "" {
		return nil
	}
	if d.Class == nil {
		if b := d.Scope.Parent.Lookup(d.Name); b != nil {
			found = append(found, b.Uses...)
			if b.Scope == d.Module.Top {
				found = append(found, p.foreignUses(d.Module, d.Name)...)
			}
		}
		return found
	}
	for _, n := range p.idx().attrLoads[d.Name] {
		for _, v := range p.values(n).values {
			if (v.Kind == Method || v.Kind == Function) && v.Def == d {
				found = append(found, n)
				break
			}
		}
	}
	return found
}

// foreignUses lists the uses of a module's name in other loaded modules.
func (p *Project) foreignUses(mod *scope.Module, name string) []*syntax.Node {
	var found []*syntax.Node
	for _, m := range p.loaded {
		for _, imp := range m.Imports {
			target, member := p.target(m, imp)
			if target != mod || member != name || imp.Local == "" || imp.Scope == nil {
				continue
			}
			if b := imp.Scope.Lookup(imp.Local); b != nil {
				found = append(found, b.Uses...)
			}
		}
	}
	for _, n := range p.idx().attrLoads[name] {
		for _, v := range p.values(n.Field("object")).values {
			if v.Kind == Module && v.Mod == mod {
				found = append(found, n)
				break
			}
		}
	}
	return found
}

// handedAway says whether a reference to a function stands where something
// unseen may call it: an argument of an external function that is not known to
// call it in a known way.
func (p *Project) handedAway(n *syntax.Node) bool {
	up := n.Parent
	for up.Is("parenthesized_expression", "list", "tuple", "dictionary", "pair", "set", "list_splat", "conditional_expression", "expression_list") {
		up = up.Parent
	}
	if up.Is("keyword_argument") {
		up = up.Parent
	}
	if !up.Is("argument_list") {
		return false
	}
	call := up.Parent
	if !call.Is("call") {
		return false
	}
	for _, ic := range p.indirects() {
		if ic.node == call && ic.Func == n {
			return false
		}
	}
	r := p.values(call.Field("function"))
	if !r.known || len(r.values) == 0 {
		return true
	}
	for _, v := range r.values {
		if v.Kind == External && !harmless[strings.TrimSuffix(v.Name, "()")] {
			return true
		}
	}
	return false
}

// harmless lists external functions that do not call their arguments.
var harmless = map[string]bool{
	"builtins.print": true, "builtins.isinstance": true, "builtins.len": true, "builtins.repr": true,
	"builtins.str": true, "builtins.id": true, "builtins.callable": true, "builtins.type": true,
	"builtins.hasattr": true, "builtins.getattr": true, "builtins.issubclass": true, "functools.wraps": true,
	"builtins.list.append": true, "inspect.getsource": true, "inspect.signature": true,
}

// callResult returns what a call gives.
func (p *Project) callResult(n *syntax.Node) result {
	f := n.Field("function")
	if p.isSuper(n) {
		return just(Value{Kind: External, Name: "builtins.super()", Node: n})
	}
	r := p.values(f)
	out := result{known: r.known}
	for _, v := range r.values {
		out.join(p.called(v, n))
	}
	return out
}

func (p *Project) called(v Value, n *syntax.Node) result {
	switch v.Kind {
	case Class:
		return just(Value{Kind: Instance, Def: v.Def, Node: n})
	case Function, Method:
		if v.Def.DecoratedBy("contextlib.contextmanager", "contextlib.asynccontextmanager") || v.Def.IsGenerator() {
			return just(Value{Kind: External, Name: "generator:" + v.Def.QualName(), Node: n, Def: v.Def})
		}
		return p.returned(v)
	case Instance:
		if m := p.method(v.Def, "__call__"); m != nil {
			return p.returned(Value{Kind: Method, Def: m, Recv: &v})
		}
	case External:
		return p.externalResult(v, n)
	}
	return unknown
}

// returned returns what a function hands back.
func (p *Project) returned(v Value) result {
	type returnedKey struct{ d *Def }
	return p.eval.ask(returnedKey{v.Def}, func() result {
		r := nothing()
		returns := v.Def.Returns()
		for _, e := range returns {
			r.join(p.values(e))
		}
		return r
	})
}

func (p *Project) externalResult(v Value, n *syntax.Node) result {
	args := syntax.CallArgs(n)
	switch name := strings.ReplaceAll(v.Name, "()", ""); name {
	case "builtins.dict.get", "builtins.dict.pop", "builtins.dict.setdefault", "builtins.list.pop",
		"collections.deque.pop", "collections.deque.popleft", "collections.defaultdict.get", "collections.defaultdict.pop":
		if v.Recv != nil {
			r := p.elements(*v.Recv)
			if len(args.Positional) > 1 {
				r.join(p.values(args.Positional[1]))
			}
			return r
		}
	case "copy.copy", "copy.deepcopy", "contextlib.ExitStack.enter_context", "contextlib.AsyncExitStack.enter_context", "builtins.next", "typing.cast", "builtins.min", "builtins.max":
		i := 0
		if name == "typing.cast" {
			i = 1
		}
		if len(args.Positional) > i {
			r := p.values(args.Positional[i])
			switch name {
			case "builtins.next", "builtins.min", "builtins.max":
				return p.elementsOf(r)
			case "contextlib.ExitStack.enter_context", "contextlib.AsyncExitStack.enter_context":
				return p.entered(args.Positional[i])
			}
			return r
		}
	}
	recv := v
	return just(Value{Kind: External, Name: v.Name + "()", Node: n, Recv: recv.Recv, Def: v.Def})
}

// parameter returns what the callers of a function give for a parameter.
func (p *Project) parameter(b *scope.Binding, d *scope.Def) result {
	fn := d.Scope
	if b.Scope != nil {
		fn = b.Scope
	}
	def := p.defAt(fn.Node)
	if def == nil {
		return unknown
	}
	param, i := def.Param(b.Name)
	if i < 0 {
		return unknown
	}
	if i == 0 && param.Star == 0 && def.Class != nil && !def.IsStatic() {
		if def.IsClassMethod() || def.Name == "__new__" || def.Name == "__init_subclass__" {
			return just(Value{Kind: Class, Def: def.Class})
		}
		return just(Value{Kind: Instance, Def: def.Class})
	}
	calls, complete := p.callers(def)
	out := result{known: complete && len(calls) > 0}
	for _, c := range calls {
		out.join(p.argument(c, def, param, i))
	}
	return out
}

// Argument returns the origins of what a call gives for a parameter.
func (p *Project) Argument(c Call, name string) (values []Value, known bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	param, i := c.Def.Param(name)
	if i < 0 {
		return nil, false
	}
	r := p.argument(c, c.Def, param, i)
	return r.values, r.known
}

func (p *Project) argument(c Call, def *Def, param Param, i int) result {
	ind := c.Indirect
	if ind == nil {
		direct := syntax.CallArgs(c.Node)
		ind = &Indirect{Keywords: map[string]Arg{}}
		for _, e := range direct.Positional {
			ind.Args = append(ind.Args, Arg{Expr: e})
		}
		for name, e := range direct.Keywords {
			ind.Keywords[name] = Arg{Expr: e}
		}
		switch {
		case len(direct.Stars) == 1 && len(direct.Later) == 0:
			ind.Rest = &Arg{Expr: direct.Stars[0]}
		case len(direct.Stars) > 0:
			ind.Unknown = true
		}
		switch {
		case len(direct.DoubleStars) == 1:
			if k := direct.DoubleStars[0].NamedChildren(); len(k) == 1 {
				ind.Mapping = k[0]
			}
		case len(direct.DoubleStars) > 1:
			ind.Unknown = true
		}
	}
	if c.Bound {
		i--
	}
	if param.Star > 0 {
		return p.collected(ind, param, i)
	}
	take := func(a Arg) result {
		r := p.values(a.Expr)
		if a.Element {
			r = p.elementsOf(r)
		}
		return r
	}
	if a, ok := ind.Keywords[param.Name]; ok && !param.PosOnly {
		return take(a)
	}
	if i >= 0 && i < len(ind.Args) && !param.KwOnly {
		return take(ind.Args[i])
	}
	if ind.Rest != nil && i >= len(ind.Args) && !param.KwOnly {
		r := take(*ind.Rest)
		out := result{known: r.known}
		missing := false
		for _, v := range r.values {
			if v.Kind == Literal && v.Node.Is("tuple", "list") && i-len(ind.Args) >= len(v.Node.NamedChildren()) {
				missing = true
				continue
			}
			out.join(p.item(v, i-len(ind.Args)))
		}
		if !missing {
			return out
		}
	}
	if ind.Mapping != nil {
		r := p.values(ind.Mapping)
		out := result{known: r.known}
		got := false
		for _, v := range r.values {
			switch {
			case v.Kind == Literal && v.Node.Is("dictionary"):
				if e, ok := p.entry(v, param.Name); ok {
					out.join(e)
					got = true
				}
			case v.ResultOf() == "builtins.dict":
				if e := syntax.CallArgs(v.Node).Keywords[param.Name]; e != nil {
					out.join(p.values(e))
					got = true
				}
			default:
				out.known = false
			}
		}
		if got || !out.known {
			return out
		}
	}
	if param.Default != nil {
		r := p.values(param.Default)
		r.known = r.known && !ind.Unknown
		return r
	}
	return result{known: !ind.Unknown && ind.Rest == nil}
}

// collected returns the tuple that a *args parameter gets.
func (p *Project) collected(ind *Indirect, param Param, i int) result {
	if param.Star == 2 || ind.Unknown || i < 0 {
		return unknown
	}
	if ind.Rest != nil {
		if i == len(ind.Args) && !ind.Rest.Element {
			return p.values(ind.Rest.Expr)
		}
		return unknown
	}
	if i >= len(ind.Args) {
		return nothing()
	}
	v := Value{Kind: Literal, Node: ind.Args[i].Expr.Parent}
	for _, a := range ind.Args[i:] {
		if a.Element {
			return unknown
		}
		v.Items = append(v.Items, a.Expr)
	}
	return just(v)
}

// Callees lists the definitions that running d may run next: what it calls,
// instances it makes, context managers it enters, functions nested in it, and
// properties of its own class. External calls are left out.
func (p *Project) Callees(d *Def) []*Def {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.callees(d)
}

func (p *Project) callees(d *Def) []*Def {
	var found []*Def
	add := func(def *Def) {
		if def != nil && def != d && !contains(found, def) {
			found = append(found, def)
		}
	}
	d.Node.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "function_definition", "class_definition":
			return n == d.Node
		case "call":
			for _, v := range p.values(n.Field("function")).values {
				p.addCallee(v, add)
			}
		case "lambda":
			add(p.defAt(n))
			return n == d.Node
		case "attribute":
			for _, v := range p.values(n.Field("object")).values {
				if v.Kind == Instance {
					if m := p.method(v.Def, n.Field("attribute").Text()); m != nil && m.DecoratedBy("builtins.property", "functools.cached_property") {
						add(m)
					}
				}
			}
		case "with_item":
			for _, v := range p.values(withValue(n)).values {
				if v.Kind == Instance {
					add(p.method(v.Def, "__enter__"))
					add(p.method(v.Def, "__exit__"))
				}
			}
		}
		return true
	})
	return found
}

// CalledBy lists the definitions that a call expression runs: the function, a
// method, a constructor.
func (p *Project) CalledBy(call *syntax.Node) []*Def {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []*Def
	for _, v := range p.values(call.Field("function")).values {
		p.addCallee(v, func(d *Def) {
			if d != nil && !contains(found, d) {
				found = append(found, d)
			}
		})
	}
	return found
}

func withValue(item *syntax.Node) *syntax.Node {
	v := item.Field("value")
	if v.Is("as_pattern") {
		if c := v.NamedChildren(); len(c) > 0 {
			return c[0]
		}
	}
	return v
}

func (p *Project) addCallee(v Value, add func(*Def)) {
	switch v.Kind {
	case Function, Method:
		add(v.Def)
		if v.Kind == Method && v.Recv != nil && v.Recv.Node == nil {
			for _, sub := range p.subclasses(v.Def.Class) {
				if b := sub.Scope.Names[v.Def.Name]; b != nil {
					add(p.method(sub, v.Def.Name))
				}
			}
		}
	case Class:
		add(p.method(v.Def, "__init__"))
		add(p.method(v.Def, "__post_init__"))
	case Instance:
		if v.Def != nil {
			add(p.method(v.Def, "__call__"))
		}
	case External:
		if v.Recv != nil && v.Recv.Kind == Instance { // inherited external method: Process.start and the like
			return
		}
	}
}

// Reaches lists d and all definitions that running it may run, in the order
// they are met.
func (p *Project) Reaches(d *Def) []*Def {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := []*Def{d}
	for i := 0; i < len(all); i++ {
		for _, c := range p.callees(all[i]) {
			if !contains(all, c) {
				all = append(all, c)
			}
		}
	}
	return all
}
