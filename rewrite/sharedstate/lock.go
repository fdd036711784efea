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

// Locked says whether the code at a node may run while a lock of processes is
// held: in a with block, behind an acquire(), or in a function that is called
// there. What mpfix does not know counts as a lock.
func Locked(m *process.Model, n *syntax.Node) bool { return locked(m, n, 0) }

func locked(m *process.Model, n *syntax.Node, depth int) bool {
	for up := n; up != nil && !up.Is("function_definition", "lambda", "module"); up = up.Parent {
		if up.Kind == "with_statement" {
			held := false
			up.Walk(func(c *syntax.Node) bool {
				if c.Kind == "with_item" && !n.Within(c) {
					held = held || mayLock(m, c.Field("value"))
				}
				return c == up || c.Is("with_clause", "with_item")
			})
			if held {
				return true
			}
		}
		if up.Parent.Is("block", "module") && acquired(m, up) {
			return true
		}
	}
	d := m.Project.Enclosing(n)
	if d == nil || depth > 4 {
		return false
	}
	calls, _ := m.Project.Callers(d)
	for _, c := range calls {
		if c.Indirect == nil && locked(m, c.Node, depth+1) {
			return true
		}
	}
	return false
}

// acquired says whether a lock is taken by a statement before this one in its
// block, and not given back in between.
func acquired(m *process.Model, stmt *syntax.Node) bool {
	for s := stmt.Prev(); s != nil; s = s.Prev() {
		if s.Kind != "expression_statement" || len(s.NamedChildren()) != 1 {
			continue
		}
		call := s.NamedChildren()[0]
		if call.Kind == "assignment" {
			call = call.Field("right")
		}
		if f := call.Field("function"); call.Is("call") && f.Is("attribute") {
			switch f.Field("attribute").Text() {
			case "release":
				return false
			case "acquire":
				return mayLock(m, f.Field("object"))
			}
		}
	}
	return false
}

// mayLock says whether an expression holds a lock of processes, or something
// that is not known.
func mayLock(m *process.Model, expr *syntax.Node) bool {
	if expr.Is("as_pattern") {
		expr = expr.NamedChildren()[0]
	}
	if expr.Is("call") && expr.Field("function").Is("attribute") && expr.Field("function").Field("attribute").Text() == "get_lock" {
		return true
	}
	objects, sole := m.ObjectsOf(expr)
	for _, o := range objects {
		if o.Kind == process.Lock || o.Kind == process.Condition || o.Kind == process.Proxy {
			return true
		}
	}
	if sole && len(objects) > 0 {
		return false
	}
	_, known := m.Project.Values(expr)
	return !known
}

// Guard is a lock that updates of an object are put under.
type Guard struct {
	model  *process.Model
	object *process.Object
	name   string // of the lock that is made or handed over; "" where all have one
	made   bool   // it is there already
	text   string // what it is made by; "" for a lock of the module multiprocessing
	hand   *handover.Plan
	found  map[*project.Def]string // how each function writes a lock it has
}

// PlanGuard finds the lock that other uses of the object are under, or one that
// all functions around the given nodes have, or plans one that is made beside
// the object and handed to them. The error says in one sentence what stands in
// the way.
func PlanGuard(m *process.Model, o *process.Object, at []*syntax.Node) (*Guard, error) {
	g := &Guard{model: m, object: o, found: map[*project.Def]string{}}
	var defs []*project.Def
	for _, n := range at {
		d := m.Project.Enclosing(n)
		if !slices.Contains(defs, d) {
			defs = append(defs, d)
		}
	}
	lock := lockOf(m, o)
	if g.atHand(defs, lock) {
		return g, nil
	}
	if lock != nil {
		if !named(lock) || lock.In != o.In || lock.Module != o.Module {
			return nil, fmt.Errorf("the lock that is held elsewhere is not at hand")
		}
		g.name, g.made = lock.Made.Parent.Field("left").Text(), true
		return g, g.plan(defs)
	}
	clear(g.found)
	if !named(o) {
		return nil, fmt.Errorf("the object has no name where it is made")
	}
	if o.In == nil && m.AtImport(o.Made) != nil {
		return nil, fmt.Errorf("the object is made while the module is imported")
	}
	if err := g.invent(defs); err != nil {
		return nil, err
	}
	return g, g.plan(defs)
}

// named says whether an object is assigned to a name where it is made.
func named(o *process.Object) bool {
	up := o.Made.Parent
	return up.Is("assignment") && up.Field("right") == o.Made && up.Field("left").Is("identifier") && o.Made.Statement().Is("expression_statement") &&
		up.Parent.Is("expression_statement")
}

// lockOf returns the lock under which some code uses the object, nil if there is
// none or more than one.
func lockOf(m *process.Model, o *process.Object) *process.Object {
	var lock *process.Object
	one := true
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(c *syntax.Node) bool {
			if c.Kind != "with_item" || !one {
				return one
			}
			locks, sole := m.ObjectsOf(c.Field("value"))
			if !sole || len(locks) != 1 || !isLock(locks[0]) {
				return false
			}
			uses := false
			c.Ancestor("with_statement").Body().Walk(func(n *syntax.Node) bool {
				if !uses && (n.FieldName == "value" && n.Parent.Is("subscript") || n.FieldName == "object" && n.Parent.Is("attribute")) {
					held, _ := m.ObjectsOf(n)
					uses = slices.Contains(held, o)
				}
				return !uses
			})
			if uses {
				one = lock == nil || lock == locks[0]
				lock = locks[0]
			}
			return false
		})
	}
	if !one {
		return nil
	}
	return lock
}

// isLock says whether an object is a lock that one at a time holds, and that all
// processes share.
func isLock(o *process.Object) bool {
	return (o.Name == "Lock" || o.Name == "RLock") && (o.Kind == process.Lock || o.Kind == process.Proxy) && len(process.Loops(o.Made)) == 0
}

// invent names the lock and says how it is made.
func (g *Guard) invent(defs []*project.Def) error {
	m, o := g.model, g.object
	free := func(name string) bool {
		if o.Module.ScopeOf(o.Made).Lookup(name) != nil {
			return false
		}
		for _, d := range defs {
			if d != nil && d.Scope.Lookup(name) != nil {
				return false
			}
		}
		return true
	}
	g.name = "lock"
	if !free(g.name) {
		g.name = o.Made.Parent.Field("left").Text() + "_lock"
	}
	if !free(g.name) {
		return fmt.Errorf("the names for a lock are taken")
	}
	if f := o.Made.Field("function"); o.Managed && f.Is("attribute") && f.Field("object").Is("identifier") {
		g.text = f.Field("object").Text() + ".Lock()"
		return nil
	}
	for _, l := range m.Launches {
		if l.Object.Contextual || l.Object.Method != "" {
			return fmt.Errorf("the processes are started through a context")
		}
	}
	return nil
}

// plan hands the lock to the functions that have none.
func (g *Guard) plan(defs []*project.Def) error {
	m, o, name := g.model, g.object, g.name
	var readers []*project.Def
	for _, d := range defs {
		if d == nil || d == o.In || g.found[d] != "" {
			continue
		}
		if m.Project.Enclosing(d.Node) != nil {
			return fmt.Errorf("%s is defined inside a function", d.QualName())
		}
		if o.In == nil && d.Module == o.Module && len(m.WorkersOf(d)) == 0 {
			continue
		}
		readers = append(readers, d)
	}
	if len(readers) == 0 {
		return nil
	}
	var err error
	g.hand, err = handover.Make(m, handover.Value{
		Name: name, Readers: readers,
		Expr: func(site *syntax.Node) (string, bool) {
			d := m.Project.Enclosing(site)
			if o.In != nil {
				return name, d == o.In
			}
			return name, m.Project.ModuleOf(site) == o.Module && (d == nil || d.Scope.Names[name] == nil)
		},
	})
	if err != nil {
		return fmt.Errorf("a lock cannot be passed to the workers: %w", err)
	}
	return nil
}

// atHand looks for one lock that every function holds under some name: the given
// one, or any.
func (g *Guard) atHand(defs []*project.Def, shared *process.Object) bool {
	all := true
	for _, d := range defs {
		if d == nil {
			all = false
			continue
		}
		d.Walk(func(n *syntax.Node) {
			if g.found[d] != "" || !n.Is("identifier", "attribute") {
				return
			}
			objects, sole := g.model.ObjectsOf(n)
			if sole && len(objects) == 1 && isLock(objects[0]) && (shared == nil || shared == objects[0]) {
				shared, g.found[d] = objects[0], n.Text()
			}
		})
		all = all && g.found[d] != ""
	}
	return all
}

// Ref is how the code at a node writes the lock.
func (g *Guard) Ref(n *syntax.Node) string {
	d := g.model.Project.Enclosing(n)
	if text := g.found[d]; text != "" {
		return text
	}
	if g.hand != nil && d != nil && d != g.object.In {
		return g.hand.Ref(g.name, d)
	}
	return g.name
}

// Write makes the lock, unless it is there, and hands it over.
func (g *Guard) Write(rw *refactor.Rewrite) {
	if g.name != "" && !g.made {
		text := g.text
		if text == "" {
			root := g.object.Root
			if root == "" {
				root = "multiprocessing"
			}
			text = rw.ImportIn(g.object.Module, g.object.Made, root, "Lock") + "()"
		}
		rw.LinesAfter(g.object.Made.Statement(), g.name+" = "+text)
	}
	if g.hand != nil {
		g.hand.Write(rw)
	}
}
