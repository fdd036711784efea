// Package pendingresults finds tasks of a pool that are still to be done when its
// with statement ends and terminates it, and makes it wait for them.
package pendingresults

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed pendingresults.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF507 pending-results.
var Rule = &rule.Rule{
	ID:    "MPF507",
	Name:  "pending-results",
	Title: "a pool's tasks are pending when its with statement terminates it",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	lost := shutdown.LostAt(p.Model, match.Node)
	if lost == nil {
		return
	}
	f := &rule.Finding{Span: lost.Task.Span(), Trail: []rule.Note{{Span: match.Node.Span(), Text: "the pool"}}}
	task := syntax.Head(lost.Task)
	switch {
	case lost.Read != nil:
		f.Message = fmt.Sprintf("the result of %s is read when the with statement has terminated the pool: the read waits for ever under every start method", task)
		f.Trail = append(f.Trail, rule.Note{Span: lost.Read.Span(), Text: "read here"})
	case lost.Return != nil:
		f.Message = fmt.Sprintf("the result of %s leaves the with statement, which terminates the pool: whoever reads it waits for ever under every start method", task)
		f.Trail = append(f.Trail, rule.Note{Span: lost.Return.Span(), Text: "handed out here"})
	default:
		f.Message = fmt.Sprintf("the tasks of %s are killed under every start method: nobody waits for them before the with statement terminates the pool", task)
	}
	if t := p.Model.TaskAt(lost.Task); t != nil {
		for _, e := range t.Entries {
			f.Trail = append(f.Trail, rule.Note{Span: e.Node.Span(), Text: "the worker"})
		}
	}
	fix(f, lost)
	p.Report(f)
}

func fix(f *rule.Finding, lost *shutdown.Lost) {
	rw, err := lost.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: "wait for the tasks inside the with statement", Safety: rule.Safe, Edits: set})
}
