package process

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Why a condition also holds while a child imports the main module, from
// Lib/multiprocessing/spawn.py and process.py: spawn._main() runs prepare(),
// which imports the main module, before the process object is loaded and
// _bootstrap() sets the parent.
const (
	noParent   = "parent_process() is still None while a child imports the main module"
	noPid      = "the parent of a process is set only after it has imported the main module"
	noDaemon   = "a process counts as a daemon only after it has imported the main module"
	mainThread = "a child imports the main module in its own main thread"
	mpMain     = `in a child the main module is called "__mp_main__", which passes the test too`
)

// FalseGuard says whether a condition looks like a main guard but also holds in
// a child that imports the main module (FACTS 4), and why in half a sentence.
// For a larger condition it is that of the part that looks like a guard.
func FalseGuard(m *scope.Module, cond *syntax.Node) (why string, found bool) {
	cond = syntax.Unparen(cond)
	if cond == nil || GuardCondition(m, cond) != NoGuard {
		return "", false
	}
	switch cond.Kind {
	case "boolean_operator":
		if why, found = FalseGuard(m, cond.Field("left")); !found {
			why, found = FalseGuard(m, cond.Field("right"))
		}
	case "identifier":
		if d := m.Binding(cond).Single(); d != nil && d.Kind == scope.Assign && len(d.Path) == 0 && !d.Value.Is("identifier") {
			return FalseGuard(m, d.Value)
		}
	case "not_operator":
		arg := syntax.Unparen(cond.Field("argument"))
		switch {
		case isParent(m, arg):
			return noParent, true
		case isOfProcess(m, arg, "daemon"):
			return noDaemon, true
		}
	case "call":
		if s, method := nameMethod(m, cond); s != "" && affix(method, "__main__", s) {
			return mpMain, true
		}
	case "comparison_operator":
		why = falseComparison(m, cond)
		return why, why != ""
	}
	return why, found
}

func falseComparison(m *scope.Module, n *syntax.Node) string {
	left, op, right := operands(n)
	if left == nil {
		return ""
	}
	equal := op == "is" || op == "=="
	either := func(test func(a, b *syntax.Node) bool) bool { return test(left, right) || test(right, left) }
	switch {
	case equal && either(func(a, b *syntax.Node) bool { return isParent(m, a) && b.Is("none") }):
		return noParent
	case equal && either(func(a, b *syntax.Node) bool { return isOfProcess(m, a, "_parent_pid") && b.Is("none") }):
		return noPid
	case equal && either(func(a, b *syntax.Node) bool { return isOfProcess(m, a, "daemon") && b.Is("false") }):
		return noDaemon
	case equal && either(func(a, b *syntax.Node) bool { return isThread(m, a, "current_thread") && isThread(m, b, "main_thread") }):
		return mainThread
	case op == "in" && isDunderName(left):
		if names, ok := texts(right); ok && names["__main__"] && names["__mp_main__"] {
			return mpMain
		}
	case op == "in" && isDunderName(right):
		if s, ok := syntax.StringValue(left); ok && s != "" && strings.Contains("__main__", s) && strings.Contains("__mp_main__", s) {
			return mpMain
		}
	}
	return ""
}

// isParent says whether an expression is parent_process(), or a name for it.
func isParent(m *scope.Module, n *syntax.Node) bool {
	if n.Is("identifier") {
		if d := m.Binding(n).Single(); d != nil && d.Kind == scope.Assign && len(d.Path) == 0 {
			n = syntax.Unparen(d.Value)
		}
	}
	return callsOwn(m, n, "parent_process")
}

// isOfProcess says whether an expression is current_process().NAME.
func isOfProcess(m *scope.Module, n *syntax.Node, name string) bool {
	return n.Is("attribute") && n.Field("attribute").Text() == name && isCurrentProcess(m, n.Field("object"))
}

func isThread(m *scope.Module, n *syntax.Node, name string) bool {
	return n.Is("call") && m.Qualified(n.Field("function")) == "threading."+name
}
