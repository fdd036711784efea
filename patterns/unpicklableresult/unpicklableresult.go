// Package unpicklableresult finds generators, views and other things that cannot
// be pickled among what tasks return and what is put into queues.
package unpicklableresult

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unpicklableresult.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF307.
var Rule = &rule.Rule{
	ID:    "MPF307",
	Name:  "unpicklable-result",
	Title: "what a task returns or a queue is given cannot be pickled",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// result is an expression whose value is pickled.
type result struct {
	expr   *syntax.Node
	at     *syntax.Node // the statement or call
	worker *project.Def // whose result it is; nil for a queue
	where  *process.Channel
	breaks []*process.Break
}

func check(p *rule.Pass, match syntax.Match) {
	r := returned(p.Model, match.Node)
	if r == nil {
		r = put(p.Model, match.Node)
	}
	if r == nil {
		return
	}
	if r.breaks = broken(p.Model, r); len(r.breaks) == 0 {
		return
	}
	f := &rule.Finding{Span: r.expr.Span(), Message: message(p.Model, r)}
	if r.worker != nil {
		f.Trail = append(f.Trail, rule.Note{Span: r.worker.Node.Field("name").Span(), Text: "runs in the workers of a pool"})
	} else {
		f.Trail = append(f.Trail, rule.Note{Span: r.where.Object.Made.Span(), Text: "made here"})
	}
	rw := refactor.New()
	title, doubt, err := remedy(p.Model, rw, r)
	if err == nil {
		fix := rule.Fix{Title: title}
		if doubt != "" {
			fix.Safety = rule.Unsafe
		}
		if fix.Edits, err = rw.Set(); err == nil {
			f.Why = doubt
			f.Fixes = append(f.Fixes, fix)
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// returned is the value of a return statement of a function that runs as a task.
func returned(m *process.Model, n *syntax.Node) *result {
	if !n.Is("return_statement") || len(n.NamedChildren()) != 1 {
		return nil
	}
	d := m.Project.Enclosing(n)
	if d == nil || d.IsLambda() || d.IsGenerator() || d.IsAsync() {
		return nil
	}
	for _, e := range d.Decorators() {
		if q := d.Module.Qualified(e); q != "builtins.staticmethod" && q != "builtins.classmethod" {
			return nil // what stands in its place is not known
		}
	}
	w := m.WorkerOf(d)
	if w == nil {
		return nil
	}
	for _, t := range w.Tasks {
		if t.Known && t.Pool != nil && t.Pool.Object.Root != "multiprocess" {
			return &result{expr: n.NamedChildren()[0], at: n, worker: d}
		}
	}
	return nil
}

// put is the item that a call gives to a queue or a connection.
func put(m *process.Model, n *syntax.Node) *result {
	if !n.Is("call") {
		return nil
	}
	for _, c := range m.Channels {
		if c.Object.Root == "multiprocess" || c.Object.Kind == process.ThreadQueue {
			continue
		}
		for _, u := range c.Put {
			args := syntax.CallArgs(n)
			if u.Call == n && u.Sole && u.Name != "send_bytes" && len(args.Positional) > 0 {
				return &result{expr: args.Positional[0], at: n, where: c}
			}
		}
	}
	return nil
}

// broken lists what breaks the value. All that it may be, other than None, has
// to break.
func broken(m *process.Model, r *result) []*process.Break {
	values, known := m.Origins(r.expr)
	if !known {
		return nil
	}
	var all []*process.Break
	for _, v := range values {
		if v.Kind == project.Literal && v.Node.Is("none") {
			continue
		}
		found := m.Breaks(v, process.Sent{Situation: process.AsResult, At: r.at, Expr: r.expr})
		if len(found) == 0 {
			return nil
		}
		all = append(all, found...)
	}
	return all
}

func message(m *process.Model, r *result) string {
	b := r.breaks[0]
	what := b.Type
	if owner, held := b.Owner(); held {
		what = owner.Class.Name + "." + owner.Attr + ", a " + b.Type
	}
	if factory(m, b) != nil {
		what = "lambda of a defaultdict"
	}
	switch {
	case r.worker != nil:
		return fmt.Sprintf("%s() returns the %s, which cannot be pickled on its way back from the worker under any start method", r.worker.Name, what)
	case r.where.Object.Kind == process.Queue || r.where.Object.Kind == process.JoinableQueue:
		return fmt.Sprintf("the %s cannot be pickled: the queue prints an error and drops it, and who waits for it waits for ever, under every start method", what)
	}
	return fmt.Sprintf("the %s cannot be pickled to be sent to another process, under any start method", what)
}
