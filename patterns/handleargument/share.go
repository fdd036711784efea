package handleargument

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// members are what the locks and queues of threading and multiprocessing have in
// common (The Python Standard Library, "Synchronization primitives").
var members = map[string]string{
	"Lock": "acquire release", "RLock": "acquire release", "Semaphore": "acquire release", "BoundedSemaphore": "acquire release",
	"Event": "is_set set clear wait", "Condition": "acquire release wait wait_for notify notify_all",
	"Barrier": "wait reset abort parties n_waiting broken",
	"Queue":   "put get put_nowait get_nowait empty full qsize", "SimpleQueue": "put get put_nowait get_nowait empty qsize",
	"JoinableQueue": "put get put_nowait get_nowait empty full qsize task_done join",
}

// class is how the class of multiprocessing is asked for in place of another.
type class struct {
	fault
	name      string
	receivers []*process.Object
	doubt     string
}

// share takes the class of multiprocessing in place of that of threading or
// queue, where all that is done with the object is seen, for all such things
// that one call sends.
func share(m *process.Model, rw *refactor.Rewrite, f fault, others []fault) (title, doubt string, err error) {
	first, err := planClass(m, f)
	if err != nil {
		return "", "", err
	}
	ref, err := classOf(m, rw, first)
	if err != nil {
		return "", "", err
	}
	replaced := []*syntax.Node{f.Node.Field("function")}
	rw.Replace(replaced[0], ref)
	for _, o := range others {
		c, err := planClass(m, o)
		if err != nil || c.doubt != first.doubt || slices.Contains(replaced, o.Node.Field("function")) {
			continue
		}
		if ref, err := classOf(m, rw, c); err == nil {
			replaced = append(replaced, o.Node.Field("function"))
			rw.Replace(o.Node.Field("function"), ref)
		}
	}
	mod := m.Project.ModuleOf(f.Node)
	for _, fn := range replaced {
		root, _, _ := strings.Cut(fn.Text(), ".")
		if m.Project.ModuleOf(fn) == mod && root != "" {
			rw.DropUnused(mod, root, replaced...)
		}
	}
	return fmt.Sprintf("take the %s of multiprocessing, which processes share", first.name), first.doubt, nil
}

// planClass finds the class that serves in place of that of a lock or queue.
func planClass(m *process.Model, f fault) (*class, error) {
	var o *process.Object
	if f.Node.Is("call") {
		o = m.ObjectAt(f.Node)
	}
	if o == nil {
		return nil, errors.New("where it is made is not known")
	}
	c := &class{fault: f, name: o.Name}
	if o.Kind == process.ThreadQueue {
		for _, u := range o.Uses {
			if u.Name == "task_done" || u.Name == "join" {
				c.name = "JoinableQueue"
			}
		}
		if o.Name == "SimpleQueue" {
			c.name = "Queue"
		} else if o.Name != "Queue" {
			return nil, fmt.Errorf("multiprocessing has no %s", o.Name)
		}
	}
	if f.sent.Situation == process.AsTask {
		return nil, fmt.Errorf("make it a multiprocessing.%s, and hand it to the pool's workers by an initializer", c.name)
	}
	err := alike(o, c.name)
	if err != nil {
		return nil, err
	}
	if c.receivers, err = receivers(m, f); err != nil {
		return nil, err
	}
	c.doubt = escapes(m, f.Node, c.receivers)
	if o.Kind == process.ThreadQueue {
		another, err := queueDoubt(m, o)
		if err != nil {
			return nil, err
		}
		c.doubt = cmp.Or(c.doubt, another)
	}
	return c, nil
}

// alike says whether the class of multiprocessing offers all that is used.
func alike(o *process.Object, name string) error {
	args := syntax.CallArgs(o.Made)
	if all := len(args.Positional) + len(args.Names); name == "Condition" && all > 0 || name == "Barrier" && all > 1 {
		return fmt.Errorf("what %s is made with cannot be shared by processes", o.Name)
	}
	for _, u := range o.Uses {
		if !strings.Contains(" "+members[name]+" ", " "+u.Name+" ") {
			return fmt.Errorf("a %s of multiprocessing has no %s", name, u.Name)
		}
		if u.Call == nil {
			continue
		}
		given := syntax.CallArgs(u.Call)
		if given.Keywords["blocking"] != nil || given.Keywords["item"] != nil || u.Name == "release" && len(given.Positional)+len(given.Names) > 0 {
			return fmt.Errorf("%s() of multiprocessing takes other arguments", u.Name)
		}
	}
	return nil
}

// receivers lists the processes and pools that are given the object at their
// start. It is an error when tasks get it too.
func receivers(m *process.Model, f fault) ([]*process.Object, error) {
	var found []*process.Object
	for _, r := range m.Receipts() {
		values, _ := m.Project.Values(r.Expr)
		gets := false
		for _, v := range values {
			gets = gets || v.Node == f.Node
			for _, e := range elements(m, v) {
				gets = gets || e.Node == f.Node
			}
		}
		switch {
		case !gets:
		case r.Task != nil:
			return nil, errors.New("tasks of a pool are given it too; hand it to them by the pool's initializer")
		default:
			found = append(found, r.Object)
		}
	}
	return found, nil
}

func elements(m *process.Model, v project.Value) []project.Value {
	found, _ := m.Project.Elements(v)
	return found
}

// escapes says why not all that is done with an object may be seen, "" when all
// of it is.
func escapes(m *process.Model, made *syntax.Node, receivers []*process.Object) string {
	mod := m.Project.ModuleOf(made)
	within := func(n *syntax.Node) bool {
		for _, o := range receivers {
			if n.Within(o.Made) {
				return true
			}
		}
		return false
	}
	if within(made) {
		return ""
	}
	up := made.Parent
	if !up.Is("assignment") || up.Field("right") != made || !up.Field("left").Is("identifier") {
		return "it may be used where mpfix does not look"
	}
	b := mod.Binding(up.Field("left"))
	uses, all := m.Project.Uses(b)
	if !all {
		return "it may be used where mpfix cannot see it"
	}
	for _, u := range uses {
		n := u.Node
		call := n.Ancestor("call")
		switch {
		case u.Store, u.Import != nil, n.Parent.Is("attribute") && n.Parent.Field("object") == n, n.Parent.Is("with_item"), within(n):
		case n.Parent.Is("call") && n.Parent.Parent != nil && len(m.Project.CalledBy(n.Parent)) > 0:
		case call != nil && len(m.Project.CalledBy(call)) > 0:
		case call != nil && m.ObjectAt(call) != nil && m.ObjectAt(call).Kind == process.Thread:
		case n.Ancestor("tuple") != nil && inThread(m, n):
		case call != nil && mod.Qualified(call.Field("function")) == "builtins.iter" && n.Parent.Is("attribute"):
		default:
			return "it is used as more than a " + strings.ToLower(syntax.Head(made.Field("function")))
		}
	}
	return ""
}

// inThread says whether a node stands in the arguments of a thread.
func inThread(m *process.Model, n *syntax.Node) bool {
	for call := n.Ancestor("call"); call != nil; call = call.Ancestor("call") {
		if o := m.ObjectAt(call); o != nil && o.Kind == process.Thread {
			return true
		}
	}
	return false
}

// queueDoubt says what may be different when processes share a queue. It is an
// error when something is put into it that cannot be pickled.
func queueDoubt(m *process.Model, o *process.Object) (string, error) {
	doubt := ""
	for _, u := range o.Uses {
		switch u.Name {
		case "empty", "full", "qsize", "get_nowait", "put_nowait":
			doubt = u.Name + "() of a queue between processes tells what was, not what is"
		case "put":
			args := syntax.CallArgs(u.Call)
			if u.Call == nil || len(args.Positional) == 0 {
				continue
			}
			values, _ := m.Project.Values(args.Positional[0])
			for _, v := range values {
				if len(m.Breaks(v, process.Sent{Situation: process.AsResult, At: u.Call, Expr: args.Positional[0]})) > 0 {
					return "", errors.New("what is put into the queue cannot be pickled either")
				}
			}
		}
	}
	return doubt, nil
}

// classOf returns how the class of multiprocessing is written where the object
// is made: through the context of the processes that get it.
func classOf(m *process.Model, rw *refactor.Rewrite, c *class) (string, error) {
	f, receivers, name := c.fault, c.receivers, c.name
	if len(receivers) == 0 {
		return "", errors.New("which processes get it is not known")
	}
	mod := m.Project.ModuleOf(f.Node)
	first := receivers[0]
	root := rootOf(first)
	for _, o := range receivers {
		if rootOf(o) != root || o.Contextual != first.Contextual || o.Method != first.Method {
			return "", errors.New("processes of different contexts get it")
		}
		if o.Kind == process.Executor && syntax.CallArgs(o.Made).Keywords["mp_context"] != nil {
			return "", errors.New("it has to be made through the context of the executor")
		}
	}
	if !first.Contextual {
		if m.AtImport(f.Node) != nil && m.Project.Enclosing(f.Node) == nil && !m.Guarded(f.Node) && len(m.Pins()) > 0 {
			return "", errors.New("made at import it would fix the start method before the program sets it")
		}
		return rw.ImportIn(mod, f.Node, root, name), nil
	}
	fn := first.Made.Field("function")
	if !fn.Is("attribute") || !fn.Field("object").Is("identifier") || m.Project.ModuleOf(fn) != mod {
		return "", errors.New("it has to be made through the context of the process")
	}
	context := fn.Field("object")
	b := mod.Binding(context)
	if b == nil || b.Single() == nil {
		return "", errors.New("it has to be made through the context of the process")
	}
	def := b.Single().Name
	home := m.Project.Enclosing(f.Node)
	here := m.Project.Enclosing(def) == home && def.End < f.Node.Start && def.Statement().Parent == def.Block()
	global := b.Scope == mod.Top && home != nil
	if !here && !global {
		return "", errors.New("it has to be made through the context of the process")
	}
	return context.Text() + "." + name, nil
}

// rootOf returns the package that has the locks for the workers of an object.
func rootOf(o *process.Object) string {
	if o.Kind == process.Executor {
		return "multiprocessing"
	}
	return o.Root
}
