package shutdown

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Short is a channel with fewer sentinels than consumers.
type Short struct {
	Consumer *Consumer
	Puts     []*process.Use // the sentinels, each put once

	model *process.Model
	want  int // the number of processes, 0 for "those of a loop"
}

// ShortOf returns what is short when a call puts the first of too few sentinels,
// nil otherwise, and whenever a number is not known.
func ShortOf(m *process.Model, call *syntax.Node) *Short {
	for _, ch := range m.Channels {
		for _, u := range ch.Put {
			if u.Call == call && u.Sole {
				if s := shortIn(m, ch); s != nil && s.Puts[0].Call == call {
					return s
				}
			}
		}
	}
	return nil
}

func shortIn(m *process.Model, ch *process.Channel) *Short {
	if ch.Object.Kind == process.Connection {
		return nil
	}
	consumers, all := Consumers(m, ch)
	if !all || len(consumers) != 1 || consumers[0].End != BySentinel || consumers[0].reputs(m) || len(process.Loops(ch.Object.Made)) > 0 {
		return nil
	}
	s := &Short{Consumer: consumers[0], model: m}
	for _, u := range ch.Put {
		switch item := putItem(u); {
		case item == nil:
			return nil
		case equals(m, item, s.Consumer.Sentinel, 0) == Yes:
			if constant(m.Project, s.Consumer.Sentinel) == nil && !sameName(m.Project, item, s.Consumer.Sentinel) || !once(m, u) {
				return nil
			}
			s.Puts = append(s.Puts, u)
		}
	}
	if len(s.Puts) == 0 || len(ch.Get) != 1 && parentReads(m, ch) || s.Consumer.Awaited(m) == NoWait || s.Consumer.escapes(m) {
		return nil
	}
	single, looped := 0, 0
	for _, l := range s.Consumer.Launches {
		if !many(l) {
			single++
			continue
		}
		n, known := repeats(m, l.Call)
		if known && n <= 1 || !known && n == 0 {
			return nil
		}
		if known {
			single += n
		} else {
			looped++
		}
	}
	if looped > 0 {
		if len(s.Puts) > 1 || single > 0 {
			return nil
		}
		return s
	}
	s.want = single
	if single <= len(s.Puts) {
		return nil
	}
	return s
}

func parentReads(m *process.Model, ch *process.Channel) bool {
	for _, u := range ch.Get {
		if len(m.WorkersAt(u.Node)) == 0 {
			return true
		}
	}
	return false
}

// once says whether a put is made once: in no loop, in the parent, and not in a
// function that is called several times.
func once(m *process.Model, u *process.Use) bool {
	if len(process.Loops(u.Node)) > 0 || len(m.WorkersAt(u.Node)) > 0 {
		return false
	}
	item := putItem(u)
	if !item.Is("none", "string", "integer", "identifier", "attribute", "call") {
		return false
	}
	if item.Is("identifier") {
		if v, ok := m.Project.Only(item); !ok || v.Node == nil {
			return false
		}
	}
	for d := u.In; d != nil && d != u.Object.In; {
		calls, complete := m.Project.Callers(d)
		if len(calls) == 0 && complete {
			return true // nobody calls it: an entry for others
		}
		if len(calls) != 1 || calls[0].Indirect != nil || len(process.Loops(calls[0].Node)) > 0 {
			return len(calls) == 0 && d.Class == nil
		}
		d = m.Project.Enclosing(calls[0].Node)
	}
	return true
}

// repeats says how often the loop around a call runs it: a number when it is
// known, else 1 for "several, by the look of the loop" or 0 for no idea.
func repeats(m *process.Model, call *syntax.Node) (n int, known bool) {
	loops := process.Loops(call)
	if len(loops) != 1 {
		return 0, false
	}
	right := loops[0].Field("right")
	if c := clauseOf(loops[0]); c != nil {
		right = c.Field("right")
	}
	right = syntax.Unparen(right)
	if right.Is("list", "tuple") {
		return len(right.NamedChildren()), true
	}
	if v, ok := m.Project.Only(right); ok && v.Node.Is("list", "tuple") && !right.Is("call") {
		return len(v.Node.NamedChildren()), true
	}
	if !right.Is("call") || m.Project.ModuleOf(right).Qualified(right.Field("function")) != "builtins.range" {
		return 0, false
	}
	args := syntax.CallArgs(right).Positional
	if len(args) != 1 {
		return 0, false
	}
	if i, ok := syntax.IntValue(args[0]); ok {
		return int(i), true
	}
	if c := constant(m.Project, args[0]); c != nil {
		i, ok := syntax.IntValue(c)
		return int(i), ok
	}
	several := false
	args[0].Walk(func(n *syntax.Node) bool {
		several = several || n.Kind == "call" && countsProcessors(m.Project.ModuleOf(n).Qualified(n.Field("function")))
		return true
	})
	values, all := m.Project.Values(args[0])
	all = all && len(values) > 0
	for _, v := range values {
		i, ok := syntax.IntValue(v.Node)
		all = all && (v.Kind == project.Literal && ok && i > 1 || countsProcessors(v.ResultOf()))
	}
	if several || all {
		return 1, false
	}
	return 0, false
}

func countsProcessors(name string) bool {
	return name == "os.cpu_count" || name == "os.process_cpu_count" || strings.HasSuffix(name, "multiprocessing.cpu_count")
}

// Have says in words how many sentinels there are.
func (s *Short) Have() string {
	if len(s.Puts) == 1 {
		return "one sentinel"
	}
	return fmt.Sprintf("%d sentinels", len(s.Puts))
}

// Want says in words how many processes there are.
func (s *Short) Want() string {
	if s.want == 0 {
		return "the processes of a loop"
	}
	return fmt.Sprintf("%d processes", s.want)
}

// Fill puts one sentinel for each process where the first one was.
func (s *Short) Fill() (*refactor.Rewrite, error) {
	m := s.model
	u := s.Puts[0]
	stmt := u.Call.Statement()
	if stmt == nil || stmt.Kind != "expression_statement" || u.Call.Parent != stmt {
		return nil, errors.New("the sentinel is put inside a larger statement")
	}
	f, ok := fleetOf(m, s.Consumer.Launches, u.Object, u.In, u.Node.Tree.Root)
	if !ok || f.One() {
		return nil, errors.New("it is not known here how many processes there are")
	}
	for _, l := range s.Consumer.Launches {
		if l.Object.In == u.In && l.Call.Tree == u.Node.Tree && l.Call.Start > stmt.Start {
			return nil, errors.New("the sentinel is put before the processes are made")
		}
	}
	rw := refactor.New()
	for _, extra := range s.Puts[1:] {
		if extra.In != u.In || extra.Call.Parent.Kind != "expression_statement" || extra.Node.Tree != u.Node.Tree {
			return nil, errors.New("the sentinels are put in several places")
		}
		rw.Delete(extra.Call.Statement())
	}
	rw.WrapWith(stmt, stmt, "for _ in "+f.Over+":")
	if p, err := Make(m, s.Consumer.Channel); err == nil && p.joined != nil {
		p.WriteClose(rw)
	}
	return rw, nil
}
