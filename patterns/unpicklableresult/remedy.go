package unpicklableresult

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// remedy makes plain containers of all that breaks, and module-level functions of
// the factories of a defaultdict.
func remedy(m *process.Model, rw *refactor.Rewrite, r *result) (title, doubt string, err error) {
	if r.worker != nil && m.DefInParent(r.worker) {
		doubt = r.worker.Name + "() is called in the parent too"
	}
	var done []*syntax.Node
	for _, b := range r.breaks {
		if lambda := factory(m, b); lambda != nil {
			inner := slices.ContainsFunc(r.breaks, func(o *process.Break) bool {
				outer := factory(m, o)
				return outer != nil && outer != lambda && lambda.Within(outer)
			})
			if !inner && !slices.Contains(done, lambda) { // with the outer one otherwise
				done = append(done, lambda)
				name(m, rw, lambda)
			}
			title = cmp.Or(title, "give the defaultdict a factory that pickle finds by its name")
			continue
		}
		if _, held := b.Owner(); held {
			return "", "", errors.New("leave what cannot be pickled out of the object")
		}
		if b.Copier() == "" {
			return "", "", fmt.Errorf("hand over what is needed of the %s instead", b.Type)
		}
		if m.Endless(b.Value) {
			return "", "", errors.New("the generator may never end")
		}
		place := placeOf(m, r, b)
		if place == nil {
			return "", "", fmt.Errorf("make a %s of the %s where it is made", b.Copier(), b.Type)
		}
		if slices.Contains(done, place) {
			continue
		}
		done = append(done, place)
		if b.Type == "memoryview" {
			doubt = cmp.Or(doubt, "bytes() loses the format of the view")
		}
		if usedLater(m, place) {
			doubt = cmp.Or(doubt, "the "+b.Type+" is used later too")
		}
		text := b.Copier() + "(" + place.Text() + ")"
		if place.Is("generator_expression") {
			text = "[" + place.Text()[1:len(place.Text())-1] + "]"
			if place.FieldName == "arguments" { // q.put(x for x in y)
				text = "(" + text + ")"
			}
		}
		rw.Replace(place, text)
		title = cmp.Or(title, fmt.Sprintf("make a %s of the %s", b.Copier(), b.Type))
	}
	return title, doubt, rw.Err()
}

// placeOf returns the expression to copy: the whole result, or what stands for the
// thing in it.
func placeOf(m *process.Model, r *result, b *process.Break) *syntax.Node {
	if len(b.Path) == 0 {
		return r.expr
	}
	if b.Node == nil {
		return nil
	}
	if b.Node.Within(r.expr) {
		return b.Node
	}
	var found *syntax.Node
	r.expr.Walk(func(n *syntax.Node) bool {
		if found == nil && n.Is("identifier") && m.Project.ModuleOf(n).IsLoad(n) && n.Parent.Is("tuple", "list", "expression_list", "pair") {
			if v, ok := m.Project.Only(n); ok && v.Node == b.Node {
				found = n
			}
		}
		return found == nil
	})
	return found
}

// usedLater says whether a generator that is copied is read further down: it is
// used up by then.
func usedLater(m *process.Model, n *syntax.Node) bool {
	if !n.Is("identifier") {
		return false
	}
	b := m.Project.ModuleOf(n).Binding(n)
	if b == nil {
		return true
	}
	for _, use := range b.Uses {
		if use.Start > n.End {
			return true
		}
	}
	return b.Single() == nil
}

// factory returns the lambda that a break is, when it is the factory of a
// defaultdict.
func factory(m *process.Model, b *process.Break) *syntax.Node {
	if b.Kind != process.Unnamed || b.Value.Kind != project.Function || !b.Value.Def.IsLambda() {
		return nil
	}
	lambda := b.Value.Def.Node
	list := lambda.Parent
	if !list.Is("argument_list") || m.Project.ModuleOf(lambda).Qualified(list.Parent.Field("function")) != "collections.defaultdict" {
		return nil
	}
	return lambda
}

// empty are the builtins that give what a lambda's body is.
func empty(body *syntax.Node) string {
	switch text := body.Text(); text {
	case "0", "int()":
		return "int"
	case "0.0", "float()":
		return "float"
	case "False", "bool()":
		return "bool"
	case `""`, "''", "str()":
		return "str"
	case "[]", "list()":
		return "list"
	case "{}", "dict()":
		return "dict"
	case "set()":
		return "set"
	case "()", "tuple()":
		return "tuple"
	}
	return ""
}

// name puts what pickle finds by its name in the place of a lambda: a builtin, a
// partial for a defaultdict of defaultdicts, else a function at module level.
func name(m *process.Model, rw *refactor.Rewrite, lambda *syntax.Node) {
	mod := m.Project.ModuleOf(lambda)
	body := syntax.Unparen(lambda.Field("body"))
	if builtin := empty(body); builtin != "" {
		if m.Project.DefAt(lambda).Scope.Names[builtin] == nil && mod.Top.Names[builtin] == nil {
			rw.Replace(lambda, builtin)
			return
		}
	}
	if body.Is("call") && mod.Qualified(body.Field("function")) == "collections.defaultdict" {
		args := syntax.CallArgs(body)
		if len(args.Positional) == 1 && len(args.Names) == 0 && args.Positional[0].Is("lambda") {
			if builtin := empty(syntax.Unparen(args.Positional[0].Field("body"))); builtin != "" && mod.Top.Names[builtin] == nil {
				rw.Replace(lambda, rw.Import(mod, "functools", "partial")+"("+body.Field("function").Text()+", "+builtin+")")
				return
			}
		}
	}
	body.Walk(func(n *syntax.Node) bool {
		if n.Is("lambda") {
			rw.Fail(errors.New("the factory has factories in it"))
		}
		return !n.Is("lambda")
	})
	if len(refactor.Captures(mod, lambda)) > 0 {
		rw.Fail(errors.New("the factory uses local variables"))
		return
	}
	rw.Hoist(mod, lambda, factoryName(mod, lambda), nil)
}

// factoryName names the factory after the variable or function that the
// defaultdict is for. Lambdas of one module get different names, whichever of
// them are hoisted together.
func factoryName(mod *scope.Module, lambda *syntax.Node) string {
	base := func(n *syntax.Node) string {
		if up := n.Parent.Parent.Parent; up.Is("assignment") && up.Field("left").Is("identifier") {
			return up.Field("left").Text() + "_default"
		}
		return "dict_default"
	}
	want, count := base(lambda), 0
	mod.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Is("lambda") && n.Parent.Is("argument_list") && n.Start < lambda.Start && base(n) == want {
			count++
		}
		return true
	})
	if count > 0 {
		want += fmt.Sprintf("_%d", count+1)
	}
	return mod.FreshName(mod.Top, want)
}
