// Package unpicklableexception finds exceptions that leave a pool's worker and
// cannot be built again from their args, and teaches them how.
package unpicklableexception

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unpicklableexception.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF308 unpicklable-exception.
var Rule = &rule.Rule{
	ID:    "MPF308",
	Name:  "unpicklable-exception",
	Title: "an exception that a worker raises cannot be built again in the parent",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	class := p.Project.DefAt(match.Node)
	if class == nil || class.Scope == nil || !class.TopLevel() || class.Scope.Names["__init__"] == nil || !exception(p.Project, class) {
		return
	}
	raised := raises(p, class)
	if len(raised) == 0 {
		return
	}
	f := &rule.Finding{
		Span:  class.Node.Field("name").Span(),
		Trail: []rule.Note{{Span: raised[0].Span(), Text: "raised in a worker"}},
	}
	if handle := carried(p, raised); handle != nil {
		f.Message = fmt.Sprintf("%s carries %s, which cannot be pickled: the parent gets another error under every start method", class.Name, handle.Type)
		f.Why = "what it should carry instead is not known"
		p.Report(f)
		return
	}
	init := initOf(p.Project, class)
	if init == nil {
		return
	}
	fault := init.fault(raised)
	if fault == "" {
		return
	}
	f.Message = fmt.Sprintf("%s cannot be built again from its args in the parent: %s; a pool then hangs and an executor breaks, under every start method", class.Name, fault)
	if init.fits() {
		f.Message = fmt.Sprintf("%s is built again from its args in the parent: %s, under every start method", class.Name, fault)
	}
	title, set, err := mend(p, init)
	if err != nil {
		f.Why = err.Error()
	} else {
		f.Fixes = append(f.Fixes, rule.Fix{Title: title, Safety: rule.Safe, Edits: set})
	}
	p.Report(f)
}

// plain are the builtin exceptions that keep what their constructor gets in
// args and nothing else (CPython, Objects/exceptions.c, BaseException).
var plain = map[string]bool{
	"builtins.Exception": true, "builtins.BaseException": true, "builtins.ValueError": true, "builtins.TypeError": true, "builtins.RuntimeError": true,
	"builtins.LookupError": true, "builtins.KeyError": true, "builtins.IndexError": true, "builtins.ArithmeticError": true, "builtins.ZeroDivisionError": true,
	"builtins.NotImplementedError": true, "builtins.AssertionError": true, "builtins.Warning": true, "builtins.UserWarning": true, "builtins.BufferError": true,
	"builtins.OverflowError": true, "builtins.EOFError": true, "builtins.MemoryError": true, "builtins.ReferenceError": true,
}

// exception says whether a class is an exception that pickles by its args.
func exception(p *project.Project, class *project.Def) bool {
	line, external, known := p.Ancestors(class)
	if !known || len(external) == 0 {
		return false
	}
	for _, e := range external {
		if !plain[e] {
			return false
		}
	}
	for _, c := range line {
		for _, name := range []string{"__reduce__", "__reduce_ex__", "__new__", "__setstate__", "__getstate__"} {
			if c.Scope.Names[name] != nil {
				return false
			}
		}
		if len(c.Decorators()) > 0 {
			return false
		}
	}
	return true
}

// carried returns what an exception is given that does not pickle.
func carried(p *rule.Pass, raised []*syntax.Node) *process.Break {
	for _, n := range raised {
		call := syntax.Unparen(n)
		if !call.Is("call") {
			continue
		}
		args := syntax.CallArgs(call)
		exprs := append([]*syntax.Node(nil), args.Positional...)
		for _, name := range args.Names {
			exprs = append(exprs, args.Keywords[name])
		}
		for _, e := range exprs {
			values, _ := p.Project.Values(e)
			for _, v := range values {
				if breaks := p.Model.Breaks(v, process.Sent{Situation: process.AsResult, At: call, Expr: e}); len(breaks) > 0 {
					return breaks[0]
				}
			}
		}
	}
	return nil
}
