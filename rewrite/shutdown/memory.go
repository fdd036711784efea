package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Leaked is a block of shared memory that its owner never removes.
type Leaked struct {
	Object *process.Object
	Viewed bool         // arrays over the memory may live on, so that it cannot be closed
	Closed *syntax.Node // the call of close that there is, or nil

	m    *process.Model
	held *Held
	last *syntax.Node // the last statement that needs the memory
}

// LeakedAt returns the block of shared memory that a call makes and nobody unlinks;
// nil when somebody does, when the call only attaches to a block, and when it is
// not known.
func LeakedAt(m *process.Model, call *syntax.Node) *Leaked {
	o := m.ObjectAt(call)
	if o == nil || o.Kind != process.SharedMemory || o.Managed || o.Class != nil || len(m.WorkersAt(call)) > 0 || !creates(o) {
		return nil
	}
	l := &Leaked{Object: o, m: m, held: HeldAt(m, call)}
	if l.held == nil || l.held.Bound() || len(l.held.Calls("unlink")) > 0 || len(l.held.Uses) == 0 {
		return nil
	}
	if closes := l.held.Calls("close"); len(closes) > 0 {
		l.Closed = closes[len(closes)-1]
	}
	l.last = l.held.Last
	for _, n := range l.held.Handed() {
		if !l.look(n) {
			return nil
		}
	}
	l.findJoins()
	return l
}

// creates says whether a call makes a new block and does not attach to one.
func creates(o *process.Object) bool {
	args := syntax.CallArgs(o.Made)
	if len(args.Stars)+len(args.DoubleStars) > 0 {
		return false
	}
	if o.Name == "ShareableList" {
		return len(args.Positional) == 1 || args.Keywords["sequence"] != nil
	}
	create := args.Keywords["create"]
	if create == nil && len(args.Positional) > 1 {
		create = args.Positional[1]
	}
	return create.Is("true")
}

// look says whether a mention of the memory that is no call of a method is one
// after which it can be removed at the end of the function.
func (l *Leaked) look(n *syntax.Node) bool {
	a := n.Parent
	if a.Is("attribute") && a.Field("object") == n {
		switch a.Field("attribute").Text() {
		case "name", "size":
			return !l.leaves(a)
		case "buf":
			return l.lookBuffer(a)
		case "shm":
			up := a.Parent
			if up.Is("attribute") && up.Field("attribute").Text() == "name" {
				return !l.leaves(up)
			}
			return false
		}
		return false
	}
	switch {
	case a.Is("subscript") && a.Field("value") == n: // ShareableList
		return !l.leaves(a) || l.Object.Name == "ShareableList"
	case launchAround(l.m, n) != nil:
		return l.joined(launchAround(l.m, n))
	case a.Is("argument_list") && l.Object.Name == "ShareableList":
		return harmless(l.m, a.Parent)
	case a.Is("for_statement", "for_in_clause") && n.FieldName == "right":
		return true
	}
	return false
}

// leaves says whether a value leaves the function by a return statement or an
// attribute.
func (l *Leaked) leaves(n *syntax.Node) bool {
	if n.Ancestor("return_statement", "yield") != nil && n.Ancestor("return_statement", "yield").Start >= n.Statement().Start {
		return true
	}
	if launch := launchAround(l.m, n); launch != nil {
		return !l.joined(launch)
	}
	for c, up := n, n.Parent; up != nil && !up.Is("block", "module"); c, up = up, up.Parent {
		if up.Is("assignment") && c.FieldName == "right" && !up.Field("left").Is("identifier") {
			return true
		}
	}
	return false
}

// lookBuffer looks at a mention of the buffer: reading and storing elements leaves
// nothing behind, anything else may be a view that lives on.
func (l *Leaked) lookBuffer(a *syntax.Node) bool {
	up := a.Parent
	if up.Is("subscript") && up.Field("value") == a {
		if project := up.Parent; project.Is("assignment") && up.FieldName == "left" || project.Is("augmented_assignment") {
			return true
		}
		slice := false
		for _, c := range up.Fields("subscript") {
			slice = slice || c.Is("slice")
		}
		if !slice || up.Parent.Is("argument_list") && harmless(l.m, up.Parent.Parent) || up.Parent.Is("comparison_operator") {
			return true
		}
	}
	if up.Is("argument_list") && harmless(l.m, up.Parent) {
		return true
	}
	if a.Ancestor("return_statement", "yield") != nil {
		return false
	}
	l.Viewed = true
	return true
}

// harmless says whether a call copies what it is given.
func harmless(m *process.Model, call *syntax.Node) bool {
	switch m.Project.ModuleOf(call).Qualified(call.Field("function")) {
	case "builtins.bytes", "builtins.list", "builtins.sum", "builtins.len", "builtins.print", "builtins.bytearray", "builtins.tuple", "builtins.sorted",
		"builtins.max", "builtins.min", "builtins.set", "struct.pack_into", "struct.unpack_from", "builtins.str", "builtins.repr":
		return true
	}
	return false
}

// joined says whether a launch is joined in the block of the memory.
func (l *Leaked) joined(launch *process.Launch) bool {
	if waitFor(l.m, launch) != JoinWait {
		return false
	}
	for _, j := range launch.Joins {
		if stmtIn(l.held.Block, j.Node) == nil || j.In != l.held.Fn {
			return false
		}
	}
	return true
}

// findJoins moves the end behind all that the function waits for: joins of
// processes, and the work of pools.
func (l *Leaked) findJoins() {
	for _, o := range l.m.Objects {
		switch o.Kind {
		case process.Process, process.Pool, process.Executor, process.Result, process.ResultIter:
			for _, u := range o.Uses {
				if s := stmtIn(l.held.Block, u.Node); s != nil && u.In == l.held.Fn && s.Start > l.held.Made.Start {
					l.last = later(l.last, s)
				}
			}
		}
	}
}

// Fix removes the block when nothing needs it any more. err says why there is no
// fix.
func (l *Leaked) Fix() (rw *refactor.Rewrite, err error) {
	rw = refactor.New()
	owner := l.held.Name
	if l.Object.Name == "ShareableList" {
		owner += ".shm"
	}
	if l.Closed != nil {
		stmt := l.Closed.Statement()
		if !only(stmt, l.Closed) || stmtIn(l.held.Block, stmt) == nil || stmt.Parent == l.held.Block && stmt.Start < l.last.Start {
			return nil, errors.New("the memory is closed before the processes have ended")
		}
		rw.LinesAfter(stmt, owner+".unlink()")
		return rw, nil
	}
	first := l.held.Made.Next()
	file := l.held.Made.Tree.File
	if first == nil || file.LineOf(first.Start) == file.LineOf(l.held.Made.End) {
		return nil, errors.New("the statement that makes the memory shares its line")
	}
	for s := first; s != nil && s.Start <= l.last.Start; s = s.Next() {
		if l.held.Fn == nil && s.Is("function_definition", "class_definition", "decorated_definition", "import_statement", "import_from_statement") {
			return nil, errors.New("there are definitions before the last use of the memory")
		}
	}
	footer := []string{"finally:"}
	if !l.Viewed {
		footer = append(footer, "\t"+owner+".close()")
	}
	rw.WrapWith(first, l.last, "try:", append(footer, "\t"+owner+".unlink()")...)
	return rw, nil
}
