// Package process is the model of a program's processes: which objects of
// multiprocessing it makes and how they are used, which functions run in
// workers, what starts them, what is sent to them, and what happens while a
// module is imported.
//
// What is known of Python's API stands in tables in api.go and indirect.go.
// The model is built once from a project and is read-only afterwards.
package process

import (
	"sort"
	"strings"
	"sync"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Model is what is known of the processes of a program. All lists are in order
// of path and place.
type Model struct {
	Project  *project.Project
	Objects  []*Object
	Launches []*Launch
	Pools    []*PoolUse
	Tasks    []*Task
	Workers  []*Worker
	Channels []*Channel
	Starts   []*Start

	byMade   map[objectKey]*Object
	byClass  map[*project.Def][]*Object
	byEntry  map[*project.Def]*Worker
	inWorker map[*project.Def][]*Worker
	inParent map[*project.Def]bool
	imports  map[*project.Def]*ImportRun
	guards   map[*syntax.Tree]*guards

	asked    sync.Mutex             // guards what was found when rules asked
	breaks   map[breaksKey][]*Break // answers of Breaks
	subs     map[*project.Def][]*Object
	launchOf map[*Object]*Launch
	poolOf   map[*Object]*PoolUse
	channel  map[*Object]*Channel
	startAt  map[*syntax.Node]*Start

	steps     map[*project.Def][]step // nil: module level of all modules
	functions []*project.Def          // all defs but lambdas and classes, in order
	pins      []*Pin
	programs  programs
}

type objectKey struct {
	made *syntax.Node
	name string
}

// Object is one multiprocessing object (or thread object), by the call that
// makes it. A call in a loop stands for all that it makes.
type Object struct {
	Type
	Made   *syntax.Node // the call
	Module *scope.Module
	Class  *project.Def // for a subclass of Process in the project
	In     *project.Def // the function that makes it; nil at module level
	// Method is the start method its context asks for by name:
	// get_context("spawn").Queue(); "" for the default context.
	Method string
	Uses   []*Use
	// Entered are the expressions by which a with statement, ExitStack's
	// enter_context() or contextlib.closing() takes it over, in order.
	Entered []*syntax.Node

	named bool // its context asks for a method by name
}

// Use is one place where a member of an object is read or called.
type Use struct {
	Object *Object
	Node   *syntax.Node // the attribute expression, object.name
	Name   string
	Call   *syntax.Node // the call of the member, nil if it is only read or passed on
	In     *project.Def // the function it stands in, nil at module level
	// Sole: the expression is known to hold this object (or others made by the
	// same call) and nothing else.
	Sole bool
}

// Launch is the making of a Process (or of a subclass), with what it will run.
type Launch struct {
	Object *Object
	Call   *syntax.Node // the constructor call
	// Target is the expression of the target; nil for a subclass with run().
	Target  *syntax.Node
	Entries []*project.Def // what runs in the child
	Known   bool           // Entries are all it may run
	Bound   bool           // an entry is a bound method: self is sent too
	Args    *syntax.Node   // the args= expression, or nil
	Kwargs  *syntax.Node   // the kwargs= expression, or nil
	Starts  []*Use         // start() calls
	Joins   []*Use         // join() calls
}

// PoolUse is a Pool or ProcessPoolExecutor with what it runs.
type PoolUse struct {
	Object      *Object
	Initializer *syntax.Node // or nil
	InitEntries []*project.Def
	Initargs    *syntax.Node // or nil
	Tasks       []*Task
}

// Task is one call that gives a pool work: pool.map(f, items),
// executor.submit(f, x), loop.run_in_executor(executor, f, x).
type Task struct {
	Pool    *PoolUse // nil when it is not known which
	Call    *syntax.Node
	Method  string // "map", "apply_async", "submit", "run_in_executor"
	Shape   TaskShape
	Func    *syntax.Node   // the callable as written
	Entries []*project.Def // what runs in the worker
	Known   bool
	Bound   bool
	Items   []*syntax.Node // argument expressions after the function
	In      *project.Def
}

// Worker is a function that runs in a child process, with all that starts it.
type Worker struct {
	Entry    *project.Def
	Launches []*Launch
	Tasks    []*Task
	InitOf   []*PoolUse // the entry is their initializer
	Reaches  []*project.Def
}

// Channel is a queue or a pipe's end with the places that use it.
type Channel struct {
	Object *Object
	Peer   *Channel // the other end of a pipe
	Put    []*Use   // put, put_nowait, send, send_bytes
	Get    []*Use   // get, get_nowait, recv, recv_bytes, called or passed to iter()
	Other  []*Use
}

// StartKind says how processes come to be.
type StartKind int

// The kinds of start.
const (
	StartProcess  StartKind = iota // Process.start()
	StartPool                      // Pool(...)
	StartExecutor                  // submit or map of an executor
	StartManager                   // Manager(), BaseManager.start(), with BaseManager()
)

// Start is a place where processes are started when it runs.
type Start struct {
	Kind   StartKind
	Node   *syntax.Node // the call
	Object *Object
	In     *project.Def // the function it stands in, nil at module level
	Method string       // the start method it is pinned to, "" for the default
}

// New builds the model of a project.
func New(p *project.Project) *Model {
	m := &Model{
		Project:  p,
		byMade:   map[objectKey]*Object{},
		byClass:  map[*project.Def][]*Object{},
		byEntry:  map[*project.Def]*Worker{},
		inWorker: map[*project.Def][]*Worker{},
		inParent: map[*project.Def]bool{},
		imports:  map[*project.Def]*ImportRun{},
		guards:   map[*syntax.Tree]*guards{},
		breaks:   map[breaksKey][]*Break{},
		subs:     map[*project.Def][]*Object{},
		launchOf: map[*Object]*Launch{},
		poolOf:   map[*Object]*PoolUse{},
		channel:  map[*Object]*Channel{},
		startAt:  map[*syntax.Node]*Start{},
		steps:    map[*project.Def][]step{},
	}
	properties := map[string]bool{}
	for _, mod := range p.Modules() {
		m.guards[mod.Tree] = findGuards(mod)
		m.collectObjects(mod)
		m.collectFunctions(mod, properties)
	}
	m.collectInstances()
	for _, mod := range p.Modules() {
		m.collectUses(mod)
		m.collectSteps(mod, properties)
	}
	for _, o := range m.Objects {
		switch o.Kind {
		case Process:
			m.addLaunch(o)
		case Pool, Executor:
			m.addPool(o)
		}
	}
	for _, mod := range p.Modules() {
		m.collectTasks(mod)
	}
	m.collectChannels()
	m.collectStarts()
	m.findParent()
	m.findImportRuns()
	m.findPins()
	return m
}

// collectFunctions lists the functions of a module and the names of properties.
func (m *Model) collectFunctions(mod *scope.Module, properties map[string]bool) {
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind == "function_definition" {
			if d := m.Project.DefAt(n); d != nil {
				m.functions = append(m.functions, d)
				if d.Class != nil && d.DecoratedBy("builtins.property", "functools.cached_property") {
					properties[d.Name] = true
				}
			}
		}
		return true
	})
}

// collectObjects finds the calls that make objects.
func (m *Model) collectObjects(mod *scope.Module) {
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind != "call" {
			return true
		}
		values, _ := m.Project.Values(n)
		if len(values) > 1 && m.either(values, n) {
			return true // a pool of threads or of processes, as a setting says
		}
		for _, v := range values {
			if v.Node != n {
				continue
			}
			switch v.Kind {
			case project.External:
				if v.ResultOf() == "" {
					continue
				}
				if rest, t, ok := split(v.ResultOf()); ok && rest == "Pipe" {
					for _, end := range []string{"Pipe[0]", "Pipe[1]"} {
						t.Kind, t.Name = Connection, end
						m.addObject(mod, n, t, nil)
					}
					continue
				}
				if t, ok := made(v.Name); ok {
					m.addObject(mod, n, t, nil)
				}
			case project.Instance:
				_, external, _ := m.Project.Ancestors(v.Def)
				for _, e := range external {
					if t, ok := Callable(e); ok {
						m.addObject(mod, n, t, v.Def)
						break
					}
				}
			}
		}
		return true
	})
}

// either says whether a call may make an object of processes or something else,
// such as an object of threads.
func (m *Model) either(values []project.Value, call *syntax.Node) bool {
	processes, others := false, false
	for _, v := range values {
		if v.Node != call {
			continue
		}
		t, ok := Type{}, false
		switch v.Kind {
		case project.External:
			if t, ok = made(v.Name); !ok {
				rest, _, found := split(v.ResultOf())
				ok = found && rest == "Pipe"
			}
		case project.Instance:
			_, external, _ := m.Project.Ancestors(v.Def)
			for _, e := range external {
				if t, ok = Callable(e); ok {
					break
				}
			}
		}
		if ok && t.Kind < ThreadPool {
			processes = true
		} else {
			others = true
		}
	}
	return processes && others
}

func (m *Model) addObject(mod *scope.Module, call *syntax.Node, t Type, class *project.Def) {
	key := objectKey{call, ""}
	if t.Kind == Connection {
		key.name = t.Name
	}
	if m.byMade[key] != nil {
		return
	}
	if t.Kind == SharedValue || t.Kind == SharedArray {
		if lock := syntax.CallArgs(call).Keywords["lock"]; lock.Is("false") {
			t.Kind = map[Kind]Kind{SharedValue: RawValue, SharedArray: RawArray}[t.Kind]
		}
	}
	o := &Object{Type: t, Made: call, Module: mod, Class: class, In: m.Project.Enclosing(call)}
	o.Method, o.named = m.contextMethod(call)
	m.byMade[key] = o
	m.Objects = append(m.Objects, o)
	if class != nil {
		m.byClass[class] = append(m.byClass[class], o)
	}
}

// contextMethod returns the start method that a constructor's context names;
// named says that the context asks for one, even if it is not known which.
func (m *Model) contextMethod(call *syntax.Node) (method string, named bool) {
	values, known := m.Project.Values(call.Field("function"))
	if ctx := syntax.CallArgs(call).Keywords["mp_context"]; ctx != nil {
		values, known = m.Project.Values(ctx)
	}
	for i, v := range values {
		name, asks := m.methodOf(v, 0)
		named = named || asks
		if i > 0 && name != method {
			return "", named
		}
		method = name
	}
	if !known && len(values) != 1 {
		return "", named
	}
	return method, named
}

// methodOf returns the start method of a context, or of something reached
// through one, and whether it names one at all.
func (m *Model) methodOf(v project.Value, depth int) (method string, named bool) {
	if depth > 8 {
		return "", false
	}
	switch v.Kind {
	case project.Class, project.Instance:
		if v.Def == nil {
			return "", false
		}
		bases, _ := m.Project.Bases(v.Def)
		for _, b := range bases {
			if method, named := m.methodOf(b, depth+1); named {
				return method, true
			}
		}
		return "", false
	case project.External:
	default:
		return "", false
	}
	if name := methodInName(v.Name); name != "" {
		return name, true
	}
	for w := &v; w != nil; w = w.Recv {
		if !w.Node.Is("call") {
			continue
		}
		values, _ := m.Project.Values(w.Node.Field("function"))
		for _, c := range values {
			if rest, _, ok := split(c.Name); !ok || rest != "get_context" {
				continue
			}
			arg := argument(syntax.CallArgs(w.Node), 0, "method")
			if arg == nil || arg.Is("none") {
				return "", false
			}
			return m.stringOf(arg), true
		}
	}
	return "", false
}

// stringOf returns the only string that an expression can hold, "" if that is
// not known.
func (m *Model) stringOf(n *syntax.Node) string {
	if s, ok := syntax.StringValue(n); ok {
		return s
	}
	if v, ok := m.Project.Only(n); ok && v.Kind == project.Literal {
		s, _ := syntax.StringValue(v.Node)
		return s
	}
	return ""
}

// ObjectAt returns the object that a call makes; for Pipe() use EndsAt.
func (m *Model) ObjectAt(call *syntax.Node) *Object { return m.byMade[objectKey{call, ""}] }

// EndsAt returns the two ends that a call of Pipe makes.
func (m *Model) EndsAt(call *syntax.Node) (first, second *Object) {
	return m.byMade[objectKey{call, "Pipe[0]"}], m.byMade[objectKey{call, "Pipe[1]"}]
}

// ObjectsOf returns the objects that an expression may hold; sole says that it
// holds one of them for sure, and nothing else.
func (m *Model) ObjectsOf(expr *syntax.Node) (objects []*Object, sole bool) {
	values, known := m.Origins(expr)
	return m.objectsOf(values, known)
}

func (m *Model) objectsOf(values []project.Value, known bool) (objects []*Object, sole bool) {
	others := 0
	for _, v := range values {
		found := m.objectsOfValue(v)
		if len(found) == 0 && !(v.Kind == project.Literal && v.Node.Is("none")) {
			others++
		}
		for _, o := range found {
			if !hasObject(objects, o) {
				objects = append(objects, o)
			}
		}
	}
	return objects, known && others == 0 && len(objects) == 1
}

func hasObject(objects []*Object, o *Object) bool {
	for _, have := range objects {
		if have == o {
			return true
		}
	}
	return false
}

func (m *Model) objectsOfValue(v project.Value) []*Object {
	switch v.Kind {
	case project.External:
		t, ok := made(v.Name)
		if !ok || v.Node == nil {
			return nil
		}
		key := objectKey{v.Node, ""}
		if t.Kind == Connection {
			key.name = t.Name
		}
		if o := m.byMade[key]; o != nil {
			return []*Object{o}
		}
	case project.Instance:
		if v.Node != nil {
			if o := m.byMade[objectKey{v.Node, ""}]; o != nil {
				return []*Object{o}
			}
			return nil
		}
		return m.subs[v.Def]
	}
	return nil
}

// collectInstances lists the objects of every class: its own and those of its
// subclasses.
func (m *Model) collectInstances() {
	for _, o := range m.Objects {
		if o.Class == nil {
			continue
		}
		line, _, _ := m.Project.Ancestors(o.Class)
		for _, class := range line {
			m.subs[class] = append(m.subs[class], o)
		}
	}
}

// collectUses finds the places where members of objects are read or called, and
// where objects are entered.
func (m *Model) collectUses(mod *scope.Module) {
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "attribute":
			if !members[n.Field("attribute").Text()] {
				return true
			}
			objects, sole := m.ObjectsOf(n.Field("object"))
			for _, o := range objects {
				u := &Use{Object: o, Node: n, Name: n.Field("attribute").Text(), In: m.Project.Enclosing(n), Sole: sole}
				if n.Parent.Is("call") && n.FieldName == "function" {
					u.Call = n.Parent
				}
				o.Uses = append(o.Uses, u)
			}
		case "with_item":
			m.entered(withValue(n))
		case "call":
			switch lastName(n.Field("function")) {
			case "enter_context", "enter_async_context", "closing":
				if args := syntax.CallArgs(n); len(args.Positional) == 1 {
					m.entered(args.Positional[0])
				}
			}
		}
		return true
	})
}

// withValue returns the context manager of an item of a with statement.
func withValue(item *syntax.Node) *syntax.Node {
	v := item.Field("value")
	if v.Is("as_pattern") {
		if c := v.NamedChildren(); len(c) > 0 {
			return c[0]
		}
	}
	return v
}

func (m *Model) entered(expr *syntax.Node) {
	objects, _ := m.ObjectsOf(expr)
	for _, o := range objects {
		o.Entered = append(o.Entered, expr)
	}
}

// Used lists the uses of a member of the object.
func (o *Object) Used(names ...string) []*Use {
	var found []*Use
	for _, u := range o.Uses {
		for _, name := range names {
			if u.Name == name {
				found = append(found, u)
			}
		}
	}
	return found
}

// entriesOf returns the project functions that calling an expression runs,
// through functools.partial.
func (m *Model) entriesOf(fn *syntax.Node) (entries []*project.Def, known, bound bool) {
	values, known := m.Project.Values(fn)
	for _, v := range values {
		switch v.Kind {
		case project.Function:
			entries = append(entries, v.Def)
		case project.Method:
			entries = append(entries, v.Def)
			bound = true
		case project.Class:
			if init := m.Project.Method(v.Def, "__init__"); init != nil {
				entries = append(entries, init)
			}
		case project.Instance:
			if call := m.Project.Method(v.Def, "__call__"); call != nil {
				entries = append(entries, call)
				bound = true
			}
		case project.External:
			if v.Is("functools.partial()") && v.Node != nil {
				if args := syntax.CallArgs(v.Node); len(args.Positional) > 0 {
					inner, ok, b := m.entriesOf(args.Positional[0])
					entries = append(entries, inner...)
					known, bound = known && ok, bound || b
				}
			}
		}
	}
	return entries, known && len(values) > 0, bound
}

func (m *Model) addLaunch(o *Object) {
	l := &Launch{Object: o, Call: o.Made, Starts: called(o.Used("start")), Joins: called(o.Used("join"))}
	if o.Class == nil || !m.subclassLaunch(l) {
		args := syntax.CallArgs(o.Made)
		l.Target = argument(args, 1, "target")
		l.Args = argument(args, 3, "args")
		l.Kwargs = argument(args, 4, "kwargs")
		if l.Target != nil {
			l.Entries, l.Known, l.Bound = m.entriesOf(l.Target)
		}
	}
	m.Launches = append(m.Launches, l)
	m.launchOf[o] = l
	for _, e := range l.Entries {
		w := m.worker(e)
		w.Launches = append(w.Launches, l)
	}
}

// subclassLaunch fills the launch of a subclass with what its run() or its own
// constructor say, and returns false when it takes the arguments of Process.
func (m *Model) subclassLaunch(l *Launch) bool {
	class := l.Object.Class
	if run := m.Project.Method(class, "run"); run != nil {
		l.Entries, l.Known, l.Bound = []*project.Def{run}, true, true
		return true
	}
	init := m.Project.Method(class, "__init__")
	if init == nil {
		return false
	}
	super := m.superInit(init)
	if super == nil {
		return true
	}
	// Process.__init__(self, …) has self among its arguments.
	shift := 0
	if f := super.Field("function"); f.Is("attribute") && !f.Field("object").Is("call") {
		shift = 1
	}
	outer, inner := syntax.CallArgs(l.Call), syntax.CallArgs(super)
	pick := func(i int, keyword string) *syntax.Node {
		e := argument(inner, i+shift, keyword)
		if e == nil && len(inner.DoubleStars) > 0 {
			return outer.Keywords[keyword] // super().__init__(**kwargs)
		}
		if !e.Is("identifier") {
			return e
		}
		p, at := init.Param(e.Text())
		if at < 1 || p.Star > 0 {
			return e
		}
		if given := argument(outer, at-1, p.Name); given != nil {
			return given
		}
		if p.Default != nil {
			return p.Default
		}
		return e
	}
	l.Target, l.Args, l.Kwargs = pick(1, "target"), pick(3, "args"), pick(4, "kwargs")
	if l.Target != nil {
		l.Entries, l.Known, l.Bound = m.entriesOf(l.Target)
	}
	return true
}

// superInit returns the call in a constructor that runs the constructor of the
// external base, nil if there is none.
func (m *Model) superInit(init *project.Def) *syntax.Node {
	var found *syntax.Node
	init.Walk(func(n *syntax.Node) {
		if n.Kind != "call" || found != nil || lastName(n.Field("function")) != "__init__" {
			return
		}
		values, _ := m.Project.Values(n.Field("function"))
		for _, v := range values {
			switch v.Kind {
			case project.External:
				name := strings.TrimSuffix(strings.TrimSuffix(v.Name, ".__init__"), "()")
				if t, ok := Callable(name); ok && t.Kind == Process {
					found = n
				}
			case project.Method, project.Function: // a base of the project in between
				if v.Def != init && found == nil {
					if deeper := m.superInit(v.Def); deeper != nil {
						found = n
					}
				}
			}
		}
	})
	return found
}

func called(uses []*Use) []*Use {
	var found []*Use
	for _, u := range uses {
		if u.Call != nil {
			found = append(found, u)
		}
	}
	return found
}

func argument(args syntax.Args, i int, keyword string) *syntax.Node {
	if e := args.Keywords[keyword]; e != nil {
		return e
	}
	if i < len(args.Positional) {
		return args.Positional[i]
	}
	return nil
}

func (m *Model) addPool(o *Object) {
	args := syntax.CallArgs(o.Made)
	pu := &PoolUse{Object: o}
	first := 1
	if o.Kind == Executor {
		first = 2
	}
	pu.Initializer = argument(args, first, "initializer")
	pu.Initargs = argument(args, first+1, "initargs")
	if pu.Initializer != nil {
		pu.InitEntries, _, _ = m.entriesOf(pu.Initializer)
		for _, e := range pu.InitEntries {
			w := m.worker(e)
			w.InitOf = append(w.InitOf, pu)
		}
	}
	m.Pools = append(m.Pools, pu)
	m.poolOf[o] = pu
}

func (m *Model) worker(entry *project.Def) *Worker {
	w := m.byEntry[entry]
	if w == nil {
		w = &Worker{Entry: entry, Reaches: m.reach(entry)}
		m.byEntry[entry] = w
		m.Workers = append(m.Workers, w)
		for _, d := range w.Reaches {
			m.inWorker[d] = append(m.inWorker[d], w)
		}
	}
	return w
}

// collectTasks finds the calls that give pools work.
func (m *Model) collectTasks(mod *scope.Module) {
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind != "call" {
			return true
		}
		f := n.Field("function")
		if !f.Is("attribute") {
			return true
		}
		method := f.Field("attribute").Text()
		args := syntax.CallArgs(n)
		if method == "run_in_executor" && len(args.Positional) > 1 {
			m.addTask(n, method, OnceSpread, args.Positional[0], args.Positional[1], args.Positional[2:])
			return true
		}
		shape, pool := poolTasks[method]
		execShape, executor := executorTasks[method]
		if !pool && !executor {
			return true
		}
		objects, _ := m.ObjectsOf(f.Field("object"))
		for _, o := range objects {
			switch {
			case o.Kind == Pool && pool:
				fn := argument(args, 0, "func")
				items := args.Positional[min(1, len(args.Positional)):]
				for _, name := range []string{"iterable", "args", "kwds"} {
					if e := args.Keywords[name]; e != nil {
						items = append(items[:len(items):len(items)], e)
					}
				}
				m.addTask(n, method, shape, f.Field("object"), fn, items)
				return true
			case o.Kind == Executor && executor:
				fn := argument(args, 0, "fn")
				items := args.Positional[min(1, len(args.Positional)):]
				for _, name := range args.Names {
					if name != "fn" && name != "timeout" && name != "chunksize" {
						items = append(items[:len(items):len(items)], args.Keywords[name])
					}
				}
				m.addTask(n, method, execShape, f.Field("object"), fn, items)
				return true
			}
		}
		return true
	})
}

func (m *Model) addTask(call *syntax.Node, method string, shape TaskShape, pool, fn *syntax.Node, items []*syntax.Node) {
	if fn == nil {
		return
	}
	var owner *PoolUse
	objects, _ := m.ObjectsOf(pool)
	process := false
	for _, o := range objects {
		if pu := m.poolOf[o]; pu != nil {
			process = true
			owner = pu
		}
	}
	if !process {
		return // a thread pool, or the loop's default executor
	}
	if len(objects) != 1 {
		owner = nil
	}
	t := &Task{Pool: owner, Call: call, Method: method, Shape: shape, Func: fn, Items: items, In: m.Project.Enclosing(call)}
	t.Entries, t.Known, t.Bound = m.entriesOf(fn)
	m.Tasks = append(m.Tasks, t)
	if owner != nil {
		owner.Tasks = append(owner.Tasks, t)
	}
	for _, e := range t.Entries {
		w := m.worker(e)
		w.Tasks = append(w.Tasks, t)
	}
}

func (m *Model) collectChannels() {
	byMade := map[*syntax.Node]*Channel{}
	for _, o := range m.Objects {
		queue := o.Kind == Queue || o.Kind == JoinableQueue || o.Kind == SimpleQueue || o.Kind == Connection ||
			o.Kind == Proxy && (o.Name == "Queue" || o.Name == "JoinableQueue")
		if !queue {
			continue
		}
		c := &Channel{Object: o}
		for _, u := range o.Uses {
			switch {
			case putters[u.Name]:
				c.Put = append(c.Put, u)
			case getters[u.Name]:
				c.Get = append(c.Get, u)
			default:
				c.Other = append(c.Other, u)
			}
		}
		if o.Kind == Connection {
			if peer := byMade[o.Made]; peer != nil {
				c.Peer, peer.Peer = peer, c
			}
			byMade[o.Made] = c
		}
		m.Channels = append(m.Channels, c)
		m.channel[o] = c
	}
}

// ChannelOf returns the channel of an object, nil if it is none.
func (m *Model) ChannelOf(o *Object) *Channel {
	return m.channel[o]
}

// LaunchOf returns the launch of a process object, nil if it is none.
func (m *Model) LaunchOf(o *Object) *Launch {
	return m.launchOf[o]
}

// PoolOf returns the pool of an object, nil if it is none.
func (m *Model) PoolOf(o *Object) *PoolUse {
	return m.poolOf[o]
}

func (m *Model) collectStarts() {
	add := func(kind StartKind, n *syntax.Node, o *Object) {
		m.Starts = append(m.Starts, &Start{Kind: kind, Node: n, Object: o, In: m.Project.Enclosing(n), Method: o.Method})
	}
	for _, l := range m.Launches {
		for _, u := range l.Starts {
			add(StartProcess, u.Call, l.Object)
		}
	}
	for _, o := range m.Objects {
		switch {
		case o.Kind == Pool:
			add(StartPool, o.Made, o)
		case o.Kind == Executor:
			for _, u := range called(o.Used("submit", "map")) {
				add(StartExecutor, u.Call, o)
			}
		case o.Kind == Manager && o.Name == "Manager":
			add(StartManager, o.Made, o)
		case o.Kind == Manager:
			for _, u := range called(o.Used("start")) {
				add(StartManager, u.Call, o)
			}
			for _, e := range o.Entered { // BaseManager.__enter__ starts it
				add(StartManager, e, o)
			}
		}
	}
	for _, t := range m.Tasks {
		if t.Method == "run_in_executor" && t.Pool != nil {
			add(StartExecutor, t.Call, t.Pool.Object)
		}
	}
	sort.SliceStable(m.Starts, func(i, j int) bool { return before(m.Starts[i].Node, m.Starts[j].Node) })
	for _, s := range m.Starts {
		if m.startAt[s.Node] == nil {
			m.startAt[s.Node] = s
		}
	}
}

// before orders nodes by path and place.
func before(a, b *syntax.Node) bool {
	if pa, pb := a.Tree.File.Path, b.Tree.File.Path; pa != pb {
		return pa < pb
	}
	return a.Start < b.Start
}
