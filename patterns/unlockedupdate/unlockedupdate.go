// Package unlockedupdate finds updates of shared numbers, arrays and containers
// that several processes make without a lock, and puts them under one.
package unlockedupdate

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/sharedstate"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed unlockedupdate.scm
var query string

// Rule is MPF206.
var Rule = &rule.Rule{
	ID:    "MPF206",
	Name:  "unlocked-update",
	Title: "several processes update a shared object without a lock",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	if calls := match.Captures["lock"]; len(calls) > 0 {
		checkLock(p, calls[0])
		return
	}
	u := sharedstate.LookUpdate(p.Model, match.Captures["write"][0])
	if u == nil {
		return
	}
	f := &rule.Finding{
		Span: u.Write.Span(),
		Message: fmt.Sprintf("%s is read and written in two steps while other processes do the same: updates get lost, under any start method",
			syntax.Head(u.Write.Field("left"))),
		Trail: trail(p.Model, u.Object, u.Write),
	}
	report(p, f, func() (*refactor.Rewrite, string, error) { return sharedstate.FixUpdate(u) })
}

// checkLock reports get_lock() on an object that has no such method.
func checkLock(p *rule.Pass, call *syntax.Node) {
	c := sharedstate.LookLockCall(p.Model, call)
	if c == nil {
		return
	}
	f := &rule.Finding{
		Span:    call.Span(),
		Message: fmt.Sprintf("%s raises AttributeError: what is made without a lock, or by a manager, has no get_lock()", syntax.Head(call)),
		Trail:   trail(p.Model, c.Object, call),
	}
	report(p, f, func() (*refactor.Rewrite, string, error) { return sharedstate.FixLockCall(c) })
}

// report adds the fix, or why there is none.
func report(p *rule.Pass, f *rule.Finding, fix func() (*refactor.Rewrite, string, error)) {
	rw, title, err := fix()
	if err == nil {
		var edits rule.Fix
		edits.Title, edits.Safety = title, rule.Safe
		if edits.Edits, err = rw.Set(); err == nil {
			f.Fixes = append(f.Fixes, edits)
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

func trail(m *process.Model, o *process.Object, at *syntax.Node) []rule.Note {
	notes := []rule.Note{{Span: o.Made.Span(), Text: "the object is made here"}}
	for _, w := range m.WorkersAt(at) {
		notes = append(notes, rule.Note{Span: w.Entry.Node.Span(), Text: "the worker"})
		for _, l := range w.Launches {
			notes = append(notes, rule.Note{Span: l.Call.Span(), Text: "runs in this process"})
		}
		for _, t := range w.Tasks {
			notes = append(notes, rule.Note{Span: t.Call.Span(), Text: "runs in this pool"})
		}
	}
	return notes
}
