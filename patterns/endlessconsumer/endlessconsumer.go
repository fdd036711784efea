// Package endlessconsumer finds workers that take items from a queue or pipe for
// ever while somebody waits for them, and ends them by sentinels.
package endlessconsumer

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed endlessconsumer.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF401 endless-consumer.
var Rule = &rule.Rule{
	ID:    "MPF401",
	Name:  "endless-consumer",
	Title: "a worker takes items for ever and is waited for",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	c := shutdown.At(p.Model, match.Node)
	if c == nil || !c.Endless(p.Model) {
		return
	}
	wait := c.Awaited(p.Model)
	if wait == shutdown.NoWait {
		return
	}
	f := &rule.Finding{Span: c.Get.Node.Span(), Trail: trail(c, wait)}
	waiting := "the interpreter waits for the process at exit"
	if wait == shutdown.JoinWait {
		waiting = "join() waits for the process"
	}
	cause := "nothing ends this loop"
	if c.End == shutdown.BySentinel {
		cause = fmt.Sprintf("nobody puts the %s that ends this loop", c.Sentinel.Text())
	}
	f.Message = fmt.Sprintf("%s waits for ever when the items run out: %s, and %s under every start method", c.Describe(), cause, waiting)
	fix(p.Model, f, c)
	p.Report(f)
}

func trail(c *shutdown.Consumer, wait shutdown.Wait) []rule.Note {
	var notes []rule.Note
	for _, l := range c.Launches {
		for _, e := range l.Entries {
			notes = append(notes, rule.Note{Span: e.Node.Span(), Text: "the worker"})
		}
		for _, s := range l.Starts {
			notes = append(notes, rule.Note{Span: s.Node.Span(), Text: "started here"})
		}
		if wait == shutdown.JoinWait {
			for _, j := range l.Joins {
				notes = append(notes, rule.Note{Span: j.Node.Span(), Text: "waited for here"})
			}
		}
	}
	return notes
}

func fix(m *process.Model, f *rule.Finding, c *shutdown.Consumer) {
	plan, err := shutdown.Make(m, c.Channel)
	if err != nil {
		f.Why = err.Error()
		return
	}
	rw, sure, err := plan.End()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: "send each consumer a sentinel that ends it", Safety: rule.Safe, Edits: set}
	if !sure {
		fix.Safety = rule.Unsafe
		f.Why = "not all items are known, and one may be equal to the sentinel"
	}
	f.Fixes = append(f.Fixes, fix)
}
