package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
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

// Fix moves the reads in front of the joins. sure is false when an expert would
// look first; err says why there is no fix.
func (u *Undrained) Fix() (rw *refactor.Rewrite, sure bool, err error) {
	m := u.model
	rw = refactor.New()
	sure = true
	first, last := u.Joins[0], u.Joins[len(u.Joins)-1]
	block := first.Parent
	if inLoop(block) && u.sharedInLoop(block) {
		return nil, false, errors.New("each turn of the loop joins one process, but the next read may take another one's result")
	}
	for _, g := range u.uses {
		if timedGet(g.Call) {
			sure = false // the time now begins before the process has ended
		} else if !plainGet(g.Call) {
			return nil, false, errors.New("the read does not wait: before the join it may find nothing yet")
		}
	}
	prepared, others := u.prepares()
	for _, s := range others {
		if mayLeave(s) {
			return nil, false, errors.New("a statement between the join and the read may leave")
		}
	}
	move := prepared
	var tail []string
	for _, s := range u.Reads {
		if loop := emptyLoop(m, s, u.channels); loop {
			over, err := u.onceEach(s)
			if err != nil {
				return nil, false, err
			}
			rw.ReplaceRange(s.Tree.File, s.Start, s.Field("condition").End, "for _ in "+over)
		} else if pollsEmpty(s) {
			return nil, false, errors.New("the end of the results is told by empty(), and their number is not known")
		}
		if dependsOn(m, s, others) {
			return nil, false, errors.New("the read depends on a statement behind the join")
		}
		if u.reads(s) || len(others) > 0 && speaks(m, s) {
			sure = false
		}
		if s.Is("return_statement") {
			name, expr, ok := u.returned(s)
			if !ok {
				return nil, false, errors.New("the value that is returned cannot be taken apart")
			}
			rw.LinesBefore(first, name+" = "+expr)
			rw.Replace(s.NamedChildren()[0], name)
			continue
		}
		if mayLeave(s) && !s.Is("try_statement") {
			return nil, false, errors.New("the reading statement may leave before the join")
		}
		move = append(move, s)
	}
	if len(move) > 0 {
		rw.Move(move, first)
	}
	after := last
	for _, ch := range u.channels {
		text, ok := textFor(m, ch.Object, u.fn, first.Tree.Root)
		if !ok {
			continue
		}
		if usedIn(ch.Object, u.Others) {
			continue
		}
		tail = append(tail, closeLines(m, ch.Object, text, u.fn, block, u.Reads[len(u.Reads)-1])...)
	}
	if len(tail) > 0 {
		rw.LinesAfter(after, tail...)
	}
	return rw, sure, rw.Err()
}

// prepares parts the statements between the joins and the reads: those that only
// make an empty container or a constant for the reads move with them.
func (u *Undrained) prepares() (moved, rest []*syntax.Node) {
	for _, s := range u.Others {
		needed := false
		for _, r := range u.Reads {
			needed = needed || dependsOn(u.model, r, []*syntax.Node{s})
		}
		if needed && len(rest) == 0 && makesConstant(u.model, s) {
			moved = append(moved, s)
		} else {
			rest = append(rest, s)
		}
	}
	return moved, rest
}

// makesConstant says whether a statement assigns a literal or an empty container
// to a name.
func makesConstant(m *process.Model, s *syntax.Node) bool {
	if s.Kind != "expression_statement" || len(s.NamedChildren()) != 1 {
		return false
	}
	a := s.NamedChildren()[0]
	if !a.Is("assignment") || !a.Field("left").Is("identifier") {
		return false
	}
	right := a.Field("right")
	if right.Is("call") {
		switch m.Project.ModuleOf(s).Qualified(right.Field("function")) {
		case "builtins.list", "builtins.dict", "builtins.set", "collections.Counter", "collections.defaultdict", "collections.OrderedDict", "collections.deque":
			args := syntax.CallArgs(right)
			return len(args.Names) == 0 && (len(args.Positional) == 0 || len(args.Positional) == 1 && args.Positional[0].Is("identifier"))
		}
		return false
	}
	pure := right.Is("list", "dictionary", "set", "tuple", "integer", "float", "string", "none", "true", "false")
	if pure {
		right.Walk(func(n *syntax.Node) bool {
			pure = pure && !n.Is("call", "identifier", "await", "attribute", "subscript")
			return pure
		})
	}
	return pure
}

// timedGet says whether a read waits for some time: get(timeout=5), get(True, 5).
func timedGet(call *syntax.Node) bool {
	args := syntax.CallArgs(call)
	if call.Field("function").Field("attribute").Text() != "get" || len(args.Stars)+len(args.DoubleStars) > 0 {
		return false
	}
	if b := args.Keywords["block"]; b != nil && !b.Is("true") || len(args.Positional) > 0 && !args.Positional[0].Is("true") {
		return false
	}
	t := args.Keywords["timeout"]
	if len(args.Positional) > 1 {
		t = args.Positional[1]
	}
	return t != nil && !t.Is("none")
}

func usedIn(o *process.Object, stmts []*syntax.Node) bool {
	for _, use := range o.Uses {
		for _, s := range stmts {
			if use.Node.Within(s) {
				return true
			}
		}
	}
	return false
}

// What names the channel that is read too late.
func (u *Undrained) What() string { return syntax.Head(u.Read.Node.Field("object")) }

// sharedInLoop says whether the block is a loop's body in which each turn joins
// one of several processes that run at once and share the channel.
func (u *Undrained) sharedInLoop(block *syntax.Node) bool {
	for _, l := range u.launches {
		for _, s := range l.Starts {
			if stmtIn(block, s.Node) == nil {
				for _, ch := range u.channels {
					if len(process.Loops(ch.Object.Made)) == 0 {
						return true
					}
				}
			}
		}
	}
	return false
}

// mayLeave says whether a statement may end the function, the loop around it or
// the program.
func mayLeave(s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "function_definition", "lambda", "class_definition":
			return false
		case "return_statement", "raise_statement", "assert_statement", "yield":
			found = true
		case "break_statement", "continue_statement":
			if loop := n.Ancestor("for_statement", "while_statement"); loop == nil || !loop.Within(s) {
				found = true
			}
		case "call":
			switch n.Field("function").Text() {
			case "sys.exit", "exit", "quit", "os._exit":
				found = true
			}
		}
		return true
	})
	return found
}

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

// dependsOn says whether a statement reads a name that one of the others binds,
// or binds one that they use.
func dependsOn(m *process.Model, s *syntax.Node, others []*syntax.Node) bool {
	mod := m.Project.ModuleOf(s)
	bound := func(n *syntax.Node) map[string]bool {
		names := map[string]bool{}
		n.Walk(func(x *syntax.Node) bool {
			if x.Kind == "identifier" && mod.IsStore(x) {
				names[x.Text()] = true
			}
			return true
		})
		return names
	}
	mine := bound(s)
	for _, o := range others {
		theirs := bound(o)
		clash := false
		s.Walk(func(x *syntax.Node) bool {
			clash = clash || x.Kind == "identifier" && mod.Binding(x) != nil && theirs[x.Text()]
			return true
		})
		o.Walk(func(x *syntax.Node) bool {
			clash = clash || x.Kind == "identifier" && mod.Binding(x) != nil && mine[x.Text()]
			return true
		})
		if clash {
			return true
		}
	}
	return false
}

// outer are modules whose functions look at the world outside the program,
// which the joined processes may have changed.
var outer = []string{"os.", "shutil.", "pathlib.", "subprocess.", "sqlite3.", "glob.", "json.load", "pickle.load", "builtins.open", "time."}

// reads says whether a statement looks at something other than the channels that
// the joined processes may write: files, shared values, managers.
func (u *Undrained) reads(s *syntax.Node) bool {
	m := u.model
	found := false
	for _, o := range m.Objects {
		if isChannel(o.Kind) || o.Kind == process.Process {
			continue
		}
		for _, use := range o.Uses {
			if use.Node.Within(s) {
				found = true
			}
		}
	}
	look := func(n *syntax.Node) {
		if n.Kind != "call" {
			return
		}
		name := m.Project.ModuleOf(n).Qualified(n.Field("function"))
		for _, prefix := range outer {
			if strings.HasPrefix(name, prefix) && !strings.HasPrefix(name, "os.path.join") {
				found = true
			}
		}
	}
	s.Walk(func(n *syntax.Node) bool {
		look(n)
		if n.Kind == "call" {
			for _, d := range m.Project.CalledBy(n) {
				for _, r := range m.Project.Reaches(d) {
					r.Walk(look)
				}
			}
		}
		return true
	})
	return found
}

func isChannel(k process.Kind) bool {
	switch k {
	case process.Queue, process.JoinableQueue, process.SimpleQueue, process.Connection:
		return true
	}
	return false
}

// speaks says whether a statement does more than read and keep: it prints, or
// calls something whose effect may be seen.
func speaks(m *process.Model, s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		if n.Kind != "call" {
			return true
		}
		f := n.Field("function")
		if f.Is("attribute") {
			switch f.Field("attribute").Text() {
			case "get", "recv", "append", "extend", "update", "add", "items", "values", "close", "join_thread":
				return true
			}
		}
		switch m.Project.ModuleOf(n).Qualified(f) {
		case "builtins.range", "builtins.len", "builtins.sorted", "builtins.list", "builtins.dict", "builtins.set", "builtins.tuple", "builtins.sum",
			"builtins.zip", "builtins.enumerate", "builtins.min", "builtins.max":
			return true
		}
		found = true
		return true
	})
	return found
}

// returned takes the value of a return statement apart: a name for it, and the
// expression.
func (u *Undrained) returned(s *syntax.Node) (name, expr string, ok bool) {
	c := s.NamedChildren()
	if len(c) != 1 {
		return "", "", false
	}
	want := "result"
	if c[0].Is("list_comprehension", "dictionary_comprehension", "set_comprehension", "list", "tuple", "expression_list", "call") && !isGet(c[0], u.uses) {
		want = "results"
	}
	mod := u.model.Project.ModuleOf(s)
	return mod.FreshName(mod.ScopeOf(s), want), c[0].Text(), true
}

func isGet(n *syntax.Node, uses []*process.Use) bool {
	for _, g := range uses {
		if g.Call == n {
			return true
		}
	}
	return false
}
