package shutdown

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Results is what becomes of the results of a pool's tasks that go on after the
// call that gives them to the pool: apply_async, map_async, starmap_async, imap,
// imap_unordered, and an executor's submit and map.
type Results struct {
	Tasks   []*syntax.Node // the calls
	Dropped []*syntax.Node // those of which the result goes nowhere
	Reads   []*syntax.Node // mentions that take values out of results, or may
	Returns []*syntax.Node // return statements by which results leave the function
	Unknown bool           // a result goes where it is not followed

	m     *process.Model
	held  *Held
	names map[*scope.Binding]bool
	queue []*scope.Binding
}

// pendingTasks are the methods of pools and executors that do not wait.
var pendingTasks = []string{"apply_async", "map_async", "starmap_async", "imap", "imap_unordered"}

// ResultsOf follows the results of a pool or executor through the function that
// holds it.
func ResultsOf(m *process.Model, h *Held) *Results {
	r := &Results{m: m, held: h, names: map[*scope.Binding]bool{}}
	methods := pendingTasks
	if h.Object.Kind == process.Executor {
		methods = []string{"submit", "map"}
	}
	r.Tasks = h.Calls(methods...)
	for _, n := range h.Handed() {
		if t := m.TaskAt(n.Parent.Parent); t != nil && t.Method == "run_in_executor" {
			r.Tasks = append(r.Tasks, t.Call)
		}
	}
	for _, t := range r.Tasks {
		name := t.Field("function").Field("attribute").Text()
		r.follow(t, t, name == "imap" || name == "imap_unordered" || name == "map")
	}
	for len(r.queue) > 0 {
		b := r.queue[0]
		r.queue = r.queue[1:]
		for _, n := range b.Uses {
			if m.Project.Enclosing(n) != h.Fn {
				r.Unknown = true
				continue
			}
			r.follow(n, nil, false)
		}
	}
	return r
}

// Last returns the last statement of a block that mentions a result, nil when
// there is none; ok is false when one stands outside the block.
func (r *Results) Last(block *syntax.Node) (last *syntax.Node, ok bool) {
	for b := range r.names {
		for _, n := range b.Uses {
			s := stmtIn(block, n)
			if s == nil {
				return nil, false
			}
			last = later(last, s)
		}
	}
	return last, true
}

// consuming are builtins that take all values out of an iterator.
var consuming = map[string]bool{
	"list": true, "tuple": true, "set": true, "dict": true, "sorted": true, "sum": true, "min": true, "max": true, "any": true, "all": true,
	"frozenset": true, "next": true,
}

// keeping are methods of containers that keep their argument.
var keeping = map[string]bool{"append": true, "add": true, "extend": true, "insert": true, "appendleft": true}

// follow finds where a result, or a container of results, goes from a node. task
// is the call that makes it, nil for a mention; iter says that the task gives an
// iterator.
func (r *Results) follow(n, task *syntax.Node, iter bool) {
	for {
		up := n.Parent
		switch {
		case up.Is("expression_statement"):
			if task != nil {
				r.Dropped = append(r.Dropped, task)
			} else {
				r.Reads = append(r.Reads, n)
			}
			return
		case up.Is("parenthesized_expression", "list", "tuple", "expression_list", "set", "dictionary", "conditional_expression", "binary_operator", "list_splat"):
			n = up
		case up.Is("pair") && n.FieldName == "value":
			n = up
		case up.Is("list_comprehension", "set_comprehension", "dictionary_comprehension", "generator_expression") && n.FieldName == "body":
			n = up
		case up.Is("attribute") && up.Field("object") == n:
			if call := up.Parent; call.Is("call") && up.FieldName == "function" && task == nil && keeping[up.Field("attribute").Text()] {
				return // the name gets more; what it gets is followed itself
			}
			r.Reads = append(r.Reads, n)
			return
		case up.Is("subscript") && up.Field("value") == n:
			if up.Parent.Is("assignment") && up.FieldName == "left" {
				return
			}
			r.Reads = append(r.Reads, n)
			return
		case up.Is("argument_list", "keyword_argument"):
			call := up
			if up.Is("keyword_argument") {
				call = up.Parent
			}
			call = call.Parent
			f := call.Field("function")
			if iter && f.Is("attribute") && (f.Field("attribute").Text() == "extend" || f.Field("attribute").Text() == "update") {
				r.Reads = append(r.Reads, n)
				return
			}
			if f.Is("attribute") && keeping[f.Field("attribute").Text()] && f.Field("object").Is("identifier") {
				r.bind(f.Field("object"))
				return
			}
			name, builtin := strings.CutPrefix(r.m.Project.ModuleOf(f).Qualified(f), "builtins.")
			if iter && builtin && consuming[name] || !builtin {
				r.Reads = append(r.Reads, n)
				if up.Ancestor("return_statement") == nil {
					return
				}
				if !builtin {
					r.Unknown = true
				}
				return
			}
			n = call
		case up.Is("assignment") && up.Field("right") == n:
			left := up.Field("left")
			if left.Is("subscript") {
				left = left.Field("value")
			}
			if left.Is("pattern_list", "tuple_pattern", "list_pattern") {
				for _, c := range left.NamedChildren() {
					r.bind(c)
				}
				return
			}
			r.bind(left)
			return
		case up.Is("named_expression") && up.Field("value") == n:
			r.bind(up.Field("name"))
			n = up
		case up.Is("yield"):
			if iter && len(up.Children) > 1 && up.Children[1].Kind == "from" {
				r.Reads = append(r.Reads, n)
			} else {
				r.Unknown = true
			}
			return
		case up.Is("return_statement"):
			r.Returns = append(r.Returns, up)
			return
		default: // a loop's iterable, a condition, await, del…
			r.Reads = append(r.Reads, n)
			return
		}
	}
}

// bind notes that a name holds results.
func (r *Results) bind(name *syntax.Node) {
	b := r.m.Project.ModuleOf(name).Binding(name)
	if !name.Is("identifier") || b == nil || len(b.GlobalIn)+len(b.NonlocalIn) > 0 || r.held.Fn != nil && b.Scope.Parent == nil {
		r.Unknown = true
		return
	}
	if !r.names[b] {
		r.names[b] = true
		r.queue = append(r.queue, b)
	}
}
