package process

import "github.com/mpfix/mpfix/rewrite/syntax"

// Contended says whether one process may use an object by the first of some
// expressions, which hold it, while another does by any of them. False where each
// process has one of its own, where they run in turn, and where nothing is seen
// to start them.
func (m *Model) Contended(o *Object, exprs []*syntax.Node) bool {
	if len(Loops(o.Made)) > 0 || len(exprs) == 0 {
		return false
	}
	var uses []*Use
	for _, e := range exprs {
		uses = append(uses, &Use{Object: o, Node: e, In: m.Project.Enclosing(e)})
	}
	party := m.party(nil, uses)
	n := 0
	for i, l := range party.Launches {
		if !m.inTurn(l, party.Launches[:i]) {
			n += m.atOnce(l, o)
		}
	}
	for _, t := range party.Tasks {
		n += m.tasksAtOnce(t)
	}
	worker := len(m.WorkersAt(exprs[0])) > 0
	for _, e := range exprs {
		if !worker && e != exprs[0] {
			break
		}
		for _, l := range party.Launches {
			if running(l, e, m) {
				return true
			}
		}
	}
	return worker && n > 1
}

// atOnce says how many processes of a launch use one object at a time: 0, 1, or
// 2 for more.
func (m *Model) atOnce(l *Launch, o *Object) int {
	if len(l.Starts) == 0 {
		return 0
	}
	for _, s := range l.Starts {
		loops := Loops(s.Node)
		for _, j := range l.Joins {
			if len(loops) > 0 && j.Node.Within(loops[0]) && j.Node.Start > s.Node.Start && len(loops) == len(Loops(j.Node)) {
				return 1 // each is waited for before the next one starts
			}
		}
	}
	if l.Object.In != o.In {
		n, expr, known := m.Count(l)
		switch {
		case known:
			return min(n, 2)
		case expr != nil || len(Loops(l.Call)) > 0:
			return 2
		}
		return 1
	}
	loops := Loops(l.Call)
	if len(loops) == 0 {
		return 1
	}
	if iterable := Iterable(loops[0]); iterable != nil && len(loops) == 1 {
		if n, known := m.length(iterable); known {
			return min(n, 2)
		}
	}
	return 2
}

// inTurn says whether a process only starts when those before have been waited
// for.
func (m *Model) inTurn(l *Launch, before []*Launch) bool {
	if len(before) == 0 {
		return false
	}
	for _, b := range before {
		for _, s := range l.Starts {
			waited := false
			for _, j := range b.Joins {
				waited = waited || j.In == s.In && j.Node.Tree == s.Node.Tree && j.Node.End <= s.Node.Start && len(Loops(s.Node)) == 0
			}
			if !waited {
				return false
			}
		}
	}
	return true
}

// tasksAtOnce is atOnce for the work that a call gives a pool.
func (m *Model) tasksAtOnce(t *Task) int {
	if t.Pool != nil {
		args := syntax.CallArgs(t.Pool.Object.Made)
		size := args.Keywords["processes"]
		if size == nil {
			size = args.Keywords["max_workers"]
		}
		if size == nil && len(args.Positional) > 0 {
			size = args.Positional[0]
		}
		if size != nil {
			if n, ok := m.integer(size); ok && n == 1 {
				return 1
			}
		}
	}
	switch t.Shape {
	case OneEach, StarEach:
		if len(t.Items) > 0 {
			if n, known := m.length(t.Items[0]); known {
				return min(n, 2)
			}
		}
		return 2
	}
	if up := t.Call.Parent; t.Method == "apply" || up.Is("attribute") && (up.Field("attribute").Text() == "get" || up.Field("attribute").Text() == "result") {
		return 1
	}
	if len(Loops(t.Call)) > 0 {
		return 2
	}
	return 1
}

// running says whether code of the parent stands between the start of a process
// and its join.
func running(l *Launch, n *syntax.Node, m *Model) bool {
	in := m.Project.Enclosing(n)
	for _, s := range l.Starts {
		if s.In != in || s.Node.Tree != n.Tree || s.Node.End > n.Start {
			continue
		}
		for _, j := range l.Joins {
			if j.In == in && j.Node.Tree == n.Tree && j.Node.Start > n.Start {
				return len(Loops(s.Node)) == 0 || n.Start > Loops(s.Node)[0].End
			}
		}
	}
	return false
}
