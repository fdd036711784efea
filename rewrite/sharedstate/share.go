package sharedstate

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Share is a plan that turns a global into an object which processes share.
type Share struct {
	g    *Global
	hand *handover.Plan
	home home
	ctor ctor
}

// home is where the parent makes the shared object.
type home struct {
	def    *project.Def // a function; nil for module level
	module *scope.Module
	first  *syntax.Node // the statement it is made before; nil: where the global was
}

// ctor is how it is made: through a context, or from a package.
type ctor struct {
	context string // "ctx" for ctx.Value(…)
	root    string // the package to import from
}

// Plan works out the sharing of a number or flag; the error says in one sentence
// what stands in the way.
func Plan(m *process.Model, g *Global) (*Share, error) {
	name := g.Binding.Name
	if !g.All {
		return nil, fmt.Errorf("not every use of %s is in sight", name)
	}
	if len(g.Def.Path) > 0 || g.Def.Node.Parent.Is("assignment") || g.Def.Node.Field("right").Is("assignment") {
		return nil, fmt.Errorf("%s is assigned together with other names", name)
	}
	s := &Share{g: g}
	if err := s.shapes(); err != nil {
		return nil, err
	}
	sites, err := s.sites()
	if err != nil {
		return nil, err
	}
	if err := s.findHome(sites); err != nil {
		return nil, err
	}
	if err := s.findCtor(sites); err != nil {
		return nil, err
	}
	readers, err := s.readers()
	if err != nil {
		return nil, err
	}
	s.hand, err = handover.Make(m, handover.Value{Name: name, Readers: readers, Expr: s.at})
	if err != nil {
		return nil, fmt.Errorf("%s cannot be passed to the workers: %w", name, err)
	}
	return s, nil
}

// Title says what the fix does.
func (s *Share) Title() string {
	what := "Value"
	if s.g.Flag {
		what = "Event"
	}
	return fmt.Sprintf("share %s through a multiprocessing.%s that the parent makes and passes on", s.g.Binding.Name, what)
}

// shapes refuses uses that have no counterpart on a shared object.
func (s *Share) shapes() error {
	g := s.g
	for _, u := range g.Uses {
		if u.Import != nil && u.Store {
			if u.Import.Member == "*" || u.Import.Guarded {
				return fmt.Errorf("%s is imported in a way that cannot be changed", g.Binding.Name)
			}
			continue
		}
		if u.Import != nil && u.Import.Member == "*" {
			return fmt.Errorf("%s is used through a star import", g.Binding.Name)
		}
		if u.Node != g.Def.Name && u.Store && storeStatement(u.Node) == nil {
			return fmt.Errorf("%s is deleted or bound in an unusual way in line %d", g.Binding.Name, u.Module.Tree.File.LineOf(u.Node.Start))
		}
		if u.Store && u.Import != nil {
			return fmt.Errorf("%s is rebound where it was imported", g.Binding.Name)
		}
	}
	return nil
}

// sites lists where the workers that use the name are started.
func (s *Share) sites() ([]*process.Object, error) {
	m := s.g.model
	var found []*process.Object
	for _, u := range s.g.Uses {
		for _, w := range realWorkers(m.WorkersAt(u.Node)) {
			for _, l := range w.Launches {
				found = append(found, l.Object)
			}
			for _, t := range w.Tasks {
				if t.Pool == nil {
					return nil, fmt.Errorf("the pool that runs %s is not known", w.Entry.QualName())
				}
				found = append(found, t.Pool.Object)
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the start of the workers is out of sight")
	}
	return found, nil
}

// findHome decides where the object is made: in the one function that starts
// the workers and uses the name, else under the main guard, else where the
// global was.
func (s *Share) findHome(sites []*process.Object) error {
	g, m := s.g, s.g.model
	var places []*syntax.Node
	for _, o := range sites {
		places = append(places, o.Made)
	}
	for _, u := range g.Uses {
		if u.Node != g.Def.Name && !(u.Import != nil && u.Store) && len(m.WorkersAt(u.Node)) == 0 {
			places = append(places, u.Node)
		}
	}
	def := m.Project.Enclosing(places[0])
	one := def != nil && !def.IsLambda()
	for _, p := range places {
		one = one && m.Project.Enclosing(p) == def
	}
	if one && m.Project.Enclosing(def.Node) == nil && s.once(def) {
		s.home = home{def: def, module: def.Module, first: firstIn(def.Body(), places)}
		return nil
	}
	return s.moduleHome(sites, places)
}

// once says whether a function runs at most once, so that what it makes lives
// as long as a global did.
func (s *Share) once(d *project.Def) bool {
	calls, complete := s.g.model.Project.Callers(d)
	if !complete || len(calls) > 1 {
		return false
	}
	for _, c := range calls {
		if len(process.Loops(c.Node)) > 0 {
			return false
		}
		if up := s.g.model.Project.Enclosing(c.Node); up != nil && (up == d || !s.once(up)) {
			return false
		}
	}
	return true
}

// firstIn returns the first statement of a block that holds one of the places.
func firstIn(block *syntax.Node, places []*syntax.Node) *syntax.Node {
	for _, stmt := range block.NamedChildren() {
		for _, p := range places {
			if p.Within(stmt) {
				return stmt
			}
		}
	}
	return nil
}

func (s *Share) moduleHome(sites []*process.Object, places []*syntax.Node) error {
	g, m := s.g, s.g.model
	module := sites[0].Module
	guarded := 0
	for _, o := range sites {
		if o.Module != module {
			return fmt.Errorf("the workers are started in two modules")
		}
	}
	var guard *syntax.Node
	for _, start := range m.Starts {
		run := m.AtImport(start.Node)
		for _, o := range sites {
			if start.Object != o {
				continue
			}
			if run != nil {
				if module != g.Module {
					return fmt.Errorf("the workers are started while another module is imported")
				}
				guarded--
			} else {
				guarded++
			}
		}
	}
	if guarded < 0 {
		s.home = home{module: module} // where it was: the guard comes in a later round
		return nil
	}
	for _, stmt := range module.Tree.Root.NamedChildren() {
		if stmt.Kind == "if_statement" && process.GuardCondition(module, stmt.Field("condition")) == process.MainGuard {
			if guard != nil {
				return fmt.Errorf("the module has two main guards")
			}
			guard = stmt
		}
	}
	if guard == nil {
		return fmt.Errorf("there is no one place in the parent where it could be made")
	}
	block := guard.Field("consequence").NamedChildren()
	if len(block) == 0 {
		return fmt.Errorf("the main guard is empty")
	}
	for _, p := range places {
		if m.Project.Enclosing(p) == nil && !p.Within(guard) {
			return fmt.Errorf("%s is used while the module is imported", g.Binding.Name)
		}
	}
	if module != g.Module && module.Top.Names[g.Binding.Name] != nil && !s.imported(module) {
		return fmt.Errorf("the main module has a name %s of its own", g.Binding.Name)
	}
	s.home = home{module: module, first: block[0]}
	return nil
}

// imported says whether a module has the name by importing it.
func (s *Share) imported(mod *scope.Module) bool {
	for _, u := range s.g.Uses {
		if u.Module == mod && u.Import != nil && u.Store && u.Import.Local == s.g.Binding.Name {
			return true
		}
	}
	return false
}

// findCtor decides how the object is made: it has to come from the context
// that starts the workers (FACTS: a SemLock of one context cannot be given to a
// child of another).
func (s *Share) findCtor(sites []*process.Object) error {
	s.ctor.root = "multiprocessing"
	for i, o := range sites {
		context := ""
		if o.Root != "concurrent.futures" {
			s.ctor.root = o.Root
		}
		switch fn := o.Made.Field("function"); {
		case o.Contextual && fn.Is("attribute") && fn.Field("object").Is("identifier"):
			context = fn.Field("object").Text()
			b := o.Module.Binding(fn.Field("object"))
			if b == nil || o.Module != s.home.module || b.Scope != o.Module.Top && (s.home.def == nil || b.Scope != s.home.def.Scope) {
				return fmt.Errorf("the context %s is not there where the shared object has to be made", context)
			}
			if d := b.Single(); d == nil || s.home.first != nil && d.Scope == o.Module.ScopeOf(s.home.first) && d.Name.Start > s.home.first.Start {
				return fmt.Errorf("the context %s is made later than the shared object has to be", context)
			}
		case o.Contextual || o.Class != nil && o.Method != "":
			return fmt.Errorf("the context of the workers has no name that could be used")
		}
		if mp := syntax.CallArgs(o.Made).Keywords["mp_context"]; mp != nil {
			return fmt.Errorf("the executor has a context of its own")
		}
		if i > 0 && context != s.ctor.context {
			return fmt.Errorf("the workers are started through different contexts")
		}
		s.ctor.context = context
	}
	return nil
}

// readers lists the functions that have to be given the object, nested ones
// standing for the function around them.
func (s *Share) readers() ([]*project.Def, error) {
	m := s.g.model
	var found []*project.Def
	for _, u := range s.g.Uses {
		if u.Import != nil && u.Store {
			continue
		}
		d, err := s.owner(u.Node)
		if err != nil {
			return nil, err
		}
		if d == nil || d == s.home.def || hasDef(found, d) {
			continue
		}
		if len(m.WorkersOf(d)) == 0 && d.Module == s.home.module && s.home.def == nil {
			continue // a function of the parent: it reads the global
		}
		found = append(found, d)
	}
	return found, nil
}

// owner is the outermost function around a use, which the object is passed to.
func (s *Share) owner(n *syntax.Node) (*project.Def, error) {
	m := s.g.model
	d := m.Project.Enclosing(n)
	if d == nil {
		return nil, nil
	}
	for {
		up := m.Project.Enclosing(d.Node)
		if up == nil {
			return d, nil
		}
		if m.WorkerOf(d) != nil {
			return nil, fmt.Errorf("the worker %s is defined inside a function", d.QualName())
		}
		d = up
	}
}

func hasDef(defs []*project.Def, d *project.Def) bool {
	for _, have := range defs {
		if have == d {
			return true
		}
	}
	return false
}

// at is how the object is written at a place in the parent.
func (s *Share) at(site *syntax.Node) (string, bool) {
	d := s.g.model.Project.Enclosing(site)
	if s.home.def != nil {
		return s.g.Binding.Name, d == s.home.def
	}
	return s.g.Binding.Name, s.g.model.Project.ModuleOf(site) == s.home.module && (d == nil || d.Scope.Names[s.g.Binding.Name] == nil)
}

// Write makes the object, hands it over, and rewrites every use.
func (s *Share) Write(rw *refactor.Rewrite) {
	s.make(rw)
	s.hand.Write(rw)
	g := s.g
	locked := map[*syntax.Node]bool{}
	dropped := map[*project.Def]bool{}
	for _, u := range g.Uses {
		if u.Node == g.Def.Name {
			continue
		}
		if u.Import != nil && u.Store {
			rw.DropImport(u.Module, u.Import)
			continue
		}
		d, _ := s.owner(u.Node)
		ref := g.Binding.Name
		if d != nil && d != s.home.def {
			ref = s.hand.Ref(g.Binding.Name, d)
		}
		s.rewrite(rw, u, ref, locked)
		if inner := g.model.Project.Enclosing(u.Node); inner != nil && !dropped[inner] && inner.Scope.DeclaresGlobal(g.Binding.Name) {
			dropped[inner] = true
			rw.DropGlobal(inner.Node, g.Binding.Name)
		}
	}
}

// rewrite turns one use into one of the shared object.
func (s *Share) rewrite(rw *refactor.Rewrite, u project.Use, ref string, locked map[*syntax.Node]bool) {
	write := storeStatement(u.Node)
	if s.g.Flag {
		switch {
		case u.Store:
			rw.Replace(write, ref+".set()")
		default:
			rw.Replace(u.Node, ref+".is_set()")
		}
		return
	}
	rw.Replace(u.Node, ref+".value")
	if !u.Store {
		return
	}
	if !locked[write] && s.readModifyWrite(write) && !s.underLock(write) {
		locked[write] = true
		rw.WrapWith(write.Statement(), write.Statement(), "with "+ref+".get_lock():")
	}
}

// readModifyWrite says whether an assignment depends on the value before.
func (s *Share) readModifyWrite(write *syntax.Node) bool {
	if write.Kind == "augmented_assignment" {
		return true
	}
	for _, u := range s.g.Uses {
		if !u.Store && u.Node.Within(write.Field("right")) {
			return true
		}
	}
	return false
}

// underLock says whether a statement already stands in a with block that holds
// a lock of processes.
func (s *Share) underLock(n *syntax.Node) bool {
	for up := n.Parent; up != nil && !up.Is("function_definition", "lambda", "module"); up = up.Parent {
		if up.Kind != "with_statement" {
			continue
		}
		held := false
		up.Walk(func(c *syntax.Node) bool {
			if c.Kind == "with_item" {
				objects, _ := s.g.model.ObjectsOf(c.Field("value"))
				for _, o := range objects {
					held = held || o.Kind == process.Lock || o.Kind == process.Proxy
				}
			}
			return c == up || c.Is("with_clause", "with_item")
		})
		if held {
			return true
		}
	}
	return false
}

// make writes the statement that makes the object, in the place of the global
// or where it moves to.
func (s *Share) make(rw *refactor.Rewrite) {
	g := s.g
	at := g.Def.Value
	if s.home.first != nil {
		at = s.home.first
	}
	text := s.constructor(rw, at)
	stmt := g.Def.Node.Statement()
	if s.home.first != nil && s.home.module != g.Module {
		rw.Delete(stmt)
		rw.LinesBefore(s.home.first, g.Binding.Name+" = "+text)
		return
	}
	if typ := g.Def.Node.Field("type"); typ != nil {
		rw.ReplaceRange(g.Module.Tree.File, g.Def.Name.End, g.Def.Value.Start, " = ")
	}
	rw.Replace(g.Def.Value, text)
	if s.home.first != nil {
		rw.Move([]*syntax.Node{stmt}, s.home.first)
	}
}

func (s *Share) constructor(rw *refactor.Rewrite, at *syntax.Node) string {
	name, args := "Value", ""
	quote := rw.Quote(s.home.module)
	switch {
	case s.g.Flag:
		name = "Event"
	case s.g.Kind == process.Bool:
		args = rw.ImportIn(s.home.module, at, "ctypes", "c_bool") + ", " + s.g.Def.Value.Text()
	case s.g.Kind == process.Float:
		args = quote + "d" + quote + ", " + s.g.Def.Value.Text()
	default:
		args = quote + "q" + quote + ", " + s.g.Def.Value.Text()
	}
	if s.ctor.context != "" {
		return s.ctor.context + "." + name + "(" + args + ")"
	}
	return rw.ImportIn(s.home.module, at, s.ctor.root, name) + "(" + args + ")"
}
