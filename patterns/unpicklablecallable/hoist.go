package unpicklablecallable

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// hoist moves a lambda or nested function to module level. What it captures
// becomes arguments in front of its own.
func hoist(p *rule.Pass, rw *refactor.Rewrite, ft fault) (string, rule.Safety, error) {
	d := ft.def
	m := d.Module
	b, assigned := boundTo(d)
	if err := movable(p, d, b); err != nil {
		return "", 0, err
	}
	captured := captures(p, d)
	inner, err := passable(p, ft, captured)
	if err != nil {
		return "", 0, err
	}
	var params []string
	for _, c := range captured {
		if !slices.Contains(inner, c.def) {
			params = append(params, c.name)
		}
	}
	for _, def := range inner {
		if name, err := freeName(def.Module, def, def.Name); err != nil || name != def.Name || namesakes(p, def) {
			return "", 0, fmt.Errorf("it captures %s, whose name is taken at module level", def.Name)
		}
		rw.Hoist(m, def.Node, def.Name, nil)
	}
	name, err := newName(p, d)
	if err != nil {
		return "", 0, err
	}
	safety := rule.Safe
	var handled []*syntax.Node
	uses := []*syntax.Node{d.Node}
	if b != nil {
		uses = b.Uses
		if assigned != nil {
			handled = append(handled, d.Node)
			rw.Delete(assigned)
		}
	}
	for _, use := range uses {
		if !plainDefaults(d) {
			break
		}
		for _, call := range senders(p.Model) {
			pl, ok := placeOf(p.Model, call, use)
			if !ok || !pl.canTake() && len(params) > 0 {
				continue
			}
			pl.hand(rw, name, params)
			handled = append(handled, use)
			break
		}
		if late(p, captured, use) {
			safety = rule.Unsafe
		}
	}
	if assigned != nil { // the uses of a name that a lambda was bound to
		for _, use := range uses {
			if slices.Contains(handled, use) {
				continue
			}
			handled = append(handled, use)
			if err := pass(p, rw, use, name, params); err != nil {
				return "", 0, err
			}
		}
	}
	rw.Hoist(m, d.Node, name, params, refactor.HoistOptions{Handled: handled})
	title := fmt.Sprintf("define %s at module level", name)
	if len(params) > 0 {
		title += " and pass it " + strings.Join(params, ", ")
	}
	return title, safety, nil
}

// namesakes says whether another function of the module has the same name.
func namesakes(p *rule.Pass, d *project.Def) bool {
	found := false
	d.Module.Tree.Root.Walk(func(n *syntax.Node) bool {
		found = found || n != d.Node && n.Is("function_definition") && n.Field("name").Text() == d.Name
		return !found
	})
	return found
}

// boundTo returns the name that a nested function, or a lambda by assignment,
// is bound to, and the assignment.
func boundTo(d *project.Def) (b *scope.Binding, assigned *syntax.Node) {
	if !d.IsLambda() {
		return d.Module.Binding(d.Node.Field("name")), nil
	}
	up := d.Node.Parent
	if !up.Is("assignment") || up.Field("right") != d.Node || !up.Parent.Is("expression_statement") || !up.Field("left").Is("identifier") {
		return nil, nil
	}
	return d.Module.Binding(up.Field("left")), up.Parent
}

// movable says what keeps a function in its place.
func movable(p *rule.Pass, d *project.Def, b *scope.Binding) error {
	if d.Class != nil || b != nil && b.Scope.Kind == scope.Class || d.Scope.Parent.Kind == scope.Class {
		return errors.New("it is a method")
	}
	if d.IsAsync() {
		return errors.New("a coroutine function does nothing in a worker")
	}
	if b != nil && b.Single() == nil {
		return fmt.Errorf("%s is bound more than once", b.Name)
	}
	var err error
	d.Node.Walk(func(n *syntax.Node) bool {
		switch {
		case n.Is("nonlocal_statement"):
			if s := d.Module.ScopeOf(n); s != nil && s == d.Scope {
				err = errors.New("it assigns a variable of the function around it")
			}
		case n.Is("identifier") && n.Text() == "super" && d.Module.Binding(n) == nil:
			err = errors.New("it calls super()")
		case n.Is("identifier") && strings.HasPrefix(n.Text(), "__") && !strings.HasSuffix(n.Text(), "__") && n.Ancestor("class_definition") != nil:
			err = errors.New("it uses a name that is private to its class")
		}
		return err == nil
	})
	if b != nil && err == nil {
		for _, use := range b.Uses {
			if use.Parent.Is("attribute") {
				return fmt.Errorf("%s has attributes", b.Name)
			}
		}
	}
	return err
}

// capture is a variable that a function reads from outside and that is not there
// at module level in a child.
type capture struct {
	name    string
	use     *syntax.Node
	binding *scope.Binding
	def     *project.Def // of a function or class bound to it, or nil
}

func captures(p *rule.Pass, d *project.Def) []capture {
	names := refactor.Captures(d.Module, d.Node)
	var found []capture
	for _, free := range d.Module.FreeNames(d.Node) {
		b := free.Binding
		if b == nil || !slices.Contains(names, free.Name) && !guarded(p.Model, b) {
			continue
		}
		c := capture{name: free.Name, use: free.Uses[0], binding: b}
		if one := b.Single(); one != nil && (one.Kind == scope.FuncDef || one.Kind == scope.ClassDef) {
			node := one.Node
			if node.Is("decorated_definition") {
				node = node.Field("definition")
			}
			c.def = p.Project.DefAt(node)
		}
		found = append(found, c)
	}
	return found
}

// guarded says whether a name of the module is only bound under the main guard,
// where a child does not see it.
func guarded(m *process.Model, b *scope.Binding) bool {
	if b.Scope.Kind != scope.TopLevel {
		return false
	}
	for _, d := range b.Defs {
		if d.Binds() && (d.Scope != b.Scope || m.GuardOf(d.Name) == nil) {
			return false
		}
	}
	return len(b.Defs) > 0
}

// passable says whether what a function captures can be sent with it. inner are
// nested functions among it that go to module level too.
func passable(p *rule.Pass, ft fault, captured []capture) (inner []*project.Def, err error) {
	for _, c := range captured {
		if c.def != nil {
			b, _ := boundTo(c.def)
			if c.def.IsClass() || c.def.Class != nil || len(c.def.Decorators()) > 0 || len(captures(p, c.def)) > 0 || movable(p, c.def, b) != nil {
				return nil, fmt.Errorf("it captures %s, which cannot be pickled either", c.name)
			}
			inner = append(inner, c.def)
			continue
		}
		values, _ := p.Project.Values(c.use)
		for _, v := range values {
			if breaks := p.Model.Breaks(v, ft.sent); len(breaks) > 0 {
				return nil, fmt.Errorf("it captures %s, which cannot be pickled: %s", c.name, breaks[0].Trace(c.name, c.name))
			}
		}
	}
	return inner, nil
}

// plainDefaults says whether no default of a lambda reads local variables: those
// are passed by partial.
func plainDefaults(d *project.Def) bool {
	for _, param := range d.Params() {
		if param.Default != nil && len(d.Module.FreeNames(param.Default)) > 0 && d.IsLambda() {
			return false
		}
	}
	return true
}

// late says whether a captured variable may get another value between a use of
// the function and the time it runs, or has none yet.
func late(p *rule.Pass, captured []capture, use *syntax.Node) bool {
	for _, c := range captured {
		for _, d := range c.binding.Defs {
			if d.Binds() && d.Name.Start > use.Start && !use.Within(d.Node) {
				return true
			}
		}
	}
	return false
}

// pass writes the use of a function that has moved.
func pass(p *rule.Pass, rw *refactor.Rewrite, use *syntax.Node, name string, params []string) error {
	if call := use.Parent; call.Is("call") && use.FieldName == "function" {
		rw.Replace(use, name)
		list := call.Field("arguments")
		if len(params) == 0 {
			return nil
		}
		if !list.Is("argument_list") {
			return errors.New("it is called with a generator")
		}
		if args := list.NamedChildren(); len(args) > 0 {
			rw.InsertBefore(args[0], strings.Join(params, ", ")+", ")
		} else {
			rw.Replace(list, "("+strings.Join(params, ", ")+")")
		}
		return nil
	}
	if len(params) == 0 {
		rw.Replace(use, name)
		return nil
	}
	rw.Replace(use, rw.ImportIn(p.Project.ModuleOf(use), use, "functools", "partial")+"("+strings.Join(append([]string{name}, params...), ", ")+")")
	return nil
}

// hoistClass moves a local class that reads nothing of its function.
func hoistClass(p *rule.Pass, rw *refactor.Rewrite, d *project.Def) (string, error) {
	stmt := d.Statement()
	b := d.Module.Binding(d.Node.Field("name"))
	if b == nil || b.Single() == nil {
		return "", fmt.Errorf("%s is bound more than once", d.Name)
	}
	for _, free := range d.Module.FreeNames(stmt) {
		if free.Binding != nil && free.Binding.Scope != d.Module.Top && free.Binding != b {
			return "", fmt.Errorf("it reads the local variable %s", free.Name)
		}
	}
	if name, err := freeName(d.Module, d, d.Name); err != nil || name != d.Name {
		return "", fmt.Errorf("the module has a %s already", d.Name)
	}
	rw.Move([]*syntax.Node{stmt}, process.TopStatement(stmt))
	return fmt.Sprintf("define %s at module level", d.Name), nil
}
