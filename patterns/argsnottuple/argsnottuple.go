// Package argsnottuple finds arguments of a worker that are no tuple, mostly
// for want of a comma, and makes them one.
package argsnottuple

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed argsnottuple.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF306 args-not-tuple.
var Rule = &rule.Rule{
	ID:    "MPF306",
	Name:  "args-not-tuple",
	Title: "the arguments of a worker are no tuple",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// site is one place that takes the arguments of a worker as a sequence.
type site struct {
	call, args, target *syntax.Node
	kwargs             *syntax.Node // the keyword arguments beside them, or nil
	kwname             string       // the keyword that takes them
}

func check(p *rule.Pass, match syntax.Match) {
	call := match.Node
	if s, ok := siteOf(p.Model, call); ok && s.args != nil && s.target != nil {
		judge(p, s, s.args)
	}
	if t := p.Model.TaskAt(call); t != nil && t.Shape == process.StarEach && len(t.Items) > 0 {
		for _, e := range elements(t.Items[0]) {
			judge(p, site{call: call, args: e, target: t.Func}, e)
		}
	}
}

func siteOf(m *process.Model, call *syntax.Node) (site, bool) {
	if t := m.TaskAt(call); t != nil {
		if t.Shape != process.Once {
			return site{}, false
		}
		args := syntax.CallArgs(call)
		return site{call, argument(args, 1, "args"), t.Func, argument(args, 2, "kwds"), "kwds"}, true
	}
	o := m.ObjectAt(call)
	if o == nil {
		return site{}, false
	}
	if l := m.LaunchOf(o); l != nil {
		return site{call, l.Args, l.Target, l.Kwargs, "kwargs"}, true
	}
	if pool := m.PoolOf(o); pool != nil {
		return site{call, pool.Initargs, pool.Initializer, nil, ""}, true
	}
	return site{}, false
}

func argument(args syntax.Args, i int, keyword string) *syntax.Node {
	if e := args.Keywords[keyword]; e != nil {
		return e
	}
	if i < len(args.Positional) {
		return args.Positional[i]
	}
	return nil
}

// elements lists what a display or comprehension gives one by one.
func elements(n *syntax.Node) []*syntax.Node {
	switch n = syntax.Unparen(n); n.Kind {
	case "list", "tuple":
		return n.NamedChildren()
	case "list_comprehension", "generator_expression":
		return []*syntax.Node{n.Field("body")}
	}
	return nil
}

func judge(p *rule.Pass, s site, args *syntax.Node) {
	if args.Is("list_splat") {
		return
	}
	takes := arityOf(p, s)
	spread := p.Model.SpreadOf(args)
	f := &rule.Finding{Span: args.Span()}
	shown := syntax.Head(args)
	inner := syntax.Head(syntax.Unparen(args))
	switch spread {
	case process.SpreadRefused:
		f.Message = fmt.Sprintf("%s is no tuple: %s cannot be unpacked into arguments, a TypeError under every start method", shown, inner)
	case process.SpreadCharacters:
		if takes.known && (takes.star && !args.Is("parenthesized_expression") || !takes.fits(1) || takes.fits(characters(args))) {
			return // it may be meant: f(*"ab")
		}
		f.Message = fmt.Sprintf("%s is no tuple: the characters of the string become the arguments, under every start method", shown)
	case process.SpreadKeys:
		if keywordsMeant(p, s, takes, f) {
			return
		}
		f.Message = fmt.Sprintf("%s is no tuple: the keys of the dict become the arguments, under every start method", shown)
	default:
		n, ok := items(p, args)
		if !ok || !takes.known || takes.star || takes.most != 1 || takes.fits(n) {
			return
		}
		f.Message = fmt.Sprintf("%s is no tuple of one: the %d elements of %s become the arguments of a function that takes one, under every start method", shown, n, inner)
	}
	f.Trail = takes.trail()
	if takes.known && !takes.fits(1) {
		f.Why = "the function does not take one argument"
		p.Report(f)
		return
	}
	rw := refactor.New()
	if args.Is("parenthesized_expression") {
		inside := args.NamedChildren()
		rw.InsertAfter(inside[len(inside)-1], ",")
	} else {
		rw.InsertBefore(args, "(")
		rw.InsertAfter(args, ",)")
	}
	safety := rule.Safe
	if !takes.known && spread != process.SpreadRefused {
		safety = rule.Unsafe
		f.Why = "what the function takes is not known"
	}
	offer(f, rw, "make it a tuple of one", safety)
	p.Report(f)
}

// keywordsMeant reports a dict that holds keyword arguments.
func keywordsMeant(p *rule.Pass, s site, takes arity, f *rule.Finding) bool {
	keyword := s.args.Parent
	if !takes.known || s.kwargs != nil || s.kwname == "" || !keyword.Is("keyword_argument") || !s.args.Is("dictionary") || !takes.namesAll(s.args) {
		return false
	}
	f.Message = fmt.Sprintf("the keys of the dict become the arguments, not its values, under every start method: %s takes keyword arguments", s.kwname)
	f.Trail = takes.trail()
	rw := refactor.New()
	rw.Replace(keyword.Field("name"), s.kwname)
	offer(f, rw, "pass them by "+s.kwname, rule.Safe)
	p.Report(f)
	return true
}

func offer(f *rule.Finding, rw *refactor.Rewrite, title string, safety rule.Safety) {
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: title, Safety: safety, Edits: set})
}
