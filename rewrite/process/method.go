package process

import (
	"sync"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Pin is one call of set_start_method.
type Pin struct {
	Call   *syntax.Node
	Module *scope.Module
	Method string // "" when it is not a literal
	// Certain: it runs in every run of the program that gets that far, under no
	// condition but a main guard or a test of the method set so far.
	Certain bool
	// Runs: some code at module level leads to it. A function that nobody calls
	// pins nothing.
	Runs bool
}

// Pins lists the calls of set_start_method in order of path and place.
func (m *Model) Pins() []*Pin { return m.pins }

// findPins collects the calls of set_start_method.
func (m *Model) findPins() {
	callers := map[*project.Def][]*syntax.Node{}
	var runs map[*project.Def]bool
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Kind != "call" || lastName(n.Field("function")) != "set_start_method" {
				return true
			}
			values, _ := m.Project.Values(n.Field("function"))
			for _, v := range values {
				if rest, t, ok := split(v.Name); v.Kind != project.External || !ok || rest != "set_start_method" || t.Contextual {
					continue
				}
				if runs == nil {
					runs = m.fromTop()
					for _, steps := range m.steps {
						for _, s := range steps {
							for _, d := range s.runs {
								callers[d] = append(callers[d], s.node)
							}
						}
					}
				}
				pin := &Pin{Call: n, Module: mod}
				pin.Method = m.stringOf(argument(syntax.CallArgs(n), 0, "method"))
				in := m.Project.Enclosing(n)
				pin.Runs = in == nil || runs[in]
				pin.Certain = pin.Runs && m.certain(n, callers, map[*project.Def]bool{})
				m.pins = append(m.pins, pin)
				break
			}
			return true
		})
	}
}

// fromTop returns the definitions that module level leads to.
func (m *Model) fromTop() map[*project.Def]bool {
	seen := map[*project.Def]bool{}
	queue := []*project.Def{nil}
	for len(queue) > 0 {
		d := queue[0]
		queue = queue[1:]
		for _, s := range m.steps[d] {
			for _, c := range s.runs {
				if !seen[c] {
					seen[c] = true
					queue = append(queue, c)
				}
			}
		}
	}
	return seen
}

func lastName(n *syntax.Node) string {
	switch {
	case n.Is("identifier"):
		return n.Text()
	case n.Is("attribute"):
		return n.Field("attribute").Text()
	}
	return ""
}

// certain says whether the code at a node runs without a condition once its
// module is run.
func (m *Model) certain(n *syntax.Node, callers map[*project.Def][]*syntax.Node, busy map[*project.Def]bool) bool {
	if m.Dead(n) {
		return false
	}
	mod := m.Project.ModuleOf(n)
	for c, up := n, n.Parent; up != nil; c, up = up, up.Parent {
		switch up.Kind {
		case "if_statement", "elif_clause":
			if c.FieldName == "condition" {
				continue
			}
			cond := up.Field("condition")
			if c.FieldName == "consequence" && (GuardCondition(mod, cond) == MainGuard || m.asksMethod(mod, cond)) {
				continue
			}
			if c.FieldName == "alternative" && c.Kind == "else_clause" && GuardCondition(mod, cond) == ChildBranch {
				continue
			}
			if c.Kind == "elif_clause" {
				continue // judged by its own condition
			}
			return false
		case "case_clause":
			if !m.Guarded(n) {
				return false
			}
		case "while_statement", "for_statement", "except_clause", "except_group_clause", "conditional_expression", "boolean_operator",
			"list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression":
			return false
		case "function_definition", "lambda":
			if c.FieldName != "body" {
				continue
			}
			d := m.Project.DefAt(up)
			if d == nil || busy[d] {
				return false
			}
			busy[d] = true
			defer delete(busy, d)
			for _, call := range callers[d] {
				if m.certain(call, callers, busy) {
					return true
				}
			}
			return false
		}
	}
	return true
}

// asksMethod says whether a condition tests the start method set so far, so
// that after the statement it is the one that is set inside.
func (m *Model) asksMethod(mod *scope.Module, cond *syntax.Node) bool {
	found := false
	cond.Walk(func(n *syntax.Node) bool {
		if n.Kind == "call" {
			if rest, _, ok := split(mod.Qualified(n.Field("function"))); ok && rest == "get_start_method" {
				found = true
			}
		}
		return !found
	})
	return found && !cond.Is("boolean_operator")
}

// programs remembers, for projects that pin a method at all, which modules
// import which and the method of each module.
type programs struct {
	mu        sync.Mutex
	importers map[*scope.Module][]*scope.Module
	method    map[*scope.Module]string
}

// above lists a module and all modules that import it, directly or not.
func (m *Model) above(mod *scope.Module) []*scope.Module {
	all := []*scope.Module{mod}
	seen := map[*scope.Module]bool{mod: true}
	for i := 0; i < len(all); i++ {
		up, done := m.programs.importers[all[i]]
		if !done {
			up = m.Project.Importers(all[i])
			m.programs.importers[all[i]] = up
		}
		for _, c := range up {
			if !seen[c] {
				seen[c] = true
				all = append(all, c)
			}
		}
	}
	return all
}

// PinnedFor returns the start method that every program with the module in it
// sets by a literal set_start_method("…") that is certain to run; "" when one
// of them leaves the default, sets several, or sets one under a condition.
// A program is a module that has a main guard or that no other module imports,
// with all it imports.
func (m *Model) PinnedFor(mod *scope.Module) string {
	if len(m.pins) == 0 || mod == nil {
		return ""
	}
	m.programs.mu.Lock()
	defer m.programs.mu.Unlock()
	if m.programs.method == nil {
		m.programs.method = map[*scope.Module]string{}
		m.programs.importers = map[*scope.Module][]*scope.Module{}
	}
	method, done := m.programs.method[mod]
	if !done {
		method = m.pinnedFor(mod)
		m.programs.method[mod] = method
	}
	return method
}

func (m *Model) pinnedFor(mod *scope.Module) string {
	pinned := map[*scope.Module][]*Pin{}
	for _, pin := range m.pins {
		if !pin.Runs {
			continue
		}
		for _, program := range m.above(pin.Module) {
			pinned[program] = append(pinned[program], pin)
		}
	}
	all := ""
	for _, program := range m.above(mod) {
		if len(m.programs.importers[program]) > 0 && !m.hasGuard(program) {
			continue
		}
		method, certain := "", false
		for _, pin := range pinned[program] {
			if pin.Method == "" || method != "" && pin.Method != method {
				return ""
			}
			method, certain = pin.Method, certain || pin.Certain
		}
		if !certain || all != "" && method != all {
			return ""
		}
		all = method
	}
	return all
}

// Pinned returns the start method that all programs of the project that start
// processes pin, "" when one leaves the default or they differ. See PinnedFor.
func (m *Model) Pinned() string {
	if len(m.pins) == 0 {
		return ""
	}
	all := ""
	for _, s := range m.Starts {
		method := m.PinnedFor(m.Project.ModuleOf(s.Node))
		if method == "" || all != "" && method != all {
			return ""
		}
		all = method
	}
	if len(m.Starts) == 0 {
		return m.PinnedFor(m.pins[0].Module)
	}
	return all
}

// ForkOnly says whether the start method is pinned to fork for an object, by its
// own context or by every program it is part of: faults that only spawn and
// forkserver have cannot happen there. For nil it asks Pinned.
func (m *Model) ForkOnly(o *Object) bool {
	switch {
	case o == nil:
		return m.Pinned() == "fork"
	case o.Method != "":
		return o.Method == "fork"
	case o.Contextual && o.named:
		return false // a context by a name that is not known
	}
	return m.PinnedFor(o.Module) == "fork"
}

// ForkOnlyWorker says whether all processes that run the worker are pinned to
// fork.
func (m *Model) ForkOnlyWorker(w *Worker) bool {
	for _, l := range w.Launches {
		if !m.ForkOnly(l.Object) {
			return false
		}
	}
	for _, t := range w.Tasks {
		if t.Pool == nil || !m.ForkOnly(t.Pool.Object) {
			return false
		}
	}
	for _, pu := range w.InitOf {
		if !m.ForkOnly(pu.Object) {
			return false
		}
	}
	return true
}
