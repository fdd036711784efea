package startup

import (
	"sort"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Missing is a module-level name that workers read and that has its value only in
// the parent: it is bound or changed under the main guard, or in a function that
// only the parent runs.
type Missing struct {
	Name    string
	Binding *scope.Binding
	Absent  bool              // no child has the name at all
	Sets    []*syntax.Node    // where the parent gives it its value, in order
	Reads   []project.Use     // where workers read it
	Workers []*process.Worker // that read it

	model   *process.Model
	module  *scope.Module
	uses    []project.Use
	pretend *syntax.Node
	all     bool
}

// MissingIn lists the names of a module that workers miss, in order of place.
// Names of definitions under the guard that run in workers themselves are left
// out where only such definitions read them.
func MissingIn(m *process.Model, mod *scope.Module) []*Missing {
	if len(m.Workers) == 0 {
		return nil
	}
	var found []*Missing
	for _, b := range mod.Top.Names {
		if !suspicious(m, b) {
			continue
		}
		if x := lookMissing(m, b, nil); x != nil && x.Sets[0].Tree == mod.Tree {
			found = append(found, x)
		}
	}
	for _, b := range overridden(m, mod) {
		if x := lookMissing(m, b, nil); x != nil && x.Sets[0].Tree == mod.Tree {
			found = append(found, x)
		}
	}
	sort.Slice(found, func(i, j int) bool { return less(found[i].Sets[0], found[j].Sets[0], found[i].Name < found[j].Name) })
	return found
}

func less(a, b *syntax.Node, tie bool) bool {
	if pa, pb := a.Tree.File.Path, b.Tree.File.Path; pa != pb {
		return pa < pb
	}
	if a.Start != b.Start {
		return a.Start < b.Start
	}
	return tie
}

// overridden lists the names of other modules that a module assigns, as in
// settings.LIMIT = 3.
func overridden(m *process.Model, mod *scope.Module) []*scope.Binding {
	var found []*scope.Binding
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		if !n.Is("assignment") || !n.Field("left").Is("attribute") || !n.Field("left").Field("object").Is("identifier", "attribute") {
			return true
		}
		v, ok := m.Project.Only(n.Field("left").Field("object"))
		if !ok || v.Kind != project.Module {
			return true
		}
		if b := v.Mod.Top.Names[n.Field("left").Field("attribute").Text()]; b != nil && !hasBinding(found, b) {
			found = append(found, b)
		}
		return true
	})
	return found
}

// lookMissing judges one name. pretend, if not nil, is a block that counts as
// guarded.
func lookMissing(m *process.Model, b *scope.Binding, pretend *syntax.Node) *Missing {
	x := &Missing{Name: b.Name, Absent: true, Binding: b, model: m, module: b.Scope.Module, pretend: pretend}
	x.uses, x.all = m.Project.Uses(b)
	if !x.sets() || len(x.Sets) == 0 {
		return nil
	}
	x.reads()
	if len(x.Reads) == 0 || !x.beforeStart() {
		return nil
	}
	return x
}

// suspicious is a cheap test: somebody under a guard or in a function may set the
// name, or change what it holds.
func suspicious(m *process.Model, b *scope.Binding) bool {
	if len(b.Uses) == 0 {
		return false
	}
	for _, d := range b.Defs {
		if d.Binds() && (d.Scope != b.Scope || m.Guarded(d.Name)) {
			return true
		}
	}
	for _, d := range b.Defs {
		if d.Binds() && d.Kind != scope.Assign {
			return false
		}
	}
	for _, u := range b.Uses {
		if up := u.Parent; up.Is("subscript", "attribute", "argument_list") && (m.Project.Enclosing(u) != nil || m.Guarded(u)) {
			return true
		}
	}
	return false
}

// sets finds the places that give the name its value; ok is false when a worker
// does too, or when that is not known.
func (x *Missing) sets() (ok bool) {
	m := x.model
	for _, d := range x.Binding.Defs {
		if !d.Binds() {
			continue
		}
		if d.Kind == scope.Except || d.Kind == scope.Comp || m.Dead(d.Name) {
			return false
		}
		if !x.set(d.Name) {
			return false
		}
	}
	for _, u := range x.uses {
		if u.Store && u.Import == nil && u.Module != x.module && !x.set(u.Node) {
			return false
		}
	}
	sort.SliceStable(x.Sets, func(i, j int) bool { return less(x.Sets[i], x.Sets[j], false) })
	if x.Absent {
		return true // what children change, they would have to have
	}
	if values, known := m.Project.BindingValues(x.Binding); known && x.shared(values) {
		return true // what is put into it later reaches the workers
	}
	places, _ := m.Changed(x.Binding)
	for _, p := range places {
		if x.stores(p) {
			continue
		}
		if !x.set(p) {
			return false
		}
	}
	return true
}

// set notes one place that gives the name a value or changes it.
func (x *Missing) set(n *syntax.Node) bool {
	m := x.model
	if len(m.WorkersAt(n)) > 0 {
		return false
	}
	if x.importRun(n) != nil {
		x.Absent = false
		return true
	}
	if d := m.Project.Enclosing(n); d != nil && !m.DefInParent(d) {
		return false
	}
	x.Sets = append(x.Sets, n)
	return true
}

// stores says whether a changing place is one of the name's own definitions.
func (x *Missing) stores(p *syntax.Node) bool {
	for _, u := range x.uses {
		if u.Store && (u.Node == p || u.Node.Parent == p && p.Is("augmented_assignment")) {
			return true
		}
	}
	return false
}

// shared says whether all values are objects that processes share.
func (x *Missing) shared(values []project.Value) bool {
	for _, v := range values {
		if v.Node == nil || v.Kind != project.External || x.model.ObjectAt(v.Node) == nil {
			return false
		}
	}
	return len(values) > 0
}

// movesAlong says whether the name moves above the guard with a worker that is
// defined under it (MPF109): it is imported or defined there, or a constant.
func (x *Missing) movesAlong() bool {
	d := x.Binding.Single()
	return d != nil && (d.Kind == scope.Imported || d.Kind == scope.FuncDef || d.Kind == scope.ClassDef || d.Kind == scope.Assign && x.constant(d))
}

// reads finds the workers that read the name.
func (x *Missing) reads() {
	seen := map[*process.Worker]bool{}
	for _, u := range x.uses {
		if u.Store || u.Node.Parent.Is("global_statement") || u.Node.Parent.Is("augmented_assignment") && u.Node.FieldName == "left" {
			continue
		}
		reading := false
		for _, w := range handover.RealWorkers(x.model.WorkersAt(u.Node)) {
			if x.model.ForkOnlyWorker(w) || x.movesAlong() && x.enclosed(w.Entry) {
				continue
			}
			reading = true
			if !seen[w] {
				seen[w] = true
				x.Workers = append(x.Workers, w)
			}
		}
		if reading {
			x.Reads = append(x.Reads, u)
		}
	}
}

// beforeStart says whether the parent sets the name before it starts a worker that
// reads it.
func (x *Missing) beforeStart() bool {
	for _, s := range x.Sets {
		for _, w := range x.Workers {
			for _, l := range w.Launches {
				for _, u := range l.Starts {
					if u.Call != nil && runsBefore(x.model, s, u.Call) {
						return true
					}
				}
			}
			for _, t := range w.Tasks {
				if runsBefore(x.model, s, t.Call) {
					return true
				}
			}
		}
	}
	return false
}
