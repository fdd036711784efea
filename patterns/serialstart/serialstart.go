// Package serialstart finds loops in which each turn waits for the process or
// task that it has just started, and starts all before it waits.
package serialstart

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed serialstart.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF502 serial-start.
var Rule = &rule.Rule{
	ID:    "MPF502",
	Name:  "serial-start",
	Title: "each turn of a loop waits for what it has just started",
	Doc:   doc,
	Query: query,
	Level: rule.Warning,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	s := shutdown.SerialAt(p.Model, match.Node)
	if s == nil {
		return
	}
	f := &rule.Finding{Span: match.Node.Span()}
	wait := match.Node.Field("function").Field("attribute").Text() + "()"
	what, entries := "process", []*syntax.Node(nil)
	if s.Task != nil {
		what = "task"
		for _, e := range s.Task.Entries {
			entries = append(entries, e.Node)
		}
	} else {
		for _, e := range s.Launch.Entries {
			entries = append(entries, e.Node)
		}
	}
	f.Message = fmt.Sprintf("%s waits for the %s that the same turn of the loop has started: they run one after the other under every start method", wait, what)
	f.Trail = append(f.Trail, rule.Note{Span: s.Begin.Span(), Text: "started here"})
	for _, e := range entries {
		f.Trail = append(f.Trail, rule.Note{Span: e.Span(), Text: "the worker"})
	}
	fix(f, s)
	p.Report(f)
}

func fix(f *rule.Finding, s *shutdown.Serial) {
	rw, why, err := s.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: "start all before waiting for any", Safety: rule.Safe, Edits: set}
	if f.Why = why; why != "" {
		fix.Safety = rule.Unsafe
	}
	f.Fixes = append(f.Fixes, fix)
}
