package startup

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Setting is a setting of the process that the parent makes before it starts
// workers that rely on it.
type Setting struct {
	What string         // "the logging configuration"
	Stmt *syntax.Node   // the statement that makes it
	Home *project.Def   // the function that starts the workers, nil at module level
	Do   []*syntax.Node // the statements of Home, in order, that a worker would have to repeat
	// Workers rely on it; Use is a place where the first one does.
	Workers []*process.Worker
	Use     *syntax.Node
	// Forkserver: it is lost under forkserver only, after an earlier start.
	Forkserver bool
	// Seed: workers that repeat it all get the same numbers.
	Seed bool
	// Reseeded: forked children lose it too.
	Reseeded bool
	model    *process.Model
}

// library is a setting that a library keeps for the process.
type library struct {
	what string
	sets []string // calls that make it, and objects whose attributes are it
	uses []string // calls that rely on it; a prefix when it ends in "."
	not  []string // of those, calls that do not
}

// The settings of the standard library and numpy that a child does not inherit
// when it is not forked: module state, set by the calls named here.
var libraries = []library{
	{
		what: "the logging configuration",
		sets: []string{"logging.basicConfig", "logging.config.dictConfig", "logging.config.fileConfig", "logging.getLogger.setLevel", "logging.getLogger.addHandler"},
		uses: []string{
			"logging.debug", "logging.info", "logging.warning", "logging.error", "logging.critical", "logging.exception", "logging.log",
			"logging.getLogger.debug", "logging.getLogger.info", "logging.getLogger.warning", "logging.getLogger.error",
			"logging.getLogger.critical", "logging.getLogger.exception", "logging.getLogger.log",
		},
	},
	{
		what: seed,
		sets: []string{"random.seed"},
		uses: []string{"random."},
		not:  []string{"random.Random", "random.SystemRandom", "random.seed"},
	},
	{
		what: "the seed of numpy.random",
		sets: []string{"numpy.random.seed"},
		uses: []string{"numpy.random."},
		not:  []string{"numpy.random.default_rng", "numpy.random.RandomState", "numpy.random.Generator", "numpy.random.SeedSequence", "numpy.random.seed"},
	},
	{what: "the decimal context", sets: []string{"decimal.getcontext", "decimal.setcontext"}, uses: []string{"decimal.Decimal"}},
	{what: recursion, sets: []string{"sys.setrecursionlimit"}},
	{
		what: environment,
		sets: []string{"os.environ", "os.putenv", "os.environ.update", "os.environ.setdefault"},
	},
}

const (
	// Forked children seed it anew: Lib/random.py, os.register_at_fork.
	seed        = "the seed of random"
	recursion   = "the recursion limit"
	environment = "the environment"
)

func in(names []string, name string) bool {
	for _, n := range names {
		if n == name || strings.HasSuffix(n, ".") && strings.HasPrefix(name, n) || strings.HasPrefix(name, n+".") {
			return true
		}
	}
	return false
}

// external is the name of what an expression holds, with the calls taken out;
// "" when that is not known.
func external(m *process.Model, expr *syntax.Node) string {
	values, known := m.Project.Values(expr)
	if !known || len(values) != 1 || values[0].Kind != project.External {
		return ""
	}
	return strings.ReplaceAll(values[0].Name, "()", "")
}

// setBy returns the library whose setting a statement makes, nil if none.
func setBy(m *process.Model, stmt *syntax.Node) *library {
	if !stmt.Is("expression_statement") || len(stmt.NamedChildren()) != 1 {
		return nil
	}
	name := ""
	switch x := stmt.NamedChildren()[0]; x.Kind {
	case "call":
		name = external(m, x.Field("function"))
		if name == "decimal.getcontext" {
			return nil
		}
	case "assignment":
		left := x.Field("left")
		switch {
		case left.Is("attribute"):
			if name = external(m, left.Field("object")); name != "decimal.getcontext" {
				return nil
			}
		case left.Is("subscript"):
			if name = external(m, left.Field("value")); name != "os.environ" {
				return nil
			}
		}
	}
	if name == "" {
		return nil
	}
	for i := range libraries {
		for _, s := range libraries[i].sets {
			if s == name {
				return &libraries[i]
			}
		}
	}
	return nil
}

// SettingAt returns the setting that a statement makes in the parent only, nil
// when it makes none that a worker relies on, or when an earlier statement of its
// function makes the same one.
func SettingAt(m *process.Model, stmt *syntax.Node) *Setting {
	s := &Setting{Stmt: stmt, model: m}
	var same func(*syntax.Node) bool
	var relies func(w *process.Worker) *syntax.Node
	if lib := setBy(m, stmt); lib != nil {
		s.What = lib.what
		s.Seed = strings.HasPrefix(lib.what, "the seed")
		s.Reseeded = lib.what == seed
		same = func(n *syntax.Node) bool { return setBy(m, n) == lib }
		relies = func(w *process.Worker) *syntax.Node { return s.usedBy(lib, w) }
	} else if o := objectSetBy(m, stmt); o != nil {
		s.What = o.what
		same = func(n *syntax.Node) bool { x := objectSetBy(m, n); return x != nil && x.same(o) }
		relies = func(w *process.Worker) *syntax.Node { return o.usedBy(m, w) }
	} else {
		return nil
	}
	if !m.InParent(stmt) || len(m.WorkersAt(stmt)) > 0 || m.AtImport(stmt) != nil || m.Dead(stmt) {
		return nil
	}
	s.Forkserver = s.What == environment
	if !s.Forkserver && madeAtImport(m, m.Project.ModuleOf(stmt), same) {
		return nil
	}
	for _, w := range m.Workers {
		if m.ForkOnlyWorker(w) || len(w.Launches)+len(w.Tasks) == 0 || setsUp(m, w, same) {
			continue
		}
		use := relies(w)
		if use == nil || !s.before(w) {
			continue
		}
		if s.Use == nil {
			s.Use = use
		}
		s.Workers = append(s.Workers, w)
	}
	if len(s.Workers) == 0 || !s.place(same) {
		return nil
	}
	return s
}

// madeAtImport says whether each child makes the setting when it imports a module
// of the program.
func madeAtImport(m *process.Model, of *scope.Module, same func(*syntax.Node) bool) bool {
	program := above(m, of)
	for _, mod := range m.Project.Modules() {
		found := false
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Is("expression_statement") && !found && m.AtImport(n) != nil && same(n) {
				found = true
			}
			return !found
		})
		if !found {
			continue
		}
		for by := range above(m, mod) {
			if program[by] {
				return true
			}
		}
	}
	return false
}

// above is a module with all that import it, directly or not.
func above(m *process.Model, mod *scope.Module) map[*scope.Module]bool {
	found := map[*scope.Module]bool{mod: true}
	for queue := []*scope.Module{mod}; len(queue) > 0; queue = queue[1:] {
		for _, by := range m.Project.Importers(queue[0]) {
			if !found[by] {
				found[by] = true
				queue = append(queue, by)
			}
		}
	}
	return found
}

// setsUp says whether a worker, or the initializer of its pool, makes the setting
// itself, or may do so unseen.
func setsUp(m *process.Model, w *process.Worker, same func(*syntax.Node) bool) bool {
	defs := append([]*project.Def(nil), w.Reaches...)
	for _, t := range w.Tasks {
		if t.Pool == nil {
			return true
		}
		if t.Pool.Initializer != nil && len(t.Pool.InitEntries) == 0 {
			return true
		}
		for _, e := range t.Pool.InitEntries {
			defs = append(defs, m.Reach(e)...)
		}
	}
	found := false
	for _, d := range defs {
		d.Walk(func(n *syntax.Node) {
			if n.Is("expression_statement") && !found && same(n) {
				found = true
			}
		})
	}
	return found
}

// starts lists the places that start a worker's processes.
func starts(w *process.Worker) []*syntax.Node {
	var found []*syntax.Node
	for _, l := range w.Launches {
		for _, s := range l.Starts {
			found = append(found, s.Node)
		}
	}
	for _, t := range w.Tasks {
		if t.Pool != nil && t.Pool.Object != nil {
			found = append(found, t.Pool.Object.Made)
		}
	}
	return found
}

// before says whether the setting is made before all processes of a worker are
// started, and for the environment that the fork server may run by then.
func (s *Setting) before(w *process.Worker) bool {
	all := starts(w)
	for _, at := range all {
		if !runsBefore(s.model, s.Stmt, at) {
			return false
		}
	}
	if len(all) == 0 || !s.Forkserver {
		return len(all) > 0
	}
	for _, l := range w.Launches {
		if l.Object.Method == "spawn" {
			return false
		}
	}
	if s.model.Pinned() == "spawn" {
		return false
	}
	for _, st := range s.model.Starts {
		if !s.model.ForkOnly(st.Object) && st.Method != "spawn" && runsBefore(s.model, st.Node, s.Stmt) {
			return true
		}
	}
	return false
}

// usedBy returns a place where a worker relies on a library's setting.
func (s *Setting) usedBy(lib *library, w *process.Worker) *syntax.Node {
	var found *syntax.Node
	key := environKey(s.model, s.Stmt)
	for _, d := range w.Reaches {
		d.Walk(func(n *syntax.Node) {
			if found != nil {
				return
			}
			switch {
			case lib.what == environment:
				if key != "" && environRead(s.model, n) == key {
					found = n
				}
			case !n.Is("call"):
			case lib.what == recursion:
				for _, c := range s.model.Project.CalledBy(n) {
					if c == d {
						found = n
					}
				}
			default:
				if name := external(s.model, n.Field("function")); name != "" && in(lib.uses, name) && !in(lib.not, name) {
					found = n
				}
			}
		})
	}
	return found
}

// environKey is the variable that a statement sets, "" when it is not written out.
func environKey(m *process.Model, stmt *syntax.Node) string {
	x := stmt.NamedChildren()[0]
	switch {
	case x.Is("assignment") && x.Field("left").Is("subscript"):
		if key := x.Field("left").Field("subscript"); key != nil {
			text, _ := syntax.StringValue(key)
			return text
		}
	case x.Is("call"):
		args := syntax.CallArgs(x)
		if len(args.Positional) > 0 {
			text, _ := syntax.StringValue(args.Positional[0])
			return text
		}
	}
	return ""
}

// environRead is the variable that an expression reads, "" for any other one.
func environRead(m *process.Model, n *syntax.Node) string {
	var key *syntax.Node
	switch {
	case n.Is("call"):
		args := syntax.CallArgs(n)
		if len(args.Positional) > 0 && (lastPart(n.Field("function")) == "get" || lastPart(n.Field("function")) == "getenv") {
			if name := external(m, n.Field("function")); name == "os.environ.get" || name == "os.getenv" {
				key = args.Positional[0]
			}
		}
	case n.Is("subscript") && !project.StoredTo(n):
		if external(m, n.Field("value")) == "os.environ" {
			key = n.Field("subscript")
		}
	}
	text, _ := syntax.StringValue(key)
	return text
}

func lastPart(fn *syntax.Node) string {
	if fn.Is("attribute") {
		fn = fn.Field("attribute")
	}
	return fn.Text()
}

// place finds the function that starts the workers and what of it makes the
// setting; false when an earlier statement answers for this one.
func (s *Setting) place(same func(*syntax.Node) bool) bool {
	m := s.model
	home := m.Project.Enclosing(s.Stmt)
	first := true
	var all []*syntax.Node
	var root *syntax.Node
	if home != nil {
		root = home.Body()
	} else {
		root = process.TopStatement(s.Stmt)
	}
	root.Walk(func(n *syntax.Node) bool {
		if n != root && n.Is("function_definition", "class_definition", "lambda") {
			return false
		}
		if n.Is("expression_statement") && same(n) {
			if n.Start < s.Stmt.Start {
				first = false
			}
			all = append(all, n)
		}
		return true
	})
	if !first {
		return false
	}
	at := m.Project.Enclosing(starts(s.Workers[0])[0])
	for _, t := range s.Workers[0].Tasks {
		at = t.Pool.Object.In
	}
	s.Home = at
	if at == home {
		s.Do = all
		return true
	}
	// A helper makes the setting: its call in the function that starts the workers.
	if home != nil {
		calls, complete := m.Project.Callers(home)
		if complete && len(calls) == 1 && calls[0].Indirect == nil && m.Project.Enclosing(calls[0].Node) == at {
			if c := calls[0].Node; c.Parent.Is("expression_statement") {
				s.Do = []*syntax.Node{c.Parent}
			}
		}
	}
	return true
}

// object is an object that a module holds and the parent configures.
type object struct {
	what  string
	value project.Value
	attrs map[string]bool // that are set; nil: any
}

func (o *object) same(p *object) bool { return o.value.Kind == p.value.Kind && o.value.Same(p.value) }

// objectSetBy returns the class or object of a module that a statement configures:
// by storing an attribute, or by calling a method that stores some.
func objectSetBy(m *process.Model, stmt *syntax.Node) *object {
	if !stmt.Is("expression_statement") || len(stmt.NamedChildren()) != 1 {
		return nil
	}
	x := stmt.NamedChildren()[0]
	var owner *syntax.Node
	o := &object{}
	switch {
	case x.Is("assignment") && x.Field("left").Is("attribute"):
		owner = x.Field("left").Field("object")
		o.attrs = map[string]bool{x.Field("left").Field("attribute").Text(): true}
	case x.Is("call") && x.Field("function").Is("attribute"):
		owner = x.Field("function").Field("object")
	default:
		return nil
	}
	if !byName(m, owner) {
		return nil
	}
	v, ok := held(m, owner)
	if !ok || v.Kind != project.Class && v.Kind != project.Instance || v.Def == nil || v.Kind == project.Instance && v.Node == nil {
		return nil
	}
	if line, _, _ := m.Project.Ancestors(v.Def); len(line) == 0 {
		return nil
	}
	for _, w := range m.Workers {
		if w.Entry.Class == v.Def {
			return nil // a Process subclass: its objects are sent
		}
	}
	o.value = v
	if x.Is("call") {
		d := m.Project.Method(v.Def, x.Field("function").Field("attribute").Text())
		if d == nil {
			return nil
		}
		if o.attrs = stores(d); len(o.attrs) == 0 {
			return nil
		}
		if o.attrs["*"] {
			o.attrs = nil
		}
	}
	o.what = owner.Text()
	return o
}

// held is the one value of an expression besides None: a singleton is None until
// it is made.
func held(m *process.Model, expr *syntax.Node) (v project.Value, ok bool) {
	values, known := m.Project.Values(expr)
	n := 0
	for _, x := range values {
		if x.Kind == project.Literal && x.Node.Is("none") {
			continue
		}
		v = x
		n++
	}
	return v, known && n == 1
}

// stores lists the attributes of its first parameter that a method sets; "*"
// stands for setattr().
func stores(d *project.Def) map[string]bool {
	found := map[string]bool{}
	self := d.Self()
	d.Walk(func(n *syntax.Node) {
		switch {
		case n.Is("attribute") && n.Field("object").Text() == self && project.StoredTo(n):
			found[n.Field("attribute").Text()] = true
		case n.Is("call") && n.Field("function").Text() == "setattr":
			if args := syntax.CallArgs(n); len(args.Positional) > 0 && args.Positional[0].Text() == self {
				found["*"] = true
			}
		}
	})
	return found
}

// byName says whether an expression gets its object by a name of a module, so
// that another process finds one of its own there.
func byName(m *process.Model, expr *syntax.Node) bool {
	mod := m.Project.ModuleOf(expr)
	switch {
	case expr.Is("identifier"):
		b := mod.Binding(expr)
		if b == nil {
			return false
		}
		if b.Scope == mod.Top {
			for _, d := range b.Defs {
				if d.Scope != mod.Top || m.AtImport(d.Name) == nil {
					return false
				}
			}
			return true
		}
		d := b.Single()
		return d != nil && d.Kind == scope.Assign && len(d.Path) == 0 && d.Value != nil && !constructs(m, d.Value) && byName(m, d.Value)
	case expr.Is("attribute"):
		return byName(m, expr.Field("object"))
	case expr.Is("call"):
		return !constructs(m, expr) && byName(m, expr.Field("function"))
	}
	return false
}

// constructs says whether an expression makes an object of its own.
func constructs(m *process.Model, expr *syntax.Node) bool {
	if !expr.Is("call") {
		return false
	}
	values, _ := m.Project.Values(expr.Field("function"))
	for _, v := range values {
		if v.Kind == project.Class {
			return true
		}
	}
	return len(values) == 0
}

// usedBy returns a place where a worker reads what was set.
func (o *object) usedBy(m *process.Model, w *process.Worker) *syntax.Node {
	var found *syntax.Node
	for _, d := range w.Reaches {
		d.Walk(func(n *syntax.Node) {
			if found != nil || !n.Is("attribute") || project.StoredTo(n) {
				return
			}
			name := n.Field("attribute").Text()
			method := m.Project.Method(o.value.Def, name)
			if method == nil && o.attrs != nil && !o.attrs[name] {
				return
			}
			owner := n.Field("object")
			if !byName(m, owner) {
				return
			}
			v, ok := held(m, owner)
			if !ok || v.Kind != o.value.Kind || !v.Same(o.value) {
				return
			}
			if method == nil || o.reads(m, method) {
				found = n
			}
		})
	}
	return found
}

// reads says whether a method reads one of the attributes that were set.
func (o *object) reads(m *process.Model, d *project.Def) bool {
	self := d.Self()
	found := false
	d.Walk(func(n *syntax.Node) {
		if n.Is("attribute") && n.Field("object").Text() == self && self != "" && !project.StoredTo(n) {
			name := n.Field("attribute").Text()
			found = found || o.attrs[name] || o.attrs == nil && m.Project.Method(o.value.Def, name) == nil
		}
	})
	return found
}
