package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Early is a manager that is shut down while its proxies are still needed.
type Early struct {
	End   *syntax.Node    // the with statement, or the call of shutdown
	Child *process.Launch // processes that may use a proxy afterwards, nil when there are none
	Proxy *syntax.Node    // a mention of a proxy afterwards, nil when there is none

	m       *process.Model
	held    *Held
	need    *syntax.Node // the last statement that needs the manager
	proxies map[*process.Object]bool
}

// EarlyAt returns what is left alone by the manager that a call makes, nil when
// nothing is or when that is not known.
func EarlyAt(m *process.Model, call *syntax.Node) *Early {
	o := m.ObjectAt(call)
	if o == nil || o.Kind != process.Manager || len(m.WorkersAt(call)) > 0 {
		return nil
	}
	e := &Early{m: m, held: HeldAt(m, call), proxies: map[*process.Object]bool{}}
	if e.held == nil || len(e.held.Handed()) > 0 {
		return nil
	}
	ends := e.held.Calls("shutdown")
	switch {
	case e.held.Bound() && len(ends) == 0:
		e.End = e.held.Made
	case !e.held.Bound() && len(ends) == 1 && only(ends[0].Statement(), ends[0]) && ends[0].Statement().Parent == e.held.Block:
		e.End = ends[0].Statement()
	default:
		return nil
	}
	for _, p := range m.Objects {
		if p.Kind != process.Proxy || !p.Made.Within(e.held.Block) {
			continue
		}
		for _, n := range e.held.Uses {
			if n.Parent.Parent == p.Made {
				e.proxies[p] = true
			}
		}
	}
	if len(e.proxies) == 0 {
		return nil
	}
	e.findMentions()
	e.findChildren()
	if e.Child == nil && e.Proxy == nil {
		return nil
	}
	return e
}

// holds says whether an expression is sure to hold one of the proxies.
func (e *Early) holds(n *syntax.Node) bool {
	objects, sole := e.m.ObjectsOf(n)
	return sole && e.proxies[objects[0]]
}

// findMentions finds the proxies that are used behind the end of the manager.
func (e *Early) findMentions() {
	mod := e.m.Project.ModuleOf(e.End)
	for s := e.End.Next(); s != nil; s = s.Next() {
		s.Walk(func(n *syntax.Node) bool {
			if n.Is("function_definition", "class_definition", "lambda") {
				return false
			}
			if n.Is("identifier") && mod.IsLoad(n) && e.holds(n) {
				if e.Proxy == nil {
					e.Proxy = n
				}
				e.need = s
			}
			return true
		})
	}
}

// findChildren finds processes that are given a proxy before the end of the manager
// and joined behind it, if at all.
func (e *Early) findChildren() {
	for _, l := range e.m.Launches {
		if len(l.Starts) == 0 || !e.given(l) || daemonic(e.m, l) && len(l.Joins) == 0 {
			continue
		}
		started, waited := false, false
		for _, u := range l.Starts {
			started = started || u.Node.End <= e.End.End && u.In == e.held.Fn
		}
		var last *syntax.Node
		for _, u := range l.Joins {
			s := stmtIn(e.End.Parent, u.Node)
			if u.In != e.held.Fn || s == nil || u.Node.Start < e.End.End {
				waited = true
				break
			}
			last = later(last, s)
		}
		if !started || waited || e.waits(l) {
			continue
		}
		if e.Child == nil {
			e.Child = l
		}
		e.need = later(e.need, last)
	}
}

// given says whether a proxy is among the arguments of a launch.
func (e *Early) given(l *process.Launch) bool {
	found := false
	for _, args := range []*syntax.Node{l.Args, l.Kwargs} {
		if args != nil {
			args.Walk(func(n *syntax.Node) bool {
				found = found || n.Is("identifier") && n.Within(e.held.Block) && e.holds(n)
				return !found
			})
		}
	}
	return found
}

// waits says whether something behind the start of a process may wait until it is
// done with the proxies.
func (e *Early) waits(l *process.Launch) bool {
	found := false
	e.held.Block.Walk(func(n *syntax.Node) bool {
		f := n.Field("function")
		if n.Kind == "while_statement" && n.Start > l.Starts[0].Node.End && n.Start < e.End.End {
			found = true
		}
		if n.Kind == "call" && f.Is("attribute") && n.Start > l.Starts[0].Node.End && n.Start < e.End.End {
			switch f.Field("attribute").Text() {
			case "get", "recv", "wait", "acquire", "sleep", "join", "is_set", "is_alive", "result":
				found = true
			}
		}
		return !found
	})
	return found
}

// Fix keeps the manager until nothing needs it any more. err says why there is no
// fix.
func (e *Early) Fix() (rw *refactor.Rewrite, err error) {
	rw = refactor.New()
	if e.Child != nil && len(e.Child.Joins) == 0 {
		f, ok := fleetOf(e.m, []*process.Launch{e.Child}, e.held.Object, e.held.Fn, e.End.Tree.Root)
		lines := f.Join("process")
		body := e.held.Block.NamedChildren()
		if last := body[len(body)-1]; ok && lines != nil && e.held.Bound() && e.Proxy == nil && !mayLeave(last) {
			rw.LinesAfter(last, lines...)
			return rw, nil
		}
		return nil, errors.New("nobody joins the process")
	}
	if !e.held.Bound() {
		if mayLeave(e.need) {
			return nil, errors.New("the statement that needs the manager may leave")
		}
		if next := e.need.Next(); next != nil {
			rw.Move([]*syntax.Node{e.End}, next)
		} else {
			rw.Delete(e.End)
			rw.LinesAfter(e.need, e.End.Text())
		}
		return rw, nil
	}
	file := e.End.Tree.File
	if file.LineOf(e.held.Block.Start) == file.LineOf(e.End.Start) {
		return nil, errors.New("the with statement stands on one line")
	}
	rw.Indent(e.End.Next(), e.need, 1)
	return rw, nil
}
