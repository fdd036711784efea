// Package runcalled finds processes of which run() is called instead of start(),
// and starts them.
package runcalled

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed runcalled.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF501 run-called.
var Rule = &rule.Rule{
	ID:    "MPF501",
	Name:  "run-called",
	Title: "run() is called, which starts no process",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	run := shutdown.RunAt(p.Model, match.Node)
	if run == nil {
		return
	}
	f := &rule.Finding{Span: match.Node.Span()}
	f.Message = fmt.Sprintf("%s runs the worker in the calling process, which waits for it: no process is started, under any start method", syntax.Head(match.Node))
	if len(run.Launch.Joins) > 0 {
		f.Message += ", and join() fails"
	}
	f.Trail = append(f.Trail, rule.Note{Span: run.Launch.Call.Span(), Text: "the process"})
	for _, e := range run.Launch.Entries {
		f.Trail = append(f.Trail, rule.Note{Span: e.Node.Span(), Text: "the worker"})
	}
	fix(f, run)
	p.Report(f)
}

func fix(f *rule.Finding, run *shutdown.Run) {
	rw, sure, err := run.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: "start the process", Safety: rule.Safe, Edits: set}
	if !sure {
		fix.Safety = rule.Unsafe
		f.Why = "the worker changes memory of the caller, which would stay unchanged"
	}
	f.Fixes = append(f.Fixes, fix)
}
