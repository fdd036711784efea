package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Undrained is a run of joins in front of the reads of what the joined processes
// put.
type Undrained struct {
	Join   *process.Use   // the join the finding stands at
	Read   *process.Use   // the first read behind it
	Writer *process.Use   // a put in the process that is joined
	Joins  []*syntax.Node // consecutive statements that only join
	Reads  []*syntax.Node // the later statements of the block that read, in order
	Others []*syntax.Node // the statements between that do not

	model    *process.Model
	fn       *project.Def
	channels []*process.Channel
	launches []*process.Launch
	uses     []*process.Use // the reads
}

// UndrainedAt returns what is joined too early by a call of join, nil when
// nothing is, or when it is not known.
func UndrainedAt(m *process.Model, call *syntax.Node) *Undrained {
	u := &Undrained{model: m, fn: m.Project.Enclosing(call)}
	stmt := call.Statement()
	for stmt != nil {
		block := stmt.Parent
		loop := block.Parent
		if !joinStatement(m, stmt) {
			return nil
		}
		if loop.Is("for_statement") && block.FieldName == "body" && joinStatement(m, loop) {
			stmt = loop
			continue
		}
		break
	}
	if stmt == nil || len(m.WorkersAt(call)) > 0 {
		return nil
	}
	if prev := stmt.Prev(); prev != nil && joinStatement(m, prev) {
		return nil // told at the first of a run
	}
	for s := stmt; s != nil && joinStatement(m, s); s = s.Next() {
		u.Joins = append(u.Joins, s)
	}
	joins, _ := joinsOf(m, stmt)
	if u.Join = joins[0]; u.Join.Call != call {
		return nil
	}
	if !u.findLaunches() || !u.findReads() {
		return nil
	}
	return u
}

// findLaunches lists the launches whose processes are joined.
func (u *Undrained) findLaunches() bool {
	for _, s := range u.Joins {
		joins, _ := joinsOf(u.model, s)
		for _, j := range joins {
			l := u.model.LaunchOf(j.Object)
			if l == nil || !l.Known {
				return false
			}
			if !hasLaunch(u.launches, l) {
				u.launches = append(u.launches, l)
			}
		}
	}
	return len(u.launches) > 0
}

// findReads finds the channels that the processes fill and that are read only
// behind the joins.
func (u *Undrained) findReads() bool {
	m := u.model
	block := u.Joins[0].Parent
	end := u.Joins[len(u.Joins)-1].End
	for _, ch := range m.Channels {
		if ch.Object.Kind == process.Proxy || len(ch.Get) == 0 {
			continue
		}
		writer := u.writerOf(ch)
		if writer == nil {
			continue
		}
		var reads []*process.Use
		late := true
		for _, g := range ch.Get {
			if len(m.WorkersAt(g.Node)) > 0 || g.Call == nil {
				late = false
				break
			}
			places := inFunction(m, u.fn, u.Joins[0].Tree.Root, g.Node)
			here := false
			for _, n := range places {
				late = late && n.Start >= end
				here = here || stmtIn(block, n) != nil
			}
			late = late && len(places) > 0
			if here {
				reads = append(reads, g)
			}
		}
		if !late || len(reads) == 0 || threaded(m, reads) {
			continue
		}
		u.channels = append(u.channels, ch)
		if u.Writer == nil {
			u.Writer = writer
		}
		for _, g := range reads {
			u.uses = append(u.uses, g)
			if u.Read == nil || g.Node.Start < u.Read.Node.Start {
				u.Read = g
			}
		}
	}
	if u.Read == nil {
		return false
	}
	return u.findStatements(block)
}

// writerOf returns a put into the channel in one of the joined processes.
func (u *Undrained) writerOf(ch *process.Channel) *process.Use {
	for _, w := range puts(ch) {
		if !runsIn(u.model, w.Node, u.launches) {
			continue
		}
		if w.Sole {
			return w
		}
		for _, l := range u.launches {
			sent := false
			for _, args := range []*syntax.Node{l.Args, l.Kwargs, l.Call} {
				if args == nil {
					continue
				}
				args.Walk(func(n *syntax.Node) bool {
					if n.Is("identifier", "attribute") {
						objects, _ := u.model.ObjectsOf(n)
						sent = sent || has(objects, w.Object)
					}
					return true
				})
			}
			if sent {
				return w
			}
		}
	}
	return nil
}

// threaded says whether a read runs in a function that a thread or a callback
// runs: it may go on beside the joins.
func threaded(m *process.Model, reads []*process.Use) bool {
	for _, g := range reads {
		if g.In == nil {
			continue
		}
		calls, _ := m.Project.Callers(g.In)
		for _, c := range calls {
			if c.Indirect != nil {
				return true
			}
		}
	}
	return false
}

// findStatements sorts the statements behind the joins into those that read and
// the others before the last of them.
func (u *Undrained) findStatements(block *syntax.Node) bool {
	m := u.model
	var last *syntax.Node
	reading := map[*syntax.Node]bool{}
	for _, g := range u.uses {
		for _, n := range inFunction(m, u.fn, block.Tree.Root, g.Node) {
			if s := stmtIn(block, n); s != nil {
				reading[s] = true
				last = later(last, s)
			}
		}
	}
	for s := u.Joins[len(u.Joins)-1].Next(); s != nil; s = s.Next() {
		if reading[s] {
			u.Reads = append(u.Reads, s)
		} else {
			u.Others = append(u.Others, s)
		}
		if s == last {
			break
		}
	}
	// A read only if there is something is no wait for a result.
	for _, s := range u.Reads {
		if s.Is("if_statement") && pollsEmpty(s.Field("condition")) {
			return false
		}
	}
	// A look at how the processes ended, or a new start, explains the order.
	for _, s := range append(u.Others[:len(u.Others):len(u.Others)], u.Reads...) {
		for _, l := range u.launches {
			for _, use := range l.Object.Uses {
				if !use.Node.Within(s) {
					continue
				}
				switch use.Name {
				case "exitcode", "is_alive", "terminate", "kill", "start", "close":
					if use.Name != "close" || !reading[s] {
						return false
					}
				}
			}
		}
	}
	return len(u.Reads) > 0
}

// What names the channel that is read too late.
func (u *Undrained) What() string { return syntax.Head(u.Read.Node.Field("object")) }
