package shutdown

import (
	"errors"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// PoolFault says what is missing at the end of a pool's life.
type PoolFault int

// The faults.
const (
	NeverClosed PoolFault = iota
	OpenAtJoin            // join() without close() or terminate() before it
	NeverJoined           // close() without join(), and tasks that nobody waits for
)

// OpenPool is a pool or executor that is not shut down as it should be.
type OpenPool struct {
	Fault   PoolFault
	At      *syntax.Node // the constructor, or the call of join or close
	Object  *process.Object
	Loop    *syntax.Node // for NeverClosed: the loop each turn of which makes a pool, or nil
	Pending *syntax.Node // a task that nobody waits for, or nil

	m       *process.Model
	held    *Held
	results *Results
}

// OpenPoolAt returns what is wrong with the end of the pool or executor that a
// call makes, nil when nothing is or when it is not known.
func OpenPoolAt(m *process.Model, call *syntax.Node) *OpenPool {
	o := m.ObjectAt(call)
	if o == nil || o.Kind != process.Pool && o.Kind != process.Executor || o.Class != nil {
		return nil
	}
	p := &OpenPool{At: call, Object: o, m: m}
	if p.chained() {
		return p
	}
	if p.held = HeldAt(m, call); p.held == nil || !p.alone() {
		return nil
	}
	p.results = ResultsOf(m, p.held)
	closes, joins := p.held.Calls("close", "shutdown"), p.held.Calls("join")
	switch {
	case len(p.held.Calls("terminate")) > 0:
		return nil
	case len(joins) > 0:
		if o.Kind != process.Pool || caught(joins[0]) || len(closes) > 0 && !p.swapped(closes, joins) {
			return nil
		}
		p.Fault, p.At = OpenAtJoin, joins[0]
	case p.held.Bound():
		return nil
	case len(closes) > 0:
		if p.Pending = p.unread(); p.Pending == nil || o.Kind != process.Pool || waitsAfter(p.held.Fn, closes[len(closes)-1]) {
			return nil
		}
		p.Fault, p.At = NeverJoined, closes[len(closes)-1]
	case p.results.Unknown || len(p.results.Returns) > 0 || p.held.Last == nil:
		return nil
	default:
		p.Pending = p.unread()
		if l := p.held.Block.Parent; l.Is("for_statement", "while_statement") && p.held.Block.FieldName == "body" {
			p.Loop = l
		}
	}
	return p
}

// alone says whether nothing but this function gets hold of the pool.
func (p *OpenPool) alone() bool {
	for _, n := range p.held.Handed() {
		t := p.m.TaskAt(n.Parent.Parent)
		if t == nil || t.Method != "run_in_executor" || syntax.CallArgs(t.Call).Positional[0] != n {
			return false
		}
	}
	return true
}

// chained says whether the pool is used where it is made, as in Pool(4).map(f, x),
// so that nothing can close it.
func (p *OpenPool) chained() bool {
	a := p.At.Parent
	if p.Object.Kind != process.Pool || !a.Is("attribute") || a.Field("object") != p.At || !a.Parent.Is("call") || a.FieldName != "function" {
		return false
	}
	task := a.Parent
	switch a.Field("attribute").Text() {
	case "map", "starmap", "apply":
	case "imap", "imap_unordered":
		if task.Parent.Is("for_statement") && task.FieldName == "right" {
			break
		}
		if args := task.Parent; args.Is("argument_list") {
			name, ok := strings.CutPrefix(p.m.Project.ModuleOf(task).Qualified(args.Parent.Field("function")), "builtins.")
			if ok && consuming[name] && name != "next" {
				break
			}
		}
		return false
	default:
		return false
	}
	for up := task.Parent; up != nil; up = up.Parent {
		switch up.Kind {
		case "lambda", "list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression", "conditional_expression", "boolean_operator":
			return false
		case "expression_statement", "return_statement", "for_statement":
			return true
		case "assignment", "argument_list", "call", "attribute", "subscript", "parenthesized_expression", "keyword_argument", "augmented_assignment", "list", "tuple", "expression_list":
		default:
			return false
		}
	}
	return false
}

// unread returns a task that nobody waits for, nil when there is none.
func (p *OpenPool) unread() *syntax.Node {
	r := p.results
	switch {
	case p.Object.Kind != process.Pool || r.Unknown || len(r.Returns) > 0:
		return nil
	case len(r.Dropped) > 0:
		return r.Dropped[0]
	case len(r.Tasks) > 0 && len(r.Reads) == 0:
		return r.Tasks[0]
	}
	return nil
}

// swapped says whether the one join stands before the one close.
func (p *OpenPool) swapped(closes, joins []*syntax.Node) bool {
	c, j := closes[0].Statement(), joins[0].Statement()
	return len(closes) == 1 && len(joins) == 1 && c.Parent == j.Parent && j.Start < c.Start
}

// caught says whether an error at a node is handled around it.
func caught(n *syntax.Node) bool {
	for c, up := n, n.Parent; up != nil && !up.Is("function_definition", "lambda"); c, up = up, up.Parent {
		if up.Is("try_statement") && c.FieldName == "body" && hasChild(up, "except_clause", "except_group_clause") {
			return true
		}
		if up.Is("with_statement") && strings.Contains(up.Text()[:c.Start-up.Start], "suppress") {
			return true
		}
	}
	return false
}

func hasChild(n *syntax.Node, kinds ...string) bool {
	for _, c := range n.Children {
		if c.Is(kinds...) {
			return true
		}
	}
	return false
}

// waitsAfter says whether the function waits for something behind a node that
// may tell it that the tasks are done.
func waitsAfter(fn *project.Def, after *syntax.Node) bool {
	top := after.Tree.Root
	if fn != nil {
		top = fn.Node
	}
	found := false
	top.Walk(func(n *syntax.Node) bool {
		if n.Kind == "call" && n.Start > after.End && n.Field("function").Is("attribute") {
			switch n.Field("function").Field("attribute").Text() {
			case "get", "recv", "wait", "acquire", "is_set", "empty", "ready":
				found = true
			}
		}
		return !found
	})
	return found
}

// Fix shuts the pool down. sure is false when an expert would look first; err
// says why there is no fix.
func (p *OpenPool) Fix() (rw *refactor.Rewrite, sure bool, err error) {
	rw = refactor.New()
	stmt := p.At.Statement()
	switch {
	case p.Fault == OpenAtJoin:
		if !only(stmt, p.At) {
			return nil, false, errors.New("the join is part of a larger statement")
		}
		if closes := p.held.Calls("close"); len(closes) > 0 {
			if c := closes[0].Statement(); only(c, closes[0]) {
				rw.Move([]*syntax.Node{c}, stmt)
				return rw, true, nil
			}
			return nil, false, errors.New("the close is part of a larger statement")
		}
		rw.LinesBefore(stmt, p.held.Name+".close()")
		return rw, true, nil
	case p.Fault == NeverJoined:
		if !only(stmt, p.At) {
			return nil, false, errors.New("the close is part of a larger statement")
		}
		rw.LinesAfter(stmt, p.held.Name+".join()")
		return rw, true, nil
	case p.held == nil:
		mod := p.m.Project.ModuleOf(p.At)
		name := mod.FreshName(mod.ScopeOf(p.At), "pool")
		rw.WrapWith(stmt, stmt, "with "+p.At.Text()+" as "+name+":")
		rw.Replace(p.At, name)
		return rw, true, nil
	}
	return p.enter(rw)
}

// only says whether a statement is nothing but the call.
func only(stmt, call *syntax.Node) bool {
	return stmt.Is("expression_statement") && len(stmt.NamedChildren()) == 1 && stmt.NamedChildren()[0] == call
}

// enter makes the statements from the one that makes the pool to the last that
// needs it the body of a with statement.
func (p *OpenPool) enter(rw *refactor.Rewrite) (_ *refactor.Rewrite, sure bool, err error) {
	h := p.held
	last, ok := p.results.Last(h.Block)
	if !ok {
		return nil, false, errors.New("results are used where the pool is not known")
	}
	last = later(h.Last, last)
	first := h.Made.Next()
	file := h.Made.Tree.File
	if first == nil || file.LineOf(h.Made.End) == file.LineOf(first.Start) {
		return nil, false, errors.New("the statement that makes the pool shares its line")
	}
	for s := first; s != nil && s.Start <= last.Start; s = s.Next() {
		if s.Is("function_definition", "class_definition", "decorated_definition", "import_statement", "import_from_statement") && h.Fn == nil {
			return nil, false, errors.New("there are definitions between the making of the pool and its last use")
		}
	}
	sure = true
	if p.Object.Kind == process.Executor && len(p.results.Dropped) > 0 {
		sure = false
	}
	if p.Loop != nil && p.Pending == nil && p.lasts() {
		header := "with " + p.At.Text() + " as " + h.Name + ":"
		rw.Delete(h.Made)
		rw.WrapWith(p.Loop, p.Loop, header)
		return rw, sure, nil
	}
	rw.ReplaceRange(file, h.Made.Start, p.At.Start, "with ")
	rw.InsertAfter(p.At, " as "+h.Name+":")
	dropBlank(rw, file, file.LineOf(h.Made.End))
	rw.Indent(first, last, 1)
	if p.Pending != nil {
		if mayLeave(last) {
			return nil, false, errors.New("the last use of the pool may leave the function")
		}
		rw.LinesAfter(last, h.Name+".close()", h.Name+".join()")
	}
	return rw, sure, nil
}

// lasts says whether one pool can serve all turns of the loop: the arguments of
// its constructor are the same in each, and its workers neither keep anything
// from one turn to the next nor read what the parent changes meanwhile.
func (p *OpenPool) lasts() bool {
	m, mod := p.m, p.m.Project.ModuleOf(p.At)
	if p.commented() || p.Loop.Field("alternative") != nil || syntax.CallArgs(p.At).Keywords["maxtasksperchild"] != nil {
		return false
	}
	changes := false
	for _, name := range mod.FreeNames(p.At) {
		if name.Binding == nil {
			continue
		}
		for _, d := range name.Binding.Defs {
			changes = changes || d.Name.Within(p.Loop)
		}
	}
	p.At.Field("arguments").Walk(func(n *syntax.Node) bool {
		changes = changes || n.Is("call", "attribute", "subscript", "named_expression", "await")
		return !changes
	})
	pool := m.PoolOf(p.Object)
	if changes || pool == nil || pool.Initializer != nil {
		return false
	}
	for _, t := range pool.Tasks {
		if !t.Known {
			return false
		}
		for _, e := range t.Entries {
			if m.Mutates(e) != nil {
				return false
			}
			for _, d := range m.Reach(e) {
				if readsChanged(m, d) {
					return false
				}
			}
		}
	}
	return len(pool.Tasks) > 0
}

// commented says whether a comment stands on the line that makes the pool.
func (p *OpenPool) commented() bool {
	made := p.held.Made
	file := made.Tree.File
	for _, c := range made.Tree.Comments {
		if line := file.LineOf(c.Start); line >= file.LineOf(made.Start)-1 && line <= file.LineOf(made.End) {
			return true
		}
	}
	return false
}

// readsChanged says whether a function reads a module-level name whose value
// changes while the program runs.
func readsChanged(m *process.Model, d *project.Def) bool {
	for _, name := range d.Module.FreeNames(d.Node) {
		b := name.Binding
		if b == nil || b.Scope.Parent != nil {
			continue
		}
		if one := b.Single(); one != nil && (one.Kind == scope.FuncDef || one.Kind == scope.ClassDef || one.Kind == scope.Imported) {
			continue
		}
		if places, all := m.Changed(b); !all || len(places) > 0 || len(b.GlobalIn) > 0 {
			return true
		}
	}
	return false
}

// dropBlank takes out the blank lines below a line.
func dropBlank(rw *refactor.Rewrite, file *source.File, line int) {
	next := line + 1
	for next <= file.LineCount() && strings.TrimSpace(file.Line(next)) == "" {
		next++
	}
	if next > line+1 && next <= file.LineCount() {
		rw.ReplaceRange(file, file.LineStart(line+1), file.LineStart(next), "")
	}
}
