// Package startup plans what a program does under its main guard and what it
// does at module level, where every child that imports the module does it too.
//
// A guard is a hand-over, not a wrapper: what workers read has to exist in them.
// A value that each process can compute for itself stays at module level;
// anything else is passed to the workers in the same fix, or there is no fix.
package startup

import (
	"fmt"
	"sort"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Guard is a plan that puts statements of a module under its main guard.
type Guard struct {
	model    *process.Model
	module   *scope.Module
	stmts    []*syntax.Node // all statements of the module
	from, to int            // the statements that go in, as indices of stmts
	keep     map[*syntax.Node]bool
	hand     *handover.Plan
	// Handed are the names that are passed to the workers.
	Handed []string
	// Sure says that everything handed over is known to reach the workers.
	Sure bool
}

// PlanGuard plans a guard around the top-level statements that start processes
// (the triggers) and what belongs to them. The error says in one sentence why
// there is no such plan.
func PlanGuard(m *process.Model, mod *scope.Module, triggers []*syntax.Node) (*Guard, error) {
	g := &Guard{model: m, module: mod, keep: map[*syntax.Node]bool{}, Sure: true}
	g.stmts = mod.Tree.Root.NamedChildren()
	if err := g.region(triggers); err != nil {
		return nil, err
	}
	if err := g.definitions(); err != nil {
		return nil, err
	}
	if err := g.names(); err != nil {
		return nil, err
	}
	return g, nil
}

// region finds the first and the last statement that go under the guard.
func (g *Guard) region(triggers []*syntax.Node) error {
	g.from, g.to = -1, -1
	for i, s := range g.stmts {
		for _, t := range triggers {
			if s == t && g.from < 0 {
				g.from = i
			}
		}
		if s.Kind == "ERROR" || s.Error {
			return fmt.Errorf("the file has a syntax error")
		}
		if !definition(s) && !importing(s) {
			g.to = i
		}
	}
	if g.from < 0 {
		return fmt.Errorf("the start is not a statement of this module")
	}
	// What children would visibly repeat goes in too, as far up as nothing
	// stands between that they may need.
	for i := g.from - 1; i >= 0; i-- {
		s := g.stmts[i]
		if definition(s) || importing(s) || docstring(s, i) {
			continue
		}
		if isGuard(g.model, s) {
			break
		}
		switch g.effect(s) {
		case unknownEffect:
			g.leadIn()
			return nil
		case visible:
			g.from = i
		}
	}
	g.leadIn()
	return nil
}

// leadIn takes in the assignments directly above the region that serve it alone.
func (g *Guard) leadIn() {
	for i := g.from - 1; i >= 0; i-- {
		s := g.stmts[i]
		if !assignment(s) || g.effect(s) != none {
			return
		}
		for _, b := range g.module.BoundIn(s) {
			if b.Single() == nil || g.constant(s, b) {
				return
			}
			uses, all := g.model.Project.Uses(b)
			for _, u := range uses {
				if u.Node != b.Single().Name && (u.Module != g.module || g.model.Project.Enclosing(u.Node) != nil || u.Node.Start < g.stmts[g.from].Start) {
					return
				}
			}
			if !all {
				return
			}
		}
		g.from = i
	}
}

// definitions checks that the definitions of the region may move above it, and
// that none the workers need is caught inside a statement.
func (g *Guard) definitions() error {
	for _, w := range g.model.Workers {
		if b := g.module.Top.Names[w.Entry.Name]; b != nil && w.Entry.Module == g.module && w.Entry.Scope.Parent == g.module.Top && len(realDefs(b)) > 1 {
			return fmt.Errorf("%s is bound more than once: pickle could not find the worker by its name", b.Name)
		}
	}
	for i := g.from; i < len(g.stmts); i++ {
		s := g.stmts[i]
		if definition(s) {
			def := s
			if s.Kind == "decorated_definition" {
				def = s.Field("definition")
			}
			if b := g.module.Binding(def.Field("name")); b != nil && len(realDefs(b)) > 1 {
				return fmt.Errorf("%s is bound more than once", b.Name)
			}
			continue
		}
		if importing(s) || isGuard(g.model, s) {
			continue
		}
		var caught error
		s.Walk(func(n *syntax.Node) bool {
			if n.Is("function_definition", "class_definition") {
				if d := g.model.Project.DefAt(n); d != nil && len(g.model.WorkersOf(d)) > 0 && g.model.Project.Enclosing(n) == nil {
					caught = fmt.Errorf("%s runs in workers and is defined inside another statement", d.QualName())
				}
				return false
			}
			return true
		})
		if caught != nil {
			return caught
		}
	}
	return nil
}

func realDefs(b *scope.Binding) []*scope.Def {
	var real []*scope.Def
	for _, d := range b.Defs {
		if d.Binds() {
			real = append(real, d)
		}
	}
	return real
}

// names decides for each name that the region binds whether it stays outside,
// is handed over, or is needed by the parent only.
func (g *Guard) names() error {
	for i := g.from; i <= g.to; i++ {
		if g.model.Configures(g.stmts[i]) {
			g.keep[g.stmts[i]] = true
		}
	}
	early := g.readEarly()
	late := g.readByWorkers()
	if err := g.lostChanges(late); err != nil {
		return err
	}
	inside := g.boundInside(late)
	var handed []*scope.Binding
	for i := g.from; i <= g.to; i++ {
		s := g.stmts[i]
		if g.keep[s] || !assignment(s) {
			continue
		}
		for _, b := range g.module.BoundIn(s) {
			if g.constant(s, b) && g.keepable(s, inside, map[*syntax.Node]bool{}) {
				g.keep[s] = true
			}
		}
	}
	for _, b := range inside {
		readers := late[b]
		_, soon := early[b]
		if len(readers) == 0 && !soon {
			continue
		}
		if g.keepAll(b, inside) {
			continue
		}
		if soon {
			return fmt.Errorf("%s is read while the module is imported and cannot be evaluated in each child", b.Name)
		}
		if err := g.canHand(b, readers); err != nil {
			return err
		}
		handed = append(handed, b)
	}
	return g.handOver(handed, late)
}

// lostChanges looks for names that workers change and the parent reads. Their
// changes are lost already; a guard would only silence the error that shows it.
func (g *Guard) lostChanges(late map[*scope.Binding][]*project.Def) error {
	for _, b := range sorted(late) {
		if g.shared(b) {
			continue
		}
		places, _ := g.model.Changed(b)
		for _, p := range places {
			if len(g.model.WorkersAt(p)) == 0 {
				continue
			}
			uses, _ := g.model.Project.Uses(b)
			for _, u := range uses {
				if !u.Store && g.model.InParent(u.Node) && !u.Node.Within(p) && u.Import == nil {
					return fmt.Errorf("workers change %s and the parent reads it: under a guard the loss would be silent", b.Name)
				}
			}
		}
	}
	return nil
}

func sorted(names map[*scope.Binding][]*project.Def) []*scope.Binding {
	var all []*scope.Binding
	for b := range names {
		all = append(all, b)
	}
	sort.Slice(all, func(i, j int) bool { return all[i].Defs[0].Name.Start < all[j].Defs[0].Name.Start })
	return all
}

// changedInside says whether a statement that goes in, or a function that it
// runs, changes what a name of the module holds.
func (g *Guard) changedInside(b *scope.Binding) bool {
	places, _ := g.model.Changed(b)
	for _, p := range places {
		if g.model.Project.ModuleOf(p) != g.module {
			return true
		}
		if d := g.model.Project.Enclosing(p); d != nil {
			if g.model.DefInParent(d) && g.runsUnderGuard(d) {
				return true
			}
			continue
		}
		s := process.TopStatement(p)
		for i := g.from; i <= g.to; i++ {
			if g.stmts[i] == s && !g.keep[s] {
				return true
			}
		}
	}
	return false
}

// boundInside lists the names that only the region binds, and those workers
// read whose values the region changes, in order.
func (g *Guard) boundInside(late map[*scope.Binding][]*project.Def) []*scope.Binding {
	var found []*scope.Binding
	seen := map[*scope.Binding]bool{}
	for i := g.from; i <= g.to; i++ {
		s := g.stmts[i]
		if definition(s) || importing(s) || isGuard(g.model, s) {
			continue
		}
		for _, b := range g.module.BoundIn(s) {
			if !seen[b] && b.Scope == g.module.Top {
				seen[b] = true
				found = append(found, b)
			}
		}
	}
	for _, b := range sorted(late) {
		if !seen[b] && g.changedInside(b) {
			found = append(found, b)
		}
	}
	sort.SliceStable(found, func(i, j int) bool { return found[i].Defs[0].Name.Start < found[j].Defs[0].Name.Start })
	return found
}

// runsUnderGuard says whether a function is called by a statement that goes in.
func (g *Guard) runsUnderGuard(d *project.Def) bool {
	for i := g.from; i <= g.to; i++ {
		found := false
		if definition(g.stmts[i]) {
			continue
		}
		g.stmts[i].Walk(func(n *syntax.Node) bool {
			if n.Kind == "call" && !found {
				for _, c := range g.model.Project.CalledBy(n) {
					for _, r := range g.model.Project.Reaches(c) {
						found = found || r == d
					}
				}
			}
			return !found
		})
		if found {
			return true
		}
	}
	return false
}

// readEarly lists the names that moved definitions read while the module is
// imported: in decorators, defaults, bases, annotations and class bodies.
func (g *Guard) readEarly() map[*scope.Binding]bool {
	read := map[*scope.Binding]bool{}
	for i := g.from; i < len(g.stmts); i++ {
		s := g.stmts[i]
		if !definition(s) {
			continue
		}
		for _, f := range g.module.FreeNames(s) {
			if f.Binding == nil || f.Binding.Scope != g.module.Top {
				continue
			}
			for _, n := range f.Uses {
				if g.model.Project.Enclosing(n) == nil {
					read[f.Binding] = true
				}
			}
		}
	}
	return read
}

// readByWorkers lists, for each name of the module, the functions that read it
// and run in workers.
func (g *Guard) readByWorkers() map[*scope.Binding][]*project.Def {
	read := map[*scope.Binding][]*project.Def{}
	for _, w := range g.model.Workers {
		for _, d := range w.Reaches {
			if d.Module != g.module {
				continue
			}
			for _, f := range g.module.FreeNames(d.Node) {
				if f.Binding == nil || f.Binding.Scope != g.module.Top || hasDef(read[f.Binding], d) {
					continue
				}
				read[f.Binding] = append(read[f.Binding], d)
			}
		}
	}
	return read
}

func hasDef(defs []*project.Def, d *project.Def) bool {
	for _, have := range defs {
		if have == d {
			return true
		}
	}
	return false
}

// constant says whether a statement binds a name written like a constant to a
// literal.
func (g *Guard) constant(s *syntax.Node, b *scope.Binding) bool {
	for _, c := range b.Name {
		if c >= 'a' && c <= 'z' {
			return false
		}
	}
	d := b.Single()
	return d != nil && d.Kind == scope.Assign && len(d.Path) == 0 && d.Node.Within(s)
}

// keepAll keeps the statements that bind a name outside the guard, if each
// process can run them alike.
func (g *Guard) keepAll(b *scope.Binding, inside []*scope.Binding) bool {
	d := g.boundAt(b)
	if d == nil {
		return false
	}
	s := process.TopStatement(d.Name)
	pending := map[*syntax.Node]bool{}
	if !g.keepable(s, inside, pending) {
		return false
	}
	for p := range pending {
		g.keep[p] = true
	}
	return true
}

// keepable says whether a statement of the region may stay at module level:
// a plain assignment that gives the same value in each process, whose value
// nobody changes, and that needs nothing from under the guard. What it needs
// from other statements of the region is added to pending.
func (g *Guard) keepable(s *syntax.Node, inside []*scope.Binding, pending map[*syntax.Node]bool) bool {
	if pending[s] || g.keep[s] {
		return true
	}
	if !assignment(s) {
		return false
	}
	a := s.NamedChildren()[0]
	if !g.model.Repeatable(a.Field("right")) {
		return false
	}
	for _, b := range g.module.BoundIn(s) {
		if g.boundAt(b) == nil {
			return false
		}
		places, all := g.model.Changed(b)
		if !all {
			return false
		}
		for _, p := range places {
			if !p.Within(s) && (len(g.model.WorkersAt(p)) == 0 || g.model.InParent(p)) {
				return false
			}
		}
	}
	pending[s] = true
	for _, b := range g.needs(s) {
		if !hasBinding(inside, b) {
			continue
		}
		d := g.boundAt(b)
		if d == nil || !g.keepable(process.TopStatement(d.Name), inside, pending) {
			return false
		}
	}
	return true
}

// boundAt returns the one definition of a name at module level, nil when there
// are several. What workers bind through global stays in their own process and
// does not count.
func (g *Guard) boundAt(b *scope.Binding) *scope.Def {
	var found *scope.Def
	for _, d := range realDefs(b) {
		if d.Scope.Function() != nil {
			if len(g.model.WorkersAt(d.Name)) > 0 && !g.model.InParent(d.Name) {
				continue
			}
			return nil
		}
		if found != nil || d.Scope != g.module.Top {
			return nil
		}
		found = d
	}
	return found
}

func hasBinding(all []*scope.Binding, b *scope.Binding) bool {
	for _, have := range all {
		if have == b {
			return true
		}
	}
	return false
}

// needs lists the module's names that running a statement reads, in functions
// it calls too.
func (g *Guard) needs(s *syntax.Node) []*scope.Binding {
	var found []*scope.Binding
	add := func(n *syntax.Node) {
		for _, f := range g.module.FreeNames(n) {
			if f.Binding != nil && f.Binding.Scope == g.module.Top && !hasBinding(found, f.Binding) {
				found = append(found, f.Binding)
			}
		}
	}
	add(s)
	s.Walk(func(n *syntax.Node) bool {
		if n.Kind == "call" {
			for _, d := range g.model.Project.CalledBy(n) {
				for _, r := range g.model.Project.Reaches(d) {
					if r.Module == g.module {
						add(r.Node)
					}
				}
			}
		}
		return true
	})
	return found
}

// canHand says what stands in the way of passing a name to the workers.
func (g *Guard) canHand(b *scope.Binding, readers []*project.Def) error {
	for _, d := range realDefs(b) {
		switch d.Kind {
		case scope.Assign, scope.AugAssign, scope.For, scope.Walrus:
		default:
			return fmt.Errorf("workers read %s, which is no plain value", b.Name)
		}
		if len(g.model.WorkersAt(d.Name)) > 0 {
			return fmt.Errorf("workers read %s and bind it too", b.Name)
		}
	}
	places, all := g.model.Changed(b)
	if !all {
		return fmt.Errorf("workers read %s, and not every use of it is in sight", b.Name)
	}
	for _, p := range places {
		if len(g.model.WorkersAt(p)) > 0 && !g.shared(b) {
			return fmt.Errorf("workers change %s, and the parent would not see it", b.Name)
		}
	}
	values, known := g.model.Project.BindingValues(b)
	if !known {
		g.Sure = false
	}
	for _, v := range values {
		switch {
		case v.Kind == project.Literal && v.Node.Is("generator_expression"):
			return fmt.Errorf("workers read %s, a generator, which cannot be passed to them", b.Name)
		case v.Kind == project.Function && v.Def.IsLambda():
			return fmt.Errorf("workers read %s, a lambda, which cannot be passed to them", b.Name)
		case v.Kind == project.External && v.ResultOf() == "builtins.open":
			return fmt.Errorf("workers read %s, an open file, which cannot be passed to them", b.Name)
		default:
			g.Sure = g.Sure && g.model.Passes(v)
		}
	}
	return nil
}

// shared says whether a name holds an object that processes share.
func (g *Guard) shared(b *scope.Binding) bool {
	values, known := g.model.Project.BindingValues(b)
	for _, v := range values {
		if v.Kind != project.External || g.model.ObjectAt(v.Node) == nil || !process.Inheritable(g.model.ObjectAt(v.Node).Kind) {
			return false
		}
	}
	return known && len(values) > 0
}

// handOver plans how the names reach the workers.
func (g *Guard) handOver(names []*scope.Binding, late map[*scope.Binding][]*project.Def) error {
	if len(names) == 0 {
		return nil
	}
	var values []handover.Value
	for _, b := range names {
		g.Handed = append(g.Handed, b.Name)
		values = append(values, handover.Value{
			Name:    b.Name,
			Readers: late[b],
			Expr: func(site *syntax.Node) (string, bool) {
				if g.model.Project.ModuleOf(site) != g.module {
					return "", false
				}
				s := g.module.ScopeOf(site)
				return b.Name, s != nil && s.Lookup(b.Name) == b
			},
		})
	}
	plan, err := handover.Make(g.model, values...)
	if err != nil {
		return fmt.Errorf("workers read %s, which cannot be passed to them: %w", g.Handed[0], err)
	}
	g.hand = plan
	return nil
}

// Write makes the guard and the hand-over.
func (g *Guard) Write(rw *refactor.Rewrite) {
	var out []*syntax.Node
	for i := g.from; i <= g.to; i++ {
		if g.keep[g.stmts[i]] {
			out = append(out, g.stmts[i])
		}
	}
	rw.GuardMain(g.module, g.stmts[g.from], g.stmts[g.to], refactor.GuardOptions{KeepOut: out})
	if g.hand != nil {
		g.hand.Write(rw)
	}
}
