package generatorworker

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// mend puts a plain function below the worker, which collects what it yields or
// runs it, and gives that to the pools.
func mend(p *rule.Pass, d *project.Def, uses []*syntax.Node) (title string, set edit.Set, err error) {
	if d.IsAsync() && d.IsGenerator() {
		return "", set, errors.New("it is an asynchronous generator")
	}
	if !d.TopLevel() {
		return "", set, errors.New("it is not defined at module level")
	}
	if d.IsGenerator() && endless(d) {
		return "", set, errors.New("it has no end: its items do not fit in a list")
	}
	verb, builder := "list_", "list"
	rw := refactor.New()
	if d.IsAsync() {
		verb, builder = "run_", rw.ImportIn(d.Module, d.Node, "asyncio", "run")
	}
	name := verb + d.Name
	if strings.HasPrefix(d.Name, "_") {
		name = "_" + verb + strings.TrimLeft(d.Name, "_")
	}
	if d.Class == nil {
		name = d.Module.FreshName(d.Module.Top, name)
	} else if p.Project.Method(d.Class, name) != nil {
		return "", set, fmt.Errorf("the class has a %s already", name)
	}
	header, call := signature(d, name)
	lines := []string{header, "\treturn " + builder + "(" + call + ")"}
	if d.IsStatic() {
		lines = append([]string{"@staticmethod"}, lines...)
	} else if d.IsClassMethod() {
		lines = append([]string{"@classmethod"}, lines...)
	}
	rw.LinesAfter(d.Statement(), lines...)
	done := map[*syntax.Node]bool{}
	for _, use := range uses {
		if done[use] {
			continue
		}
		done[use] = true
		if err := rename(p, rw, d, use, name); err != nil {
			return "", set, err
		}
	}
	set, err = rw.Set()
	return "give the pool " + name + ", a plain function", set, err
}

// signature writes the head of the plain function and its call of the worker.
func signature(d *project.Def, name string) (header, call string) {
	var params, pass []string
	for i, param := range d.Params() {
		if i == 0 && d.Self() != "" {
			params = append(params, param.Name)
			continue
		}
		if param.Star > 0 || param.KwOnly || param.PosOnly || param.Default != nil {
			params, pass = params[:min(len(params), selfs(d))], nil
			params, pass = append(params, "*args", "**kwargs"), append(pass, "*args", "**kwargs")
			break
		}
		params, pass = append(params, param.Name), append(pass, param.Name)
	}
	callee := d.Name
	switch {
	case d.Self() != "":
		callee = d.Self() + "." + d.Name
	case d.Class != nil:
		callee = d.Class.Name + "." + d.Name
	}
	return "def " + name + "(" + strings.Join(params, ", ") + "):", callee + "(" + strings.Join(pass, ", ") + ")"
}

func selfs(d *project.Def) int {
	if d.Self() != "" {
		return 1
	}
	return 0
}

// rename writes the new name where a pool is given the old one.
func rename(p *rule.Pass, rw *refactor.Rewrite, d *project.Def, use *syntax.Node, name string) error {
	switch {
	case use == nil:
		return errors.New("a pool gets it in a way that is not understood")
	case use.Is("attribute"):
		rw.Replace(use.Field("attribute"), name)
		return nil
	case !use.Is("identifier"):
		return errors.New("a pool gets it in a way that is not understood")
	}
	m := p.Project.ModuleOf(use)
	b := m.Binding(use)
	def := b.Single()
	switch {
	case def == nil:
		return fmt.Errorf("%s is bound more than once", use.Text())
	case m == d.Module && def.Kind == scope.FuncDef:
		rw.Replace(use, name)
	case def.Kind == scope.Imported && def.Import.Absolute() != "":
		rw.Replace(use, rw.ImportIn(m, use, def.Import.Absolute(), name))
		if len(b.Uses) == 1 {
			rw.DropImport(m, def.Import)
		}
	default:
		return fmt.Errorf("%s has another name there", d.Name)
	}
	return nil
}

// endless says whether a generator loops without a way out.
func endless(d *project.Def) bool {
	found := false
	d.Walk(func(n *syntax.Node) {
		if !n.Is("while_statement") || !n.Field("condition").Is("true", "integer") {
			return
		}
		out := false
		n.Walk(func(c *syntax.Node) bool {
			out = out || c.Is("break_statement", "return_statement", "raise_statement")
			return !out
		})
		found = found || !out
	})
	return found
}
