package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Break is one thing inside a value that does not pickle.
type Break struct {
	Kind  BreakKind
	Type  string        // "sqlite3.Connection"
	Path  []Step        // how it is reached from the value, outermost first
	Value project.Value // the thing itself
	Node  *syntax.Node  // the call or expression that makes it, nil if not known
}

// Step goes from an object to one of its attributes, or from a container to its
// elements.
type Step struct {
	Class *project.Def   // the class of the object; nil for a container
	Attr  string         // "" for a container
	Store *AttributeSite // the store that puts it there; nil for a container
}

// Owner returns the last attribute on the path: the class whose objects hold
// the thing, itself or in a container. ok is false when no object does.
func (b *Break) Owner() (s Step, ok bool) {
	for i := len(b.Path) - 1; i >= 0; i-- {
		if b.Path[i].Class != nil {
			return b.Path[i], true
		}
	}
	return Step{}, false
}

// Contained says whether the owner's attribute is a container of such things.
func (b *Break) Contained() bool {
	return len(b.Path) > 0 && b.Path[len(b.Path)-1].Class == nil
}

// Trace writes the way down, as "Job.run → self.db → sqlite3.Connection". from
// is what is pickled; its attributes are those of self when from names a
// method or class.
func (b *Break) Trace(from, self string) string {
	var way strings.Builder
	for _, s := range b.Path {
		if s.Class != nil {
			way.WriteString("." + s.Attr)
		} else {
			way.WriteString("[…]")
		}
	}
	if way.Len() == 0 {
		return from + " → " + b.Type
	}
	return from + " → " + self + way.String() + " → " + b.Type
}

// AttributeSite is one place that stores or deletes an attribute of self.
type AttributeSite struct {
	Attr   string
	Target *syntax.Node // the attribute expression, or the name in a class body of a dataclass
	Value  *syntax.Node // what is stored; nil when it is deleted, or not known
	In     *project.Def // the function it stands in
}

// maxBreaks bounds the breaks of one value, and the depth of the search.
const maxBreaks, maxPath = 16, 6

// Breaks lists what does not pickle in a value when it is sent. It follows the
// attributes of objects that are there at that time, through bases and
// containers, and honours __getstate__ and its kin. What it does not list may
// still break: silence is no proof.
func (m *Model) Breaks(v project.Value, s Sent) []*Break {
	if v.Recv != nil || len(v.Items) > 0 {
		return m.findBreaks(v, s)
	}
	key := breaksKey{v.Kind, v.Node, v.Def, v.Name, s.Situation, s.At, s.Expr}
	m.asked.Lock()
	found, ok := m.breaks[key]
	m.asked.Unlock()
	if !ok {
		found = m.findBreaks(v, s)
		m.asked.Lock()
		m.breaks[key] = found
		m.asked.Unlock()
	}
	return found
}

func (m *Model) findBreaks(v project.Value, s Sent) []*Break {
	w := &breaks{m: m, sent: s, active: map[*project.Def]bool{}}
	w.value(v)
	return w.found
}

// breaksKey names a question to Breaks.
type breaksKey struct {
	kind project.ValueKind
	node *syntax.Node
	def  *project.Def
	name string

	situation Situation
	at, expr  *syntax.Node
}

type breaks struct {
	m      *Model
	sent   Sent
	path   []Step
	active map[*project.Def]bool
	found  []*Break
}

func (w *breaks) add(kind BreakKind, typ string, v project.Value) {
	if len(w.found) >= maxBreaks {
		return
	}
	for _, b := range w.found {
		if b.Value.Same(v) && len(b.Path) == len(w.path) {
			return
		}
	}
	w.found = append(w.found, &Break{Kind: kind, Type: typ, Path: append([]Step(nil), w.path...), Value: v, Node: v.Node})
}

// through searches one step further down.
func (w *breaks) through(s Step, search func()) {
	if len(w.path) >= maxPath {
		return
	}
	w.path = append(w.path, s)
	search()
	w.path = w.path[:len(w.path)-1]
}

func (w *breaks) value(v project.Value) {
	switch v.Kind {
	case project.Function, project.Class:
		if v.Def != nil && !v.Def.TopLevel() {
			w.add(Unnamed, unnamed(v.Def), v)
		}
	case project.Method:
		if v.Recv != nil && !v.Def.IsClassMethod() {
			w.value(*v.Recv)
		}
	case project.Instance:
		if v.Def != nil {
			w.object(v)
		}
	case project.Module:
		w.add(Handle, "module", v)
	case project.Literal:
		if v.Node.Is("generator_expression") {
			w.add(Handle, "generator", v)
			return
		}
		w.contents(v)
	case project.External:
		w.external(v)
	}
}

func unnamed(d *project.Def) string {
	switch {
	case d.IsLambda():
		return "lambda"
	case d.IsClass():
		return "local class " + d.Name
	}
	return "nested function " + d.Name
}

// contents searches the elements of a container.
func (w *breaks) contents(v project.Value) {
	elements, _ := w.m.Project.Elements(v)
	for _, e := range elements {
		// What is put into it later does not count.
		if e.Node != nil && e.Kind != project.Literal && !e.Node.Within(w.sent.At) && !w.m.RunsBefore(e.Node, w.sent.At) {
			continue
		}
		w.through(Step{}, func() { w.value(e) })
	}
}

// holders are external callables that give containers of the builtin kind.
var holders = map[string]bool{
	"builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.dict": true,
	"collections.deque": true, "collections.OrderedDict": true, "collections.defaultdict": true,
}

func (w *breaks) external(v project.Value) {
	if strings.HasPrefix(v.Name, "generator:") {
		if v.Def != nil && v.Def.IsGenerator() && !v.Def.DecoratedBy("contextlib.contextmanager", "contextlib.asynccontextmanager") {
			w.add(Handle, "generator", v)
		}
		return
	}
	callable := v.ResultOf()
	if callable == "functools.partial" && v.Node != nil {
		args := syntax.CallArgs(v.Node)
		all := append([]*syntax.Node(nil), args.Positional...)
		for _, name := range args.Names {
			all = append(all, args.Keywords[name])
		}
		for _, a := range all {
			values, _ := w.m.Project.Values(a)
			for _, e := range values {
				w.value(e)
			}
		}
		return
	}
	if holders[callable] {
		if callable == "collections.defaultdict" {
			if args := syntax.CallArgs(v.Node); len(args.Positional) > 0 {
				values, _ := w.m.Project.Values(args.Positional[0])
				for _, e := range values {
					if e.Kind == project.Function {
						w.through(Step{}, func() { w.value(e) })
					}
				}
			}
		}
		w.contents(v)
		return
	}
	if o := w.m.processOf(v); o != nil && w.sent.Situation == AtStart {
		w.process(v, o)
		return
	}
	if typ, kind, ok := ExternalBreak(v.Name, w.sent.Situation); ok {
		w.add(kind, typ, v)
		return
	}
	if !strings.ContainsAny(v.Name, "()[:") && w.m.isModule(v.Name) {
		w.add(Handle, "module "+v.Name, v)
	}
}

// processOf returns the Process that a value is, nil if it is none.
func (m *Model) processOf(v project.Value) *Object {
	for _, o := range m.objectsOfValue(v) {
		if o.Kind == Process {
			return o
		}
	}
	return nil
}

// process judges a Process object that is reached while a process is started:
// it breaks once it runs itself (Lib/multiprocessing/popen_fork.py, Popen keeps
// a finalizer).
func (w *breaks) process(v project.Value, o *Object) {
	l := w.m.LaunchOf(o)
	if l == nil {
		return
	}
	started := false
	if o == w.sent.Object {
		// Itself is not started yet; those made earlier by the same call are, if
		// they are kept.
		kept := len(w.path) > 0 && w.path[len(w.path)-1].Class == nil
		started = kept && w.m.repeats(w.sent.At)
	} else {
		for _, u := range l.Starts {
			started = started || w.m.RunsBefore(u.Call, w.sent.At)
		}
	}
	if started {
		w.add(Handle, "started "+o.Root+"."+o.Name, v)
	}
}

// object searches the attributes of an object of the project.
func (w *breaks) object(v project.Value) {
	class := v.Def
	if !class.TopLevel() {
		w.add(Unnamed, unnamed(class), v)
		return
	}
	line, external, known := w.m.Project.Ancestors(class)
	if !known || w.active[class] {
		return
	}
	for _, base := range external {
		if t, ok := Callable(base); ok && t.Kind == Process {
			if w.sent.Situation != AtStart {
				w.add(Handle, base, v)
				return
			}
			if o := w.m.processOf(v); len(w.path) > 0 && o != nil {
				w.process(v, o)
				return
			}
			continue
		}
		if typ, kind, ok := ExternalBreak(base+"()", w.sent.Situation); ok {
			w.add(kind, typ+" (by inheritance)", v)
			return
		}
		if !plainBases[base] {
			return
		}
	}
	state := w.m.StateOf(class)
	if state.Opaque {
		return
	}
	w.active[class] = true
	defer delete(w.active, class)
	sites := w.m.AttributeSites(class)
	for _, attr := range attributeNames(sites) {
		if state.Dropped[attr] {
			continue
		}
		for _, site := range w.m.held(line, sites, attr, w.sent) {
			values, known := w.m.storedValues(class, site)
			if known {
				w.alternatives(Step{class, attr, site}, values)
			}
		}
	}
}

// alternatives searches what a store may put into an attribute. When some of it
// is known to break and some is not, other than None, it depends on settings
// that nobody can see which of them it is, and nothing is found.
func (w *breaks) alternatives(s Step, values []project.Value) {
	before := len(w.found)
	for _, v := range values {
		if v.Kind == project.Literal && v.Node.Is("none") {
			continue
		}
		already := len(w.found)
		w.through(s, func() { w.value(v) })
		if len(w.found) == already {
			w.found = w.found[:before]
			return
		}
	}
}

func attributeNames(sites []*AttributeSite) []string {
	var names []string
	seen := map[string]bool{}
	for _, s := range sites {
		if !seen[s.Attr] {
			seen[s.Attr] = true
			names = append(names, s.Attr)
		}
	}
	return names
}

// held lists the stores to an attribute that may be in force when the object is
// sent. When a harmless value may have replaced what is stored, the store is
// left out: that is not known.
func (m *Model) held(line []*project.Def, sites []*AttributeSite, attr string, s Sent) []*AttributeSite {
	var before []*AttributeSite
	for _, site := range sites {
		if site.Attr == attr && (m.initial(line, site, s.At) || m.RunsBefore(site.Target, s.At)) {
			before = append(before, site)
		}
	}
	var found []*AttributeSite
	for _, site := range before {
		replaced := false
		for _, other := range before {
			replaced = replaced || other != site && m.replaces(line, other, site)
		}
		if !replaced {
			found = append(found, site)
		}
	}
	return found
}

// initial says whether the constructor runs the store, before whatever else the
// object does.
func (m *Model) initial(line []*project.Def, site *AttributeSite, at *syntax.Node) bool {
	if site.In == nil {
		return true // the field of a dataclass
	}
	if !m.inConstructor(line, site.In) {
		return false
	}
	in := m.Project.Enclosing(at)
	return in == nil || !m.inConstructor(line, in)
}

func (m *Model) inConstructor(line []*project.Def, d *project.Def) bool {
	for _, name := range []string{"__init__", "__post_init__", "__new__"} {
		for _, class := range line {
			init := m.Project.Method(class, name)
			if init == nil {
				continue
			}
			for _, r := range m.Project.Reaches(init) {
				if r == d {
					return true
				}
			}
		}
	}
	return false
}

// replaces says whether the store other may run after site and put another kind
// of value there.
func (m *Model) replaces(line []*project.Def, other, site *AttributeSite) bool {
	if other.In == site.In {
		return other.Target.Start > site.Target.Start && !exclusive(site.Target, other.Target)
	}
	return other.In != nil && !m.inConstructor(line, other.In)
}

// storedValues lists what a store may put into the attribute, and whether that
// is all.
func (m *Model) storedValues(class *project.Def, site *AttributeSite) (values []project.Value, known bool) {
	if site.In == nil {
		if factory := fieldFactory(class.Module, site.Value); factory != nil {
			factories, known := m.Project.Values(factory)
			var made []project.Value
			for _, v := range factories {
				switch v.Kind {
				case project.External:
					made = append(made, project.Value{Kind: project.External, Name: v.Name + "()", Node: factory})
				case project.Class:
					made = append(made, project.Value{Kind: project.Instance, Def: v.Def, Node: factory})
				}
			}
			return made, known
		}
		if site.Value == nil {
			return m.Project.AttributeValues(class, site.Attr)
		}
	}
	if site.Value == nil {
		return nil, false
	}
	return m.Project.Values(site.Value)
}

// fieldFactory returns the default_factory of a dataclass field.
func fieldFactory(mod *scope.Module, value *syntax.Node) *syntax.Node {
	if !value.Is("call") {
		return nil
	}
	switch mod.Qualified(value.Field("function")) {
	case "dataclasses.field":
		return syntax.CallArgs(value).Keywords["default_factory"]
	case "attr.ib", "attrs.field", "attr.attrib":
		return syntax.CallArgs(value).Keywords["factory"]
	}
	return nil
}
