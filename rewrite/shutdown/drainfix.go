package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

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
