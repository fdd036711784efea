// Package unsendableargument finds queues, locks and values of multiprocessing
// among the arguments of a pool's tasks.
package unsendableargument

import (
	_ "embed"
	"errors"
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unsendableargument.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF304.
var Rule = &rule.Rule{
	ID:    "MPF304",
	Name:  "unsendable-argument",
	Title: "a task of a pool is given a queue, lock or value of multiprocessing",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	seen := map[*process.Object]bool{}
	sent := p.Model.SentAt(match.Node)
	if t := p.Model.TaskAt(match.Node); len(sent) > 0 && t != nil && t.Shape != process.Once && t.Shape != process.OnceSpread {
		// What zip() and repeat() put among the items of a map.
		for _, r := range p.Model.Receipts() {
			if values, known := p.Model.Origins(r.Expr); r.Task == t && known && len(values) == 1 && !r.Each {
				sent = append(sent, process.Sent{Situation: process.AsTask, At: match.Node, Expr: r.Expr, Values: values})
			}
		}
	}
	for _, s := range sent {
		if s.Situation != process.AsTask {
			continue
		}
		for _, o := range inherited(p.Model, s) {
			if !seen[o] {
				seen[o] = true
				report(p, s, o)
			}
		}
	}
}

// inherited lists the objects that a task carries as an argument and that only a
// process that is being started may inherit. It is empty where the argument may
// be something else.
func inherited(m *process.Model, s process.Sent) []*process.Object {
	t := m.TaskAt(s.At)
	values := s.Values
	if t != nil && !s.Callee && (t.Shape == process.Once || t.Shape == process.OnceSpread) {
		known := false
		if values, known = m.Origins(s.Expr); !known {
			return nil
		}
	}
	var found []*process.Object
	for _, v := range values {
		if v.Kind == project.Literal && v.Node.Is("none") {
			continue
		}
		before := len(found)
		for _, b := range m.Breaks(v, s) {
			if _, held := b.Owner(); held || b.Kind != process.Inherited || b.Node == nil {
				continue
			}
			if o := m.ObjectAt(b.Node); o != nil {
				found = append(found, o)
			}
		}
		direct := t != nil && !s.Callee && (t.Shape == process.Once || t.Shape == process.OnceSpread)
		if direct && len(found) == before {
			return nil
		}
	}
	return found
}

func report(p *rule.Pass, s process.Sent, o *process.Object) {
	method := "the call"
	if f := s.At.Field("function"); f.Is("attribute") {
		method = f.Field("attribute").Text() + "()"
	}
	how := method + " raises RuntimeError"
	if method == "apply_async()" || method == "submit()" || strings.HasSuffix(method, "map_async()") {
		how = method + " keeps the RuntimeError until somebody asks for the result"
	}
	f := &rule.Finding{
		Span:    s.Expr.Span(),
		Message: fmt.Sprintf("each task pickles the %s, which only a process that is being started may inherit; %s under every start method", o.Name, how),
		Trail:   []rule.Note{{Span: o.Made.Span(), Text: "made here"}},
	}
	title, rw, err := remedy(p.Model, o)
	if err == nil {
		fix := rule.Fix{Title: title}
		if fix.Edits, err = rw.Set(); err == nil {
			f.Fixes = append(f.Fixes, fix)
		}
	}
	if err != nil {
		f.Why = strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	p.Report(f)
}

// remedy hands the object to the pool's workers when they start. Where tasks put
// into a queue that is wrong: what a worker has not written yet when the pool is
// left is lost, and pool.join() may wait for ever for one that nobody reads. There,
// and where the workers cannot be handed the object, a manager's takes its place,
// which tasks can carry.
func remedy(m *process.Model, o *process.Object) (string, *refactor.Rewrite, error) {
	why := error(nil)
	if !putByTasks(m, o) {
		rw := refactor.New()
		if why = throughInitializer(m, rw, o); why == nil {
			return fmt.Sprintf("hand the %s to the pool's workers when they start", o.Name), rw, nil
		}
	}
	rw := refactor.New()
	if err := throughManager(m, rw, o); err != nil {
		return "", nil, errors.Join(why, err)
	}
	return "let a manager make the " + o.Name, rw, nil
}

// putByTasks says whether tasks write to a queue.
func putByTasks(m *process.Model, o *process.Object) bool {
	for _, u := range o.Used("put", "put_nowait") {
		for _, w := range m.WorkersAt(u.Node) {
			if len(w.Tasks) > 0 {
				return true
			}
		}
	}
	return false
}
