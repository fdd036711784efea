package sharedstate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Container is a list, dict or the like that workers change and the parent
// reads, each its own copy.
type Container struct {
	Binding *scope.Binding
	Def     *scope.Def // where it is made
	Kind    string     // "list", "dict", "set", "Counter"…
	Uses    []project.Use
	All     bool           // Uses are all there are
	Writes  []*syntax.Node // the changes in workers
	Reads   []*syntax.Node // what the parent reads afterwards

	workers []*process.Worker
	model   *process.Model
}

// containerKind says what kind of container an expression makes, "" for others.
func containerKind(m *process.Model, expr *syntax.Node) string {
	switch expr = syntax.Unparen(expr); expr.Kind {
	case "list", "list_comprehension":
		return "list"
	case "dictionary", "dictionary_comprehension":
		return "dict"
	case "set", "set_comprehension":
		return "set"
	case "call":
		v, ok := m.Project.Only(expr)
		if !ok || v.Kind != project.External || v.Node != expr {
			return ""
		}
		for _, name := range []string{"builtins.list", "builtins.dict", "builtins.set", "collections.Counter", "collections.defaultdict", "collections.deque", "collections.OrderedDict"} {
			if v.ResultOf() == name {
				return name[strings.LastIndex(name, ".")+1:]
			}
		}
	}
	return ""
}

// MutationAt returns the call, assignment or del by which what an expression
// holds, or a part of it, is changed in place: for d in d[k].append(x) the call;
// nil when it is not.
func MutationAt(n *syntax.Node) *syntax.Node {
	for cur := n; ; {
		up := cur.Parent
		switch {
		case up.Is("augmented_assignment") && cur.FieldName == "left":
			return up
		case up.Is("subscript") && cur.FieldName == "value":
			if project.StoredTo(up) {
				return change(up)
			}
			cur = up
		case up.Is("attribute") && cur.FieldName == "object":
			if call := up.Parent; call.Is("call") && up.FieldName == "function" {
				name := up.Field("attribute").Text()
				if mutators[name] && (name != "setdefault" || !call.Parent.Is("attribute", "subscript")) {
					return call
				}
				if name != "setdefault" && name != "get" {
					return nil
				}
				cur = call
				continue
			}
			if project.StoredTo(up) {
				return change(up)
			}
			cur = up
		default:
			return nil
		}
	}
}

// change returns the assignment or del that a target stands in.
func change(target *syntax.Node) *syntax.Node {
	if up := target.Ancestor("assignment", "augmented_assignment", "delete_statement", "for_statement"); up != nil {
		return up
	}
	return target
}

// LookGlobalContainer judges a module-level name; nil when no change of its
// container is lost.
func LookGlobalContainer(m *process.Model, b *scope.Binding) *Container {
	if b.Scope != b.Scope.Module.Top {
		return nil
	}
	c := &Container{Binding: b, model: m}
	for _, d := range b.Defs {
		if d.Kind == scope.Assign && d.Scope == b.Scope && d.Value != nil && !m.Guarded(d.Name) {
			c.Def = d
			break
		}
	}
	if c.Def == nil {
		return nil
	}
	if c.Kind = containerKind(m, c.Def.Value); c.Kind == "" {
		return nil
	}
	c.Uses, c.All = m.Project.Uses(b)
	for _, u := range c.Uses {
		write := MutationAt(u.Node)
		if write == nil || u.Import != nil && u.Store {
			continue
		}
		workers := handover.RealWorkers(m.WorkersAt(u.Node))
		if len(workers) == 0 {
			continue
		}
		if m.InParent(u.Node) {
			return nil // which of the copies is meant is not known
		}
		c.Writes = append(c.Writes, write)
		c.workers = append(c.workers, workers...)
	}
	return c.lost()
}

// LookArgumentContainer judges a change of a parameter, or of a part of what it
// holds; nil when the parent does not read what it passed.
func LookArgumentContainer(m *process.Model, param *syntax.Node) *Container {
	write := MutationAt(param)
	fn := m.Project.Enclosing(param)
	if write == nil || fn == nil || m.DefInParent(fn) {
		return nil
	}
	b := m.Project.ModuleOf(param).Binding(param)
	if b == nil || b.Scope != fn.Scope || b.Single() == nil || b.Single().Kind != scope.Param {
		return nil
	}
	values, known := m.Project.Values(param)
	if !known || len(values) != 1 || values[0].Node == nil {
		return nil
	}
	made := values[0].Node
	c := &Container{model: m, Kind: containerKind(m, made), workers: handover.RealWorkers(m.WorkersAt(param)), Writes: []*syntax.Node{write}}
	up := made.Parent
	if c.Kind == "" || len(c.workers) == 0 || !up.Is("assignment") || up.Field("right") != made || !up.Field("left").Is("identifier") {
		return nil
	}
	if c.Binding = m.Project.ModuleOf(made).Binding(up.Field("left")); c.Binding == nil || len(m.WorkersAt(made)) > 0 {
		return nil
	}
	for _, d := range c.Binding.Defs {
		if d.Value == made {
			c.Def = d
		}
	}
	if c.Def == nil {
		return nil
	}
	if c.Binding.Scope == c.Binding.Scope.Module.Top {
		c.Uses, c.All = m.Project.Uses(c.Binding)
	} else {
		c.All = true
		for _, d := range c.Binding.Defs {
			c.Uses = append(c.Uses, project.Use{Module: c.Binding.Scope.Module, Node: d.Name, Store: true})
		}
		for _, n := range c.Binding.Uses {
			if !slices.ContainsFunc(c.Uses, func(u project.Use) bool { return u.Node == n }) {
				c.Uses = append(c.Uses, project.Use{Module: c.Binding.Scope.Module, Node: n})
			}
		}
	}
	return c.lost()
}

// lost finds what the parent reads once workers are started; nil when there is
// nothing, or when the parent makes changes of its own by then.
func (c *Container) lost() *Container {
	m := c.model
	if len(c.Writes) == 0 {
		return nil
	}
	var starts []*syntax.Node
	for _, w := range c.workers {
		for _, l := range w.Launches {
			for _, s := range l.Starts {
				starts = append(starts, s.Node)
			}
		}
		for _, t := range w.Tasks {
			starts = append(starts, t.Call)
		}
	}
	for _, u := range c.Uses {
		if u.Node == c.Def.Name || u.Import != nil && u.Store || len(m.WorkersAt(u.Node)) > 0 || !m.InParent(u.Node) {
			continue
		}
		after := slices.ContainsFunc(starts, func(s *syntax.Node) bool { return !u.Node.Within(s) && m.RunsBefore(s, u.Node) })
		switch {
		case !after || c.sent(u.Node) != nil:
		case u.Store, MutationAt(u.Node) != nil:
			return nil
		default:
			c.Reads = append(c.Reads, u.Node)
		}
	}
	if len(c.Reads) == 0 {
		return nil
	}
	return c
}

// sent returns the call that hands a use to a worker, nil if none does.
func (c *Container) sent(n *syntax.Node) *syntax.Node {
	for _, w := range c.workers {
		for _, l := range w.Launches {
			if n.Within(l.Call) && n != l.Target {
				return l.Call
			}
		}
		for _, t := range w.Tasks {
			if n.Within(t.Call) {
				return t.Call
			}
		}
	}
	return nil
}

// Worker returns a worker that changes the container.
func (c *Container) Worker() *process.Worker { return c.workers[0] }

// methods are what the proxies of list and dict offer (Lib/multiprocessing/
// managers.py, BaseListProxy and DictProxy).
var methods = map[string]string{
	"list": " append extend insert pop remove reverse sort index count ",
	"dict": " clear copy get items keys pop popitem setdefault update values ",
}

// plainly are the functions that take a proxy as they take the real thing.
var plainly = map[string]bool{
	"len": true, "sorted": true, "sum": true, "max": true, "min": true, "list": true, "dict": true, "set": true, "tuple": true,
	"enumerate": true, "zip": true, "any": true, "all": true, "print": true, "str": true, "bool": true, "map": true, "filter": true,
	"Counter": true, "frozenset": true,
}

// copied says whether a use needs a copy of the real type. The error says why a
// use has no counterpart on a proxy.
func (c *Container) copied(n *syntax.Node) (bool, error) {
	line := c.model.Project.ModuleOf(n).Tree.File.LineOf(n.Start)
	refuse := fmt.Errorf("what line %d does with %s is not known", line, c.Binding.Name)
	up := n.Parent
	switch up.Kind {
	case "attribute":
		name := up.Field("attribute").Text()
		if n.FieldName != "object" {
			return false, refuse
		}
		if !up.Parent.Is("call") || up.FieldName != "function" || !strings.Contains(methods[c.Kind], " "+name+" ") {
			return false, fmt.Errorf("the proxy of a %s has no %s()", c.Kind, name)
		}
		return false, nil
	case "subscript":
		if n.FieldName == "value" || c.sent(n) != nil {
			return false, nil
		}
	case "augmented_assignment":
		if n.FieldName == "left" && c.Kind == "list" && up.Field("operator").Text() == "+=" {
			return false, nil
		}
		return true, nil
	case "for_statement", "for_in_clause":
		return false, nil
	case "if_statement", "while_statement", "elif_clause", "not_operator", "boolean_operator", "conditional_expression", "if_clause", "list_splat", "dictionary_splat":
		return false, nil
	case "comparison_operator":
		return n.Prev() == nil || up.Field("operators").Text() != "in" && up.Field("operators").Text() != "not in", nil
	case "interpolation":
		return strings.Contains(up.Text(), "!") || strings.HasSuffix(strings.TrimRight(up.Text(), "} "), "="), nil
	case "return_statement", "binary_operator", "assert_statement", "expression_list":
		return true, nil
	case "pair", "tuple", "list", "keyword_argument":
		return c.sent(n) == nil, nil
	case "argument_list":
		call := up.Parent
		if f := call.Field("function"); c.sent(n) != nil || f.Is("identifier") && plainly[f.Text()] {
			return false, nil
		}
		for _, d := range c.model.Project.CalledBy(call) {
			if len(c.model.WorkersAt(n)) > 0 || c.model.Mutates(d) != nil {
				return false, refuse
			}
		}
		return true, nil
	}
	return false, refuse
}
