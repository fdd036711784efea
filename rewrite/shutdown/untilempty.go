package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// emptyLoop says whether a statement is "while not q.empty():" over one of the
// channels.
func emptyLoop(m *process.Model, s *syntax.Node, channels []*process.Channel) bool {
	if !s.Is("while_statement") {
		return false
	}
	cond := syntax.Unparen(s.Field("condition"))
	if !cond.Is("not_operator") {
		return false
	}
	call := syntax.Unparen(cond.Field("argument"))
	for _, ch := range channels {
		for _, use := range ch.Object.Used("empty") {
			if use.Call == call {
				return true
			}
		}
	}
	return false
}

func pollsEmpty(s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		if n.Kind == "attribute" {
			switch n.Field("attribute").Text() {
			case "empty", "qsize", "poll":
				found = true
			}
		}
		return true
	})
	return found
}

// onceEach returns what a loop goes over that reads one result of each process,
// for a loop that reads until the queue is empty.
func (u *Undrained) onceEach(s *syntax.Node) (over string, err error) {
	if len(u.channels) != 1 || s.Field("alternative") != nil {
		return "", errors.New("the end of the results is told by empty(), for several queues")
	}
	ch := u.channels[0]
	writers := 0
	for _, w := range puts(ch) {
		if runsIn(u.model, w.Node, u.launches) {
			if !putsOnce(u.model, w) {
				return "", errors.New("the end of the results is told by empty(), and their number is not known")
			}
			writers++
		} else {
			return "", errors.New("the end of the results is told by empty(), and others put too")
		}
	}
	reads := 0
	for _, g := range u.uses {
		if g.Node.Within(s) {
			reads++
			if loops := process.Loops(g.Node); len(loops) == 0 || loops[0] != s {
				reads++
			}
		}
	}
	for _, l := range u.launches {
		entries := 0
		for _, w := range puts(ch) {
			if runsIn(u.model, w.Node, []*process.Launch{l}) {
				entries++
			}
		}
		if entries != 1 {
			return "", errors.New("the end of the results is told by empty(), and their number is not known")
		}
	}
	f, ok := fleetOf(u.model, u.launches, ch.Object, u.fn, s.Tree.Root)
	if reads != 1 || writers == 0 || !ok || f.One() {
		return "", errors.New("the end of the results is told by empty(), and their number is not known")
	}
	return f.Over, nil
}

// putsOnce says whether every run of the worker reaches the put exactly once: it
// stands in the entry's own body, and nothing leaves before it.
func putsOnce(m *process.Model, w *process.Use) bool {
	d := w.In
	if d == nil || m.WorkerOf(d) == nil || w.Call == nil {
		return false
	}
	stmt := w.Call.Statement()
	body := d.Body()
	if stmt == nil || stmt.Parent != body || stmt.Kind != "expression_statement" {
		return false
	}
	for _, s := range body.NamedChildren() {
		if s.Start >= stmt.Start {
			break
		}
		if mayLeave(s) {
			return false
		}
	}
	return true
}
