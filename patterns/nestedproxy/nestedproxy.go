// Package nestedproxy finds changes to what was fetched from a manager's dict,
// list or Namespace, which is a copy, and stores it again.
package nestedproxy

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/sharedstate"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed nestedproxy.scm
var query string

// Rule is MPF207.
var Rule = &rule.Rule{
	ID:    "MPF207",
	Name:  "nested-proxy",
	Title: "a copy fetched from a manager is changed and not stored again",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	change, element := match.Captures["change"][0], match.Captures["element"][0]
	if sharedstate.ChangedIn(change) != element {
		return
	}
	n := sharedstate.LookNested(p.Model, change, element)
	if n == nil {
		return
	}
	f := &rule.Finding{
		Span: change.Span(),
		Message: fmt.Sprintf("%s is a copy that comes from the manager's process: the change to it is lost, under any start method",
			syntax.Head(element)),
		Trail: []rule.Note{{Span: n.Object.Made.Span(), Text: "the manager's object is made here"}},
	}
	for _, w := range p.Model.WorkersAt(change) {
		f.Trail = append(f.Trail, rule.Note{Span: w.Entry.Node.Span(), Text: "the worker"})
	}
	if err := fix(f, n); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// fix reads the element, changes it, and stores it again.
func fix(f *rule.Finding, n *sharedstate.Nested) error {
	rw, err := sharedstate.FixNested(n)
	if err != nil {
		return err
	}
	set, err := rw.Set()
	if err != nil {
		return err
	}
	title := fmt.Sprintf("read %s, change it and store it again", syntax.Head(n.Element))
	f.Fixes = append(f.Fixes, rule.Fix{Title: title, Safety: rule.Safe, Edits: set})
	return nil
}
