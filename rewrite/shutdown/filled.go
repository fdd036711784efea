package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Filled is a bounded queue into which the parent puts more items than fit
// before it starts the processes that read it.
type Filled struct {
	Put   *process.Use // the put that never returns
	Start *process.Use // the first start behind it
	Limit int          // the size of the queue
	Items int          // how many items are put before the start, at least

	m        *process.Model
	ch       *process.Channel
	block    *syntax.Node
	launches []*process.Launch
	puts     []*syntax.Node // statements of the block that put before the start
	starts   []*syntax.Node // statements of the block that start
}

// FilledAt returns the queue that a call of put fills before it is read, nil when
// it fills none or when that is not known.
func FilledAt(m *process.Model, call *syntax.Node) *Filled {
	for _, ch := range m.Channels {
		for _, u := range ch.Put {
			if u.Call != call || !u.Sole {
				continue
			}
			f := &Filled{Put: u, m: m, ch: ch}
			if f.Limit = sizeOf(m, ch.Object); f.Limit > 0 && f.findReaders() && f.findBlock() && f.count() {
				return f
			}
		}
	}
	return nil
}

// sizeOf returns the size that a queue is made with, 0 when it has none or it is
// not known.
func sizeOf(m *process.Model, o *process.Object) int {
	if o.Kind != process.Queue && o.Kind != process.JoinableQueue || len(process.Loops(o.Made)) > 0 {
		return 0
	}
	args := syntax.CallArgs(o.Made)
	size := args.Keywords["maxsize"]
	if len(args.Positional) > 0 {
		size = args.Positional[0]
	}
	if size == nil {
		return 0
	}
	if n, ok := syntax.IntValue(size); ok {
		return int(n)
	}
	if c := constant(m.Project, size); c != nil {
		n, _ := syntax.IntValue(c)
		return int(n)
	}
	return 0
}

// findReaders finds the processes that read the queue. All readers have to be
// processes, and to wait for each item.
func (f *Filled) findReaders() bool {
	o := f.ch.Object
	if len(f.ch.Get) == 0 || len(o.Used("empty", "qsize", "full")) > 0 || len(f.m.WorkersAt(f.Put.Node)) > 0 {
		return false
	}
	for _, g := range f.ch.Get {
		workers := f.m.WorkersAt(g.Node)
		if len(workers) == 0 || iterCall(g) == nil && (g.Call == nil || !plainGet(g.Call)) {
			return false
		}
		for _, w := range workers {
			if len(w.Tasks)+len(w.InitOf) > 0 {
				return false
			}
			for _, l := range w.Launches {
				if !hasLaunch(f.launches, l) {
					f.launches = append(f.launches, l)
				}
			}
		}
	}
	return len(f.launches) > 0
}

// findBlock finds the block in which the queue is filled and the processes are
// started.
func (f *Filled) findBlock() bool {
	nodes := []*syntax.Node{f.Put.Node}
	for _, l := range f.launches {
		if len(l.Starts) == 0 || !l.Known {
			return false
		}
		for _, s := range l.Starts {
			if s.In != f.Put.In || !s.Sole || s.Node.Tree != f.Put.Node.Tree {
				return false
			}
			nodes = append(nodes, s.Node)
		}
	}
	if f.block = commonBlock(nodes); f.block == nil || inLoop(f.block) {
		return false
	}
	var first *syntax.Node
	for _, l := range f.launches {
		for _, s := range l.Starts {
			stmt := stmtIn(f.block, s.Node)
			if !hasNode(f.starts, stmt) {
				f.starts = append(f.starts, stmt)
			}
			if first = earlier(first, stmt); first == stmt {
				f.Start = s
			}
		}
	}
	return stmtIn(f.block, f.Put.Node).Start < first.Start
}

// count says whether the put is the one at which more items have been put than
// fit.
func (f *Filled) count() bool {
	before, blocked := 0, false
	first := stmtIn(f.block, f.Start.Node)
	for _, u := range f.ch.Put {
		if len(f.m.WorkersAt(u.Node)) > 0 {
			continue
		}
		if u.In != f.Put.In || u.Node.Tree != f.Put.Node.Tree {
			return false
		}
		stmt := stmtIn(f.block, u.Node)
		if stmt == nil || stmt == first {
			return false
		}
		if stmt.Start > first.Start {
			continue
		}
		if !waitingPut(u) || !u.Sole {
			return false
		}
		if !hasNode(f.puts, stmt) {
			f.puts = append(f.puts, stmt)
		}
		n := f.times(u, stmt)
		if u == f.Put {
			blocked = before <= f.Limit && before+n > f.Limit
		}
		before += n
	}
	f.Items = before
	return blocked
}

// waitingPut says whether a put waits for room for ever.
func waitingPut(u *process.Use) bool {
	if u.Call == nil || u.Name != "put" {
		return false
	}
	args := syntax.CallArgs(u.Call)
	return len(args.Positional) == 1 && len(args.Names)+len(args.Stars)+len(args.DoubleStars) == 0
}

// times says how often at least a put in a statement is made.
func (f *Filled) times(u *process.Use, stmt *syntax.Node) int {
	n := 1
	for c := u.Node; c != stmt.Parent; c = c.Parent {
		switch c.Kind {
		case "for_statement":
			k, known := f.m.Length(c.Field("right"))
			if !known || c.Field("right") != nil && u.Node.Within(c.Field("right")) || mayLeave(c.Field("body")) {
				return 0
			}
			n *= k
		case "expression_statement", "call", "attribute", "block", "with_statement", "identifier":
		default:
			if c != u.Node {
				return 0
			}
		}
	}
	return n
}

func hasNode(list []*syntax.Node, n *syntax.Node) bool {
	for _, have := range list {
		if have == n {
			return true
		}
	}
	return false
}

// StartFirst moves the statements that start the processes, with what they need,
// in front of the first put. sure is false when something else stands between that
// the processes may depend on.
func (f *Filled) StartFirst() (rw *refactor.Rewrite, sure bool, err error) {
	mod := f.m.Project.ModuleOf(f.block)
	first := f.puts[0]
	needed := map[*scope.Binding]bool{}
	moved := map[*syntax.Node]bool{}
	take := func(s *syntax.Node) {
		moved[s] = true
		own := map[*scope.Binding]bool{}
		if left := s.Field("left"); s.Is("for_statement") && left.Is("identifier") {
			own[mod.Binding(left)] = true
		}
		s.Walk(func(n *syntax.Node) bool {
			if n.Is("identifier") && mod.IsLoad(n) {
				if b := mod.Binding(n); b != nil && !own[b] {
					needed[b] = true
				}
			}
			return true
		})
	}
	var between []*syntax.Node
	last := first
	for _, s := range f.starts {
		if err := f.onlyStarts(s); err != nil {
			return nil, false, err
		}
		last = later(last, s)
		take(s)
	}
	for s := last; s != first; s = s.Prev() {
		between = append(between, s)
	}
	sure = true
	for _, s := range between {
		if moved[s] {
			continue
		}
		binds := false
		for _, b := range mod.BoundIn(s) {
			binds = binds || needed[b]
		}
		puts := hasNode(f.puts, s)
		switch {
		case puts && binds && !s.Is("for_statement"):
			return nil, false, errors.New("what is put and what is started depend on each other")
		case puts:
		case binds || f.mentions(mod, s, needed):
			if mayLeave(s) {
				return nil, false, errors.New("what the processes need is made behind the puts, and may end the function")
			}
			take(s)
		case speaks(f.m, s):
			sure = sure && quietPrint(f.m, s)
		}
	}
	var list []*syntax.Node
	for i := len(between) - 1; i >= 0; i-- {
		if moved[between[i]] {
			list = append(list, between[i])
		}
	}
	for _, ch := range f.m.Channels {
		if ch == f.ch || sizeOf(f.m, ch.Object) == 0 {
			continue
		}
		for _, u := range ch.Put {
			if runsIn(f.m, u.Node, f.launches) {
				sure = false // it may fill up while the parent still puts
			}
		}
	}
	rw = refactor.New()
	rw.Move(list, first)
	return rw, sure, rw.Err()
}

// quietPrint says whether a statement is a call of print.
func quietPrint(m *process.Model, s *syntax.Node) bool {
	call := callIn(s)
	return call != nil && m.Project.ModuleOf(s).Qualified(call.Field("function")) == "builtins.print"
}

// onlyStarts says whether a statement may be moved: it does nothing with the
// queue, joins nothing and leaves nothing.
func (f *Filled) onlyStarts(s *syntax.Node) error {
	for _, l := range f.launches {
		for _, j := range l.Joins {
			if j.Node.Within(s) {
				return errors.New("the processes are started and joined in one statement")
			}
		}
	}
	for _, u := range f.ch.Put {
		if u.Node.Within(s) {
			return errors.New("the processes are started where items are put")
		}
	}
	if mayLeave(s) {
		return errors.New("the statement that starts the processes may end the function")
	}
	return nil
}

// mentions says whether a statement may change what the moved statements need:
// it stores into a name of theirs, or calls a method of it.
func (f *Filled) mentions(mod *scope.Module, s *syntax.Node, needed map[*scope.Binding]bool) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		if n.Is("identifier") && needed[mod.Binding(n)] {
			up := n.Parent
			if up.Is("attribute", "subscript") && (up.Field("object") == n || up.Field("value") == n) {
				if b := mod.Binding(n).Single(); b == nil || b.Kind == scope.Assign || b.Kind == scope.Param {
					if v, ok := f.m.Project.Only(n); !ok || v.Kind != project.Module {
						found = true
					}
				}
			}
		}
		return true
	})
	return found
}
