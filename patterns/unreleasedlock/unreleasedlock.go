// Package unreleasedlock finds locks that stay locked when the code between
// acquire and release is left early, and holds them by a with statement.
package unreleasedlock

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unreleasedlock.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF509 unreleased-lock.
var Rule = &rule.Rule{
	ID:    "MPF509",
	Name:  "unreleased-lock",
	Title: "a lock stays locked when an error occurs",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	u := shutdown.UnreleasedAt(p.Model, match.Captures["acquire"][0])
	if u == nil {
		return
	}
	lock := u.Acquire.Field("function").Field("object").Text()
	f := &rule.Finding{
		Span: u.Acquire.Span(),
		Trail: []rule.Note{
			{Span: u.Risk.Span(), Text: "may leave before the release"},
			{Span: u.Release.Span(), Text: "the release"},
		},
	}
	if u.Leaves {
		f.Message = fmt.Sprintf("%s is not released when %s leaves the block: all others that wait for it do so for ever, under every start method", lock, syntax.Head(u.Risk))
	} else {
		f.Message = fmt.Sprintf("%s is not released when %s raises: all others that wait for it do so for ever, under every start method", lock, syntax.Head(u.Risk))
	}
	fix(f, u, lock)
	p.Report(f)
}

func fix(f *rule.Finding, u *shutdown.Unreleased, lock string) {
	rw, err := u.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: fmt.Sprintf("hold %s by a with statement", lock), Safety: rule.Safe, Edits: set})
}
