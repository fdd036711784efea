package unpicklablecallable

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// addWraps puts @functools.wraps over the wrappers of a function's decorators
// that lack it.
func addWraps(p *rule.Pass, rw *refactor.Rewrite, ft fault) error {
	if ft.wrapper == nil {
		return errors.New("functools.wraps cannot repair a class that decorates")
	}
	var done []*project.Def
	for _, e := range ft.def.Decorators() {
		w, param := wrapperOf(p.Project, e)
		if w == nil || contains(done, w) || wraps(w) != "" || named(w, param) {
			continue
		}
		done = append(done, w)
		if err := decorate(p, rw, w, param); err != nil {
			return err
		}
	}
	return nil
}

// decorate puts @functools.wraps(param) over a wrapper.
func decorate(p *rule.Pass, rw *refactor.Rewrite, w *project.Def, param string) error {
	file := w.Node.Tree.File
	indent := file.Text[file.LineStart(file.LineOf(w.Node.Start)):w.Node.Start]
	if strings.TrimSpace(indent) != "" {
		return errors.New("the wrapper shares its line")
	}
	ref := rw.ImportIn(w.Module, w.Node, "functools", "wraps")
	rw.InsertBefore(w.Node, "@"+ref+"("+param+")"+file.Newline+indent)
	return nil
}

// redefine turns "name = decorator(function)" into a function of that name with
// the decorator above it.
func redefine(p *rule.Pass, rw *refactor.Rewrite, ft fault) (string, error) {
	use := syntax.Unparen(ft.sent.Expr)
	b := p.Project.ModuleOf(use).Binding(use)
	if use.Is("attribute") || b == nil {
		return "", errors.New("it is not known under which name it is bound")
	}
	def := b.Single()
	if def != nil && def.Kind == scope.Imported {
		return "", errors.New("it is bound in another module")
	}
	if def == nil || def.Kind != scope.Assign || b.Scope.Kind != scope.TopLevel || !def.Node.Parent.Is("expression_statement") || len(def.Path) > 0 {
		return "", errors.New("it is not bound once at module level")
	}
	call := syntax.Unparen(def.Value)
	args := syntax.CallArgs(call)
	if !call.Is("call") || len(args.Positional) != 1 || len(args.Names)+len(args.Stars)+len(args.DoubleStars) > 0 || def.Node.Field("type") != nil {
		return "", errors.New("it is not made by a call of the decorator alone")
	}
	w, param := wrapperOf(p.Project, call.Field("function"))
	if w != ft.wrapper {
		return "", errors.New("it is not made by a call of the decorator alone")
	}
	if wraps(w) == "" && !named(w, param) {
		if err := decorate(p, rw, w, param); err != nil {
			return "", err
		}
	}
	v, ok := p.Project.Only(args.Positional[0])
	if !ok || v.Kind != project.Function || !v.Def.TopLevel() || v.Def.Class != nil || v.Def.IsAsync() {
		return "", errors.New("the function inside is not known")
	}
	var params, pass []string
	for _, param := range v.Def.Params() {
		if param.Star > 0 || param.KwOnly || param.PosOnly || param.Default != nil {
			params, pass = []string{"*args", "**kwargs"}, []string{"*args", "**kwargs"}
			break
		}
		params, pass = append(params, param.Name), append(pass, param.Name)
	}
	stmt := def.Node.Parent
	rw.LinesBefore(stmt,
		"@"+call.Field("function").Text(),
		fmt.Sprintf("def %s(%s):", b.Name, strings.Join(params, ", ")),
		fmt.Sprintf("\treturn %s(%s)", args.Positional[0].Text(), strings.Join(pass, ", ")))
	rw.Delete(stmt)
	return "define " + b.Name + " as a function of its own", nil
}
