// Package leakedsharedmemory finds blocks of shared memory that their owner never
// unlinks, and removes them when nothing needs them any more.
package leakedsharedmemory

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed leakedsharedmemory.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF512 leaked-shared-memory.
var Rule = &rule.Rule{
	ID:    "MPF512",
	Name:  "leaked-shared-memory",
	Title: "a block of shared memory is never unlinked",
	Doc:   doc,
	Query: query,
	Level: rule.Warning,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	l := shutdown.LeakedAt(p.Model, match.Node)
	if l == nil {
		return
	}
	f := &rule.Finding{Span: match.Node.Span()}
	f.Message = fmt.Sprintf("nobody unlinks the block that %s makes: it stays until the resource tracker removes it at the end of the program, with a warning, under every start method", syntax.Head(match.Node))
	if l.Closed != nil {
		f.Trail = append(f.Trail, rule.Note{Span: l.Closed.Span(), Text: "closed here, which keeps the block"})
	}
	fix(f, l)
	p.Report(f)
}

func fix(f *rule.Finding, l *shutdown.Leaked) {
	rw, err := l.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: "unlink the block when nothing needs it any more", Safety: rule.Safe, Edits: set})
}
