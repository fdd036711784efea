package handover

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Name is a module-level name and every mention of it in the project.
type Name struct {
	Binding *scope.Binding
	Bound   *syntax.Node // the identifier in the assignment that makes the value
	Uses    []project.Use
}

// Home is where the parent makes what the workers share.
type Home struct {
	Def    *project.Def // a function; nil for module level
	Module *scope.Module
	First  *syntax.Node // the statement it is made before; nil: where it is bound now
}

// Placement says where in the parent the values of some names are made, and
// which functions have to be given them.
type Placement struct {
	Home  Home
	Names []Name
	// Sites are the processes and pools whose workers use the names.
	Sites []*process.Object

	model *process.Model
}

// Place finds the home of values that workers use by name: in the one function
// that starts the workers and uses the names, else under the main guard, else in
// the nearest place that all of the parent's uses are called from. The error says
// in one sentence what stands in the way.
func Place(m *process.Model, names ...Name) (*Placement, error) {
	p := &Placement{model: m, Names: names}
	if err := p.findSites(); err != nil {
		return nil, err
	}
	if err := p.findHome(); err != nil {
		return nil, err
	}
	return p, nil
}

// findSites lists where the workers that use the names are started.
func (p *Placement) findSites() error {
	for _, n := range p.Names {
		for _, u := range n.Uses {
			for _, w := range RealWorkers(p.model.WorkersAt(u.Node)) {
				for _, l := range w.Launches {
					p.Sites = append(p.Sites, l.Object)
				}
				for _, t := range w.Tasks {
					if t.Pool == nil {
						return fmt.Errorf("the pool that runs %s is not known", w.Entry.QualName())
					}
					p.Sites = append(p.Sites, t.Pool.Object)
				}
			}
		}
	}
	if len(p.Sites) == 0 {
		return fmt.Errorf("the start of the workers is out of sight")
	}
	return nil
}

// RealWorkers leaves out functions that only run as a pool's initializer: what
// they set is meant for their own process.
func RealWorkers(workers []*process.Worker) []*process.Worker {
	var real []*process.Worker
	for _, w := range workers {
		if len(w.Launches) > 0 || len(w.Tasks) > 0 {
			real = append(real, w)
		}
	}
	return real
}

// places lists where the parent needs the values: where it starts the workers
// and where it uses the names itself.
func (p *Placement) places() []*syntax.Node {
	var places []*syntax.Node
	for _, o := range p.Sites {
		places = append(places, o.Made)
	}
	for _, n := range p.Names {
		for _, u := range n.Uses {
			if u.Node != n.Bound && !(u.Import != nil && u.Store) && len(p.model.WorkersAt(u.Node)) == 0 {
				places = append(places, u.Node)
			}
		}
	}
	return places
}

func (p *Placement) findHome() error {
	m := p.model
	places := p.places()
	def := m.Project.Enclosing(places[0])
	one := def != nil
	for _, at := range places {
		one = one && m.Project.Enclosing(at) == def
	}
	if one && p.fits(def) {
		p.Home = Home{Def: def, Module: def.Module, First: firstIn(def.Body(), places)}
		return nil
	}
	err := p.moduleHome(places)
	if err != nil && p.meeting(places) {
		return nil
	}
	return err
}

// fits says whether the values may be local to a function: it runs once, keeps
// them until the workers have ended (FACTS 16), and no function that a pool runs
// is called in the parent, where it would find no global.
func (p *Placement) fits(d *project.Def) bool {
	m := p.model
	if d.IsLambda() || d.IsGenerator() || m.Project.Enclosing(d.Node) != nil || !once(m, d) {
		return false
	}
	for _, o := range p.Sites {
		if l := m.LaunchOf(o); l != nil && !joined(m, l, d) {
			return false
		}
	}
	for _, n := range p.Names {
		if d.Scope.Names[n.Binding.Name] != nil {
			return false
		}
		for _, u := range n.Uses {
			if in := m.Project.Enclosing(u.Node); in != nil && m.DefInParent(in) && tasked(m.WorkersOf(in)) {
				return false
			}
		}
	}
	return true
}

func tasked(workers []*process.Worker) bool {
	for _, w := range workers {
		if len(w.Tasks) > 0 {
			return true
		}
	}
	return false
}

// joined says whether a process is waited for before a function returns.
func joined(m *process.Model, l *process.Launch, d *project.Def) bool {
	reach := m.Project.Reaches(d)
	for _, j := range l.Joins {
		if j.In == d || j.In != nil && contains(reach, j.In) {
			return true
		}
	}
	return len(l.Starts) == 0
}

// once says whether a function runs at most once, so that what it makes lives
// as long as a global did.
func once(m *process.Model, d *project.Def) bool {
	calls, complete := m.Project.Callers(d)
	if !complete || len(calls) > 1 {
		return false
	}
	for _, c := range calls {
		if len(process.Loops(c.Node)) > 0 {
			return false
		}
		if up := m.Project.Enclosing(c.Node); up != nil && (up == d || !once(m, up)) {
			return false
		}
	}
	return true
}

// firstIn returns the first statement of a block that holds one of the places.
func firstIn(block *syntax.Node, places []*syntax.Node) *syntax.Node {
	for _, stmt := range block.NamedChildren() {
		for _, at := range places {
			if at.Within(stmt) {
				return stmt
			}
		}
	}
	return nil
}

// moduleHome is a global of the main module, made under its guard.
func (p *Placement) moduleHome(places []*syntax.Node) error {
	m := p.model
	module := p.Sites[0].Module
	for _, o := range p.Sites {
		if o.Module != module {
			return fmt.Errorf("the workers are started in two modules")
		}
	}
	bound := p.Names[0].Binding.Scope.Module
	balance := 0
	for _, start := range m.Starts {
		for _, o := range p.Sites {
			if start.Object != o {
				continue
			}
			if m.AtImport(start.Node) == nil {
				balance++
				continue
			}
			if module != bound {
				return fmt.Errorf("the workers are started while another module is imported")
			}
			balance--
		}
	}
	if balance < 0 {
		p.Home = Home{Module: module} // where it was: the guard comes in a later round
		return nil
	}
	guard, err := MainGuard(module)
	if err != nil {
		return err
	}
	for _, at := range places {
		if m.Project.Enclosing(at) == nil && !at.Within(guard) {
			return fmt.Errorf("%s is used while the module is imported", p.Names[0].Binding.Name)
		}
	}
	for _, n := range p.Names {
		if module != bound && module.Top.Names[n.Binding.Name] != nil && !n.imported(module) {
			return fmt.Errorf("the main module has a name %s of its own", n.Binding.Name)
		}
	}
	p.Home = Home{Module: module, First: guard.Field("consequence").NamedChildren()[0]}
	return nil
}

// MainGuard returns the one if statement that is the main guard of a module.
func MainGuard(module *scope.Module) (*syntax.Node, error) {
	var guard *syntax.Node
	for _, stmt := range module.Tree.Root.NamedChildren() {
		if stmt.Kind == "if_statement" && process.GuardCondition(module, stmt.Field("condition")) == process.MainGuard {
			if guard != nil {
				return nil, fmt.Errorf("the module has two main guards")
			}
			guard = stmt
		}
	}
	if guard == nil {
		return nil, fmt.Errorf("there is no one place in the parent where it could be made")
	}
	if block := guard.Field("consequence"); block == nil || len(block.NamedChildren()) == 0 {
		return nil, fmt.Errorf("the main guard is empty")
	}
	return guard, nil
}

// imported says whether a module has the name by importing it.
func (n Name) imported(mod *scope.Module) bool {
	for _, u := range n.Uses {
		if u.Module == mod && u.Import != nil && u.Store && u.Import.Local == n.Binding.Name {
			return true
		}
	}
	return false
}

// meeting finds the nearest function, or main guard, that all places are called
// from, and makes it the home.
func (p *Placement) meeting(places []*syntax.Node) bool {
	m := p.model
	var ways [][]*syntax.Node
	for _, at := range places {
		ways = append(ways, way(m, at))
	}
	for _, at := range ways[0] {
		def := m.Project.Enclosing(at)
		var here []*syntax.Node
		for _, w := range ways {
			for _, n := range w {
				if m.Project.Enclosing(n) == def && n.Tree == at.Tree {
					here = append(here, n)
					break
				}
			}
		}
		if len(here) < len(ways) {
			continue
		}
		if def != nil {
			if p.fits(def) {
				p.Home = Home{Def: def, Module: def.Module, First: firstIn(def.Body(), here)}
				return true
			}
			continue
		}
		module := m.Project.ModuleOf(at)
		guard, err := MainGuard(module)
		if err != nil {
			return false
		}
		for _, n := range here {
			if !n.Within(guard) {
				return false
			}
		}
		for _, n := range p.Names {
			if module.Top.Names[n.Binding.Name] != nil && !n.imported(module) {
				return false
			}
		}
		p.Home = Home{Module: module, First: firstIn(guard.Field("consequence"), here)}
		return p.Home.First != nil
	}
	return false
}

// way lists a place and the calls that lead to it, as far up as each function is
// called from one function only.
func way(m *process.Model, at *syntax.Node) []*syntax.Node {
	found := []*syntax.Node{at}
	seen := map[*project.Def]bool{}
	for d := m.Project.Enclosing(at); d != nil && !seen[d]; d = m.Project.Enclosing(at) {
		seen[d] = true
		calls, complete := m.Project.Callers(d)
		if !complete || len(calls) == 0 {
			return found
		}
		for _, c := range calls {
			if m.Project.Enclosing(c.Node) != m.Project.Enclosing(calls[0].Node) || c.Node.Tree != calls[0].Node.Tree {
				return found
			}
		}
		at = calls[0].Node
		found = append(found, at)
	}
	return found
}

// Context says how an object that the workers of the sites share has to be made:
// through the context that starts them, by its name, or from a package (a SemLock
// of one context cannot be given to a child of another, Lib/multiprocessing/
// synchronize.py).
func (p *Placement) Context() (context, root string, err error) {
	root = "multiprocessing"
	for i, o := range p.Sites {
		if o.Root != "concurrent.futures" {
			root = o.Root
		}
		name, err := p.contextOf(o)
		if err != nil {
			return "", "", err
		}
		if i > 0 && name != context {
			return "", "", fmt.Errorf("the workers are started through different contexts")
		}
		context = name
	}
	return context, root, nil
}

// contextOf returns how the context of an object is written where the shared
// object has to be made, "" for the default one.
func (p *Placement) contextOf(o *process.Object) (string, error) {
	ctx := syntax.CallArgs(o.Made).Keywords["mp_context"]
	if fn := o.Made.Field("function"); ctx == nil && o.Contextual && fn.Is("attribute") {
		ctx = fn.Field("object")
	}
	switch {
	case ctx == nil && !o.Contextual && (o.Class == nil || o.Method == ""):
		return "", nil
	case ctx.Is("identifier"):
		b := o.Module.Binding(ctx)
		if b == nil || o.Module != p.Home.Module || b.Scope != o.Module.Top && (p.Home.Def == nil || b.Scope != p.Home.Def.Scope) {
			return "", fmt.Errorf("the context %s is not there where the shared object has to be made", ctx.Text())
		}
		if d := b.Single(); d == nil || p.Home.First != nil && d.Scope == o.Module.ScopeOf(p.Home.First) && d.Name.Start > p.Home.First.Start {
			return "", fmt.Errorf("the context %s is made later than the shared object has to be", ctx.Text())
		}
		return ctx.Text(), nil
	case ctx.Is("call") && o.Method != "" && o.Module == p.Home.Module && o.Module.Qualified(ctx.Field("function")) != "":
		return ctx.Text(), nil // get_context("spawn") gives the same object each time
	}
	return "", fmt.Errorf("the context of the workers has no name that could be used")
}

// Readers lists the functions that have to be given the value of a name, nested
// ones standing for the function around them.
func (p *Placement) Readers(n Name) ([]*project.Def, error) {
	m := p.model
	var found []*project.Def
	for _, u := range n.Uses {
		if u.Import != nil && u.Store {
			continue
		}
		d, err := p.Owner(u.Node)
		if err != nil {
			return nil, err
		}
		if d == nil || d == p.Home.Def || contains(found, d) {
			continue
		}
		if len(m.WorkersOf(d)) == 0 && d.Module == p.Home.Module && p.Home.Def == nil {
			continue // a function of the parent: it reads the global
		}
		found = append(found, d)
	}
	return found, nil
}

// Owner is the outermost function around a use, which the value is passed to.
func (p *Placement) Owner(n *syntax.Node) (*project.Def, error) {
	d := p.model.Project.Enclosing(n)
	if d == nil {
		return nil, nil
	}
	for {
		up := p.model.Project.Enclosing(d.Node)
		if up == nil {
			return d, nil
		}
		if p.model.WorkerOf(d) != nil {
			return nil, fmt.Errorf("the worker %s is defined inside a function", d.QualName())
		}
		d = up
	}
}

// At is how the value of a name is written at a place in the parent; ok is false
// where it is not at hand.
func (p *Placement) At(n Name, site *syntax.Node) (text string, ok bool) {
	d := p.model.Project.Enclosing(site)
	name := n.Binding.Name
	if p.Home.Def != nil {
		return name, d == p.Home.Def
	}
	return name, p.model.Project.ModuleOf(site) == p.Home.Module && (d == nil || d.Scope.Names[name] == nil)
}

// Plan works out how the values reach the functions that need them.
func (p *Placement) Plan() (*Plan, error) {
	var values []Value
	for _, n := range p.Names {
		readers, err := p.Readers(n)
		if err != nil {
			return nil, err
		}
		if len(readers) == 0 {
			continue
		}
		values = append(values, Value{
			Name: n.Binding.Name, Readers: readers,
			Expr: func(site *syntax.Node) (string, bool) { return p.At(n, site) },
		})
	}
	plan, err := Make(p.model, values...)
	if err != nil {
		return nil, fmt.Errorf("%s cannot be passed to the workers: %w", p.Names[0].Binding.Name, err)
	}
	return plan, nil
}
