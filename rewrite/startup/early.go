package startup

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Early is a pool that is made before the functions or globals that its workers
// use exist. A pool starts its workers when it is made (CPython,
// Lib/multiprocessing/pool.py, Pool.__init__); an executor does not.
type Early struct {
	Pool *process.PoolUse
	Name string       // what is bound too late
	At   *syntax.Node // where

	with *syntax.Node   // the with statement that makes the pool, or nil
	made *syntax.Node   // the statement that makes it
	use  *syntax.Node   // the statement that first uses it
	late []*syntax.Node // statements between that bind what the workers use
	body []*syntax.Node // statements of the block
}

// LookEarly judges a pool; nil when all that its workers use is there before it,
// or when that is not known.
func LookEarly(m *process.Model, call *syntax.Node) *Early {
	o := m.ObjectAt(call)
	if o == nil || o.Kind != process.Pool {
		return nil
	}
	e := &Early{Pool: m.PoolOf(o), made: call.Statement()}
	if e.Pool == nil || len(e.Pool.Tasks) == 0 || !e.block() {
		return nil
	}
	names := e.names(m)
	from := e.with != nil
	for _, s := range e.body {
		if s == e.made {
			from = true
			continue
		}
		if !from {
			continue
		}
		if e.uses(m, s) {
			e.use = s
			break
		}
		if b, at := binds(m, s, names); b != nil {
			e.late = append(e.late, s)
			if e.At == nil {
				e.Name, e.At = b.Name, at
			}
		}
	}
	if e.use == nil || e.At == nil {
		return nil
	}
	return e
}

// block finds the statements that follow the making of the pool.
func (e *Early) block() bool {
	s := e.made
	switch {
	case s == nil:
		return false
	case s.Kind == "with_statement":
		e.with = s
		e.body = s.Field("body").NamedChildren()
	case s.Kind == "expression_statement" && len(s.NamedChildren()) == 1 && s.NamedChildren()[0].Is("assignment") && s.NamedChildren()[0].Field("right") == e.Pool.Object.Made:
		e.body = s.Parent.NamedChildren()
	default:
		return false
	}
	return true
}

// names lists the module-level names that the pool's workers read.
func (e *Early) names(m *process.Model) map[*scope.Binding]bool {
	names := map[*scope.Binding]bool{}
	for _, t := range e.Pool.Tasks {
		for _, d := range t.Entries {
			if d.Scope.Parent == d.Module.Top {
				if b := d.Module.Top.Names[d.Name]; b != nil {
					names[b] = true
				}
			}
			w := m.WorkerOf(d)
			if w == nil {
				continue
			}
			for _, r := range w.Reaches {
				for _, f := range r.Module.FreeNames(r.Node) {
					if f.Binding != nil && f.Binding.Scope == r.Module.Top {
						names[f.Binding] = true
					}
				}
			}
		}
	}
	return names
}

// uses says whether a statement gives the pool work, or may use it otherwise.
func (e *Early) uses(m *process.Model, s *syntax.Node) bool {
	if definition(s) {
		return false
	}
	if e.with == nil {
		name, found := e.made.NamedChildren()[0].Field("left").Text(), false
		s.Walk(func(n *syntax.Node) bool {
			found = found || n.Is("identifier", "attribute") && n.Text() == name
			return !found
		})
		if found {
			return true
		}
	}
	for _, u := range e.Pool.Object.Uses {
		if u.Node.Within(s) || u.In != nil && runs(m, s, u.In) {
			return true
		}
	}
	for _, t := range e.Pool.Tasks {
		if t.Call.Within(s) || t.In != nil && runs(m, s, t.In) {
			return true
		}
	}
	return false
}

// runs says whether a statement calls a function, directly or not.
func runs(m *process.Model, s *syntax.Node, d *project.Def) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		if n.Kind == "call" && !found {
			for _, c := range m.Project.CalledBy(n) {
				found = found || hasDef(m.Project.Reaches(c), d)
			}
		}
		return !found
	})
	return found
}

// binds returns the first of the names that running a statement binds, and where.
func binds(m *process.Model, s *syntax.Node, names map[*scope.Binding]bool) (*scope.Binding, *syntax.Node) {
	var best *scope.Binding
	var at *syntax.Node
	for b := range names {
		for _, d := range b.Defs {
			if !d.Binds() || len(m.WorkersAt(d.Name)) > 0 {
				continue
			}
			in := m.Project.Enclosing(d.Name)
			here := d.Name.Within(s) && in == m.Project.Enclosing(s)
			if !here && (in == nil || !runs(m, s, in)) {
				continue
			}
			if best == nil || b.Name < best.Name {
				best, at = b, d.Name
			}
		}
	}
	return best, at
}

// Later is a plan that makes the pool after what its workers use.
type Later struct{ e *Early }

// Plan says what stands in the way of making the pool later.
func (e *Early) Plan() (*Later, error) {
	if e.with != nil {
		clause := e.with.NamedChildren()[0]
		if len(clause.NamedChildren()) != 1 {
			return nil, fmt.Errorf("the with statement makes more than the pool")
		}
	}
	for _, s := range e.late {
		if s.Is("return_statement", "global_statement") {
			return nil, fmt.Errorf("the statements between cannot move")
		}
	}
	return &Later{e}, nil
}

// Write moves the pool below what its workers use, or that above the with
// statement which makes the pool.
func (l *Later) Write(rw *refactor.Rewrite) {
	e := l.e
	if e.with == nil {
		rw.Move([]*syntax.Node{e.made}, e.use)
		return
	}
	var before []*syntax.Node
	for _, s := range e.body {
		before = append(before, s)
		if s == e.late[len(e.late)-1] {
			break
		}
	}
	rw.Move(before, e.with)
}
