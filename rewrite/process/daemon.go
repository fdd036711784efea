package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// DaemonFlag returns where the processes of a launch are made daemons: the value
// of the constructor's daemon=True, or the assignment of True to the attribute.
// Nil when they are none, or when that is not known.
func (m *Model) DaemonFlag(l *Launch) *syntax.Node {
	if flag := syntax.CallArgs(l.Call).Keywords["daemon"]; flag.Is("true") {
		return flag
	}
	for _, u := range l.Object.Used("daemon") {
		a := u.Node.Parent
		if u.Sole && project.StoredTo(u.Node) && a.Is("assignment") && a.Field("left") == u.Node && a.Field("right").Is("true") {
			return a
		}
	}
	return nil
}

// Ban is one reason why the code at a node may not start processes: it runs in a
// daemonic process (Process.start in Lib/multiprocessing/process.py asserts it).
type Ban struct {
	Worker *Worker
	Launch *Launch      // made a daemon by its flag
	Flag   *syntax.Node // see DaemonFlag
	Task   *Task        // or a task of a multiprocessing.Pool, whose workers are daemons
}

// BannedFrom lists why the start at a node fails, nil when nothing is known that
// forbids it. A start that hangs on a condition in a function which the parent
// runs too may be meant for the parent alone, and is no known failure.
func (m *Model) BannedFrom(s *Start) []Ban {
	if s.In != nil && m.DefInParent(s.In) && conditional(s.Node) {
		return nil
	}
	var bans []Ban
	for _, w := range m.WorkersAt(s.Node) {
		for _, l := range w.Launches {
			if flag := m.DaemonFlag(l); flag != nil && l.Object.Root != "billiard" {
				bans = append(bans, Ban{Worker: w, Launch: l, Flag: flag})
			}
		}
		for _, t := range w.Tasks {
			if t.Pool != nil && t.Pool.Object.Kind == Pool && t.Pool.Object.Root != "billiard" {
				bans = append(bans, Ban{Worker: w, Task: t})
			}
		}
	}
	return bans
}

// conditional says whether a node stands under an if or in a try of its function.
func conditional(n *syntax.Node) bool {
	for up := n.Parent; up != nil && !up.Is("function_definition", "lambda", "module"); up = up.Parent {
		if up.Is("if_statement", "conditional_expression", "try_statement", "match_statement") {
			return true
		}
	}
	return false
}
