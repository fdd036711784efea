// Package earlypool finds pools that are made before the functions or globals that
// their workers use exist, and makes them after.
package earlypool

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed earlypool.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF105 early-pool.
var Rule = &rule.Rule{
	ID:    "MPF105",
	Name:  "early-pool",
	Title: "a pool is made before what its workers use exists",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	e := startup.LookEarly(p.Model, match.Node)
	if e == nil {
		return
	}
	f := &rule.Finding{
		Span: match.Node.Span(),
		Message: fmt.Sprintf("%s starts its workers here, before %s is bound: under fork they are copies of the parent without it, under spawn and forkserver they never get it from here",
			syntax.Head(match.Node), e.Name),
		Trail: []rule.Note{{Span: e.At.Span(), Text: "bound here, too late"}, {Span: e.Pool.Tasks[0].Call.Span(), Text: "the workers use it from here on"}},
	}
	if err := fix(f, e); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// fix makes the pool where it is first used.
func fix(f *rule.Finding, e *startup.Early) error {
	later, err := e.Plan()
	if err != nil {
		return err
	}
	rw := refactor.New()
	later.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: "make the pool after " + e.Name, Safety: rule.Safe, Edits: set})
	return nil
}
