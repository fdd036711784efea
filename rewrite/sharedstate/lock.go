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
	name   string // of the lock that is made; "" where one is at hand
	text   string // what it is made by; "" for a lock of the module multiprocessing
	hand   *handover.Plan
	found  map[*project.Def]string // how each function writes a lock it has
}

// PlanGuard finds a lock that all functions around the given nodes have, or
// plans one that is made beside the object and handed to them. The error says in
// one sentence what stands in the way.
func PlanGuard(m *process.Model, o *process.Object, at []*syntax.Node) (*Guard, error) {
	g := &Guard{model: m, object: o, found: map[*project.Def]string{}}
	var defs []*project.Def
	for _, n := range at {
		d := m.Project.Enclosing(n)
		if !slices.Contains(defs, d) {
			defs = append(defs, d)
		}
	}
	if g.atHand(defs) {
		return g, nil
	}
	clear(g.found)
	stmt := o.Made.Statement()
	if !stmt.Is("expression_statement") || !o.Made.Parent.Is("assignment") || o.Made.Parent.Field("right") != o.Made {
		return nil, fmt.Errorf("the object has no name where it is made")
	}
	if o.In == nil && m.AtImport(o.Made) != nil {
		return nil, fmt.Errorf("the object is made while the module is imported")
	}
	return g, g.plan(defs)
}

func (g *Guard) plan(defs []*project.Def) error {
	m, o := g.model, g.object
	g.name = "lock"
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
	if left := o.Made.Parent.Field("left"); !free(g.name) && left.Is("identifier") {
		g.name = left.Text() + "_lock"
	}
	if !free(g.name) {
		return fmt.Errorf("the names for a lock are taken")
	}
	if f := o.Made.Field("function"); o.Managed && f.Is("attribute") && f.Field("object").Is("identifier") {
		g.text = f.Field("object").Text() + ".Lock()"
	} else {
		for _, l := range m.Launches {
			if l.Object.Contextual || l.Object.Method != "" {
				return fmt.Errorf("the processes are started through a context")
			}
		}
	}
	var readers []*project.Def
	for _, d := range defs {
		if d == nil || d == o.In {
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
	name := g.name
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

// atHand looks for one lock that every function holds under some name.
func (g *Guard) atHand(defs []*project.Def) bool {
	var shared *process.Object
	for _, d := range defs {
		if d == nil {
			return false
		}
		d.Walk(func(n *syntax.Node) {
			if g.found[d] != "" || !n.Is("identifier", "attribute") {
				return
			}
			objects, sole := g.model.ObjectsOf(n)
			if !sole || len(objects) != 1 {
				return
			}
			o := objects[0]
			if (o.Name == "Lock" || o.Name == "RLock") && (o.Kind == process.Lock || o.Kind == process.Proxy) && len(process.Loops(o.Made)) == 0 && (shared == nil || shared == o) {
				shared, g.found[d] = o, n.Text()
			}
		})
		if g.found[d] == "" {
			return false
		}
	}
	return true
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

// Write makes the lock and hands it over.
func (g *Guard) Write(rw *refactor.Rewrite) {
	if g.name == "" {
		return
	}
	text := g.text
	if text == "" {
		root := g.object.Root
		if root == "" {
			root = "multiprocessing"
		}
		text = rw.ImportIn(g.object.Module, g.object.Made, root, "Lock") + "()"
	}
	rw.LinesAfter(g.object.Made.Statement(), g.name+" = "+text)
	if g.hand != nil {
		g.hand.Write(rw)
	}
}
