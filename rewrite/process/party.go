package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Party is who does something with a channel: the workers of these launches,
// tasks and initializers, and the parent.
type Party struct {
	Launches []*Launch
	Tasks    []*Task
	Inits    []*PoolUse
	Parent   bool
}

// Producers says who puts items into the channel.
func (c *Channel) Producers(m *Model) Party { return m.party(c, c.Put) }

// Consumers says who takes items from the channel.
func (c *Channel) Consumers(m *Model) Party { return m.party(c, c.Get) }

func (m *Model) party(c *Channel, uses []*Use) Party {
	var p Party
	for _, u := range uses {
		p.Parent = p.Parent || m.InParent(u.Node)
		for _, w := range m.WorkersAt(u.Node) {
			for _, l := range w.Launches {
				if !contains(p.Launches, l) && m.mayHold(w, l.Call, l.Object.Class, u) {
					p.Launches = append(p.Launches, l)
				}
			}
			for _, t := range w.Tasks {
				if !contains(p.Tasks, t) && m.mayHold(w, t.Call, nil, u) {
					p.Tasks = append(p.Tasks, t)
				}
			}
			for _, pu := range w.InitOf {
				if !contains(p.Inits, pu) && m.mayHold(w, pu.Object.Made, nil, u) {
					p.Inits = append(p.Inits, pu)
				}
			}
		}
	}
	return p
}

func contains[T comparable](all []T, x T) bool {
	for _, have := range all {
		if have == x {
			return true
		}
	}
	return false
}

// mayHold says whether the object of a use may be what the expression there
// holds in the process that a call launches: two launches of one worker may
// give it different queues.
func (m *Model) mayHold(w *Worker, launch *syntax.Node, class *project.Def, u *Use) bool {
	expr := u.Node
	if object := expr.Field("object"); object != nil && u.Name != "" {
		expr = object
	}
	objects, known := m.heldIn(w, launch, class, expr, 0)
	return !known || hasObject(objects, u.Object)
}

// heldIn returns the objects that an expression in code of a worker holds in
// the process that a call launches; known is false when nothing better is
// known than what it holds in any process.
func (m *Model) heldIn(w *Worker, launch *syntax.Node, class *project.Def, expr *syntax.Node, depth int) (objects []*Object, known bool) {
	if depth > 6 {
		return nil, false
	}
	switch expr.Kind {
	case "identifier":
		b := m.Project.ModuleOf(expr).Binding(expr)
		d := b.Single()
		if d == nil {
			return nil, false
		}
		if d.Kind == scope.Assign && len(d.Path) == 0 && d.Value.Is("identifier", "attribute") {
			return m.heldIn(w, launch, class, d.Value, depth+1)
		}
		if d.Kind != scope.Param {
			return nil, false
		}
		fn := m.Project.DefAt(b.Scope.Node)
		if fn == nil {
			return nil, false
		}
		if fn == w.Entry {
			return m.given(fn, launch, b.Name)
		}
		calls, _ := m.Project.Callers(fn)
		for _, c := range calls {
			in := m.Project.Enclosing(c.Node)
			if in == nil || c.Indirect != nil || !contains(w.Reaches, in) {
				continue
			}
			arg := direct(c, b.Name)
			if arg == nil {
				return nil, false
			}
			found, ok := m.heldIn(w, launch, class, arg, depth+1)
			if !ok {
				return nil, false
			}
			objects = append(objects, found...)
			known = true
		}
		return objects, known
	case "attribute":
		in := m.Project.Enclosing(expr)
		if class == nil || in == nil || in.Class == nil || !expr.Field("object").Is("identifier") || expr.Field("object").Text() != in.Self() {
			return nil, false
		}
		init := m.Project.Method(class, "__init__")
		if init == nil {
			return nil, false
		}
		name := expr.Field("attribute").Text()
		for _, a := range m.AttributeSites(class) {
			if a.Attr != name {
				continue
			}
			if a.In != init || !a.Value.Is("identifier") {
				return nil, false
			}
			if p, i := init.Param(a.Value.Text()); i < 0 || p.Star > 0 {
				return nil, false
			}
			values, ok := m.Project.Argument(project.Call{Node: launch, Def: init, Bound: true}, a.Value.Text())
			found, _ := m.objectsOf(values, ok)
			if !ok {
				return nil, false
			}
			objects = append(objects, found...)
			known = true
		}
		return objects, known
	}
	return nil, false
}

// given returns the objects that a launching call gives for a parameter of the
// entry.
func (m *Model) given(entry *project.Def, launch *syntax.Node, param string) (objects []*Object, known bool) {
	calls, _ := m.Project.Callers(entry)
	for _, c := range calls {
		if c.Node != launch {
			continue
		}
		values, ok := m.Project.Argument(c, param)
		if !ok {
			return nil, false
		}
		found, _ := m.objectsOf(values, ok)
		objects = append(objects, found...)
		known = true
	}
	return objects, known
}

// direct returns the expression that a direct call gives for a parameter, nil
// when it is left out or hidden behind a star.
func direct(c project.Call, param string) *syntax.Node {
	args := syntax.CallArgs(c.Node)
	if e := args.Keywords[param]; e != nil {
		return e
	}
	_, i := c.Def.Param(param)
	if c.Bound {
		i--
	}
	if i >= 0 && i < len(args.Positional) {
		return args.Positional[i]
	}
	return nil
}
