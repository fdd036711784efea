// Package joinbeforedrain finds processes that are joined before what they sent
// has been read, and puts the reads first.
package joinbeforedrain

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed joinbeforedrain.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF405 join-before-drain.
var Rule = &rule.Rule{
	ID:    "MPF405",
	Name:  "join-before-drain",
	Title: "a process is joined before what it sent has been read",
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
	u := shutdown.UndrainedAt(p.Model, calls[0])
	if u == nil {
		return
	}
	f := &rule.Finding{
		Span: calls[0].Span(),
		Message: fmt.Sprintf("%s waits for a process that waits until %s has been read: beyond some 64 KiB both wait for ever, under every start method",
			syntax.Head(calls[0]), u.What()),
		Trail: []rule.Note{
			{Span: u.Writer.Node.Span(), Text: "put here by the process"},
			{Span: u.Read.Node.Span(), Text: "read here, too late"},
		},
	}
	rw, sure, err := u.Fix()
	if err != nil {
		f.Why = err.Error()
		p.Report(f)
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		p.Report(f)
		return
	}
	fix := rule.Fix{Title: "read first, then join", Safety: rule.Safe, Edits: set}
	if !sure {
		fix.Safety = rule.Unsafe
		f.Why = "what is read may depend on the process having ended"
	}
	f.Fixes = append(f.Fixes, fix)
	p.Report(f)
}
