// Package missedtaskdone finds workers that do not call task_done exactly once
// for each item of a JoinableQueue, and calls it in a finally clause.
package missedtaskdone

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed missedtaskdone.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF407 missed-task-done.
var Rule = &rule.Rule{
	ID:    "MPF407",
	Name:  "missed-task-done",
	Title: "task_done is not called once for each item of a JoinableQueue",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	u := shutdown.UncountedAt(p.Model, match.Node)
	if u == nil {
		return
	}
	f := &rule.Finding{Span: u.Get.Node.Span()}
	loop, join := u.Consumer.Describe(), syntax.Head(u.Join.Node)
	waits := fmt.Sprintf("%s() waits for ever under every start method", join)
	switch u.Way {
	case shutdown.NeverDone:
		f.Message = fmt.Sprintf("nothing calls task_done for the items of %s, so %s", loop, waits)
	case shutdown.SkippedWay:
		f.Message = fmt.Sprintf("a way through the loop of %s skips task_done, so %s", loop, waits)
	case shutdown.OnSentinel:
		f.Message = fmt.Sprintf("%s leaves on the sentinel without task_done, and the sentinel counts as an item, so %s", loop, waits)
	case shutdown.TooOften:
		f.Message = fmt.Sprintf("a way through the loop of %s calls task_done twice for one item, so %s() returns too early or the worker gets ValueError under every start method", loop, join)
	}
	if u.At != nil {
		text := "on this way task_done is skipped"
		if u.Way == shutdown.TooOften {
			text = "the second call for one item"
		}
		f.Trail = append(f.Trail, rule.Note{Span: u.At.Span(), Text: text})
	}
	f.Trail = append(f.Trail, rule.Note{Span: u.Join.Node.Span(), Text: "the queue is joined here"})
	rw, err := u.Fix()
	if err == nil {
		set, problem := rw.Set()
		if err = problem; err == nil {
			f.Fixes = append(f.Fixes, rule.Fix{Title: "call task_done once for each item, in a finally clause", Safety: rule.Safe, Edits: set})
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}
