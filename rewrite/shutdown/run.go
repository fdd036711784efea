package shutdown

import (
	"errors"
	"path"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Run is a call of run() on a process that is never started, so that its target
// runs in the caller.
type Run struct {
	Call   *syntax.Node
	Launch *process.Launch

	m *process.Model
}

// RunAt returns what a call of run() runs in the wrong process; nil when it is no
// such call or when that is not known.
func RunAt(m *process.Model, call *syntax.Node) *Run {
	f := call.Field("function")
	if !f.Is("attribute") || f.Field("attribute").Text() != "run" || len(m.WorkersAt(call)) > 0 || tests(call.Tree.File.Path) {
		return nil
	}
	object := f.Field("object")
	if d := m.Project.Enclosing(call); d != nil && d.Class != nil && object.Text() == d.Self() {
		return nil
	}
	objects, sole := m.ObjectsOf(object)
	if !sole || objects[0].Kind != process.Process {
		return nil
	}
	l := m.LaunchOf(objects[0])
	if l == nil || !l.Known || len(l.Entries) == 0 || len(l.Object.Used("start")) > 0 {
		return nil
	}
	return &Run{Call: call, Launch: l, m: m}
}

// tests says whether a file holds tests, which may run a worker in their own process
// on purpose.
func tests(file string) bool {
	name := path.Base(file)
	for _, dir := range strings.Split(path.Dir(file), "/") {
		if dir == "test" || dir == "tests" {
			return true
		}
	}
	return strings.HasPrefix(name, "test_") || strings.HasSuffix(name, "_test.py")
}

// Fix starts the process, and joins it where nobody does. sure is false when what
// it runs changes memory of the caller.
func (r *Run) Fix() (rw *refactor.Rewrite, sure bool, err error) {
	rw = refactor.New()
	m, stmt := r.m, r.Call.Statement()
	object := r.Call.Field("function").Field("object")
	if !only(stmt, r.Call) {
		return nil, false, errors.New("the call is part of a larger statement")
	}
	sure = true
	for _, e := range r.Launch.Entries {
		sure = sure && m.Mutates(e) == nil
	}
	mod := m.Project.ModuleOf(stmt)
	if object == r.Launch.Call {
		name := mod.FreshName(mod.ScopeOf(stmt), "process")
		rw.InsertBefore(object, name+" = ")
		rw.ReplaceRange(stmt.Tree.File, object.End, stmt.End, "")
		rw.LinesAfter(stmt, name+".start()", name+".join()")
		return rw, sure, nil
	}
	rw.Replace(r.Call.Field("function").Field("attribute"), "start")
	if len(r.Launch.Object.Used("join")) > 0 {
		return rw, sure, nil
	}
	join := object.Text() + ".join()"
	loop := stmt.Parent.Parent
	switch {
	case len(process.Loops(stmt)) == 0:
		last := stmt
		for s := stmt.Next(); s != nil && (r.runs(s) || joinStatement(m, s)); s = s.Next() {
			last = s
		}
		last = afterReads(m, r.Launch, last)
		for s := last.Next(); s != nil && joinStatement(m, s); s = s.Next() {
			last = s
		}
		if mayLeave(last) {
			return nil, false, errors.New("it is not clear where to join the process")
		}
		rw.LinesAfter(last, join)
	case !loop.Is("for_statement") || loop.Field("alternative") != nil || !object.Is("identifier"):
		return nil, false, errors.New("it is not clear where to join the processes")
	case !r.Launch.Call.Within(loop) && loop.Field("left").Text() == object.Text():
		right := loop.Field("right")
		v, ok := m.Project.Only(right)
		if !right.Is("identifier") || !ok || v.Kind != project.Literal {
			return nil, false, errors.New("it is not clear where to join the processes")
		}
		if loop = afterReads(m, r.Launch, loop); mayLeave(loop) {
			return nil, false, errors.New("it is not clear where to join the processes")
		}
		rw.LinesAfter(loop, "for "+object.Text()+" in "+right.Text()+":", "\t"+join)
	case r.Launch.Call.Within(loop) && r.Launch.Call.Statement().Parent == stmt.Parent:
		list := mod.FreshName(mod.ScopeOf(stmt), "processes")
		rw.LinesBefore(loop, list+" = []")
		rw.LinesAfter(stmt, list+".append("+object.Text()+")")
		if loop = afterReads(m, r.Launch, loop); mayLeave(loop) {
			return nil, false, errors.New("it is not clear where to join the processes")
		}
		rw.LinesAfter(loop, "for "+object.Text()+" in "+list+":", "\t"+join)
	default:
		return nil, false, errors.New("it is not clear where to join the processes")
	}
	return rw, sure, nil
}

// runs says whether a statement only runs or starts a process.
func (r *Run) runs(s *syntax.Node) bool {
	call := callIn(s)
	f := call.Field("function")
	if !f.Is("attribute") {
		return false
	}
	if name := f.Field("attribute").Text(); name != "run" && name != "start" {
		return false
	}
	objects, sole := r.m.ObjectsOf(f.Field("object"))
	return sole && objects[0].Kind == process.Process
}

// afterReads returns the last of a statement and those behind it in its block that
// read what the processes of a launch put into a queue or pipe: a join may not
// come before the reads.
func afterReads(m *process.Model, l *process.Launch, stmt *syntax.Node) *syntax.Node {
	last := stmt
	for _, ch := range m.Channels {
		for _, put := range ch.Put {
			if !runsIn(m, put.Node, []*process.Launch{l}) {
				continue
			}
			reads := ch.Get
			if ch.Peer != nil {
				reads = append(reads[:len(reads):len(reads)], ch.Peer.Get...)
			}
			for _, get := range reads {
				for _, n := range inFunction(m, m.Project.Enclosing(stmt), stmt.Tree.Root, get.Node) {
					if s := stmtIn(stmt.Parent, n); s != nil && s.Start > stmt.Start {
						last = later(last, s)
					}
				}
			}
		}
	}
	return last
}
