package pickledhandle

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// state is what has to change in the pickling of one class.
type state struct {
	class *project.Def // where __getstate__ stands or goes
	read  process.State
	drops []string // lines of __getstate__
	anew  []string // lines of __setstate__
	keeps []kept
}

// kept are lines of a constructor, above the store that they serve.
type kept struct {
	store *syntax.Node
	lines []string
}

// leaveOut takes handles out of the pickled state of the classes that hold them,
// and makes those anew in the worker that it needs and that can be.
func leaveOut(m *process.Model, rw *refactor.Rewrite, faults []fault) (titles []string, doubt string, err error) {
	var states []*state
	for _, f := range faults {
		site := f.owner.Store
		class := f.owner.Class
		read := m.StateOf(class)
		home := class
		switch {
		case read.Get != nil:
			home = read.Get.Class
		case site.In != nil:
			home = site.In.Class
		}
		if f.Kind == process.Inherited && workerUses(m, home, site.Attr) {
			title, err := throughManager(m, rw, f)
			if err != nil {
				return nil, "", err
			}
			titles = append(titles, title)
			doubt = cmp.Or(doubt, "the manager is another process, which lives as long as the object")
			continue
		}
		if err := suits(m, home); err != nil {
			return nil, "", err
		}
		i := slices.IndexFunc(states, func(s *state) bool { return s.class == home })
		if i < 0 {
			i = len(states)
			states = append(states, &state{class: home, read: read})
		}
		title, another, err := states[i].leave(m, f)
		if err != nil {
			return nil, "", err
		}
		titles, doubt = append(titles, title), cmp.Or(doubt, another)
	}
	for _, s := range states {
		s.write(m, rw)
	}
	return titles, doubt, nil
}

// suits says whether objects of a class are pickled by their __dict__.
func suits(m *process.Model, class *project.Def) error {
	line, _, _ := m.Project.Ancestors(class)
	for _, c := range append(line, m.Project.Subclasses(class)...) {
		if c.Scope.Names["__slots__"] != nil {
			return fmt.Errorf("%s has __slots__", c.Name)
		}
		if c.DecoratedBy("dataclasses.dataclass") && strings.Contains(c.Statement().Text(), "frozen=True") {
			return fmt.Errorf("%s is frozen", c.Name)
		}
	}
	return nil
}

// workerUses says whether a worker reads the attribute of an object that it was
// sent.
func workerUses(m *process.Model, class *project.Def, attr string) bool {
	uses, _ := m.AttributeUses(class, attr)
	for _, n := range uses {
		in := m.Project.Enclosing(n)
		if in != nil && (in.Name == "__init__" || in.Name == "__post_init__") && in.Class != nil {
			continue // of an object that the worker makes itself
		}
		if len(m.WorkersAt(n)) > 0 {
			return true
		}
	}
	return false
}

// leave plans that one attribute stays behind. doubt says why that has to be
// looked at.
func (s *state) leave(m *process.Model, f fault) (title, doubt string, err error) {
	attr := f.owner.Attr
	used := workerUses(m, s.class, attr)
	if _, all := m.AttributeUses(s.class, attr); !all {
		doubt = "self." + attr + " may be used where mpfix cannot see it"
	}
	stmt, keeps, why := s.again(m, f)
	left := "leave self." + attr + " out of the pickled state"
	switch {
	case stmt != "" && f.Kind == process.Primitive:
		if used && !strings.HasSuffix(f.Type, "Lock") {
			doubt = "the worker gets a new self." + attr + ", whatever the state of the old one"
		}
		title = left + " and make a new one on arrival"
	case used && stmt != "":
		if f.Type != "zipfile.ZipFile" && f.Type != "tarfile.TarFile" {
			doubt = "the worker opens self." + attr + " anew: what is not written or committed by then, and the place in it, do not come along"
		}
		title = left + " and open it again on arrival"
	case used:
		return "", "", fmt.Errorf("the worker uses self.%s, and %s", attr, why)
	default:
		if returnsIt(m, f) {
			doubt = "the object that comes back from the worker is without self." + attr
		}
		stmt, keeps, title = "", nil, left
	}
	if stmt != "" {
		s.anew = append(s.anew, stmt)
		if len(keeps) > 0 {
			s.keeps = append(s.keeps, kept{f.owner.Store.Target, keeps})
		}
	}
	s.drops = append(s.drops, s.drop(m, f))
	return title, doubt, nil
}

// drop returns the statement of __getstate__ that takes the attribute out: by
// the value that the class itself gives an attribute without a handle, if there
// is one.
func (s *state) drop(m *process.Model, f fault) string {
	name := s.read.Result
	if name == "" {
		name = "state"
	}
	key := name + "[" + quote(s.class.Node, f.owner.Attr) + "]"
	sure, empty := false, ""
	for _, site := range m.AttributeSites(f.owner.Class) {
		if site.Attr != f.owner.Attr {
			continue
		}
		sure = sure || site.In == nil || site.In.Name == "__init__" && site.Value != nil && topOf(site.In, site.Target) != nil
		switch {
		case site.Value.Is("none"):
			empty = "None"
		case f.Contained() && site.Value.Is("list", "dictionary") && len(site.Value.NamedChildren()) == 0:
			empty = site.Value.Text()
		case f.Contained() && site.Value.Is("list_comprehension") && empty == "":
			empty = "[]"
		}
	}
	switch {
	case empty != "":
		return key + " = " + empty
	case sure:
		return "del " + key
	}
	return name + ".pop(" + quote(s.class.Node, f.owner.Attr) + ", None)"
}

// quote writes a string with the quotes that the file uses most.
func quote(n *syntax.Node, text string) string {
	source := n.Tree.File.Text
	if strings.Count(source, "'") > strings.Count(source, `"`) {
		return "'" + text + "'"
	}
	return `"` + text + `"`
}

// again returns the statement that makes the attribute anew from what the
// unpickled object has, and what the constructor has to keep for it; without a
// statement why says what stands in the way.
func (s *state) again(m *process.Model, f fault) (stmt string, keeps []string, why string) {
	site := f.owner.Store
	why = "it cannot be made anew there"
	if f.Contained() || site.Value == nil || f.Node == nil {
		return "", nil, why
	}
	for _, other := range m.AttributeSites(f.owner.Class) {
		if other.Attr == site.Attr && other.Target != site.Target {
			return "", nil, "it is set at several places"
		}
	}
	mod := s.class.Module
	if site.In == nil {
		if f.Kind == process.Primitive && f.Node.Is("attribute", "identifier") && mod.Qualified(f.Node) != "" {
			return "self." + site.Attr + " = " + f.Node.Text() + "()", nil, ""
		}
		return "", nil, why
	}
	if site.In.Name != "__init__" || site.In.Class != s.class || !site.Value.Is("call") || site.In.Self() != "self" || strings.Contains(site.Value.Text(), "\n") {
		return "", nil, why
	}
	if f.Kind != process.Primitive && !(reopenable(m, site.Value) && opensForReading(m, site.Value)) {
		if managed[mod.Qualified(site.Value.Field("function"))] {
			why = "opening it again would begin with an empty file or write beside the parent"
		}
		return "", nil, why
	}
	replaced := map[*syntax.Node]string{}
	for _, free := range mod.FreeNames(site.Value) {
		b := free.Binding
		switch {
		case b == nil:
		case b.Name == "self" && b.Scope == site.In.Scope:
			for _, use := range free.Uses {
				if !s.stays(m, use.Parent, site) {
					return "", nil, why
				}
			}
		case b.Scope == mod.Top:
			if d := b.Single(); d == nil || m.Guarded(d.Node) {
				return "", nil, why
			}
		case b.Scope == site.In.Scope && b.Single() != nil:
			o := opening{fault: f, class: s.class, init: site.In}
			attr, kept := o.keptAs(m, b)
			if attr == "" || !plain(m, free.Uses, site.Value) {
				return "", nil, why
			}
			if !kept {
				keeps = append(keeps, "self."+attr+" = "+b.Name)
			}
			for _, use := range free.Uses {
				replaced[use] = "self." + attr
			}
		default:
			return "", nil, why
		}
	}
	if v, only := m.Project.Only(firstArgument(site.Value)); only && v.Kind == project.Literal {
		if text, _ := syntax.StringValue(v.Node); text == ":memory:" {
			return "", nil, "what is in memory stays there"
		}
	}
	return "self." + site.Attr + " = " + relocated(site.Value, replaced)[0], keeps, ""
}

// stays says whether self.name is an attribute that is pickled as it is and set
// only by the constructor.
func (s *state) stays(m *process.Model, n *syntax.Node, site *process.AttributeSite) bool {
	if !n.Is("attribute") {
		return false
	}
	name, found := n.Field("attribute").Text(), false
	for _, other := range m.AttributeSites(s.class) {
		if other.Attr != name {
			continue
		}
		if other.In != site.In || other.Value == nil || topOf(other.In, other.Target) == nil {
			return false
		}
		values, _ := m.Project.Values(other.Value)
		for _, v := range values {
			if len(m.Breaks(v, process.Sent{Situation: process.AsTask, At: other.Target})) > 0 {
				return false
			}
		}
		found = true
	}
	return found
}

func firstArgument(call *syntax.Node) *syntax.Node {
	if args := syntax.CallArgs(call); len(args.Positional) > 0 {
		return args.Positional[0]
	}
	return nil
}

// returnsIt says whether what runs in the worker may hand the object back.
func returnsIt(m *process.Model, f fault) bool {
	if f.value.Kind != project.Method && f.value.Kind != project.Function {
		return false
	}
	for _, e := range f.value.Def.Returns() {
		values, _ := m.Project.Values(e)
		for _, v := range values {
			if v.Kind == project.Instance && v.Def == f.owner.Class {
				return true
			}
		}
	}
	return false
}

// write puts the lines into the class's methods, or the methods into the class.
func (s *state) write(m *process.Model, rw *refactor.Rewrite) {
	for _, k := range s.keeps {
		rw.LinesBefore(k.store, k.lines...)
	}
	for i := range s.drops {
		s.drops[i] += "  # cannot be pickled"
	}
	if s.read.Get != nil {
		stmts := s.read.Get.Body().NamedChildren()
		rw.LinesBefore(stmts[len(stmts)-1], s.drops...)
	}
	set := m.Project.Method(s.class, "__setstate__")
	if set != nil && len(s.anew) > 0 {
		stmts := set.Body().NamedChildren()
		rw.LinesAfter(stmts[len(stmts)-1], s.anew...)
	}
	var lines []string
	if s.read.Get == nil {
		lines = append(lines, "def __getstate__(self):", "\tstate = self.__dict__.copy()")
		for _, d := range s.drops {
			lines = append(lines, "\t"+d)
		}
		lines = append(lines, "\treturn state")
	}
	if set == nil && len(s.anew) > 0 {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		lines = append(lines, "def __setstate__(self, state):", "\tself.__dict__.update(state)")
		for _, a := range s.anew {
			lines = append(lines, "\t"+a)
		}
	}
	if len(lines) > 0 {
		rw.LinesAfter(s.anchor(), lines...)
	}
}

// anchor returns the statement that the new methods follow: __getstate__, the
// constructor, or what stands before the first method.
func (s *state) anchor() *syntax.Node {
	if s.read.Get != nil {
		return s.read.Get.Statement()
	}
	var last *syntax.Node
	for _, stmt := range s.class.Body().NamedChildren() {
		def := stmt
		if stmt.Is("decorated_definition") {
			def = stmt.Field("definition")
		}
		if def.Is("function_definition") {
			if def.Field("name").Text() == "__init__" {
				return stmt
			}
			if last != nil && s.class.Scope.Names["__init__"] == nil {
				return last
			}
		}
		last = stmt
	}
	return last
}

// managerHas are the objects of multiprocessing that a manager offers with the
// same interface.
var managerHas = map[process.Kind]bool{
	process.Lock: true, process.Event: true, process.Condition: true, process.Barrier: true, process.Queue: true, process.JoinableQueue: true,
}

// queueOnly are methods that the queue of a manager does not have.
var queueOnly = map[string]bool{"close": true, "join_thread": true, "cancel_join_thread": true}

// throughManager lets a manager make an object that tasks cannot inherit: its
// proxies can be sent with them.
func throughManager(m *process.Model, rw *refactor.Rewrite, f fault) (title string, err error) {
	site := f.owner.Store
	none := fmt.Errorf("the worker uses self.%s, which its tasks cannot carry; pass it through the pool's initializer, or use that of a Manager", f.owner.Attr)
	if f.Contained() || !site.Value.Is("call") || f.Node != site.Value || m.AtImport(site.Value) != nil {
		return "", none
	}
	o := m.ObjectAt(site.Value)
	if o == nil || !managerHas[o.Kind] || o.Contextual {
		return "", none
	}
	for _, u := range o.Uses {
		if queueOnly[u.Name] {
			return "", none
		}
	}
	fn := site.Value.Field("function")
	switch {
	case fn.Is("attribute"):
		rw.InsertAfter(fn.Field("object"), ".Manager()")
	case fn.Is("identifier"):
		name := o.Name
		ref := rw.Import(m.Project.ModuleOf(fn), "multiprocessing", "Manager")
		rw.Replace(fn, ref+"()."+name)
	default:
		return "", none
	}
	return "let a manager make self." + f.owner.Attr, nil
}
