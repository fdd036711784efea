// Package wrongqueueexception finds the exceptions Empty and Full taken from a
// queue of multiprocessing, which has none, and takes them from the module queue.
package wrongqueueexception

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed wrongqueueexception.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF411 wrong-queue-exception.
var Rule = &rule.Rule{
	ID:    "MPF411",
	Name:  "wrong-queue-exception",
	Title: "an exception is taken from a queue that does not have it",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	attributes := match.Captures["attribute"]
	if len(attributes) == 0 {
		return
	}
	attr := attributes[0]
	of, wrong := shutdown.WrongException(p.Model, attr)
	if !wrong {
		return
	}
	name := attr.Field("attribute").Text()
	moment := "when this is evaluated"
	if attr.Ancestor("except_clause", "block").Is("except_clause") {
		moment = "when the queue runs empty"
		if name == "Full" {
			moment = "when the queue is full"
		}
	}
	f := &rule.Finding{
		Span: attr.Span(),
		Message: fmt.Sprintf("%s raises AttributeError %s, under every start method: %s is %s, and the exception is queue.%s",
			syntax.Head(attr), moment, syntax.Head(attr.Field("object")), of, name),
	}
	rw := refactor.New()
	rw.Replace(attr, rw.ImportIn(p.Module, attr, "queue", name))
	if set, err := rw.Set(); err != nil {
		f.Why = err.Error()
	} else {
		f.Fixes = append(f.Fixes, rule.Fix{Title: "use queue." + name, Safety: rule.Safe, Edits: set})
	}
	p.Report(f)
}
