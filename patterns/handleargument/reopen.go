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
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// opener is a call that opens what its first argument names.
type opener struct {
	text bool // it is known
	with bool // a with statement closes what it gives
	mode bool // its second argument is a mode, as that of open()
}

var openers = map[string]opener{
	"builtins.open": {true, true, true}, "io.open": {true, true, true}, "codecs.open": {true, true, true},
	"gzip.open": {true, true, true}, "bz2.open": {true, true, true}, "lzma.open": {true, true, true},
	"zipfile.ZipFile": {true, true, true}, "tarfile.open": {true, true, true},
	"sqlite3.connect": {true, false, false}, "h5py.File": {true, true, true},
}

// handing is one way of a handle from the call that opens it to the worker.
type handing struct {
	process.Receipt
	open  *syntax.Node // the call
	path  *syntax.Node // its first argument
	bound *scope.Def   // the name it is bound to; nil when it stands among the arguments
	// What goes in the parent.
	with   *syntax.Node
	closes []*syntax.Node
}

// reopen passes the path in place of what was opened, and opens it in the
// worker. All that the worker is given for the parameter has to be opened alike,
// and nobody but the worker may use it.
func reopen(m *process.Model, rw *refactor.Rewrite, f fault) (title, doubt string, err error) {
	receipts := m.ReceiptsOf(f.sent.Expr)
	if len(receipts) != 1 || receipts[0].Entry == nil || receipts[0].Param == "" || receipts[0].Each {
		return "", "", errors.New("which worker gets it is not known; pass the path, and open it there")
	}
	entry, param := receipts[0].Entry, receipts[0].Param
	handings, err := allHandings(m, entry, param)
	if err != nil {
		return "", "", err
	}
	rest, err := sameOptions(m, entry, handings)
	if err != nil {
		return "", "", err
	}
	for _, h := range handings {
		another, err := h.once(m)
		if err != nil {
			return "", "", err
		}
		doubt = cmp.Or(doubt, another)
	}
	w, err := usesIn(m, entry, param)
	if err != nil {
		return "", "", err
	}
	name := w.pathName(handings)
	w.write(rw, handings[0], name, rest)
	for _, h := range handings {
		if err := h.write(m, rw, param, name); err != nil {
			return "", "", err
		}
	}
	return fmt.Sprintf("pass the path, and open it in %s()", entry.Name), doubt, nil
}

// allHandings finds the handle in every call that runs the worker.
func allHandings(m *process.Model, entry *project.Def, param string) ([]*handing, error) {
	calls, complete := m.Project.Callers(entry)
	if !complete || m.DefInParent(entry) || entry.IsGenerator() || entry.IsAsync() || entry.IsLambda() ||
		entry.Class != nil && len(m.Project.Subclasses(entry.Class)) > 0 {
		return nil, fmt.Errorf("%s() is also run otherwise; pass the path, and open it there", entry.Name)
	}
	var found []*handing
	for _, r := range m.Receipts() {
		if r.Entry == entry && r.Param == param {
			h, err := handingOf(m, r)
			if err != nil {
				return nil, err
			}
			found = append(found, h)
		}
	}
	if len(found) != len(calls) {
		return nil, fmt.Errorf("%s() is also run otherwise; pass the path, and open it there", entry.Name)
	}
	return found, nil
}

func handingOf(m *process.Model, r process.Receipt) (*handing, error) {
	unknown := errors.New("not all that the worker is given is opened in sight; pass the path, and open it there")
	v, only := m.Project.Only(r.Expr)
	if !only || v.Kind != project.External || !openers[v.ResultOf()].text || v.Node == nil || r.Each || len(r.Entry.Decorators()) > 0 && !r.Entry.IsStatic() {
		return nil, unknown
	}
	h := &handing{Receipt: r, open: v.Node}
	args := syntax.CallArgs(v.Node)
	if len(args.Positional) == 0 || len(args.Stars)+len(args.DoubleStars) > 0 || args.Broken {
		return nil, unknown
	}
	h.path = args.Positional[0]
	if v.Node == r.Expr {
		return h, nil
	}
	mod := m.Project.ModuleOf(r.Expr)
	b := mod.Binding(r.Expr)
	if b == nil || b.Single() == nil || b.Single().Value != v.Node || len(b.Single().Path) > 0 || m.Project.Enclosing(b.Single().Name) != m.Project.Enclosing(r.Expr) {
		return nil, unknown
	}
	h.bound = b.Single()
	uses, all := m.Project.Uses(b)
	if !all {
		return nil, unknown
	}
	for _, u := range uses {
		n := u.Node
		switch stmt := n.Statement(); {
		case n == h.bound.Name, n == r.Expr:
		case isClose(n):
			h.closes = append(h.closes, stmt)
		case len(m.ReceiptsOf(n)) > 0:
			return nil, errors.New("several workers share the place in it; open it in each of them, or in one")
		default:
			return nil, errors.New("the parent uses it too; pass the path, and open it in the worker")
		}
	}
	switch h.bound.Kind {
	case scope.Assign:
		if !h.bound.Node.Parent.Is("expression_statement") || !h.bound.Node.Field("left").Is("identifier") {
			return nil, unknown
		}
	case scope.With:
		h.with = h.bound.Node.Ancestor("with_statement")
		if items := h.with.NamedChildren()[0].NamedChildren(); len(items) != 1 || h.with.Children[0].Kind == "async" {
			return nil, errors.New("it is opened together with others; pass the path, and open it in the worker")
		}
	default:
		return nil, unknown
	}
	return h, nil
}

// isClose says whether a name is used as "name.close()", a statement of its own.
func isClose(n *syntax.Node) bool {
	up := n.Parent
	return up.Is("attribute") && up.Field("object") == n && up.Field("attribute").Text() == "close" &&
		up.Parent.Is("call") && up.Parent.Parent.Is("expression_statement")
}

// sameOptions returns the rest of the arguments, which have to be constants and
// the same in all calls.
func sameOptions(m *process.Model, entry *project.Def, handings []*handing) (string, error) {
	rest := func(h *handing) string {
		text := h.open.Field("arguments").Text()
		from := h.path.End - h.open.Field("arguments").Start
		return text[from : len(text)-1]
	}
	first := handings[0]
	fn := first.open.Field("function")
	callee := m.Project.ModuleOf(fn).Qualified(fn)
	for _, h := range handings {
		if rest(h) != rest(first) || h.open.Field("function").Text() != fn.Text() {
			return "", errors.New("the workers' files are opened in different ways")
		}
		args := syntax.CallArgs(h.open)
		others := args.Positional[1:]
		for _, name := range args.Names {
			others = append(others, args.Keywords[name])
		}
		for _, a := range others {
			if !a.Is("string", "integer", "true", "false", "none") {
				return "", errors.New("how it is opened depends on the parent")
			}
		}
		if text, ok := syntax.StringValue(h.path); ok && text == ":memory:" {
			return "", errors.New("a database in memory cannot be opened in another process")
		}
		if m.Project.ModuleOf(h.open) != entry.Module && callee != "builtins.open" {
			return "", errors.New("it is opened in another module")
		}
	}
	if strings.Contains(rest(first), "\n") {
		return "", errors.New("how it is opened takes several lines")
	}
	return strings.TrimSuffix(strings.TrimSpace(rest(first)), ","), nil
}

// once says what becomes different when each process opens it: an error when
// each would begin with an empty file.
func (h *handing) once(m *process.Model) (doubt string, err error) {
	together := true // each process has its own
	for _, l := range process.Loops(h.Expr) {
		together = together && h.open.Within(l)
	}
	if together && (h.Launch == nil || m.OneProcess(h.Launch) || len(process.Loops(h.Call)) > 0) {
		return "", nil
	}
	v, _ := m.Project.Only(h.open)
	if o := openers[v.ResultOf()]; !o.mode {
		return "", nil
	}
	args := syntax.CallArgs(h.open)
	mode := args.Keywords["mode"]
	if mode == nil && len(args.Positional) > 1 {
		mode = args.Positional[1]
	}
	if mode != nil {
		if text, ok := syntax.StringValue(mode); !ok || strings.ContainsAny(text, "wx+") {
			return "", errors.New("several workers write it: each would begin with an empty file")
		}
	}
	return "several processes open it, each at its beginning", nil
}

// work is how a worker uses what it is given.
type work struct {
	entry       *project.Def
	param       project.Param
	first, last *syntax.Node // statements of its body
	closing     *syntax.Node
}

func usesIn(m *process.Model, entry *project.Def, param string) (*work, error) {
	w := &work{entry: entry}
	w.param, _ = entry.Param(param)
	b := entry.Scope.Names[param]
	if b == nil || b.Single() == nil || w.param.Node == nil || w.param.Default != nil {
		return nil, fmt.Errorf("%s() binds %s anew", entry.Name, param)
	}
	body := entry.Body().NamedChildren()
	top := func(n *syntax.Node) int {
		return slices.IndexFunc(body, func(s *syntax.Node) bool { return n.Within(s) })
	}
	first, last, keeps := len(body), -1, false
	for _, use := range b.Uses {
		i := top(use)
		if i < 0 || m.Project.Enclosing(use) != entry {
			return nil, fmt.Errorf("%s() hands it on", entry.Name)
		}
		if isClose(use) {
			if use.Statement() != body[i] || w.closing != nil {
				return nil, fmt.Errorf("%s() closes it midway", entry.Name)
			}
			w.closing = body[i]
			continue
		}
		up := use.Parent
		switch {
		case up.Is("attribute") && up.Field("object") == use && up.Parent.Is("call"), up.Is("for_statement", "for_in_clause"), up.Is("argument_list"), up.Is("keyword_argument"),
			up.Is("with_item") && up.Field("value") == use:
		default:
			return nil, fmt.Errorf("%s() keeps it or hands it on", entry.Name)
		}
		keeps = keeps || isAssigned(use, body[i]) && !(up.Is("attribute") && plainResult[up.Field("attribute").Text()])
		first, last = min(first, i), max(last, i)
	}
	if last < 0 {
		return nil, fmt.Errorf("%s() does not use it", entry.Name)
	}
	if w.closing != nil && top(w.closing) <= last {
		return nil, fmt.Errorf("%s() closes it midway", entry.Name)
	}
	if keeps { // something made from it may be used to the end
		if w.closing == nil {
			last = len(body) - 1
		} else {
			last = max(last, top(w.closing)-1)
		}
	}
	w.first, w.last = body[first], body[last]
	return w, nil
}

// plainResult are the methods of a file whose result does not depend on it.
var plainResult = map[string]bool{
	"read": true, "readline": true, "readlines": true, "write": true, "tell": true, "seek": true, "fileno": true,
}

// isAssigned says whether what a statement makes of the handle gets a name, so
// that it may be used further down.
func isAssigned(use, stmt *syntax.Node) bool {
	for n := use; n != stmt; n = n.Parent {
		if n.Is("assignment", "named_expression") {
			return true
		}
	}
	return false
}

// pathName returns the name of the parameter for the path: that of the variable
// that holds it, where that is free, else "path".
func (w *work) pathName(handings []*handing) string {
	want := "path"
	if p := handings[0].path; p.Is("identifier") {
		want = p.Text()
		for _, h := range handings[1:] {
			if h.path.Text() != want {
				want = "path"
				break
			}
		}
	}
	taken := scope.IsBuiltin(want)
	w.entry.Node.Walk(func(n *syntax.Node) bool {
		taken = taken || n.Is("identifier") && n.Text() == want
		return !taken
	})
	if !taken { // a global of that name is not read here
		return want
	}
	return w.entry.Module.FreshName(w.entry.Scope, want)
}

// write lets the worker open it.
func (w *work) write(rw *refactor.Rewrite, h *handing, name, rest string) {
	handle := w.param.Name
	rw.Replace(w.param.Ident, name)
	if w.param.Node.Is("typed_parameter") {
		rw.Replace(w.param.Node.Field("type"), "str")
	}
	call := h.open.Field("function").Text() + "(" + name + rest + ")"
	if h.manages() {
		rw.WrapWith(w.first, w.last, "with "+call+" as "+handle+":")
		if w.closing != nil {
			rw.Delete(w.closing)
		}
		return
	}
	rw.LinesBefore(w.first, handle+" = "+call)
}

// manages says whether a with statement closes what the call gives.
func (h *handing) manages() bool {
	return !strings.HasSuffix(h.open.Field("function").Text(), "connect")
}

// write lets the parent pass the path.
func (h *handing) write(m *process.Model, rw *refactor.Rewrite, param, name string) error {
	mod := m.Project.ModuleOf(h.Expr)
	text := h.path.Text()
	var lines []string
	if h.bound != nil && !h.steady(mod) {
		text = mod.FreshName(h.bound.Scope, "path")
		lines = append(lines, text+" = "+h.path.Text())
	}
	rw.Replace(h.Expr, text)
	switch up := h.Expr.Parent; {
	case up.Is("pair"):
		rw.Replace(up.Field("key"), rw.Quote(mod)+name+rw.Quote(mod))
	case up.Is("keyword_argument"):
		rw.Replace(up.Field("name"), name)
	}
	for _, c := range h.closes {
		rw.Delete(c)
	}
	switch {
	case h.bound == nil:
	case h.with != nil:
		rw.Unwrap(h.with, lines...)
	case len(lines) > 0:
		rw.Replace(h.bound.Node.Parent, lines[0])
	default:
		rw.Delete(h.bound.Node.Parent)
	}
	return rw.Err()
}

// steady says whether the path may as well be written where it is sent: it is a
// string, or a name that is bound once.
func (h *handing) steady(mod *scope.Module) bool {
	if h.path.Is("string") {
		return len(h.path.NamedChildren()) == 1 || !slices.ContainsFunc(h.path.NamedChildren(), func(n *syntax.Node) bool { return n.Is("interpolation") })
	}
	b := mod.Binding(h.path)
	return b != nil && b.Single() != nil
}
