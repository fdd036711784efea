// Package filledbeforestart finds bounded queues into which the parent puts more
// than fits before it starts their readers, and starts the readers first.
package filledbeforestart

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed filledbeforestart.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF408 filled-before-start.
var Rule = &rule.Rule{
	ID:    "MPF408",
	Name:  "filled-before-start",
	Title: "a bounded queue is filled before its readers are started",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	calls := match.Captures["call"]
	if len(calls) == 0 {
		return
	}
	q := shutdown.FilledAt(p.Model, calls[0])
	if q == nil {
		return
	}
	f := &rule.Finding{
		Span: calls[0].Span(),
		Message: fmt.Sprintf("%s waits for ever under every start method: the queue has room for %d, at least %d items are put, and nobody reads it before %s",
			syntax.Head(calls[0].Field("function")), q.Limit, q.Items, syntax.Head(q.Start.Call)),
		Trail: []rule.Note{
			{Span: q.Put.Object.Made.Span(), Text: "the queue is made here"},
			{Span: q.Start.Node.Span(), Text: "the first reader is started here"},
		},
	}
	rw, sure, err := q.StartFirst()
	if err == nil {
		set, problem := rw.Set()
		if err = problem; err == nil {
			fix := rule.Fix{Title: "start the readers before the queue is filled", Safety: rule.Safe, Edits: set}
			if !sure {
				fix.Safety = rule.Unsafe
				f.Why = "the processes may depend on what stands between, or wait for room in a bounded queue of their own"
			}
			f.Fixes = append(f.Fixes, fix)
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}
