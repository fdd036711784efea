package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Form is how a consumer's loop takes its items.
type Form int

// The forms of loops.
const (
	WhileTrue Form = iota // while True: item = q.get()
	Walrus                // while (item := q.get()) is not None:
	Iter                  // for item in iter(q.get, None):
)

// End says what ends a consumer's loop.
type End int

// The ends of loops.
const (
	Otherwise  End = iota // something else than an item, or not known
	Never                 // nothing
	BySentinel            // one sentinel, and nothing else
)

// Consumer is a loop in a worker that takes items from one channel.
type Consumer struct {
	Channel  *process.Channel
	Get      *process.Use
	Loop     *syntax.Node // while_statement, for_statement, or a for_in_clause of a comprehension
	In       *project.Def // the function the loop stands in
	Form     Form
	End      End
	Sentinel *syntax.Node // what the item is compared with, for BySentinel
	Launches []*process.Launch
}

// Puts lists the places that put items into what the consumer reads.
func (c *Consumer) Puts() []*process.Use { return puts(c.Channel) }

// puts lists the places that put items into a channel: for a pipe the sends of
// its other end.
func puts(c *process.Channel) []*process.Use {
	if c.Object.Kind != process.Connection {
		return c.Put
	}
	if c.Peer == nil {
		return nil
	}
	return c.Peer.Put
}

// At returns the consumer whose loop the node is, nil if it is none: a while or
// for statement, or the clause of a comprehension, that takes items from one
// known channel and runs in processes that mpfix saw being launched, and only
// there.
func At(m *process.Model, loop *syntax.Node) *Consumer {
	c := &Consumer{Loop: loop, In: m.Project.Enclosing(loop)}
	if c.In == nil {
		return nil
	}
	for _, ch := range m.Channels {
		for _, u := range ch.Get {
			if !u.Node.Within(loop) || u.In != c.In {
				continue
			}
			form, ok := formOf(m, u, loop)
			if !ok && loop.Kind != "while_statement" {
				continue // read in the body of a loop over something else
			}
			if !ok || c.Get != nil || !u.Sole {
				return nil
			}
			c.Channel, c.Get, c.Form = ch, u, form
		}
	}
	if c.Get == nil || !c.inLaunches(m) {
		return nil
	}
	c.findEnd(m)
	return c
}

// Consumers lists the consumers of a channel; all is false when there are reads
// of it in workers that are no such loop.
func Consumers(m *process.Model, ch *process.Channel) (found []*Consumer, all bool) {
	all = true
	for _, u := range ch.Get {
		if len(m.WorkersAt(u.Node)) == 0 {
			continue
		}
		c := At(m, loopOf(u))
		if c == nil {
			all = false
			continue
		}
		found = append(found, c)
	}
	return found, all
}

// loopOf returns the loop that a read stands in: its innermost loop, or the one
// that goes over iter(q.get, …).
func loopOf(u *process.Use) *syntax.Node {
	if call := iterCall(u); call != nil {
		for n := call.Parent; n != nil; n = n.Parent {
			if n.Is("for_statement", "for_in_clause") {
				return n
			}
			if n.Is("block", "module") {
				return nil
			}
		}
		return nil
	}
	if loops := process.Loops(u.Node); len(loops) > 0 {
		return loops[0]
	}
	return nil
}

// iterCall returns the call iter(q.get, sentinel) that a read is handed to.
func iterCall(u *process.Use) *syntax.Node {
	if u.Call != nil || !u.Node.Parent.Is("argument_list") || !u.Node.Parent.Parent.Is("call") {
		return nil
	}
	call := u.Node.Parent.Parent
	args := syntax.CallArgs(call)
	if f := call.Field("function"); !f.Is("identifier") || f.Text() != "iter" || len(args.Positional) != 2 || args.Positional[0] != u.Node {
		return nil
	}
	return call
}

// formOf says how the loop takes the item that the use reads.
func formOf(m *process.Model, u *process.Use, loop *syntax.Node) (Form, bool) {
	switch {
	case loop.Is("for_statement", "for_in_clause"):
		call := iterCall(u)
		right := syntax.Unparen(loop.Field("right"))
		if call == nil || right == nil || !call.Within(right) || m.Project.ModuleOf(loop).Qualified(call.Field("function")) != "builtins.iter" {
			return 0, false
		}
		if right == call {
			return Iter, true
		}
		f := right.Field("function")
		return Iter, right.Is("call") && f.Is("identifier") && f.Text() == "enumerate" && call.Parent.Parent == right
	case !loop.Is("while_statement") || u.Call == nil || !plainGet(u.Call):
		return 0, false
	case u.Node.Within(loop.Field("condition")):
		return Walrus, u.Call.Parent.Is("named_expression")
	}
	loops := process.Loops(u.Node)
	return WhileTrue, len(loops) > 0 && loops[0] == loop && alwaysTrue(loop.Field("condition"))
}

// plainGet says whether a read waits for ever: get(), get(True), recv().
func plainGet(call *syntax.Node) bool {
	args := syntax.CallArgs(call)
	if args.Broken || len(args.Stars)+len(args.DoubleStars)+len(args.Later) > 0 {
		return false
	}
	switch call.Field("function").Field("attribute").Text() {
	case "get", "recv", "recv_bytes":
	default:
		return false
	}
	for i, a := range args.Positional {
		if i > 0 || !a.Is("true") {
			return false
		}
	}
	for name, v := range args.Keywords {
		if name == "block" && v.Is("true") || name == "timeout" && v.Is("none") {
			continue
		}
		return false
	}
	return true
}

func alwaysTrue(cond *syntax.Node) bool {
	cond = syntax.Unparen(cond)
	if cond.Is("true") {
		return true
	}
	n, ok := syntax.IntValue(cond)
	return ok && n != 0
}

// inLaunches finds the launches that run the loop, and says whether it runs
// nowhere else and once in each: as the entry, or by plain calls from it.
func (c *Consumer) inLaunches(m *process.Model) bool {
	seen := map[*project.Def]bool{}
	d := c.In
	if len(process.Loops(c.Loop)) > 0 {
		return false
	}
	for !seen[d] {
		seen[d] = true
		w := m.WorkerOf(d)
		calls, _ := m.Project.Callers(d)
		if w != nil {
			if len(w.Tasks)+len(w.InitOf) > 0 || len(m.WorkersOf(c.In)) != 1 {
				return false
			}
			for _, call := range calls {
				if call.Indirect == nil || m.ObjectAt(call.Node) == nil || m.ObjectAt(call.Node).Kind != process.Process {
					if d.Name != "run" || call.Indirect == nil {
						return false
					}
				}
			}
			for _, l := range w.Launches {
				if !l.Known || len(l.Entries) != 1 || len(l.Starts) == 0 {
					return false
				}
			}
			c.Launches = w.Launches
			return len(c.Launches) > 0
		}
		if len(calls) != 1 || calls[0].Indirect != nil || len(process.Loops(calls[0].Node)) > 0 {
			return false
		}
		if d = m.Project.Enclosing(calls[0].Node); d == nil || d.IsLambda() {
			return false
		}
	}
	return false
}
