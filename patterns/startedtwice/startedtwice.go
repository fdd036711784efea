// Package startedtwice finds processes that are started a second time, and daemon
// flags that are set too late or under a wrong name.
package startedtwice

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed startedtwice.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF504 started-twice.
var Rule = &rule.Rule{
	ID:    "MPF504",
	Name:  "started-twice",
	Title: "a process is started twice, or its daemon flag is set too late or misspelt",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	if t := shutdown.TwiceAt(p.Model, match.Node); t != nil {
		f := &rule.Finding{Span: match.Node.Span()}
		if t.Loop != nil {
			f.Message = fmt.Sprintf("the second turn of the loop calls %s on the same process: AssertionError under every start method, for a process starts once", syntax.Head(t.Start))
			f.Trail = []rule.Note{{Span: t.Loop.Children[0].Span(), Text: "the loop"}}
		} else {
			f.Message = fmt.Sprintf("%s starts the same process a second time: AssertionError under every start method", syntax.Head(t.Start))
			f.Trail = []rule.Note{{Span: t.First.Span(), Text: "started here before"}}
		}
		rw, err := t.Fix()
		fix(f, "make a new process for each start", rw, err)
		p.Report(f)
	}
	if d := shutdown.DaemonAt(p.Model, match.Node); d != nil {
		f := &rule.Finding{Span: match.Node.Span()}
		switch {
		case d.Start != nil:
			f.Message = "daemon is set when the process has been started: AssertionError under every start method"
			f.Trail = []rule.Note{{Span: d.Start.Span(), Text: "started here"}}
		case d.At.Is("call"):
			f.Message = "a Process has no setDaemon(), which is a method of threads: AttributeError under every start method"
		case d.At.Is("keyword_argument"):
			f.Message = fmt.Sprintf("a Process takes no argument %s, but daemon: TypeError under every start method", d.Name)
		default:
			f.Message = fmt.Sprintf("%s is an attribute of its own, the flag is called daemon: the process is no daemon under any start method", d.Name)
		}
		fix(f, "set daemon before the start", d.Fix(), nil)
		p.Report(f)
	}
}

func fix(f *rule.Finding, title string, rw *refactor.Rewrite, err error) {
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: title, Safety: rule.Safe, Edits: set})
}
