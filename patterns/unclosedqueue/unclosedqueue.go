// Package unclosedqueue finds queues that are never closed, and closes them
// behind their last use.
package unclosedqueue

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unclosedqueue.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF413 unclosed-queue.
var Rule = &rule.Rule{
	ID:    "MPF413",
	Name:  "unclosed-queue",
	Title: "a queue is never closed",
	Doc:   doc,
	Query: query,
	Level: rule.Hygiene,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	u := shutdown.UnclosedAt(p.Model, match.Node)
	if u == nil {
		return
	}
	f := &rule.Finding{
		Span:    match.Node.Span(),
		Message: fmt.Sprintf("%s is never closed: its pipe and its feeder thread stay until it is collected or the program ends", u.Name),
		Trail:   []rule.Note{{Span: u.Last.Span(), Text: "used last here"}},
	}
	if rw, err := u.Close(); err != nil {
		f.Why = err.Error()
	} else if set, err := rw.Set(); err != nil {
		f.Why = err.Error()
	} else {
		f.Fixes = append(f.Fixes, rule.Fix{Title: "close the queue behind its last use", Safety: rule.Safe, Edits: set})
	}
	p.Report(f)
}
