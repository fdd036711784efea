package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// step is one place of a body where other definitions of the project run in the
// same process.
type step struct {
	node *syntax.Node
	runs []*project.Def
	// sure: they run when the node does. A callback, the function of a partial
	// and a lambda may run later or never.
	sure bool
}

// collectSteps finds the steps of a module, by the function they stand in.
func (m *Model) collectSteps(mod *scope.Module, properties map[string]bool) {
	add := func(n *syntax.Node, sure bool, defs ...*project.Def) {
		var runs []*project.Def
		for _, d := range defs {
			if d != nil {
				runs = append(runs, d)
			}
		}
		if len(runs) == 0 {
			return
		}
		in := m.Project.Enclosing(n)
		m.steps[in] = append(m.steps[in], step{n, runs, sure})
	}
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "call":
			add(n, true, m.Project.CalledBy(n)...)
			m.indirectSteps(n, add)
		case "lambda":
			d := m.Project.DefAt(n)
			if argument := n.Parent.Is("argument_list", "keyword_argument"); argument && !m.forWorker(n) {
				add(n.Parent, false, d)
			} else if calls, _ := m.Project.Callers(d); !argument && len(calls) == 0 {
				add(n.Parent, false, d) // something unseen may call it
			}
		case "decorator":
			if e := n.NamedChildren(); len(e) > 0 {
				entries, _, _ := m.entriesOf(e[0])
				add(n, true, entries...)
				m.wrapperSteps(n, e[0])
			}
		case "attribute":
			if properties[n.Field("attribute").Text()] {
				add(n, true, m.special(n.Field("object"), n.Field("attribute").Text())...)
			}
		case "with_item":
			add(n, true, m.special(withValue(n), "__enter__", "__exit__", "__aenter__", "__aexit__")...)
		case "for_statement", "for_in_clause":
			add(n.Field("right"), true, m.special(n.Field("right"), "__iter__", "__next__")...)
		}
		return true
	})
}

// wrapperSteps adds that calling a decorated function runs the functions inside
// the decorator of the project, one of which stands in its place.
func (m *Model) wrapperSteps(decorator, expr *syntax.Node) {
	d := m.Project.DefAt(decorator.Parent.Field("definition"))
	if d == nil || d.IsClass() {
		return
	}
	if expr.Is("call") {
		expr = expr.Field("function")
	}
	entries, _, _ := m.entriesOf(expr)
	for _, e := range entries {
		e.Body().Walk(func(n *syntax.Node) bool {
			if n.Is("function_definition", "lambda") {
				if inner := m.Project.DefAt(n); inner != nil {
					m.steps[d] = append(m.steps[d], step{decorator, []*project.Def{inner}, true})
				}
			}
			return true
		})
	}
}

// special lists the methods of these names of the project objects that an
// expression may hold.
func (m *Model) special(object *syntax.Node, names ...string) []*project.Def {
	values, _ := m.Project.Values(object)
	var found []*project.Def
	for _, v := range values {
		if v.Kind == project.Instance && v.Def != nil {
			for _, name := range names {
				found = append(found, m.Project.Method(v.Def, name))
			}
		}
	}
	return found
}

// indirectSteps adds what a call of an external function runs in this process:
// the function of map(), the key of sorted(), the target of a thread that is
// started, the target of a process whose run() is called.
func (m *Model) indirectSteps(n *syntax.Node, add func(*syntax.Node, bool, ...*project.Def)) {
	values, _ := m.Project.Values(n.Field("function"))
	for _, v := range values {
		if v.Kind != project.External {
			continue
		}
		if v.Is("functools.partial()") {
			entries, _, _ := m.entriesOf(n.Field("function"))
			add(n, true, entries...)
			continue
		}
		if owner, method, ok := cutMethod(v.Name); ok && (method == "start" || method == "run") {
			if t, ok := made(owner); ok && (t.Kind == Thread || t.Kind == Process && method == "run") && v.Recv != nil {
				add(n, true, m.targets(*v.Recv, t)...)
			}
			continue
		}
		sure, here := m.runsHere(n, v.Name)
		if !here {
			continue
		}
		for _, ind := range Indirect(m.Project.Values, n, v.Name) {
			entries, _, _ := m.entriesOf(ind.Func)
			add(n, sure, entries...)
		}
	}
}

// runsHere says whether an external function calls its function arguments in
// the process of the caller, and whether it does so at once.
func (m *Model) runsHere(n *syntax.Node, callee string) (sure, here bool) {
	name := strings.TrimSuffix(strings.TrimSuffix(callee, ".__init__"), "()")
	if t, known := Callable(name); known {
		return false, t.Kind == Thread || t.Kind == ThreadPool
	}
	if owner, method, ok := cutMethod(name); ok {
		t, known := made(owner)
		switch {
		case known && (t.Kind == Pool || t.Kind == Executor):
			return false, false
		case known && t.Kind == ThreadPool:
			return true, true
		case method == "run_in_executor":
			if args := syntax.CallArgs(n); len(args.Positional) > 0 {
				objects, _ := m.ObjectsOf(args.Positional[0])
				for _, o := range objects {
					if o.Kind == Executor {
						return false, false
					}
				}
			}
			return true, true
		}
		return false, true
	}
	switch name {
	case "functools.partial": // runs when the partial is called
		return false, false
	case "signal.signal", "atexit.register":
		return false, true
	}
	return true, true
}

// targets lists what the target of a thread or process runs, by the value of
// the object.
func (m *Model) targets(object project.Value, t Type) []*project.Def {
	switch object.Kind {
	case project.Instance:
		if run := m.Project.Method(object.Def, "run"); run != nil {
			return []*project.Def{run}
		}
	case project.External:
		if object.Node.Is("call") {
			args := syntax.CallArgs(object.Node)
			fn := argument(args, 1, "target")
			if t.Name == "Timer" {
				fn = argument(args, 1, "function")
			}
			if fn != nil {
				entries, _, _ := m.entriesOf(fn)
				return entries
			}
		}
	}
	return nil
}

// forWorker says whether a function expression is given to a process or a
// process pool, directly or in a partial, so that it runs in a worker.
func (m *Model) forWorker(fn *syntax.Node) bool {
	up := fn.Parent
	if up.Is("keyword_argument") {
		if name := up.Field("name").Text(); name == "callback" || name == "error_callback" {
			return false
		}
		up = up.Parent
	}
	if !up.Is("argument_list") || !up.Parent.Is("call") {
		return false
	}
	call := up.Parent
	values, _ := m.Project.Values(call.Field("function"))
	for _, v := range values {
		if v.Kind != project.External {
			continue
		}
		if v.Name == "functools.partial" {
			return m.forWorker(call)
		}
		name := strings.TrimSuffix(strings.TrimSuffix(v.Name, ".__init__"), "()")
		if t, ok := Callable(name); ok && (t.Kind == Process || t.Kind == Pool || t.Kind == Executor) {
			return true
		}
		if owner, method, ok := cutMethod(name); ok {
			if t, ok := made(owner); ok && (t.Kind == Pool || t.Kind == Executor) {
				return true
			}
			if method == "run_in_executor" {
				_, here := m.runsHere(call, v.Name)
				return !here
			}
		}
	}
	return false
}

// reach lists d and all definitions that running it may run in the same
// process, in the order they are met.
func (m *Model) reach(d *project.Def) []*project.Def {
	all := []*project.Def{d}
	seen := map[*project.Def]bool{d: true}
	for i := 0; i < len(all); i++ {
		for _, s := range m.steps[all[i]] {
			for _, c := range s.runs {
				if !seen[c] {
					seen[c] = true
					all = append(all, c)
				}
			}
		}
	}
	return all
}

// Reach lists a definition and all that running it may run in the same process:
// what it calls, the contexts it enters, properties it reads, threads it starts
// and functions it hands to map() and its kin. What it starts in other
// processes is left out.
func (m *Model) Reach(d *project.Def) []*project.Def { return m.reach(d) }

// findParent marks the definitions that run in the parent: what module level
// runs, and functions that no worker reaches, with all they run.
func (m *Model) findParent() {
	var queue []*project.Def
	add := func(d *project.Def) {
		if d != nil && !m.inParent[d] {
			m.inParent[d] = true
			queue = append(queue, d)
		}
	}
	for _, s := range m.steps[nil] {
		for _, d := range s.runs {
			add(d)
		}
	}
	for _, d := range m.functions {
		if m.byEntry[d] != nil {
			continue
		}
		if len(m.inWorker[d]) == 0 {
			add(d)
		} else if _, complete := m.Project.Callers(d); !complete {
			add(d) // something unseen calls it too
		}
	}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		for _, s := range m.steps[d] {
			for _, c := range s.runs {
				add(c)
			}
		}
	}
}

// findImportRuns marks the definitions that run while a module is imported, by
// the shortest chain of calls.
func (m *Model) findImportRuns() {
	var queue []*project.Def
	add := func(s step, run func() *ImportRun) {
		if !s.sure || m.Guarded(s.node) || m.Dead(s.node) {
			return
		}
		for _, d := range s.runs {
			if m.imports[d] == nil {
				m.imports[d] = run()
				queue = append(queue, d)
			}
		}
	}
	for _, s := range m.steps[nil] {
		add(s, func() *ImportRun {
			return &ImportRun{Module: m.Project.ModuleOf(s.node), Stmt: topStatement(s.node), Calls: []*syntax.Node{s.node}}
		})
	}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		run := m.imports[d]
		for _, s := range m.steps[d] {
			add(s, func() *ImportRun {
				return &ImportRun{Module: run.Module, Stmt: run.Stmt, Calls: append(run.Calls[:len(run.Calls):len(run.Calls)], s.node)}
			})
		}
	}
}
