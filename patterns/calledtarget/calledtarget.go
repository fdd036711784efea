// Package calledtarget finds workers that are called where they should be handed
// over, and hands them over with their arguments beside.
package calledtarget

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed calledtarget.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF305 called-target.
var Rule = &rule.Rule{
	ID:    "MPF305",
	Name:  "called-target",
	Title: "a worker is called where it should be handed over",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// site is one place that takes a function to run in a worker.
type site struct {
	call, fn       *syntax.Node
	args, kwargs   *syntax.Node // what it is given already, or nil
	argsKey, kwKey string       // the keywords that take arguments; "" when they follow the function
	each           bool         // it is called for each item
	what           string
}

func siteOf(m *process.Model, call *syntax.Node) (s site, ok bool) {
	if t := m.TaskAt(call); t != nil {
		s = site{call: call, fn: t.Func, each: t.Shape == process.OneEach || t.Shape == process.StarEach, what: t.Method}
		switch args := syntax.CallArgs(call); {
		case t.Shape == process.Once:
			s.argsKey, s.kwKey = "args", "kwds"
			s.args, s.kwargs = args.Keywords["args"], args.Keywords["kwds"]
			if len(args.Positional) > 1 {
				s.args = args.Positional[1]
			}
			if len(args.Positional) > 2 {
				s.kwargs = args.Positional[2]
			}
		case len(t.Items) > 0:
			s.args = t.Items[0]
		}
		return s, true
	}
	o := m.ObjectAt(call)
	if o == nil {
		return site{}, false
	}
	if l := m.LaunchOf(o); l != nil {
		return site{call, l.Target, l.Args, l.Kwargs, "args", "kwargs", false, "Process"}, l.Target != nil
	}
	if pool := m.PoolOf(o); pool != nil {
		return site{call, pool.Initializer, pool.Initargs, nil, "initargs", "", false, "the initializer"}, pool.Initializer != nil
	}
	return site{}, false
}

func check(p *rule.Pass, match syntax.Match) {
	s, ok := siteOf(p.Model, match.Node)
	if !ok {
		return
	}
	inner := syntax.Unparen(s.fn)
	if !inner.Is("call") || !p.Model.NotCallable(inner) {
		return
	}
	v, ok := p.Project.Only(inner.Field("function"))
	if !ok || v.Kind != project.Function && v.Kind != project.Method {
		return
	}
	f := &rule.Finding{
		Span:    s.fn.Span(),
		Message: fmt.Sprintf("%s runs here, in the parent, and %s gets its result, which is no function, under every start method", syntax.Head(inner), s.what),
		Trail:   []rule.Note{{Span: v.Def.Node.Span(), Text: "the worker"}},
	}
	fix(p, f, s, inner, v.Def)
	p.Report(f)
}

func fix(p *rule.Pass, f *rule.Finding, s site, inner *syntax.Node, worker *project.Def) {
	rw := refactor.New()
	given := collect(inner, rw.Quote(p.Module))
	switch {
	case worker.IsAsync() || worker.IsGenerator():
		f.Why = "a coroutine or generator function does nothing in a worker until something runs it"
		return
	case s.each && !given.empty():
		f.Why = "the worker gets arguments here and from the items"
		return
	case !given.empty() && (s.args != nil || s.kwargs != nil):
		f.Why = "there are arguments in both places"
		return
	case given.commented:
		f.Why = "a comment stands among the arguments"
		return
	case given.generator:
		f.Why = "a generator cannot be pickled"
		return
	case given.keywords != "" && s.kwKey == "" && s.argsKey != "":
		f.Why = "an initializer takes no keyword arguments"
		return
	}
	if s.argsKey == "" && !s.each {
		given.spread(p, rw, s, inner)
	} else {
		rw.Replace(s.fn, inner.Field("function").Text())
		if given.tuple != "" && s.kwKey == "kwds" {
			rw.AddArgument(s.call, given.tuple)
		} else if given.tuple != "" {
			rw.AddKeyword(s.call, s.argsKey, given.tuple)
		}
		if given.keywords != "" {
			rw.AddKeyword(s.call, s.kwKey, given.keywords)
		}
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: fmt.Sprintf("hand %s over to be called by the worker", syntax.Head(inner.Field("function"))), Safety: rule.Safe, Edits: set}
	if n := p.Model.Mutates(worker); n != nil {
		fix.Safety = rule.Unsafe
		f.Why = fmt.Sprintf("%s changes memory of the parent, which would stay unchanged", syntax.Head(n))
	}
	f.Fixes = append(f.Fixes, fix)
}
