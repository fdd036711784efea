package sharedstate

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Share is a plan that turns a global into an object which processes share.
type Share struct {
	g    *Global
	hand *handover.Plan
	at   *handover.Placement
	home handover.Home
	ctor ctor
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
	var err error
	s.at, err = handover.Place(m, handover.Name{Binding: g.Binding, Bound: g.Def.Name, Uses: g.Uses})
	if err != nil {
		return nil, err
	}
	s.home = s.at.Home
	if s.ctor.context, s.ctor.root, err = s.at.Context(); err != nil {
		return nil, err
	}
	if s.hand, err = s.at.Plan(); err != nil {
		return nil, err
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
		d, _ := s.at.Owner(u.Node)
		ref := g.Binding.Name
		if d != nil && d != s.home.Def {
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
	if s.home.First != nil {
		at = s.home.First
	}
	text := s.constructor(rw, at)
	stmt := g.Def.Node.Statement()
	if s.home.First != nil && s.home.Module != g.Module {
		rw.Delete(stmt)
		rw.LinesBefore(s.home.First, g.Binding.Name+" = "+text)
		return
	}
	if typ := g.Def.Node.Field("type"); typ != nil {
		rw.ReplaceRange(g.Module.Tree.File, g.Def.Name.End, g.Def.Value.Start, " = ")
	}
	rw.Replace(g.Def.Value, text)
	if s.home.First != nil {
		rw.Move([]*syntax.Node{stmt}, s.home.First)
	}
}

func (s *Share) constructor(rw *refactor.Rewrite, at *syntax.Node) string {
	name, args := "Value", ""
	quote := rw.Quote(s.home.Module)
	switch {
	case s.g.Flag:
		name = "Event"
	case s.g.Kind == process.Bool:
		args = rw.ImportIn(s.home.Module, at, "ctypes", "c_bool") + ", " + s.g.Def.Value.Text()
	case s.g.Kind == process.Float:
		args = quote + "d" + quote + ", " + s.g.Def.Value.Text()
	default:
		args = quote + "q" + quote + ", " + s.g.Def.Value.Text()
	}
	if s.ctor.context != "" {
		return s.ctor.context + "." + name + "(" + args + ")"
	}
	return rw.ImportIn(s.home.Module, at, s.ctor.root, name) + "(" + args + ")"
}
