package shutdown

import (
	"errors"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Unreleased is a lock that is acquired and released by two statements of a block
// between which the block may be left, so that it stays locked.
type Unreleased struct {
	Acquire *syntax.Node // the call
	Release *syntax.Node // the call
	Risk    *syntax.Node // what may leave the block in between
	Leaves  bool         // Risk is a statement that leaves, no error

	text  string
	inner []*syntax.Node // releases on other ways out of the block
}

// UnreleasedAt returns the lock that stays locked when something goes wrong after
// a call of acquire; nil when none does or when it is not known.
func UnreleasedAt(m *process.Model, call *syntax.Node) *Unreleased {
	lock, ok := lockCall(m, call, "acquire")
	stmt := call.Statement()
	if !ok || !only(stmt, call) || !waits(call) {
		return nil
	}
	u := &Unreleased{Acquire: call, text: lock.Text()}
	var between []*syntax.Node
	for s := stmt.Next(); s != nil; s = s.Next() {
		if c := callIn(s); c != nil && u.releases(m, c) {
			u.Release = c
			break
		}
		between = append(between, s)
	}
	if u.Release == nil || len(between) == 0 || u.releasedAround(m, stmt) {
		return nil
	}
	for _, s := range between {
		if !u.look(m, s) {
			return nil
		}
	}
	if u.Risk == nil {
		return nil
	}
	return u
}

// lockCall returns the lock that a call acquires or releases.
func lockCall(m *process.Model, call *syntax.Node, method string) (lock *syntax.Node, ok bool) {
	f := call.Field("function")
	if !f.Is("attribute") || f.Field("attribute").Text() != method {
		return nil, false
	}
	lock = f.Field("object")
	for n := lock; !n.Is("identifier"); n = n.Field("object") {
		if !n.Is("attribute") {
			return nil, false
		}
	}
	values, known := m.Project.Values(lock)
	if !known || len(values) == 0 {
		return nil, false
	}
	objects, _ := m.ObjectsOf(lock)
	held := 0
	for _, v := range values {
		if v.Kind != project.Literal || !v.Node.Is("none") {
			held++
		}
	}
	if held == 0 || len(objects) != held {
		return nil, false
	}
	for _, o := range objects {
		managed := o.Kind == process.Proxy && (o.Name == "Lock" || o.Name == "RLock" || o.Name == "Semaphore" || o.Name == "BoundedSemaphore")
		if o.Kind != process.Lock && o.Kind != process.Condition && !managed {
			return nil, false
		}
	}
	return lock, true
}

// waits says whether a call of acquire waits until it has the lock.
func waits(call *syntax.Node) bool {
	args := syntax.CallArgs(call)
	if len(args.Stars)+len(args.DoubleStars)+len(args.Later) > 0 || len(args.Positional)+len(args.Names) > 1 {
		return false
	}
	for _, a := range append(args.Positional[:len(args.Positional):len(args.Positional)], args.Keywords["block"], args.Keywords["blocking"]) {
		if a != nil && !a.Is("true") {
			return false
		}
	}
	return args.Keywords["timeout"] == nil
}

// callIn returns the call that a statement consists of.
func callIn(s *syntax.Node) *syntax.Node {
	if s.Is("expression_statement") && len(s.NamedChildren()) == 1 && s.NamedChildren()[0].Is("call") {
		return s.NamedChildren()[0]
	}
	return nil
}

// releases says whether a call releases the lock.
func (u *Unreleased) releases(m *process.Model, call *syntax.Node) bool {
	lock, ok := lockCall(m, call, "release")
	return ok && lock.Text() == u.text
}

// releasedAround says whether a handler around a statement releases the lock.
func (u *Unreleased) releasedAround(m *process.Model, stmt *syntax.Node) bool {
	for c, up := stmt, stmt.Parent; up != nil && !up.Is("function_definition", "lambda", "class_definition"); c, up = up, up.Parent {
		if !up.Is("try_statement") || c.FieldName != "body" {
			continue
		}
		for _, clause := range up.Children {
			if !clause.Is("except_clause", "finally_clause", "except_group_clause") {
				continue
			}
			found := false
			clause.Walk(func(n *syntax.Node) bool {
				found = found || n.Kind == "call" && u.releases(m, n)
				return !found
			})
			if found {
				return true
			}
		}
	}
	return false
}

// look finds what may leave a statement between the two, and the releases on such
// ways; false when the statement does something with the lock that a with
// statement would not.
func (u *Unreleased) look(m *process.Model, s *syntax.Node) bool {
	ok := true
	s.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "function_definition", "lambda", "class_definition":
			return false
		case "finally_clause", "except_clause":
			n.Walk(func(x *syntax.Node) bool {
				ok = ok && !(x.Kind == "call" && u.releases(m, x))
				return ok
			})
		case "return_statement", "raise_statement", "break_statement", "continue_statement", "yield":
			if n.Is("break_statement", "continue_statement") {
				if loop := n.Ancestor("for_statement", "while_statement"); loop != nil && loop.Within(s) {
					return true
				}
			}
			if prev := n.Prev(); prev != nil && n.Kind != "yield" {
				if c := callIn(prev); c != nil && u.releases(m, c) {
					return true
				}
			}
			u.risk(n, true)
		case "call":
			if u.releases(m, n) {
				leave := n.Statement().Next()
				if n.Parent != n.Statement() || !leave.Is("return_statement", "raise_statement", "break_statement", "continue_statement") {
					ok = false
					return false
				}
				u.inner = append(u.inner, n)
				return false
			}
			if lock, isLock := lockCall(m, n, "acquire"); isLock {
				if lock.Text() == u.text || !n.Parent.Is("expression_statement") || !u.pairs(m, s, n, lock.Text()) {
					ok = false
				}
				return false
			}
			if f := n.Field("function"); f.Is("attribute") && f.Field("attribute").Text() == "wait" && f.Field("object").Text() == u.text {
				return true
			}
			if !mild(m, n) {
				u.risk(n, false)
			}
		case "subscript":
			if !n.Parent.Is("assignment") || n.FieldName != "left" {
				u.risk(n, false)
			}
		case "binary_operator":
			if op := n.Field("operator").Text(); op == "/" || op == "//" || op == "%" && !n.Field("left").Is("string") {
				u.risk(n, false)
			}
		case "assert_statement", "import_statement", "import_from_statement", "await", "delete_statement":
			u.risk(n, false)
		}
		return ok
	})
	return ok
}

// pairs says whether another lock that is acquired inside a statement is released
// behind it in the same block.
func (u *Unreleased) pairs(m *process.Model, s, call *syntax.Node, text string) bool {
	for n := call.Statement().Next(); n != nil && n.Start < u.Release.Start; n = n.Next() {
		if c := callIn(n); c != nil {
			if lock, ok := lockCall(m, c, "release"); ok && lock.Text() == text {
				return true
			}
		}
	}
	return false
}

func (u *Unreleased) risk(n *syntax.Node, leaves bool) {
	if u.Risk == nil || leaves && !u.Leaves {
		u.Risk, u.Leaves = n, leaves
	}
}

// mildBuiltins hardly ever raise.
var mildBuiltins = map[string]bool{
	"builtins.print": true, "builtins.len": true, "builtins.str": true, "builtins.repr": true, "builtins.range": true, "builtins.list": true,
	"builtins.isinstance": true, "builtins.bool": true, "builtins.type": true, "builtins.id": true, "builtins.format": true,
	"time.sleep": true, "time.time": true, "time.perf_counter": true, "time.monotonic": true, "os.getpid": true, "multiprocessing.current_process": true,
	"sys.stdout.flush": true, "sys.stdout.write": true, "random.random": true, "random.uniform": true,
}

// mildMethods are methods that hardly ever raise, whatever their object.
var mildMethods = map[string]bool{
	"append": true, "add": true, "put": true, "get": true, "items": true, "keys": true, "values": true, "join": true, "format": true, "flush": true,
	"notify": true, "notify_all": true, "set": true, "is_set": true, "copy": true, "strip": true, "upper": true, "lower": true, "release": true,
	"info": true, "debug": true, "warning": true, "error": true, "clear": true, "update": true, "extend": true, "time": true, "getpid": true,
	"current_process": true, "strftime": true, "now": true, "write": true, "empty": true, "qsize": true, "start": true, "is_alive": true,
}

// mild says whether a call hardly ever raises.
func mild(m *process.Model, call *syntax.Node) bool {
	f := call.Field("function")
	if mildBuiltins[m.Project.ModuleOf(call).Qualified(f)] || m.ObjectAt(call) != nil {
		return true
	}
	return f.Is("attribute") && mildMethods[f.Field("attribute").Text()] && len(m.Project.CalledBy(call)) == 0
}

// Fix holds the lock by a with statement. err says why there is no fix.
func (u *Unreleased) Fix() (rw *refactor.Rewrite, err error) {
	rw = refactor.New()
	first, last := u.Acquire.Statement(), u.Release.Statement()
	file := first.Tree.File
	if file.LineOf(first.End) == file.LineOf(first.Next().Start) || file.LineOf(last.Start) == file.LineOf(last.Prev().End) {
		return nil, errors.New("the statements share a line")
	}
	for _, c := range u.inner {
		rw.Delete(c.Statement())
	}
	rw.ReplaceRange(file, first.Start, first.End, "with "+u.text+":")
	dropBlank(rw, file, file.LineOf(first.End))
	rw.Indent(first.Next(), last.Prev(), 1)
	rw.Delete(last)
	return rw, nil
}
