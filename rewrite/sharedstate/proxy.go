package sharedstate

import (
	"fmt"
	"slices"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// ProxyPlan turns a container into one of a manager, which all processes share.
type ProxyPlan struct {
	c      *Container
	copies []*syntax.Node
	// inWorkers are the copies that workers take of what they are passed.
	inWorkers []*syntax.Node
	at        *handover.Placement // nil for one that is passed already
	hand      *handover.Plan
	before    *syntax.Node // the statement it is made before, or itself
	ctor      ctor
}

// PlanProxy works out how the container becomes a manager's; the error says in
// one sentence what stands in the way. A global moves to where the parent starts
// the workers and is handed to them; an argument is passed as it was.
func PlanProxy(c *Container, global bool) (*ProxyPlan, error) {
	m, name := c.model, c.Binding.Name
	if !c.All {
		return nil, fmt.Errorf("not every use of %s is in sight", name)
	}
	if methods[c.Kind] == "" {
		return nil, fmt.Errorf("a manager has no %s", c.Kind)
	}
	stmt := c.Def.Node.Statement()
	if len(c.Def.Path) > 0 || c.Def.Node.Parent.Is("assignment") || c.Def.Node.Field("right").Is("assignment") || !stmt.Is("expression_statement") {
		return nil, fmt.Errorf("%s is assigned together with other names", name)
	}
	p := &ProxyPlan{c: c, before: stmt}
	if !global {
		if err := p.receivers(); err != nil {
			return nil, err
		}
	}
	for _, u := range c.Uses {
		if u.Node == c.Def.Name || u.Import != nil && u.Store {
			if u.Import != nil && (u.Import.Member == "*" || u.Import.Guarded) {
				return nil, fmt.Errorf("%s is imported in a way that cannot be changed", name)
			}
			continue
		}
		if u.Store && MutationAt(u.Node) == nil {
			return nil, fmt.Errorf("%s is bound again in line %d", name, u.Module.Tree.File.LineOf(u.Node.Start))
		}
		if u.Import != nil && u.Node.Is("attribute") && u.Import.Member == "*" {
			return nil, fmt.Errorf("%s is used through a star import", name)
		}
		if err := p.steps(u.Node); err != nil {
			return nil, err
		}
		wanted, err := c.copied(u.Node)
		if err != nil {
			return nil, err
		}
		if wanted {
			p.copies = append(p.copies, u.Node)
		}
	}
	if global {
		return p, p.place()
	}
	return p, p.inPlace(m)
}

// receivers looks at what the workers that are passed the container do with it.
func (p *ProxyPlan) receivers() error {
	c, m := p.c, p.c.model
	var workers []*process.Worker
	for _, w := range m.Workers {
		for _, u := range c.Uses {
			if within(u.Node, w) && !slices.Contains(workers, w) {
				workers = append(workers, w)
			}
		}
	}
	c.workers = workers // all of them count when locks are asked for
	for _, w := range workers {
		found := false
		for _, param := range w.Entry.Params() {
			b := w.Entry.Scope.Names[param.Name]
			if b == nil || param.Star > 0 {
				continue
			}
			values, known := m.Project.BindingValues(b)
			if !slices.ContainsFunc(values, func(v project.Value) bool { return v.Node == c.Def.Value }) {
				continue
			}
			if !known || len(values) != 1 || len(b.Defs) != 1 {
				return fmt.Errorf("%s of %s is not always %s", param.Name, w.Entry.QualName(), c.Binding.Name)
			}
			found = true
			for _, n := range b.Uses {
				if err := p.steps(n); err != nil {
					return err
				}
				wanted, err := c.copied(n)
				if err != nil {
					return err
				}
				if wanted {
					p.inWorkers = append(p.inWorkers, n)
				}
			}
		}
		if !found {
			return fmt.Errorf("how %s gets %s is not known", w.Entry.QualName(), c.Binding.Name)
		}
	}
	return nil
}

// within says whether a node is part of a call that starts a worker or gives it
// work.
func within(n *syntax.Node, w *process.Worker) bool {
	for _, l := range w.Launches {
		if n.Within(l.Call) {
			return true
		}
	}
	for _, t := range w.Tasks {
		if n.Within(t.Call) {
			return true
		}
	}
	return false
}

// steps refuses changes that a manager's container makes in more than one step:
// of what it holds, and updates that depend on the value before where several
// workers make them.
func (p *ProxyPlan) steps(n *syntax.Node) error {
	write := MutationAt(n)
	if write == nil {
		return nil
	}
	c := p.c
	line := c.model.Project.ModuleOf(n).Tree.File.LineOf(n.Start)
	target := write.Field("left")
	if f := write.Field("function"); f != nil {
		target = f.Field("object")
	}
	direct := target == n || target.Is("subscript") && target.Field("value") == n && !write.Is("call") || write.Is("delete_statement")
	if !direct {
		return fmt.Errorf("what %s holds is changed in line %d, and a manager gives copies", c.Binding.Name, line)
	}
	if !target.Is("subscript") || len(c.model.WorkersAt(n)) == 0 || c.one() {
		return nil
	}
	again := write.Is("augmented_assignment")
	if right := write.Field("right"); right != nil {
		right.Walk(func(r *syntax.Node) bool {
			again = again || r.Is(n.Kind) && r.Text() == n.Text()
			return !again
		})
	}
	if again {
		return fmt.Errorf("line %d updates %s in steps, for which several workers need a lock", line, c.Binding.Name)
	}
	return nil
}

// one says whether a single process makes the changes.
func (c *Container) one() bool {
	for _, w := range c.workers {
		if w != c.workers[0] || len(w.Tasks) > 0 || len(w.Launches) > 1 {
			return false
		}
		for _, l := range w.Launches {
			if n, _, known := c.model.Count(l); !known || n > 1 {
				return false
			}
		}
	}
	return true
}

// inPlace looks at a container that is passed to the workers already.
func (p *ProxyPlan) inPlace(m *process.Model) error {
	c := p.c
	if len(process.Loops(c.Def.Name)) > 0 {
		return fmt.Errorf("%s is made again and again in a loop", c.Binding.Name)
	}
	if m.AtImport(c.Def.Name) != nil {
		return fmt.Errorf("%s is made while the module is imported", c.Binding.Name)
	}
	for _, w := range c.workers {
		for _, l := range w.Launches {
			if l.Object.Root != "" {
				p.ctor.root = l.Object.Root
			}
			if l.Object.Contextual || l.Object.Method != "" {
				return nil // a manager's proxy passes whatever the context
			}
		}
	}
	return nil
}

// place finds where a global is made, and its way to the workers.
func (p *ProxyPlan) place() error {
	c := p.c
	var err error
	if p.at, err = handover.Place(c.model, handover.Name{Binding: c.Binding, Bound: c.Def.Name, Uses: c.Uses}); err != nil {
		return err
	}
	if p.at.Home.First == nil {
		return fmt.Errorf("the workers are started while the module is imported")
	}
	p.before = p.at.Home.First
	if p.ctor.context, p.ctor.root, err = p.at.Context(); err != nil {
		return err
	}
	p.hand, err = p.at.Plan()
	return err
}

// Title says what the fix does.
func (p *ProxyPlan) Title() string {
	return fmt.Sprintf("make %s a %s of a manager, which all processes share", p.c.Binding.Name, p.c.Kind)
}

// Write makes the manager's container, hands it over, and rewrites every use.
func (p *ProxyPlan) Write(rw *refactor.Rewrite) {
	c := p.c
	p.make(rw)
	copied := map[*syntax.Node]bool{}
	for _, n := range p.copies {
		copied[n] = true
	}
	if p.hand != nil {
		p.hand.Write(rw)
	}
	for _, n := range p.inWorkers {
		rw.Replace(n, c.Kind+"("+n.Text()+")")
	}
	dropped := map[*project.Def]bool{}
	for _, u := range c.Uses {
		if u.Node == c.Def.Name {
			continue
		}
		if u.Import != nil && u.Store {
			if p.at != nil {
				rw.DropImport(u.Module, u.Import)
			}
			continue
		}
		ref := u.Node.Text()
		if p.at != nil {
			ref = c.Binding.Name
			if d, _ := p.at.Owner(u.Node); d != nil && d != p.at.Home.Def {
				ref = p.hand.Ref(c.Binding.Name, d)
			}
			if in := c.model.Project.Enclosing(u.Node); in != nil && !dropped[in] && in.Scope.DeclaresGlobal(c.Binding.Name) {
				dropped[in] = true
				rw.DropGlobal(in.Node, c.Binding.Name)
			}
		}
		if copied[u.Node] {
			ref = c.Kind + "(" + ref + ")"
		}
		if ref != u.Node.Text() {
			rw.Replace(u.Node, ref)
		}
	}
}

// make writes the manager and the container where it belongs.
func (p *ProxyPlan) make(rw *refactor.Rewrite) {
	c := p.c
	stmt := c.Def.Node.Statement()
	mod := c.model.Project.ModuleOf(p.before)
	args := c.Def.Value.Text()
	if v := syntax.Unparen(c.Def.Value); v.Is("call") {
		args = v.Field("arguments").Text()[1 : len(v.Field("arguments").Text())-1]
	} else if v.Is("list", "dictionary") && len(v.NamedChildren()) == 0 {
		args = ""
	}
	manager, lines := p.manager(rw)
	text := manager + "." + c.Kind + "(" + args + ")"
	if p.at != nil && mod != c.Binding.Scope.Module {
		rw.Delete(stmt)
		rw.LinesBefore(p.before, append(lines, c.Binding.Name+" = "+text)...)
		return
	}
	if p.at != nil {
		rw.Move([]*syntax.Node{stmt}, p.before)
	}
	if len(lines) > 0 {
		rw.LinesBefore(stmt, lines...)
	}
	rw.Replace(c.Def.Value, text)
}

// manager returns the name of a manager, and the lines that make it unless one is
// there.
func (p *ProxyPlan) manager(rw *refactor.Rewrite) (name string, lines []string) {
	m := p.c.model
	mod := m.Project.ModuleOf(p.before)
	in := m.Project.Enclosing(p.before)
	for _, o := range m.Objects {
		up := o.Made.Parent
		if o.Kind == process.Manager && o.In == in && o.Module == mod && o.Made.End <= p.before.Start && o.Made.Statement().Parent == p.before.Parent &&
			up.Is("assignment") && up.Field("left").Is("identifier") && o.Name == "Manager" {
			return up.Field("left").Text(), nil
		}
	}
	name = mod.FreshName(mod.ScopeOf(p.before), "manager")
	if p.ctor.context != "" {
		return name, []string{name + " = " + p.ctor.context + ".Manager()"}
	}
	root := p.ctor.root
	if root == "" {
		root = "multiprocessing"
	}
	return name, []string{name + " = " + rw.ImportIn(mod, p.before, root, "Manager") + "()"}
}
