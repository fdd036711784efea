// Package unrecognisedsentinel finds loops that cannot tell the sentinel that
// should end them from the items, and makes the test one that holds after
// pickling.
package unrecognisedsentinel

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed unrecognisedsentinel.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF404 unrecognised-sentinel.
var Rule = &rule.Rule{
	ID:    "MPF404",
	Name:  "unrecognised-sentinel",
	Title: "a loop cannot tell its sentinel from its items",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	u := shutdown.UnrecognisedAt(p.Model, match.Node)
	if u == nil {
		return
	}
	f := &rule.Finding{Span: u.Test.Span()}
	test, title, note := syntax.Head(u.Test), "compare with None by is", "this item is taken for the end"
	switch {
	case u.Defect == shutdown.ByIdentity:
		title, note = "use a sentinel that is recognised after pickling", "the sentinel is put here"
		effect := "is false for all that arrives"
		switch {
		case u.Test.Is("call"):
			effect = "never ends"
		case u.Negated():
			effect = "is true for all that arrives"
		}
		f.Message = fmt.Sprintf("%s %s under every start method: items are pickled on their way, and a copy of %s is not recognised", test, effect, u.Sentinel.Text())
	case u.Defect == shutdown.ByTruth:
		f.Message = fmt.Sprintf("%s takes items that are false for the sentinel None, so that the loop ends too early under every start method", test)
	case u.Method == nil:
		note = "an array is put here"
		f.Message = fmt.Sprintf("%s compares an array element by element and raises ValueError under every start method", test)
	default:
		note = "such an item is put here"
		f.Message = fmt.Sprintf("%s calls %s of the items, which fails for %s under every start method", test, u.Method.QualName(), u.Sentinel.Text())
		f.Trail = append(f.Trail, rule.Note{Span: u.Method.Node.Span(), Text: "the comparison of the items"})
	}
	f.Trail = append(f.Trail, rule.Note{Span: u.Put.Node.Span(), Text: note})
	rw, sure, err := u.Fix()
	if err == nil {
		set, problem := rw.Set()
		if err = problem; err == nil {
			fix := rule.Fix{Title: title, Safety: rule.Safe, Edits: set}
			if !sure {
				fix.Safety = rule.Unsafe
				f.Why = "not all that goes through the queue, or not all uses of the sentinel, are known"
			}
			f.Fixes = append(f.Fixes, fix)
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}
