package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Serial is a loop in which each turn waits for the process or task that it has
// just started.
type Serial struct {
	Loop   *syntax.Node    // a for statement or a comprehension
	Begin  *syntax.Node    // the call of start, submit or apply_async
	Wait   *syntax.Node    // the call of join, result or get
	Launch *process.Launch // nil for a task
	Task   *process.Task   // nil for a process

	m     *process.Model
	apart apart
	name  string // what holds the future, "" when nothing does
}

// SerialAt returns the loop in which a call of join, result or get waits for what
// the same turn has started; nil when there is none, when a turn may need what
// the one before has done, and when that is not known.
func SerialAt(m *process.Model, call *syntax.Node) *Serial {
	f := call.Field("function")
	loops := process.Loops(call)
	if !f.Is("attribute") || len(loops) == 0 || len(m.WorkersAt(call)) > 0 {
		return nil
	}
	s := &Serial{Loop: loops[0], Wait: call, m: m}
	var entries []*project.Def
	switch f.Field("attribute").Text() {
	case "join":
		if !s.findProcess(f.Field("object")) {
			return nil
		}
		entries = s.Launch.Entries
	case "result", "get":
		if !s.findTask(f.Field("object")) {
			return nil
		}
		entries = s.Task.Entries
	default:
		return nil
	}
	if len(entries) != 1 {
		return nil // stages, perhaps
	}
	s.apart = apartOf(m, entries[0])
	if s.apart.depends {
		return nil
	}
	return s
}

// body returns the block of the loop when it is a for statement without an else.
func (s *Serial) body() *syntax.Node {
	if !s.Loop.Is("for_statement") || s.Loop.Field("alternative") != nil || s.Loop.Children[0].Kind == "async" {
		return nil
	}
	return s.Loop.Field("body")
}

func (s *Serial) findProcess(object *syntax.Node) bool {
	m, body, join := s.m, s.body(), s.Wait.Statement()
	if body == nil || !only(join, s.Wait) || join.Parent != body || join.Next() != nil || !object.Is("identifier") {
		return false
	}
	if args := syntax.CallArgs(s.Wait); len(args.Positional)+len(args.Names) > 0 {
		return false
	}
	objects, sole := m.ObjectsOf(object)
	if !sole || objects[0].Kind != process.Process {
		return false
	}
	l := m.LaunchOf(objects[0])
	if l == nil || !l.Known || len(l.Starts) != 1 || len(l.Joins) != 1 || !l.Starts[0].Sole {
		return false
	}
	for _, u := range l.Object.Uses {
		switch u.Name {
		case "start", "join", "daemon", "name", "pid":
		default:
			return false
		}
	}
	s.Launch, s.Begin = l, l.Starts[0].Call
	start := s.Begin.Statement()
	if !only(start, s.Begin) || start.Parent != body || start.Start > join.Start {
		return false
	}
	switch {
	case l.Call.Within(body):
		if l.Call.Statement().Parent != body || l.Target != nil && s.bound(l.Target) {
			return false
		}
	case s.Loop.Field("left").Text() == object.Text():
		v, ok := m.Project.Only(s.Loop.Field("right"))
		if !ok || v.Kind != project.Literal || !s.Loop.Field("right").Is("identifier") {
			return false
		}
	default:
		return false
	}
	return s.plain(body, l.Call)
}

// plain says whether the body does nothing between its processes by which one
// could learn from another: no calls but harmless ones and the making of objects.
func (s *Serial) plain(body, but *syntax.Node) bool {
	ok := true
	body.Walk(func(n *syntax.Node) bool {
		if n.Kind != "call" || n == s.Begin || n == s.Wait {
			return ok
		}
		if n != but && s.m.ObjectAt(n) == nil && !mild(s.m, n) {
			ok = false
		}
		if f := n.Field("function"); f.Is("attribute") && n != but {
			switch f.Field("attribute").Text() {
			case "get", "recv":
				ok = false
			}
		}
		return ok
	})
	return ok && !mayLeave(body)
}

// bound says whether an expression reads a name that the loop binds.
func (s *Serial) bound(n *syntax.Node) bool {
	for _, free := range s.m.Project.ModuleOf(n).FreeNames(n) {
		if free.Binding == nil {
			continue
		}
		for _, d := range free.Binding.Defs {
			if d.Name.Within(s.Loop) {
				return true
			}
		}
	}
	return false
}

func (s *Serial) findTask(object *syntax.Node) bool {
	m := s.m
	begin := object
	if object.Is("identifier") {
		b := m.Project.ModuleOf(object).Binding(object)
		if b == nil || b.Single() == nil || len(b.Uses) != 1 || b.Single().Value == nil || !b.Single().Node.Is("assignment") || b.Single().Path != nil {
			return false
		}
		begin = b.Single().Value
		s.name = object.Text()
	}
	t := m.TaskAt(begin)
	if t == nil || !t.Known || len(process.Loops(begin)) == 0 || process.Loops(begin)[0] != s.Loop {
		return false
	}
	if wait := s.Wait.Field("function").Field("attribute").Text(); !(t.Method == "submit" && wait == "result" || t.Method == "apply_async" && wait == "get") {
		return false
	}
	s.Task, s.Begin = t, begin
	if s.Loop.Is("list_comprehension") {
		return s.name == "" && process.Iterable(s.Loop) != nil && s.Loop.Field("body") == s.Wait && s.steady(s.Begin, nil)
	}
	body := s.body()
	if body == nil || begin.Statement() == nil || enclosingIn(body, begin) == nil || enclosingIn(body, s.Wait) == nil {
		return false
	}
	return s.steady(s.Begin, body)
}

// enclosingIn returns the statement of a block that runs a node on every turn: the
// node stands in a simple statement or in the first condition of an if.
func enclosingIn(body, n *syntax.Node) *syntax.Node {
	for c, up := n, n.Parent; up != nil; c, up = up, up.Parent {
		switch up.Kind {
		case "block", "module":
			if up == body {
				return c
			}
			if !up.Parent.Is("try_statement") || up.FieldName != "body" || up.NamedChildren()[0] != c {
				return nil
			}
		case "if_statement":
			if c.FieldName != "condition" {
				return nil
			}
		case "conditional_expression", "boolean_operator", "lambda", "list_comprehension", "generator_expression", "dictionary_comprehension", "set_comprehension", "while_statement":
			return nil
		}
	}
	return nil
}

// steady says whether the arguments of a task can be computed before any result is
// there: they read nothing that the loop changes but its own variables.
func (s *Serial) steady(call, body *syntax.Node) bool {
	mod := s.m.Project.ModuleOf(call)
	ok := true
	call.Field("arguments").Walk(func(n *syntax.Node) bool {
		if n.Is("await", "yield", "named_expression", "lambda") || n.Is("call") && !mild(s.m, n) {
			ok = false
		}
		return ok
	})
	left := s.Loop.Field("left")
	for _, free := range mod.FreeNames(call) {
		if free.Binding == nil || body == nil {
			continue
		}
		for _, d := range free.Binding.Defs {
			if d.Name.Within(body) {
				return false
			}
		}
		if d := free.Binding.Single(); d != nil && d.Name.Within(left) {
			continue
		}
		// Something else in the body may change what the name holds.
		for _, u := range free.Binding.Uses {
			if !u.Within(body) || u.Within(call) {
				continue
			}
			v, known := s.m.Project.Only(u)
			if !known || v.Kind == project.Instance || v.Kind == project.Literal && v.Node.Is("list", "dictionary", "set", "list_comprehension") {
				return false
			}
		}
	}
	return ok
}

// number is how many elements a literal may have for as many processes.
const number = 64

// length returns the number of turns, 0 when it is not known.
func (s *Serial) length(n *syntax.Node) int {
	n = syntax.Unparen(n)
	if n.Is("call") {
		name, ok := strings.CutPrefix(s.m.Project.ModuleOf(n).Qualified(n.Field("function")), "builtins.")
		args := syntax.CallArgs(n)
		if f := n.Field("function"); f.Is("attribute") && f.Field("attribute").Text() == "items" {
			return s.length(f.Field("object"))
		}
		if !ok || len(args.Positional) == 0 {
			return 0
		}
		switch name {
		case "enumerate", "sorted", "zip", "reversed", "list", "tuple":
			return s.length(args.Positional[0])
		case "range":
			last := args.Positional[len(args.Positional)-1]
			if v, ok := s.m.Project.Only(last); ok && v.Kind == project.Literal {
				last = v.Node
			}
			if i, ok := syntax.IntValue(last); ok && i > 0 && i <= number {
				return int(i)
			}
			return 0
		}
		return 0
	}
	v, ok := s.m.Project.Only(n)
	if ok && v.Kind == project.Literal && v.Node.Is("list_comprehension") && process.Iterable(v.Node) != nil {
		return s.length(process.Iterable(v.Node))
	}
	if !ok || v.Kind != project.Literal || !v.Node.Is("list", "tuple", "dictionary", "set", "expression_list") {
		return 0
	}
	return len(v.Node.NamedChildren())
}

// again says whether an iterable gives the same elements when it is gone over a
// second time.
func (s *Serial) again(n *syntax.Node) bool {
	if !n.Is("identifier", "attribute") {
		return n.Is("call") && s.m.Project.ModuleOf(n).Qualified(n.Field("function")) == "builtins.range"
	}
	values, known := s.m.Project.Values(n)
	for _, v := range values {
		known = known && (v.Is("builtins.range()") || v.Kind == project.Literal && v.Node.Is("list", "tuple", "expression_list", "list_comprehension"))
	}
	return known && len(values) > 0
}

// Fix starts all before it waits for any. why says what an expert would look at
// first, "" when the change is safe; err says why there is no fix.
func (s *Serial) Fix() (rw *refactor.Rewrite, why string, err error) {
	rw = refactor.New()
	if s.apart.ordered {
		why = "the order in which the workers print or hand something over would be left to chance"
	}
	if s.Launch != nil {
		if n := s.length(s.Loop.Field("right")); n == 0 || n > number {
			why = "the loop may start more processes at once than the machine can bear"
		}
		return rw, why, s.fixProcess(rw)
	}
	if s.body() != nil && mayLeave(s.body()) {
		why = "the loop may end early, and would have given all tasks to the workers by then"
	}
	right := process.Iterable(s.Loop)
	if s.length(right) == 0 && !s.again(right) {
		why = "it is not known whether the loop goes over something that ends"
	}
	if s.Task.In != nil && s.Task.In.IsGenerator() {
		why = "the generator may not be read to its end"
	}
	return rw, why, s.fixTask(rw, right)
}

func (s *Serial) fixProcess(rw *refactor.Rewrite) error {
	mod := s.m.Project.ModuleOf(s.Wait)
	join := s.Wait.Statement()
	name := s.Wait.Field("function").Field("object").Text()
	list := ""
	if s.Loop.Field("left").Text() == name {
		list = s.Loop.Field("right").Text()
		rw.Delete(join)
	} else {
		for _, st := range join.Parent.NamedChildren() {
			if c := callIn(st); c != nil && strings.HasSuffix(c.Field("function").Text(), ".append") && c.Field("arguments").Text() == "("+name+")" {
				list = strings.TrimSuffix(c.Field("function").Text(), ".append")
			}
		}
		if list != "" {
			prev := s.Loop.Prev()
			if prev == nil || prev.Text() != list+" = []" {
				return errors.New("the list of processes may hold others too")
			}
			rw.Delete(join)
		} else {
			list = mod.FreshName(mod.ScopeOf(s.Loop), "processes")
			rw.LinesBefore(s.Loop, list+" = []")
			rw.Replace(s.Wait, list+".append("+name+")")
		}
	}
	after := afterReads(s.m, s.Launch, s.Loop)
	if mayLeave(after) {
		return errors.New("it is not clear where to join the processes")
	}
	rw.LinesAfter(after, "for "+name+" in "+list+":", "\t"+name+".join()")
	return nil
}

func (s *Serial) fixTask(rw *refactor.Rewrite, right *syntax.Node) error {
	mod := s.m.Project.ModuleOf(s.Wait)
	one, all := "future", "futures"
	if s.Task.Method == "apply_async" {
		one, all = "handle", "handles"
	}
	scope := mod.ScopeOf(s.Loop)
	if one = mod.FreshName(scope, one); s.name != "" {
		one = s.name
	}
	all = mod.FreshName(scope, all)
	begin := s.Begin.Text()
	if strings.ContainsAny(begin, "\n#") {
		return errors.New("the call is written over several lines")
	}
	if s.Loop.Is("list_comprehension") {
		target := s.Loop.NamedChildren()[1].Field("left")
		rw.Replace(s.Begin, one)
		rw.Replace(target, one)
		rw.Replace(right, "["+begin+" for "+target.Text()+" in "+right.Text()+"]")
		return nil
	}
	left := s.Loop.Field("left")
	used := false
	s.body().Walk(func(n *syntax.Node) bool {
		if n == s.Begin {
			return false
		}
		if n.Is("identifier") {
			if b := mod.Binding(n); b != nil {
				for _, d := range b.Defs {
					used = used || d.Name.Within(left)
				}
			}
		}
		return true
	})
	target := left.Text()
	if left.Is("pattern_list") {
		target = "(" + target + ")"
	}
	switch {
	case !used:
		rw.LinesBefore(s.Loop, all+" = ["+begin+" for "+left.Text()+" in "+right.Text()+"]")
		rw.ReplaceRange(s.Loop.Tree.File, left.Start, right.End, one+" in "+all)
	case s.again(right):
		rw.LinesBefore(s.Loop, all+" = ["+begin+" for "+left.Text()+" in "+right.Text()+"]")
		zip := "zip"
		if b := scope.Lookup("zip"); b != nil {
			return errors.New("zip is another function here")
		}
		rw.ReplaceRange(s.Loop.Tree.File, left.Start, right.End, target+", "+one+" in "+zip+"("+right.Text()+", "+all+")")
	default:
		rw.LinesBefore(s.Loop, all+" = [("+target+", "+begin+") for "+left.Text()+" in "+right.Text()+"]")
		rw.ReplaceRange(s.Loop.Tree.File, left.Start, right.End, target+", "+one+" in "+all)
	}
	if s.name != "" {
		rw.Delete(s.Begin.Statement())
	} else {
		rw.Replace(s.Begin, one)
	}
	return nil
}
