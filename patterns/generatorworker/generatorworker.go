// Package generatorworker finds generator and coroutine functions that run in
// workers, and puts a plain function before them.
package generatorworker

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed generatorworker.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF310 generator-worker.
var Rule = &rule.Rule{
	ID:    "MPF310",
	Name:  "generator-worker",
	Title: "a generator or coroutine function is given to workers",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	d := p.Project.DefAt(match.Node)
	if d == nil || !d.IsGenerator() && !d.IsAsync() {
		return
	}
	for _, e := range d.Decorators() {
		if q := d.Module.Qualified(e); q != "builtins.staticmethod" && q != "builtins.classmethod" {
			return // what stands in its place is not known
		}
	}
	var uses []*syntax.Node
	var task *process.Task
	for _, w := range p.Model.Workers {
		if w.Entry != d {
			continue
		}
		for _, t := range w.Tasks {
			if task == nil {
				task = t
			}
			uses = append(uses, named(p.Project, t.Func, d, 0))
		}
		for _, l := range w.Launches {
			if task == nil && l.Target != nil && l.Known {
				inProcess(p, d, l)
				return
			}
		}
	}
	if task == nil {
		return
	}
	what, result := "generator", "a generator, which cannot be pickled"
	if d.IsAsync() {
		what, result = "coroutine", "a coroutine that nobody runs"
	}
	f := &rule.Finding{
		Span:    task.Func.Span(),
		Message: fmt.Sprintf("%s is a %s function: its result is %s, under every start method", d.Name, what, result),
		Trail:   []rule.Note{{Span: d.Node.Span(), Text: "the worker"}},
	}
	if title, set, err := mend(p, d, uses); err != nil {
		f.Why = err.Error()
	} else {
		fix := rule.Fix{Title: title, Safety: rule.Safe, Edits: set}
		if d.IsAsync() {
			fix.Safety = rule.Unsafe
			f.Why = "an event loop for each task may not be what is wanted"
		}
		f.Fixes = append(f.Fixes, fix)
	}
	p.Report(f)
}

// inProcess reports a target that does nothing when it is called.
func inProcess(p *rule.Pass, d *project.Def, l *process.Launch) {
	what := "generator"
	if d.IsAsync() {
		what = "coroutine"
	}
	p.Report(&rule.Finding{
		Span:    l.Target.Span(),
		Message: fmt.Sprintf("%s is a %s function: the process calls it and nothing runs, under every start method", d.Name, what),
		Trail:   []rule.Note{{Span: d.Node.Span(), Text: "the worker"}},
		Why:     "what should drive it is not known",
	})
}

// named returns the expression that names the definition in what a task is
// given: itself, or the function inside a functools.partial.
func named(p *project.Project, e *syntax.Node, d *project.Def, depth int) *syntax.Node {
	e = syntax.Unparen(e)
	v, ok := p.Only(e)
	if !ok || depth > 4 {
		return nil
	}
	if v.Def == d && (v.Kind == project.Function || v.Kind == project.Method) {
		return e
	}
	if v.Is("functools.partial()") && v.Node != nil {
		if args := syntax.CallArgs(v.Node); len(args.Positional) > 0 {
			return named(p, args.Positional[0], d, depth+1)
		}
	}
	return nil
}
