package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Unclosed is a queue that one function makes and uses, and nobody closes.
type Unclosed struct {
	Object *process.Object
	Name   string
	Last   *syntax.Node // the last statement that uses the queue or joins its processes

	block *syntax.Node
}

// UnclosedAt returns the queue that a call makes when it is never closed though
// its function could: it is held by one name, goes to nothing but processes that
// are joined in the same block, and is not used afterwards.
func UnclosedAt(m *process.Model, call *syntax.Node) *Unclosed {
	o := m.ObjectAt(call)
	if o == nil || o.Kind != process.Queue && o.Kind != process.JoinableQueue || len(m.WorkersAt(call)) > 0 {
		return nil
	}
	if len(o.Used("close", "join_thread", "cancel_join_thread")) > 0 {
		return nil
	}
	a := call.Parent
	if !a.Is("assignment") || a.Field("right") != call || !a.Field("left").Is("identifier") || a.Parent != call.Statement() {
		return nil
	}
	mod := m.Project.ModuleOf(call)
	b := mod.Binding(a.Field("left"))
	if b == nil || b.Single() == nil || len(b.GlobalIn)+len(b.NonlocalIn) > 0 {
		return nil
	}
	u := &Unclosed{Object: o, Name: a.Field("left").Text(), block: call.Statement().Parent, Last: call.Statement()}
	if !u.follow(m, b.Uses, m.Project.Enclosing(call)) {
		return nil
	}
	return u
}

// follow looks at every mention of the queue and finds the last statement that
// needs it open.
func (u *Unclosed) follow(m *process.Model, uses []*syntax.Node, fn *project.Def) bool {
	for _, n := range uses {
		s := stmtIn(u.block, n)
		if s == nil || m.Project.Enclosing(n) != fn {
			return false
		}
		u.Last = later(u.Last, s)
		if n.Parent.Is("attribute") && n.Parent.Field("object") == n {
			continue
		}
		l := launchAround(m, n)
		if l == nil || waitFor(m, l) != JoinWait {
			return false
		}
		for _, j := range l.Joins {
			s := stmtIn(u.block, j.Node)
			if s == nil || j.In != fn {
				return false
			}
			u.Last = later(u.Last, s)
		}
	}
	return true
}

// launchAround returns the launch among whose arguments a node stands.
func launchAround(m *process.Model, n *syntax.Node) *process.Launch {
	for _, l := range m.Launches {
		if n.Within(l.Call) && (l.Args != nil && n.Within(l.Args) || l.Kwargs != nil && n.Within(l.Kwargs) || l.Object.Class != nil) {
			return l
		}
	}
	return nil
}

// Close closes the queue behind its last use.
func (u *Unclosed) Close() (*refactor.Rewrite, error) {
	if mayLeave(u.Last) {
		return nil, errors.New("the last use of the queue may leave the function")
	}
	rw := refactor.New()
	rw.LinesAfter(u.Last, u.Name+".close()", u.Name+".join_thread()")
	return rw, nil
}
