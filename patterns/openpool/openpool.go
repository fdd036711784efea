// Package openpool finds pools and executors that are not shut down, or not
// fully, and shuts them down.
package openpool

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed openpool.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF506 open-pool.
var Rule = &rule.Rule{
	ID:    "MPF506",
	Name:  "open-pool",
	Title: "a pool or executor is never shut down, or not fully",
	Doc:   doc,
	Query: query,
	Level: rule.Warning,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	pool := shutdown.OpenPoolAt(p.Model, match.Node)
	if pool == nil {
		return
	}
	f := &rule.Finding{Span: pool.At.Span(), Message: message(pool)}
	if pool.At != match.Node {
		f.Trail = append(f.Trail, rule.Note{Span: match.Node.Span(), Text: "the pool"})
	}
	if pool.Pending != nil {
		f.Trail = append(f.Trail, rule.Note{Span: pool.Pending.Span(), Text: "a task that nobody waits for"})
	}
	fix(f, pool)
	p.Report(f)
}

func message(pool *shutdown.OpenPool) string {
	what := "pool"
	if pool.Object.Kind == process.Executor {
		what = "executor"
	}
	switch {
	case pool.Fault == shutdown.OpenAtJoin:
		return fmt.Sprintf("%s raises ValueError under every start method: the pool has not been closed", syntax.Head(pool.At))
	case pool.Fault == shutdown.NeverJoined:
		return fmt.Sprintf("after %s nobody waits for the pool: tasks still to be done when the program ends are killed without a word, under every start method", syntax.Head(pool.At))
	case pool.Loop != nil:
		return fmt.Sprintf("each turn of the loop makes the %s %s and none is shut down: worker processes and file descriptors pile up under every start method", what, syntax.Head(pool.At))
	case pool.Pending != nil:
		return fmt.Sprintf("the %s %s is never closed nor joined: tasks still to be done when the program ends are killed without a word, under every start method", what, syntax.Head(pool.At))
	}
	return fmt.Sprintf("the %s %s is never shut down: its worker processes stay until the program ends, under every start method", what, syntax.Head(pool.At))
}

func title(pool *shutdown.OpenPool) string {
	switch pool.Fault {
	case shutdown.OpenAtJoin:
		return "close the pool before it is joined"
	case shutdown.NeverJoined:
		return "join the pool"
	}
	return "use it in a with statement"
}

func fix(f *rule.Finding, pool *shutdown.OpenPool) {
	rw, sure, err := pool.Fix()
	if err != nil {
		f.Why = err.Error()
		return
	}
	set, err := rw.Set()
	if err != nil {
		f.Why = err.Error()
		return
	}
	fix := rule.Fix{Title: title(pool), Safety: rule.Safe, Edits: set}
	if !sure {
		fix.Safety = rule.Unsafe
		f.Why = "the program would wait for tasks that it leaves to themselves now"
	}
	f.Fixes = append(f.Fixes, fix)
}
