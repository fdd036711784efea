// Package missingsentinels finds queues into which fewer sentinels are put than
// processes read them, and puts one for each.
package missingsentinels

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed missingsentinels.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF402 missing-sentinels.
var Rule = &rule.Rule{
	ID:    "MPF402",
	Name:  "missing-sentinels",
	Title: "fewer sentinels are put than processes read the queue",
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
	s := shutdown.ShortOf(p.Model, calls[0])
	if s == nil {
		return
	}
	f := &rule.Finding{
		Span: calls[0].Span(),
		Message: fmt.Sprintf("%s for %s: each sentinel ends one process, the others wait in %s for ever under every start method",
			s.Have(), s.Want(), s.Consumer.Describe()),
		Trail: []rule.Note{{Span: s.Consumer.Get.Node.Span(), Text: "the consumer"}},
	}
	for _, l := range s.Consumer.Launches {
		f.Trail = append(f.Trail, rule.Note{Span: l.Call.Span(), Text: "the processes are made here"})
	}
	if rw, err := s.Fill(); err != nil {
		f.Why = err.Error()
	} else if set, err := rw.Set(); err != nil {
		f.Why = err.Error()
	} else {
		f.Fixes = append(f.Fixes, rule.Fix{Title: "put one sentinel for each process", Safety: rule.Safe, Edits: set})
	}
	p.Report(f)
}
