package unpicklablecallable

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// forward replaces a lambda that only calls another function by that function
// and its arguments. ok is false, and nothing is written, when it does more.
func forward(p *rule.Pass, rw *refactor.Rewrite, call *syntax.Node, ft fault) (title string, ok bool) {
	lambda := ft.def.Node
	body := syntax.Unparen(lambda.Field("body"))
	pl, ok := placeOf(p.Model, call, lambda)
	if !ok || !body.Is("call") || hasComment(lambda) || !body.Field("arguments").Is("argument_list") {
		return "", false
	}
	fn := body.Field("function")
	callee, ok := namedFunction(p, ft.sent, fn, ft.def)
	if !ok {
		return "", false
	}
	var taken []string // parameters that the worker's caller fills
	values := map[string]string{}
	for _, param := range ft.def.Params() {
		switch {
		case param.Star > 0 || param.KwOnly || param.PosOnly:
			return "", false
		case param.Default == nil:
			taken = append(taken, param.Name)
		case !simple(param.Default):
			return "", false
		default:
			values[param.Name] = param.Default.Text() // lambda x, k=k: the usual way to bind k
		}
	}
	args := syntax.CallArgs(body)
	if star := args.Stars; len(star) == 1 && len(taken) == 1 && len(args.Positional)+len(args.Later)+len(args.Names)+len(args.DoubleStars) == 0 {
		return starred(rw, pl, fn, star[0], taken[0])
	}
	if len(args.Stars)+len(args.DoubleStars) > 0 {
		return "", false
	}
	front, back, ok := split(args, taken)
	if !ok {
		return "", false
	}
	text := func(n *syntax.Node) string {
		if v, ok := values[n.Text()]; ok && n.Is("identifier") {
			return v
		}
		return n.Text()
	}
	var positional, keywords []string
	for _, e := range front {
		if !simple(e) || reads(e, taken, values) {
			return "", false
		}
		positional = append(positional, text(e))
	}
	if len(back) > 0 { // f(x, k): k goes by name
		if callee == nil {
			return "", false
		}
		params := callee.Params()
		if callee.Class != nil && !callee.IsStatic() {
			params = params[min(1, len(params)):]
		}
		for i, e := range back {
			at := len(front) + len(taken) + i
			if at >= len(params) || params[at].Star > 0 || params[at].PosOnly || params[at].KwOnly || !simple(e) || reads(e, taken, values) {
				return "", false
			}
			keywords = append(keywords, params[at].Name+"="+text(e))
		}
	}
	for _, name := range args.Names {
		e := args.Keywords[name]
		if !simple(e) || reads(e, taken, values) {
			return "", false
		}
		keywords = append(keywords, name+"="+text(e))
	}
	write(p, rw, pl, fn.Text(), positional, keywords)
	return fmt.Sprintf("hand over %s itself", syntax.Head(fn)), true
}

// write hands over fn with arguments bound to it.
func write(p *rule.Pass, rw *refactor.Rewrite, pl place, fn string, positional, keywords []string) {
	method := ""
	if pl.task != nil {
		method = pl.task.Method
	}
	switch {
	case len(positional)+len(keywords) == 0 || len(keywords) == 0 && pl.canTake():
		pl.hand(rw, fn, positional)
	case pl.kind == behind && method == "submit":
		rw.Replace(pl.fn, strings.Join(append([]string{fn}, positional...), ", "))
		for _, k := range keywords {
			name, value, _ := strings.Cut(k, "=")
			rw.AddKeyword(pl.call, name, value)
		}
	default:
		all := slices.Concat([]string{fn}, positional, keywords)
		rw.Replace(pl.fn, rw.ImportIn(p.Project.ModuleOf(pl.fn), pl.fn, "functools", "partial")+"("+strings.Join(all, ", ")+")")
	}
}

// starred turns map(lambda t: f(*t), items) into starmap(f, items).
func starred(rw *refactor.Rewrite, pl place, fn, star *syntax.Node, param string) (string, bool) {
	name := map[string]string{"map": "starmap", "map_async": "starmap_async"}
	if pl.task == nil || pl.task.Pool == nil || pl.task.Pool.Object.Kind != process.Pool || name[pl.task.Method] == "" {
		return "", false
	}
	if c := star.NamedChildren(); len(c) != 1 || c[0].Text() != param {
		return "", false
	}
	rw.Replace(pl.call.Field("function").Field("attribute"), name[pl.task.Method])
	rw.Replace(pl.fn, fn.Text())
	return "spread the items with " + name[pl.task.Method], true
}

// split finds the parameters among the positional arguments, in order and side
// by side: those before and behind them.
func split(args syntax.Args, taken []string) (front, back []*syntax.Node, ok bool) {
	at := 0
	if len(taken) > 0 {
		at = slices.IndexFunc(args.Positional, func(n *syntax.Node) bool { return n.Text() == taken[0] })
		if at < 0 {
			return nil, nil, false
		}
	} else {
		at = len(args.Positional)
	}
	for i, name := range taken {
		if at+i >= len(args.Positional) || args.Positional[at+i].Text() != name {
			return nil, nil, false
		}
	}
	return args.Positional[:at], args.Positional[at+len(taken):], true
}

// namedFunction says whether an expression is a function that pickle finds by
// its name, and that the lambda does not make itself; def is nil for one of a
// library.
func namedFunction(p *rule.Pass, s process.Sent, fn *syntax.Node, lambda *project.Def) (def *project.Def, ok bool) {
	params := map[string]bool{}
	for _, param := range lambda.Params() {
		params[param.Name] = true
	}
	free := true
	fn.Walk(func(n *syntax.Node) bool {
		free = free && !n.Is("call", "subscript", "lambda") && !(n.Is("identifier") && params[n.Text()] && n.FieldName != "attribute")
		return free
	})
	v, only := p.Project.Only(fn)
	if !free || !only || len(faultsOf(p.Model, s, v)) > 0 || len(p.Model.Breaks(v, s)) > 0 {
		return nil, false
	}
	switch v.Kind {
	case project.Function, project.Method:
		return v.Def, !v.Def.IsAsync()
	case project.Class:
		return nil, v.Def.TopLevel()
	case project.External:
		return nil, !strings.ContainsAny(v.Name, "([:") && strings.Contains(v.Name, ".")
	}
	return nil, false
}

// simple says whether an expression can be evaluated earlier and in another
// process: names, their attributes, constants and displays of these.
func simple(n *syntax.Node) bool {
	ok := true
	n.Walk(func(c *syntax.Node) bool {
		if c.Named && !c.Is("identifier", "attribute", "integer", "float", "string", "string_start", "string_content", "string_end", "escape_sequence",
			"true", "false", "none", "tuple", "list", "dictionary", "pair", "unary_operator", "binary_operator", "parenthesized_expression", "subscript") {
			ok = false
		}
		return ok
	})
	return ok
}

// reads says whether an expression reads a parameter of the lambda other than
// by being one that has a value.
func reads(n *syntax.Node, taken []string, values map[string]string) bool {
	if _, bound := values[n.Text()]; bound && n.Is("identifier") {
		return false
	}
	found := false
	n.Walk(func(c *syntax.Node) bool {
		if c.Is("identifier") && c.FieldName != "attribute" {
			_, bound := values[c.Text()]
			found = found || bound || slices.Contains(taken, c.Text())
		}
		return !found
	})
	return found
}

func hasComment(n *syntax.Node) bool {
	return slices.ContainsFunc(n.Tree.Comments, func(c *syntax.Node) bool { return c.Within(n) })
}
