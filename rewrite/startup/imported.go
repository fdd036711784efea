package startup

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Imported is a statement at module level that makes objects for processes, of
// which every child that imports the module makes its own.
type Imported struct {
	Stmt    *syntax.Node
	Name    string            // the first name that workers use
	Objects []*process.Object // what it makes
	Reads   []project.Use     // where workers use them by name
	Workers []*process.Worker

	model  *process.Model
	module *scope.Module
	names  []handover.Name
	all    bool
}

// LookImported judges a statement at module level; nil when it makes nothing that
// workers use by name, or when only fork starts them.
func LookImported(m *process.Model, mod *scope.Module, stmt *syntax.Node) *Imported {
	c := &Imported{Stmt: stmt, model: m, module: mod, all: true}
	if c.Objects = objectsIn(m, stmt); len(c.Objects) == 0 || m.AtImport(stmt) == nil || m.Project.Enclosing(stmt) != nil {
		return nil
	}
	for _, b := range mod.BoundIn(stmt) {
		if b.Scope != mod.Top {
			return nil
		}
		c.look(b)
	}
	if len(c.Reads) == 0 {
		return nil
	}
	return c
}

// look reads the uses of one name.
func (c *Imported) look(b *scope.Binding) {
	n := handover.Name{Binding: b}
	var all bool
	n.Uses, all = c.model.Project.Uses(b)
	c.all = c.all && all
	for _, d := range b.Defs {
		if d.Binds() && d.Scope != c.module.Top {
			return // main() makes another one
		}
		if d.Node.Within(c.Stmt) {
			n.Bound = d.Name
		}
	}
	var reads []project.Use
	for _, u := range n.Uses {
		workers := c.reading(u.Node)
		if u.Import == nil && u.Store && len(c.model.WorkersAt(u.Node)) > 0 {
			return // each worker is given its own
		}
		if len(workers) == 0 || u.Store {
			continue
		}
		reads = append(reads, u)
		c.Workers = append(c.Workers, workers...)
	}
	if len(reads) > 0 && c.Name == "" {
		c.Name = b.Name
	}
	c.Reads = append(c.Reads, reads...)
	c.names = append(c.names, n)
}

// reading lists the workers that spawn may start and that run the code at a node.
func (c *Imported) reading(n *syntax.Node) []*process.Worker {
	var found []*process.Worker
	for _, w := range c.model.WorkersAt(n) {
		if !c.model.ForkOnlyWorker(w) {
			found = append(found, w)
		}
	}
	return found
}

// objectsIn lists the objects for processes that an assignment makes, in
// containers and in attributes of objects too.
func objectsIn(m *process.Model, stmt *syntax.Node) []*process.Object {
	var found []*process.Object
	add := func(o *process.Object) {
		if o != nil && process.Inheritable(o.Kind) && !o.Managed && o.Kind != process.SharedMemory {
			found = append(found, o)
		}
	}
	if stmt.Kind != "expression_statement" || len(stmt.NamedChildren()) != 1 || stmt.NamedChildren()[0].Kind != "assignment" {
		return nil
	}
	right := stmt.NamedChildren()[0].Field("right")
	if right == nil {
		return nil
	}
	right.Walk(func(n *syntax.Node) bool {
		if n.Is("lambda") {
			return false
		}
		if n.Kind == "call" {
			add(m.ObjectAt(n))
			first, second := m.EndsAt(n)
			add(first)
			add(second)
		}
		return true
	})
	if v, ok := m.Project.Only(right); ok && v.Kind == project.Instance && len(found) == 0 {
		for _, s := range m.AttributeSites(v.Def) {
			if s.Value.Is("call") {
				add(m.ObjectAt(s.Value))
			}
		}
	}
	return found
}

// Moved is a plan that makes the objects in the parent and hands them over.
type Moved struct {
	c       *Imported
	at      *handover.Placement
	hand    *handover.Plan
	context string
}

// Plan works out where the objects are made instead and how the workers get them;
// the error says in one sentence what stands in the way.
func (c *Imported) Plan() (*Moved, error) {
	if !c.all {
		return nil, fmt.Errorf("not every use of %s is in sight", c.Name)
	}
	if c.Stmt.Parent.Kind != "module" {
		return nil, fmt.Errorf("%s is made inside another statement", c.Name)
	}
	if !assignment(c.Stmt) || c.Stmt.NamedChildren()[0].Field("right").Is("assignment") {
		return nil, fmt.Errorf("%s is assigned together with other names", c.Name)
	}
	for _, n := range c.names {
		if n.Binding.Single() == nil {
			return nil, fmt.Errorf("%s is bound more than once", n.Binding.Name)
		}
		for _, u := range n.Uses {
			if u.Import != nil && (u.Import.Member == "*" || u.Store && (u.Import.Guarded || u.Import.Local != n.Binding.Name)) {
				return nil, fmt.Errorf("%s is imported in a way that cannot be changed", n.Binding.Name)
			}
		}
	}
	v := &Moved{c: c}
	var err error
	if v.at, err = handover.Place(c.model, c.names...); err != nil {
		return nil, err
	}
	if v.at.Home.First == nil {
		return nil, fmt.Errorf("the program starts its workers while it is imported, which has to be mended first")
	}
	if err := v.construct(); err != nil {
		return nil, err
	}
	v.hand, err = v.at.Plan()
	return v, err
}

// construct checks that the objects can be made in their new place.
func (v *Moved) construct() error {
	c, home := v.c, v.at.Home
	context, _, err := v.at.Context()
	if err != nil {
		return err
	}
	direct := map[*syntax.Node]bool{}
	for _, o := range c.Objects {
		if !o.Made.Within(c.Stmt) {
			if context != "" || home.Module != c.module {
				return fmt.Errorf("%s cannot be made in another place than its class expects", c.Name)
			}
			continue
		}
		fn := o.Made.Field("function")
		direct[fn] = true
		same := o.Contextual && fn.Is("attribute") && fn.Field("object").Text() == context
		if o.Contextual && !same {
			return fmt.Errorf("%s is made through another context than the workers", c.Name)
		}
		if o.Contextual && home.Module != c.module {
			return fmt.Errorf("%s is made through a context of another module", c.Name)
		}
		if !o.Contextual {
			v.context = context
		}
	}
	for _, f := range c.module.FreeNames(c.Stmt) {
		if f.Binding == nil {
			continue
		}
		outside := false
		for _, u := range f.Uses {
			inside := false
			for fn := range direct {
				inside = inside || u.Within(fn)
			}
			outside = outside || !inside
		}
		if home.Module != c.module && outside {
			return fmt.Errorf("%s is made from %s, which is not at hand in %s", c.Name, f.Binding.Name, home.Module.Tree.File.Path)
		}
		if home.Module == c.module && home.Def != nil && home.Def.Scope.Lookup(f.Binding.Name) != f.Binding {
			return fmt.Errorf("%s means something else in %s", f.Binding.Name, home.Def.QualName())
		}
	}
	return nil
}

// Sure says that what is handed over is known to pass.
func (v *Moved) Sure() bool {
	for _, o := range v.c.Objects {
		if !o.Made.Within(v.c.Stmt) {
			return false
		}
	}
	return true
}

// Where names the place the objects move to.
func (v *Moved) Where() string {
	if d := v.at.Home.Def; d != nil {
		return d.QualName() + "()"
	}
	return "the main guard"
}

// Write moves the statement and hands the objects over.
func (v *Moved) Write(rw *refactor.Rewrite) {
	v.make(rw)
	v.hand.Write(rw)
	for _, n := range v.c.names {
		v.uses(rw, n)
	}
}

func (v *Moved) make(rw *refactor.Rewrite) {
	c, home := v.c, v.at.Home
	if home.Module != c.module {
		text := c.Stmt.Text()
		for i := len(c.Objects) - 1; i >= 0; i-- {
			if i > 0 && c.Objects[i].Made == c.Objects[i-1].Made {
				continue
			}
			fn := c.Objects[i].Made.Field("function")
			name := fn.Text()
			if fn.Is("attribute") {
				name = fn.Field("attribute").Text()
			}
			ref := v.context + "." + name
			if v.context == "" {
				ref = rw.ImportIn(home.Module, home.First, c.Objects[i].Root, name)
			}
			text = text[:fn.Start-c.Stmt.Start] + ref + text[fn.End-c.Stmt.Start:]
		}
		rw.Delete(c.Stmt)
		rw.LinesBefore(home.First, text)
		for _, f := range c.module.FreeNames(c.Stmt) {
			rw.DropUnused(c.module, f.Name, c.Stmt)
		}
		return
	}
	if v.context != "" {
		for _, o := range c.Objects {
			fn := o.Made.Field("function")
			name := fn.Text()
			if fn.Is("attribute") {
				name = fn.Field("attribute").Text()
			}
			rw.Replace(fn, v.context+"."+name)
		}
	}
	rw.Move([]*syntax.Node{c.Stmt}, home.First)
}

// uses rewrites the mentions of a name.
func (v *Moved) uses(rw *refactor.Rewrite, n handover.Name) {
	m, home := v.c.model, v.at.Home
	dropped := map[*project.Def]bool{}
	replaced := map[*scope.Module][]*syntax.Node{}
	for _, u := range n.Uses {
		if u.Node == n.Bound {
			continue
		}
		if u.Import != nil && u.Store {
			rw.DropImport(u.Module, u.Import)
			continue
		}
		d, _ := v.at.Owner(u.Node)
		ref := n.Binding.Name
		passed := d != nil && d != home.Def && (len(m.WorkersOf(d)) > 0 || d.Module != home.Module || home.Def != nil)
		if passed {
			ref = v.hand.Ref(n.Binding.Name, d)
		}
		if ref != u.Node.Text() {
			rw.Replace(u.Node, ref)
			replaced[u.Module] = append(replaced[u.Module], u.Node)
		}
		inner := m.Project.Enclosing(u.Node)
		if inner != nil && !dropped[inner] && inner.Scope.DeclaresGlobal(n.Binding.Name) && (d == home.Def || passed && !v.hand.Global(n.Binding.Name, d)) {
			dropped[inner] = true
			rw.DropGlobal(inner.Node, n.Binding.Name)
		}
	}
	for mod, nodes := range replaced {
		for _, node := range nodes[:1] {
			if node.Is("attribute") && node.Field("object").Is("identifier") && mod != v.c.module {
				rw.DropUnused(mod, node.Field("object").Text(), nodes...)
			}
		}
	}
}
