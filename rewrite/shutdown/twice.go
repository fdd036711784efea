package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Twice is a process object that is started more than once.
type Twice struct {
	Start *syntax.Node // the call that fails
	Loop  *syntax.Node // the loop each turn of which starts it, or nil
	First *syntax.Node // the earlier call, when it is another one

	m    *process.Model
	held *Held
}

// TwiceAt returns the process that a call of start() starts a second time, nil when
// it does not or when that is not known.
func TwiceAt(m *process.Model, call *syntax.Node) *Twice {
	f := call.Field("function")
	stmt := call.Statement()
	if !f.Is("attribute") || f.Field("attribute").Text() != "start" || !only(stmt, call) || caught(call) {
		return nil
	}
	objects, sole := m.ObjectsOf(f.Field("object"))
	if !sole || objects[0].Kind != process.Process {
		return nil
	}
	h := HeldAt(m, objects[0].Made)
	if h == nil || h.Bound() {
		return nil
	}
	t := &Twice{Start: call, m: m, held: h}
	loop := stmt.Parent.Parent
	if loop.Is("for_statement", "while_statement") && stmt.Parent.FieldName == "body" && !h.Made.Within(loop) && stmtIn(h.Block, loop) != nil {
		for s := stmt; s != nil; s = s.Next() {
			if s.Is("break_statement", "return_statement", "raise_statement") {
				return nil
			}
		}
		if len(process.Loops(loop)) > 0 && process.Loops(loop)[0] != nil && !h.Made.Within(process.Loops(loop)[0]) {
			return nil
		}
		t.Loop = loop
		return t
	}
	for s := stmt.Prev(); s != nil; s = s.Prev() {
		if s == h.Made {
			return nil
		}
		c := callIn(s)
		if g := c.Field("function"); g.Is("attribute") && g.Field("attribute").Text() == "start" && g.Field("object").Text() == h.Name && only(s, c) {
			t.First = c
			return t
		}
	}
	return nil
}

// Fix makes a new process object for each start. err says why there is no fix.
func (t *Twice) Fix() (rw *refactor.Rewrite, err error) {
	rw = refactor.New()
	setup, err := t.setup()
	if err != nil {
		return nil, err
	}
	stmt := t.Start.Statement()
	if t.Loop != nil {
		if mentions(t.Loop.Field("condition"), t.held) {
			return nil, errors.New("the condition of the loop asks for the process")
		}
		before := stmt
		for s := stmt.Prev(); s != nil; s = s.Prev() {
			if mentions(s, t.held) {
				before = s
			}
		}
		if mod := t.m.Project.ModuleOf(stmt); mod != nil {
			for _, free := range mod.FreeNames(t.held.Object.Made) {
				for _, b := range mod.BoundIn(t.Loop.Field("body")) {
					if free.Binding == b {
						return nil, errors.New("the loop changes what the process is made of")
					}
				}
			}
		}
		rw.Move(setup, before)
		return rw, nil
	}
	joined := false
	for s := t.First.Statement().Next(); s != nil && s != stmt; s = s.Next() {
		c := callIn(s)
		joined = joined || c.Field("function").Text() == t.held.Name+".join"
	}
	if !joined {
		return nil, errors.New("it is not clear who joins the first process")
	}
	var lines []string
	for _, s := range setup {
		if strings.Contains(s.Text(), "\n") {
			return nil, errors.New("the process is made in several lines")
		}
		lines = append(lines, s.Text())
	}
	rw.LinesBefore(stmt, lines...)
	return rw, nil
}

// setup lists the statements that make the process and set its attributes.
func (t *Twice) setup() ([]*syntax.Node, error) {
	setup := []*syntax.Node{t.held.Made}
	started := t.First
	if t.Loop != nil {
		started = t.Loop
	}
	first := stmtIn(t.held.Block, started)
	for s := t.held.Made.Next(); s != nil && s != first; s = s.Next() {
		if !mentions(s, t.held) {
			continue
		}
		a := s.NamedChildren()
		if !s.Is("expression_statement") || len(a) != 1 || !a[0].Is("assignment") || !a[0].Field("left").Is("attribute") ||
			a[0].Field("left").Field("object").Text() != t.held.Name || mentions(a[0].Field("right"), t.held) {
			return nil, errors.New("the process is used before it is started")
		}
		setup = append(setup, s)
	}
	return setup, nil
}

// mentions says whether a node mentions the object's name.
func mentions(n *syntax.Node, h *Held) bool {
	for _, u := range h.Uses {
		if u.Within(n) {
			return true
		}
	}
	return false
}

// Daemon is an assignment to a process's daemon flag that fails or does nothing.
type Daemon struct {
	At    *syntax.Node // the assignment, the call of setDaemon, or the keyword argument
	Start *syntax.Node // the call of start before it, nil when it is misspelt
	Name  string       // what is written for "daemon"
}

// DaemonAt returns what is wrong with an assignment to an attribute of a process,
// with a call of setDaemon, or with a keyword argument of a Process; nil when
// nothing is or when it is not known.
func DaemonAt(m *process.Model, n *syntax.Node) *Daemon {
	stmt := n.Statement()
	if n.Is("keyword_argument") {
		o := m.ObjectAt(n.Parent.Parent)
		name := n.Field("name").Text()
		if o == nil || o.Kind != process.Process || o.Class != nil || !misspelt(name) {
			return nil
		}
		return &Daemon{At: n, Name: name}
	}
	target := n.Field("left")
	if n.Is("call") {
		target = n.Field("function")
	}
	if !target.Is("attribute") || n.Parent != stmt {
		return nil
	}
	objects, sole := m.ObjectsOf(target.Field("object"))
	name := target.Field("attribute").Text()
	if !sole || objects[0].Kind != process.Process || objects[0].Class != nil {
		return nil
	}
	if n.Is("call") {
		if name != "setDaemon" || len(syntax.CallArgs(n).Positional) != 1 {
			return nil
		}
		return &Daemon{At: n, Name: name}
	}
	if misspelt(name) {
		return &Daemon{At: n, Name: name}
	}
	if name != "daemon" || caught(n) {
		return nil
	}
	text := target.Field("object").Text()
	for s := stmt.Prev(); s != nil; s = s.Prev() {
		if c := callIn(s); c != nil && c.Field("function").Text() == text+".start" {
			return &Daemon{At: n, Name: name, Start: c}
		}
		for _, b := range m.Project.ModuleOf(s).BoundIn(s) {
			if b.Name == text {
				return nil
			}
		}
	}
	return nil
}

// misspelt says whether a name can only be meant for "daemon".
func misspelt(name string) bool {
	switch strings.ToLower(name) {
	case "deamon", "demon", "daemom", "daemonic", "deamonic", "daeemon", "daemn", "dameon", "isdaemon", "is_daemon", "daemons", "dæmon", "setdaemon":
		return true
	}
	return name == "Daemon" || name == "DAEMON"
}

// Fix sets the flag before the start, under its right name.
func (d *Daemon) Fix() *refactor.Rewrite {
	rw := refactor.New()
	switch {
	case d.Start != nil:
		rw.Move([]*syntax.Node{d.At.Statement()}, d.Start.Statement())
	case d.At.Is("keyword_argument"):
		rw.Replace(d.At.Field("name"), "daemon")
	case d.At.Is("call"):
		rw.Replace(d.At, d.At.Field("function").Field("object").Text()+".daemon = "+syntax.CallArgs(d.At).Positional[0].Text())
	default:
		rw.Replace(d.At.Field("left").Field("attribute"), "daemon")
	}
	return rw
}
