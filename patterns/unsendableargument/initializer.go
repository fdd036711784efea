package unsendableargument

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// carriers lists the arguments of tasks that hold the object. known is false
// when it is among several things there, or travels inside another argument.
func carriers(m *process.Model, o *process.Object) (found []process.Receipt, known bool) {
	known = true
	for _, r := range m.Receipts() {
		if r.Task == nil {
			continue
		}
		values, all := m.Project.Values(r.Expr)
		mine := false
		for _, v := range values {
			mine = mine || v.Node == o.Made
			deep, _ := m.Project.Elements(v)
			for _, e := range deep {
				known = known && e.Node != o.Made
			}
		}
		if mine {
			known = known && all && len(values) == 1 && !r.Each && r.Entry != nil && r.Param != ""
			found = append(found, r)
		}
	}
	return found, known && len(found) > 0
}

// throughInitializer takes the object out of the arguments of the tasks and lets
// the initializer of the pool set it as a global.
func throughInitializer(m *process.Model, rw *refactor.Rewrite, o *process.Object) error {
	receipts, known := carriers(m, o)
	if !known {
		return errors.New("not all ways of it to the tasks are known")
	}
	var readers []*project.Def
	params := map[*project.Def]string{}
	count := map[*project.Def]int{}
	for _, r := range receipts {
		d := r.Entry
		if params[d] == "" {
			readers, params[d] = append(readers, d), r.Param
		}
		if count[d]++; params[d] != r.Param {
			return fmt.Errorf("%s() is given it twice", d.Name)
		}
		pool := r.Object
		if pool == nil || !sameContext(pool, o) {
			return errors.New("it is made by another context than the pool")
		}
	}
	name := params[readers[0]]
	for _, d := range readers {
		if err := suits(m, d, params[d], name, count[d]); err != nil {
			return err
		}
	}
	def, err := definition(m, o)
	if err != nil {
		return err
	}
	home := readers[0].Module
	if b := home.Top.Names[name]; b != nil && b != home.Binding(def.Name) {
		return fmt.Errorf("%s is something else in the module", name)
	}
	plan, err := handover.Make(m, handover.Value{Name: name, Readers: readers, Expr: func(site *syntax.Node) (string, bool) {
		if visible(m, def, site) {
			return def.Name.Text(), true
		}
		return passedTo(m, o, m.Project.Enclosing(site))
	}})
	if err != nil {
		return err
	}
	plan.Write(rw)
	for _, d := range readers {
		rw.RemoveParameter(d.Node, params[d])
		if params[d] != name {
			for _, use := range d.Scope.Names[params[d]].Uses {
				rw.Replace(use, name)
			}
		}
	}
	for _, r := range receipts {
		if err := take(m, rw, r, r.Expr); err != nil {
			return err
		}
	}
	return rw.Err()
}

// sameContext says whether a pool starts its workers in the context that an object
// was made by; those of another one could not take it (Lib/multiprocessing/
// synchronize.py).
func sameContext(pool, o *process.Object) bool {
	if pool.Kind == process.Executor {
		return !o.Contextual && syntax.CallArgs(pool.Made).Keywords["mp_context"] == nil
	}
	return pool.Root == o.Root && pool.Contextual == o.Contextual && pool.Method == o.Method
}

// suits says whether a worker can read the object as a global in place of its
// parameter.
func suits(m *process.Model, d *project.Def, param, name string, tasks int) error {
	calls, complete := m.Project.Callers(d)
	if !complete || len(calls) != tasks || m.DefInParent(d) || d.IsLambda() || !d.TopLevel() || d.Class != nil {
		return fmt.Errorf("%s() is also run otherwise", d.Name)
	}
	if b := d.Scope.Names[param]; b == nil || b.Single() == nil {
		return fmt.Errorf("%s() binds %s anew", d.Name, param)
	}
	if param != name && d.Scope.Names[name] != nil {
		return fmt.Errorf("%s() has a name %s of its own", d.Name, name)
	}
	return nil
}

// definition returns the one assignment that names the object.
func definition(m *process.Model, o *process.Object) (*scope.Def, error) {
	up := o.Made.Parent
	if up.Is("assignment") && up.Field("left").Is("identifier") {
		if b := o.Module.Binding(up.Field("left")); b != nil && b.Single() != nil {
			return b.Single(), nil
		}
	}
	return nil, errors.New("it has no name where the pool is made")
}

// passedTo returns the parameter of a function that holds the object and nothing
// else.
func passedTo(m *process.Model, o *process.Object, d *project.Def) (name string, ok bool) {
	if d == nil {
		return "", false
	}
	for _, param := range d.Params() {
		b := d.Scope.Names[param.Name]
		if b == nil || b.Single() == nil || param.Star > 0 {
			continue
		}
		values, known := m.Project.BindingValues(b)
		if known && len(values) == 1 && values[0].Node == o.Made {
			return param.Name, true
		}
	}
	return "", false
}

// visible says whether a name is bound when the pool is made at a site.
func visible(m *process.Model, def *scope.Def, site *syntax.Node) bool {
	mod := m.Project.ModuleOf(site)
	if def.Name.Tree != site.Tree {
		return false
	}
	home, there := m.Project.Enclosing(def.Name), m.Project.Enclosing(site)
	if home == there {
		return def.Node.End < site.Start && site.Within(def.Name.Statement().Parent)
	}
	return mod.Binding(def.Name).Scope == mod.Top && m.RunsBefore(def.Node, site)
}

// take removes an argument of a task from the call or tuple that it stands in.
func take(m *process.Model, rw *refactor.Rewrite, r process.Receipt, expr *syntax.Node) error {
	up := expr.Parent
	switch {
	case up.Is("argument_list"):
		call := up.Parent
		switch callee := m.Project.ModuleOf(call).Qualified(call.Field("function")); {
		case callee == "itertools.repeat" && len(up.NamedChildren()) == 1:
			dropName(m, rw, call)
			return take(m, rw, r, call)
		case callee == "functools.partial" && len(up.NamedChildren()) == 2:
			rw.Replace(call, up.NamedChildren()[0].Text())
			dropName(m, rw, call)
			return nil
		case call == r.Call, callee == "functools.partial", callee == "builtins.zip" && len(up.NamedChildren()) > 1:
			rw.RemoveArgument(call, expr)
			return nil
		}
	case up.Is("keyword_argument"):
		if call := up.Parent.Parent; call == r.Call || m.Project.ModuleOf(call).Qualified(call.Field("function")) == "functools.partial" {
			if args := up.Parent.NamedChildren(); call != r.Call && len(args) == 2 {
				rw.Replace(call, args[0].Text())
				dropName(m, rw, call)
			} else {
				rw.RemoveArgument(call, expr)
			}
			return nil
		}
	case up.Is("tuple", "list") && r.Task.Shape != process.OneEach:
		rw.RemoveElement(up, expr)
		return nil
	}
	return errors.New("how it is sent is not understood")
}

// dropName takes out the import of what is called when nothing else uses it.
func dropName(m *process.Model, rw *refactor.Rewrite, call *syntax.Node) {
	name, _, _ := strings.Cut(call.Field("function").Text(), ".")
	rw.DropUnused(m.Project.ModuleOf(call), name, call)
}
