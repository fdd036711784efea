package project

import (
	"slices"
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
	p.lock()
	defer p.mu.Unlock()
	return p.callers(d)
}

func (p *Project) callers(d *Def) ([]Call, bool) {
	type callersKey struct{ d *Def }
	r := p.eval.ask(callersKey{d}, func() result {
		calls, complete := p.findCallers(d)
		return result{calls: calls, known: complete}
	})
	return r.calls, r.known
}

func (p *Project) findCallers(d *Def) ([]Call, bool) {
	t := p.traceOf(d)
	var calls []Call
	called, calledKnown := p.calledAt(t, d)
	for _, n := range called {
		for _, v := range p.values(n.Field("function")).values {
			if c, ok := p.callOf(v, d, n); ok {
				calls = append(calls, c)
				break
			}
		}
	}
	passed, passedKnown := p.passedAt(t, d)
	complete := calledKnown && passedKnown && !implicit(d)
	done := map[*syntax.Node]bool{}
	for _, h := range passed {
		if !p.passes(h.expr, d) {
			continue
		}
		if done[h.call] {
			continue
		}
		done[h.call] = true
		indirect, seen := p.indirectCalls(h, d)
		calls = append(calls, indirect...)
		complete = complete && seen
	}
	complete = complete && !p.escapes(d, t)
	sort.SliceStable(calls, func(i, j int) bool { return comparePlaces(calls[i].Node, calls[j].Node) < 0 })
	return calls, complete
}

// implicit says whether Python itself calls the method: __exit__, __getitem__
// and the like.
func implicit(d *Def) bool {
	if d.Class == nil || !strings.HasPrefix(d.Name, "__") || !strings.HasSuffix(d.Name, "__") {
		return false
	}
	return d.Name != "__init__" && d.Name != "__call__" && d.Name != "__new__"
}

// traceOf returns where a definition may come to: calls of it, and calls it is
// passed to.
func (p *Project) traceOf(d *Def) *trace {
	x := p.idx()
	m := d.Module
	var start []int
	byName := func(def *Def) {
		if def.Scope == nil || def.Node.Field("name") == nil {
			return
		}
		if b := m.Binding(def.Node.Field("name")); b != nil && def.Module == m {
			start = append(start, x.flow.id(b))
		} else if b := def.Module.Binding(def.Node.Field("name")); b != nil {
			start = append(start, x.flow.id(b))
		}
	}
	switch {
	case d.IsLambda():
		start = append(start, x.flow.id(d.Node))
	default:
		byName(d)
	}
	if d.Class != nil {
		switch d.Name {
		case "__init__", "__new__":
			byName(d.Class)
			for _, sub := range p.subclasses(d.Class) {
				byName(sub)
			}
		case "__call__":
			for _, c := range append([]*Def{d.Class}, p.subclasses(d.Class)...) {
				for _, n := range p.constructions(c) {
					start = append(start, x.flow.id(n))
				}
				for _, b := range c.Scope.Names { // self called in a method
					for _, def := range b.Defs {
						if def.Kind == scope.FuncDef {
							if m := p.defAt(p.inner(def.Node)); m != nil && m.Self() != "" && m.Scope != nil && m.Scope.Names[m.Self()] != nil {
								start = append(start, x.flow.id(m.Scope.Names[m.Self()]))
							}
						}
					}
				}
			}
		}
	}
	return x.trace(start...)
}

// passes says whether an argument may be the definition, or an object that
// runs it when it is called.
func (p *Project) passes(expr *syntax.Node, d *Def) bool {
	for _, v := range p.values(expr).values {
		if _, ok := p.callOf(v, d, expr); ok {
			return true
		}
	}
	return false
}

// indirectCalls lists the calls that the function called in h makes of d, which
// it is given; seen is false when it may make others.
func (p *Project) indirectCalls(h handed, d *Def) (calls []Call, seen bool) {
	r := p.values(h.call.Field("function"))
	seen = r.known && len(r.values) > 0
	look := func(n *syntax.Node) ([]Value, bool) {
		r := p.values(n)
		return slices.Clone(r.values), r.known
	}
	matched := map[*syntax.Node]bool{}
	for _, name := range p.externalNames(h.call.Field("function")) {
		var found []Indirect
		if p.opts.Indirect != nil {
			found = p.opts.Indirect(look, h.call, name)
		}
		took := false
		for _, ind := range found {
			if ind.Func == nil {
				continue
			}
			for _, v := range p.values(ind.Func).values {
				c, ok := p.callOf(v, d, h.call)
				if !ok {
					continue
				}
				took = true
				if !matched[ind.Func] {
					matched[ind.Func] = true
					ind := ind
					c.Indirect = &ind
					calls = append(calls, c)
				}
				break
			}
		}
		if !took && !p.harmless(name, d) {
			seen = false
		}
	}
	return calls, seen
}

// harmless says whether an external function, or a constructor inherited from
// an external class, does not call what it is given.
func (p *Project) harmless(name string, d *Def) bool {
	if harmless[plain(name)] {
		return true
	}
	return d.IsClass() && harmlessForClass[plain(name)]
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
		if (d.Name == "__init__" || d.Name == "__new__") && d.Class != nil && p.method(v.Def, d.Name) == d {
			return Call{Node: n, Def: d, Bound: true}, true
		}
	case Instance:
		if d.Name == "__call__" && d.Class != nil && v.Def != nil && p.method(v.Def, "__call__") == d {
			return Call{Node: n, Def: d, Bound: true}, true
		}
	}
	return Call{}, false
}

// constructions lists the calls that make instances of exactly this class.
func (p *Project) constructions(class *Def) []*syntax.Node {
	var found []*syntax.Node
	calls, _ := p.calledAt(p.traceOf(class), class)
	for _, n := range calls {
		for _, v := range p.values(n.Field("function")).values {
			if v.Kind == Class && v.Def == class {
				found = append(found, n)
				break
			}
		}
	}
	return found
}

// Constructions lists the calls that make instances of a class, in order.
func (p *Project) Constructions(class *Def) []*syntax.Node {
	p.lock()
	defer p.mu.Unlock()
	return p.constructions(class)
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

// escapes says whether a definition goes where mpfix cannot see what calls it:
// into an attribute of a foreign object, behind a decorator it does not know, or
// under a name that the program makes up.
func (p *Project) escapes(d *Def, t *trace) bool {
	x := p.idx()
	if d.Name != "" && x.named[d.Name] || d.Scope != nil && d.Scope.Parent == d.Module.Top && x.dynamic[d.Module] {
		return true
	}
	for _, e := range d.Decorators() {
		if !p.transparent(e) {
			return true
		}
	}
	fields, known := p.fieldsAt(t, d)
	if !known {
		return true
	}
	for _, i := range fields {
		s := x.fields[i]
		if !p.passes(s.value, d) {
			continue
		}
		r := p.values(s.object)
		if !r.known || len(r.values) == 0 {
			return true
		}
		for _, v := range r.values {
			if v.Kind != Instance && v.Kind != Class && v.Kind != Module && v.Kind != Function {
				return true
			}
		}
	}
	return false
}

// transparent says whether a decorator leaves all calls of what it decorates in
// sight: a function of the project, or one known to call it only when called.
func (p *Project) transparent(e *syntax.Node) bool {
	if e.Is("attribute") && (e.Field("attribute").Text() == "setter" || e.Field("attribute").Text() == "deleter") {
		return true
	}
	if e.Is("call") {
		e = e.Field("function")
	}
	r := p.values(e)
	if !r.known || len(r.values) == 0 {
		return false
	}
	for _, v := range r.values {
		if v.Kind == External && !transparent[plain(v.Name)] {
			return false
		}
	}
	return true
}

// transparent lists decorators that hand the arguments of a call on, and call
// at no other time.
var transparent = map[string]bool{
	"builtins.staticmethod": true, "builtins.classmethod": true, "builtins.property": true, "functools.wraps": true,
	"functools.lru_cache": true, "functools.cache": true, "functools.cached_property": true, "functools.total_ordering": true,
	"contextlib.contextmanager": true, "contextlib.asynccontextmanager": true, "abc.abstractmethod": true,
	"abc.abstractproperty": true, "typing.overload": true, "typing.final": true, "typing.override": true,
	"typing.no_type_check": true, "typing.runtime_checkable": true, "typing_extensions.override": true,
	"dataclasses.dataclass": true, "enum.unique": true, "warnings.deprecated": true, "functools.singledispatch": true,
	"asyncio.coroutine": true, "numba.jit": true, "numba.njit": true, "torch.no_grad": true, "torch.inference_mode": true,
	"tenacity.retry": true,
}

// References lists the expressions that name a definition in the loaded
// modules: identifiers, and attributes that resolve to it.
func (p *Project) References(d *Def) []*syntax.Node {
	p.lock()
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

// harmless lists external functions that do not call their arguments.
var harmless = map[string]bool{
	"builtins.print": true, "builtins.isinstance": true, "builtins.len": true, "builtins.repr": true,
	"builtins.str": true, "builtins.id": true, "builtins.callable": true, "builtins.type": true, "builtins.hash": true,
	"builtins.hasattr": true, "builtins.getattr": true, "builtins.setattr": true, "builtins.issubclass": true,
	"builtins.list": true, "builtins.tuple": true, "builtins.dict": true, "builtins.set": true, "builtins.bool": true,
	"builtins.zip": true, "builtins.enumerate": true, "builtins.vars": true, "builtins.dir": true,
	"builtins.staticmethod": true, "builtins.classmethod": true, "builtins.super": true,
	"builtins.list.append": true, "builtins.list.insert": true, "builtins.list.extend": true, "builtins.set.add": true,
	"builtins.list.remove": true, "builtins.list.index": true, "builtins.dict.setdefault": true, "builtins.dict.get": true,
	"builtins.dict.update": true, "builtins.str.format": true, "collections.deque.append": true,
	"functools.wraps": true, "functools.update_wrapper": true, "inspect.getsource": true, "inspect.signature": true,
	"inspect.getdoc": true, "inspect.isfunction": true, "inspect.isclass": true, "inspect.iscoroutinefunction": true,
	"asyncio.iscoroutinefunction": true, "copy.copy": true, "copy.deepcopy": true, "typing.cast": true, "typing.TypeVar": true,
	"typing.get_type_hints": true,
}

// harmlessForClass lists what may be given a class without calling it.
var harmlessForClass = map[string]bool{
	"builtins.super.__init__": true, "dataclasses.fields": true, "typing.NewType": true, "builtins.object.__new__": true,
	"builtins.super.__new__": true, "argparse.ArgumentParser.add_argument": true,
}

// callResult returns what a call gives.
func (p *Project) callResult(n *syntax.Node) result {
	f := n.Field("function")
	if p.isSuper(n) {
		return just(Value{Kind: External, Name: "builtins.super()", Node: n})
	}
	return p.values(f).each(func(v Value) result { return p.called(v, n) })
}

func (p *Project) called(v Value, n *syntax.Node) result {
	switch v.Kind {
	case Class:
		return just(Value{Kind: Instance, Def: v.Def, Node: n})
	case Function, Method:
		if v.Def == nil {
			return unknown
		}
		if v.Def.DecoratedBy("contextlib.contextmanager", "contextlib.asynccontextmanager") || v.Def.IsGenerator() {
			return just(Value{Kind: External, Name: generatorPrefix + v.Def.QualName(), Node: n, Def: v.Def})
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

// returned returns what a function hands back. A method that returns self hands
// back the very object it is bound to.
func (p *Project) returned(v Value) result {
	type returnedKey struct{ d *Def }
	self := v.Def.Self()
	bound := v.Kind == Method && v.Recv != nil && v.Recv.Kind == Instance && !v.Def.IsClassMethod()
	isSelf := func(e *syntax.Node) bool { return bound && self != "" && e.Is("identifier") && e.Text() == self }
	returns := v.Def.Returns()
	r := nothing()
	if bound && slices.ContainsFunc(returns, isSelf) {
		r.add(*v.Recv)
		for _, e := range returns {
			if !isSelf(e) {
				r.join(p.values(e))
			}
		}
		return r
	}
	return p.eval.ask(returnedKey{v.Def}, func() result {
		for _, e := range returns {
			r.join(p.values(e))
		}
		return r
	})
}

func (p *Project) externalResult(v Value, n *syntax.Node) result {
	args := syntax.CallArgs(n)
	arg := func(i int, f func(result) result) result {
		if i >= len(args.Positional) {
			return unknown
		}
		return f(p.values(args.Positional[i]))
	}
	same := func(r result) result { return r }
	switch name := plain(v.Name); name {
	case "builtins.dict.get", "builtins.dict.pop", "builtins.dict.setdefault", "builtins.list.pop",
		"collections.deque.pop", "collections.deque.popleft", "collections.defaultdict.get", "collections.defaultdict.pop",
		"collections.defaultdict.setdefault", "collections.OrderedDict.get", "collections.OrderedDict.pop",
		"collections.OrderedDict.setdefault", "builtins.set.pop":
		if v.Recv == nil {
			break
		}
		var r result
		done := false
		if len(args.Positional) > 0 && v.Recv.mapping() {
			if key, ok := syntax.StringValue(args.Positional[0]); ok {
				r, _, done = p.entry(*v.Recv, key)
			}
		}
		if !done {
			r = p.elements(*v.Recv)
		}
		if len(args.Positional) > 1 {
			r.join(p.values(args.Positional[1]))
		}
		return r
	case "copy.copy", "copy.deepcopy", "asyncio.shield":
		return arg(0, same)
	case "typing.cast":
		return arg(1, same)
	case "builtins.next", "builtins.anext":
		r := arg(0, p.iterated)
		if len(args.Positional) > 1 {
			r.join(p.values(args.Positional[1]))
		}
		return r
	case "builtins.min", "builtins.max":
		if len(args.Positional) == 1 {
			return arg(0, p.iterated)
		}
		r := result{known: len(args.Positional) > 1 && len(args.Stars) == 0}
		for _, e := range args.Positional {
			r.join(p.values(e))
		}
		return r
	case "contextlib.ExitStack.enter_context", "contextlib.AsyncExitStack.enter_async_context", "contextlib.AsyncExitStack.enter_context":
		if len(args.Positional) == 1 {
			return p.entered(args.Positional[0])
		}
		return unknown
	case "dataclasses.field":
		if f := args.Keywords["default_factory"]; f != nil {
			return p.values(f).each(func(f Value) result { return p.made(f, n) })
		}
		if e := args.Keywords["default"]; e != nil {
			return p.values(e)
		}
		return nothing()
	case "builtins.getattr":
		if len(args.Positional) < 2 {
			return unknown
		}
		if attr, ok := syntax.StringValue(args.Positional[1]); ok {
			r := p.values(args.Positional[0]).each(func(v Value) result { return p.attribute(v, attr) })
			if len(args.Positional) > 2 {
				r.join(p.values(args.Positional[2]))
			}
			return r
		}
		return unknown
	case "builtins.object.__new__":
		return arg(0, func(r result) result { return r.each(func(c Value) result { return p.newObject(c, n) }) })
	}
	if strings.HasSuffix(v.Name, "()()") || len(v.Name) > maxPath {
		return unknown
	}
	return just(Value{Kind: External, Name: v.Name + "()", Node: n, Recv: v.Recv, Def: v.Def})
}

func (p *Project) newObject(c Value, n *syntax.Node) result {
	if c.Kind == Class {
		return just(Value{Kind: Instance, Def: c.Def, Node: n})
	}
	return unknown
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
		if def.IsClassMethod() || def.Name == "__new__" || def.Name == "__init_subclass__" || def.Name == "__class_getitem__" {
			return just(Value{Kind: Class, Def: def.Class, Recv: &Value{Kind: Class, Def: def.Class}})
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
	p.lock()
	defer p.mu.Unlock()
	param, i := c.Def.Param(name)
	if i < 0 {
		return nil, false
	}
	r := p.argument(c, c.Def, param, i)
	return slices.Clone(r.values), r.known
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
		return p.collected(c.Node, ind, param, i)
	}
	take := func(a Arg) result {
		r := p.values(a.Expr)
		if a.Element {
			r = p.iterated(r)
		}
		return r
	}
	if a, ok := ind.Keywords[param.Name]; ok && !param.PosOnly {
		return take(a)
	}
	if i >= 0 && i < len(ind.Args) && !param.KwOnly {
		return take(ind.Args[i])
	}
	out := result{known: !ind.Unknown}
	missing := true // in at least one of the values of what was looked at
	if ind.Rest != nil && i >= len(ind.Args) && !param.KwOnly {
		missing = false
		out.join(take(*ind.Rest).each(func(v Value) result {
			if n, ok := p.length(v); ok && i-len(ind.Args) >= n {
				missing = true
				return nothing()
			}
			return p.nth(v, i-len(ind.Args))
		}))
	}
	if missing && ind.Mapping != nil && !param.PosOnly {
		missing = false
		out.join(p.values(ind.Mapping).each(func(v Value) result {
			if !v.mapping() {
				missing = true
				return unknown
			}
			r, found, ok := p.entry(v, param.Name)
			missing = missing || !found
			if !ok {
				return unknown
			}
			return r
		}))
	}
	if missing && param.Default != nil {
		out.join(p.values(param.Default))
	}
	return out
}

// collected returns the tuple that a *args parameter gets.
func (p *Project) collected(call *syntax.Node, ind *Indirect, param Param, i int) result {
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
		return just(Value{Kind: Literal, Node: call, Name: "*"})
	}
	v := Value{Kind: Literal, Node: ind.Args[i].Expr.Parent, Name: "*" + itoa(i)}
	for _, a := range ind.Args[i:] {
		if a.Element {
			return unknown
		}
		v.Items = append(v.Items, a.Expr)
	}
	return just(v)
}

// Callees lists the definitions that running d may run next: what it calls or
// has map() and the like call, constructors, context managers it enters, lambdas
// in it, and properties it reads. Calls that other external functions make are
// left out; Callers has those that Options.Indirect tells.
func (p *Project) Callees(d *Def) []*Def {
	p.lock()
	defer p.mu.Unlock()
	return p.calleesOf(d)
}

// calleesOf remembers what Callees answers.
func (p *Project) calleesOf(d *Def) []*Def {
	found, ok := p.runs[d]
	if !ok {
		found = p.callees(d)
		p.runs[d] = found
	}
	return found
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
		case "parameters", "lambda_parameters": // defaults are worked out when d is defined
			return n.Parent != d.Node
		case "function_definition", "class_definition":
			return n == d.Node
		case "call":
			for _, v := range p.values(n.Field("function")).values {
				p.addCallee(v, add)
				if v.Kind == External && runsArgument[plain(v.Name)] {
					for _, a := range n.Field("arguments").NamedChildren() {
						if a.Kind == "keyword_argument" {
							a = a.Field("value")
						}
						for _, f := range p.values(a).values {
							if f.Kind == Function || f.Kind == Method {
								p.addCallee(f, add)
							}
						}
					}
				}
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
	p.lock()
	defer p.mu.Unlock()
	found, ok := p.calledBy[call]
	if ok {
		return found
	}
	for _, v := range p.values(call.Field("function")).values {
		p.addCallee(v, func(d *Def) {
			if d != nil && !contains(found, d) {
				found = append(found, d)
			}
		})
	}
	p.calledBy[call] = found
	return found
}

// runsArgument lists functions that call what they are given, there and then or
// while their result is iterated over.
var runsArgument = map[string]bool{
	"builtins.map": true, "builtins.filter": true, "builtins.sorted": true, "builtins.min": true, "builtins.max": true,
	"builtins.list.sort": true, "builtins.iter": true, "functools.reduce": true, "itertools.starmap": true,
	"itertools.groupby": true, "itertools.takewhile": true, "itertools.dropwhile": true, "itertools.filterfalse": true,
	"itertools.accumulate": true, "re.sub": true, "contextlib.ExitStack.callback": true, "atexit.register": true,
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
		if v.Is("functools.partial()") && v.Node != nil {
			if args := syntax.CallArgs(v.Node); len(args.Positional) > 0 {
				for _, f := range p.values(args.Positional[0]).values {
					if f.Kind == Function || f.Kind == Method || f.Kind == Class {
						p.addCallee(f, add)
					}
				}
			}
		}
	}
}

// Reaches lists d and all definitions that running it may run, in the order
// they are met.
func (p *Project) Reaches(d *Def) []*Def {
	p.lock()
	defer p.mu.Unlock()
	if all, ok := p.reached[d]; ok {
		return all
	}
	all := []*Def{d}
	seen := map[*Def]bool{d: true}
	for i := 0; i < len(all); i++ {
		for _, c := range p.calleesOf(all[i]) {
			if !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		}
	}
	all = all[:len(all):len(all)]
	p.reached[d] = all
	return all
}
