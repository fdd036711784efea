// Package earlymanager finds managers that are shut down while processes or the
// parent still need what they manage, and keeps them until then.
package earlymanager

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed earlymanager.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF511 early-manager.
var Rule = &rule.Rule{
	ID:    "MPF511",
	Name:  "early-manager",
	Title: "a manager is shut down while its proxies are still needed",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	e := shutdown.EarlyAt(p.Model, match.Node)
	if e == nil {
		return
	}
	f := &rule.Finding{Span: match.Node.Span()}
	end := "the end of the with statement"
	if e.End.Is("expression_statement") {
		f.Span = e.End.Span()
		end = syntax.Head(e.End)
	}
	if e.Child != nil {
		f.Message = fmt.Sprintf("%s stops the manager while processes may still use its proxies: they get a FileNotFoundError or ConnectionRefusedError under every start method", end)
		for _, s := range e.Child.Starts {
			f.Trail = append(f.Trail, rule.Note{Span: s.Node.Span(), Text: "started here"})
		}
		for _, d := range e.Child.Entries {
			f.Trail = append(f.Trail, rule.Note{Span: d.Node.Span(), Text: "the worker"})
		}
	} else {
		f.Message = fmt.Sprintf("%s stops the manager, and %s is used afterwards: that raises a FileNotFoundError or ConnectionRefusedError under every start method", end, e.Proxy.Text())
	}
	if e.Proxy != nil {
		f.Trail = append(f.Trail, rule.Note{Span: e.Proxy.Span(), Text: "used here"})
	}
	fix(f, e)
	p.Report(f)
}

func fix(f *rule.Finding, e *shutdown.Early) {
	rw, err := e.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: "keep the manager until nothing needs it", Safety: rule.Safe, Edits: set})
}
