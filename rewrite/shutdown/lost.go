package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Lost is a with statement over a pool that terminates it while tasks are
// pending (Lib/multiprocessing/pool.py, Pool.__exit__).
type Lost struct {
	Task   *syntax.Node // the call that gives the pool a task, the first of those that are lost
	Read   *syntax.Node // where a result is read too late; nil when none is read
	Return *syntax.Node // the return statement by which a result leaves the with statement, or nil

	m    *process.Model
	held *Held
}

// LostAt returns what is lost at the end of the with statement that enters the
// pool made by a call, nil when nothing is or when it is not known.
func LostAt(m *process.Model, call *syntax.Node) *Lost {
	o := m.ObjectAt(call)
	if o == nil || o.Kind != process.Pool || o.Class != nil {
		return nil
	}
	h := HeldAt(m, call)
	if h == nil || !h.Bound() || len(h.Handed()) > 0 || len(h.Calls("join")) > 0 {
		return nil
	}
	r := ResultsOf(m, h)
	if r.Unknown || len(r.Tasks) == 0 {
		return nil
	}
	for _, n := range r.Reads {
		if n.Within(h.Block) {
			return nil // the others may be done by then
		}
	}
	l := &Lost{Task: r.Tasks[0], m: m, held: h}
	switch {
	case len(r.Reads) > 0:
		l.Read = r.Reads[0]
		for _, n := range r.Reads {
			if n.Start < l.Read.Start {
				l.Read = n
			}
		}
		if l.Read.Start < h.Block.End {
			return nil
		}
	case len(r.Returns) > 0:
		l.Return = r.Returns[0]
	}
	if l.waits() {
		return nil
	}
	return l
}

// waits says whether something in the with statement may wait until the tasks
// are done.
func (l *Lost) waits() bool {
	found := false
	l.held.Block.Walk(func(n *syntax.Node) bool {
		switch {
		case n.Kind == "while_statement":
			found = true
		case n.Kind == "call" && n != l.Task && (n.Start > l.Task.Start || sameLoop(n, l.Task)):
			f := n.Field("function")
			name := f.Text()
			if f.Is("attribute") {
				name = f.Field("attribute").Text()
			}
			switch name {
			case "get", "recv", "wait", "acquire", "sleep", "input", "is_set", "map", "starmap", "apply", "put", "release":
				found = true
			}
		}
		return !found
	})
	return found
}

func sameLoop(a, b *syntax.Node) bool {
	for _, x := range process.Loops(a) {
		for _, y := range process.Loops(b) {
			if x == y {
				return true
			}
		}
	}
	return false
}

// Fix makes the with statement wait for the tasks. err says why there is no fix.
func (l *Lost) Fix() (rw *refactor.Rewrite, err error) {
	rw = refactor.New()
	wait := []string{l.held.Name + ".close()", l.held.Name + ".join()"}
	body := l.held.Block.NamedChildren()
	last := body[len(body)-1]
	for _, s := range body {
		if s != last && mayLeave(s) {
			return nil, errors.New("the with statement may be left at several places")
		}
	}
	if !last.Is("return_statement") {
		if mayLeave(last) {
			return nil, errors.New("the with statement may be left at several places")
		}
		if last.Start == l.held.Block.Start && last.Tree.File.LineOf(last.Start) == last.Tree.File.LineOf(l.held.Made.Start) {
			return nil, errors.New("the with statement stands on one line")
		}
		rw.LinesAfter(last, wait...)
		return rw, nil
	}
	if l.Return != last || !l.Task.Within(last) {
		if l.Return == last || !l.Task.Within(last) {
			rw.LinesBefore(last, wait...)
			return rw, nil
		}
		return nil, errors.New("the with statement may be left at several places")
	}
	value := last.NamedChildren()[0]
	method := l.Task.Field("function").Field("attribute").Text()
	if strings.HasPrefix(method, "imap") && value == l.Task && l.iterated() {
		rw.InsertBefore(value, "list(")
		rw.InsertAfter(value, ")")
		return rw, nil
	}
	mod := l.m.Project.ModuleOf(last)
	name := "results"
	if method == "apply_async" && value == l.Task {
		name = "result"
	}
	name = mod.FreshName(mod.ScopeOf(last), name)
	rw.ReplaceRange(last.Tree.File, last.Start, value.Start, name+" = ")
	rw.LinesAfter(last, append(wait, "return "+name)...)
	return rw, nil
}

// iterated says whether all callers of the function do nothing with its result
// but go over it once.
func (l *Lost) iterated() bool {
	if l.held.Fn == nil {
		return false
	}
	calls, complete := l.m.Project.Callers(l.held.Fn)
	for _, c := range calls {
		up := c.Node.Parent
		switch {
		case c.Indirect != nil:
			return false
		case up.Is("for_statement", "for_in_clause") && c.Node.FieldName == "right":
		case up.Is("argument_list"):
			name, ok := strings.CutPrefix(l.m.Project.ModuleOf(up).Qualified(up.Parent.Field("function")), "builtins.")
			if !ok || name == "next" || !consuming[name] && name != "enumerate" && name != "zip" {
				return false
			}
		default:
			return false
		}
	}
	return complete && len(calls) > 0
}
