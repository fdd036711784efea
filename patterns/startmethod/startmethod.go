// Package startmethod finds calls of set_start_method that raise, in the parent or
// in its children, and sets the method once, first under the main guard.
package startmethod

import (
	_ "embed"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed startmethod.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF106 start-method.
var Rule = &rule.Rule{
	ID:    "MPF106",
	Name:  "start-method",
	Title: "the start method is set where it can no longer be set",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

var messages = map[startup.MethodFault]string{
	startup.MethodAtImport: "set_start_method() runs while the module is imported: under spawn and forkserver every child calls it again, and dies with a RuntimeError because the context has already been set",
	startup.MethodTwice:    "set_start_method() is called a second time: it raises a RuntimeError under every start method, because the context has already been set",
	startup.MethodLate:     "set_start_method() comes after the default context was used: it raises a RuntimeError under every start method",
}

func check(p *rule.Pass, match syntax.Match) {
	call := match.Captures["call"][0]
	m := startup.LookMethod(p.Model, call)
	if m == nil {
		return
	}
	f := &rule.Finding{Span: call.Span(), Message: messages[m.Fault]}
	if m.Earlier != nil {
		f.Trail = append(f.Trail, rule.Note{Span: m.Earlier.Span(), Text: "the context is set here"})
	}
	if err := fix(f, m); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// fix sets the method once, before anything else under the main guard.
func fix(f *rule.Finding, m *startup.Method) error {
	plan, err := m.Plan()
	if err != nil {
		return err
	}
	rw := refactor.New()
	plan.Write(rw)
	set, err := rw.Set()
	if err != nil {
		return err
	}
	fix := rule.Fix{Title: "set the start method once, first under the main guard", Safety: rule.Safe, Edits: set}
	if !plan.Sure {
		fix.Safety = rule.Unsafe
		f.Why = "what else relies on the method being set there is not known"
	}
	f.Fixes = append(f.Fixes, fix)
	return nil
}
