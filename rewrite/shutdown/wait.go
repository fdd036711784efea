package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Wait says who waits for a process to end.
type Wait int

// The waits.
const (
	NoWait   Wait = iota // nobody, or it is not known
	ExitWait             // the interpreter joins it at exit, as all that are no daemons
	JoinWait             // a join() without a timeout
)

// waitFor says who waits for the processes of a launch. A process that is
// terminated, killed or watched by its pid or sentinel is waited for by nobody.
func waitFor(m *process.Model, l *process.Launch) Wait {
	o := l.Object
	if len(l.Starts) == 0 || len(o.Used("terminate", "kill", "pid", "sentinel")) > 0 {
		return NoWait
	}
	timed := false
	for _, j := range l.Joins {
		args := syntax.CallArgs(j.Call)
		if len(args.Positional)+len(args.Names)+len(args.Stars)+len(args.DoubleStars) == 0 {
			if m.InParent(j.Node) {
				return JoinWait
			}
		} else {
			timed = true
		}
	}
	if timed || daemonic(m, l) || inherits(m, l) {
		return NoWait
	}
	return ExitWait
}

// daemonic says whether a launch's processes are, or may be, daemons.
func daemonic(m *process.Model, l *process.Launch) bool {
	args := syntax.CallArgs(l.Call)
	if d := args.Keywords["daemon"]; d != nil && !d.Is("false", "none") || len(args.DoubleStars) > 0 {
		return true
	}
	for _, u := range l.Object.Used("daemon") {
		if project.StoredTo(u.Node) && !u.Node.Parent.Field("right").Is("false") {
			return true
		}
	}
	if l.Object.Class == nil {
		return false
	}
	line, _, _ := m.Project.Ancestors(l.Object.Class)
	for _, class := range line {
		found := false
		class.Node.Walk(func(n *syntax.Node) bool {
			if n.Kind == "keyword_argument" && n.Field("name").Text() == "daemon" && !n.Field("value").Is("false", "none") ||
				n.Kind == "attribute" && n.Field("attribute").Text() == "daemon" && project.StoredTo(n) {
				found = true
			}
			return true
		})
		if found {
			return true
		}
	}
	return false
}

// inherits says whether the processes are started inside another worker, whose
// being a daemon they inherit.
func inherits(m *process.Model, l *process.Launch) bool {
	for _, s := range l.Starts {
		if len(m.WorkersAt(s.Node)) > 0 {
			return true
		}
	}
	return false
}

// ended says whether the program may end its processes by other means than
// those that are seen on the process: it kills children it finds by
// active_children or by pid, terminates objects that are not known, or ends
// itself without waiting.
func ended(m *process.Model) bool {
	found := false
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if found || n.Kind != "call" {
				return !found
			}
			f := n.Field("function")
			switch name := mod.Qualified(f); name {
			case "os.kill", "os.killpg", "os._exit", "multiprocessing.active_children", "signal.signal":
				found = true
				return false
			}
			if f.Is("attribute") && (f.Field("attribute").Text() == "terminate" || f.Field("attribute").Text() == "kill") {
				if objects, sole := m.ObjectsOf(f.Field("object")); !sole && len(objects) == 0 {
					if _, known := m.Project.Values(f.Field("object")); !known {
						found = true
					}
				}
			}
			return true
		})
	}
	return found
}

// Awaited says whether somebody waits for every process that runs the loop, and
// how: JoinWait when all are joined.
func (c *Consumer) Awaited(m *process.Model) Wait {
	least := JoinWait
	for _, l := range c.Launches {
		w := waitFor(m, l)
		if w == NoWait {
			return NoWait
		}
		least = min(least, w)
	}
	if ended(m) || interrupted(m, c) {
		return NoWait
	}
	if least == ExitWait && serves(m) {
		return NoWait
	}
	if least == ExitWait && c.Channel.Object.Kind == process.Proxy {
		return NoWait // the manager goes first, and get raises
	}
	return least
}

// serving are methods that run until the program is stopped.
var serving = map[string]bool{
	"serve_forever": true, "run_forever": true, "loop_forever": true, "mainloop": true, "exec_": true, "run_until_complete": true,
	"start_polling": true, "infinity_polling": true, "run_polling": true, "spin": true, "serve": true, "start_consuming": true,
}

// serves says whether the program calls such a method, or the run method of an
// object that it does not define: an application that may never come to its end.
func serves(m *process.Model) bool {
	found := false
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if f := n.Field("function"); n.Kind == "call" && f.Is("attribute") {
				switch name := f.Field("attribute").Text(); {
				case serving[name]:
					found = true
				case name == "run" && len(m.Project.CalledBy(n)) == 0 && mod.Qualified(f) != "subprocess.run":
					found = true
				}
			}
			return !found
		})
	}
	return found
}

// interrupted says whether the program is one that runs until it is
// interrupted: a handler for KeyboardInterrupt around the joins or the starts,
// or an endless loop in the parent.
func interrupted(m *process.Model, c *Consumer) bool {
	var places []*syntax.Node
	for _, l := range c.Launches {
		for _, u := range append(l.Starts[:len(l.Starts):len(l.Starts)], l.Joins...) {
			places = append(places, u.Node)
		}
	}
	places = append(places, c.Loop)
	for _, n := range places {
		top := n.Tree.Root
		if d := m.Project.Enclosing(n); d != nil {
			top = d.Node
		}
		found := false
		top.Walk(func(x *syntax.Node) bool {
			switch {
			case found:
				return false
			case x.Kind == "except_clause":
				for _, k := range x.NamedChildren() {
					k.Walk(func(y *syntax.Node) bool {
						if y.Kind == "identifier" && (y.Text() == "KeyboardInterrupt" || y.Text() == "SystemExit") {
							found = true
						}
						return !y.Is("block")
					})
				}
			case x.Kind == "while_statement" && x != c.Loop && alwaysTrue(x.Field("condition")) && len(m.WorkersAt(x)) == 0:
				if exits, known := exitsOf(m, x); known && len(exits) == 0 {
					found = true
				}
			}
			return true
		})
		if found {
			return true
		}
	}
	return false
}
