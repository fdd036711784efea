// Package daemonparent finds daemonic processes and pool workers that start
// processes of their own.
package daemonparent

import (
	_ "embed"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed daemonparent.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF505 daemon-parent.
var Rule = &rule.Rule{
	ID:    "MPF505",
	Name:  "daemon-parent",
	Title: "a daemonic process or a pool's worker starts processes",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

func check(p *rule.Pass, match syntax.Match) {
	start := p.Model.StartAt(match.Node)
	if start == nil {
		return
	}
	bans := p.Model.BannedFrom(start)
	if len(bans) == 0 {
		return
	}
	f := &rule.Finding{
		Span: start.Node.Span(),
		Message: fmt.Sprintf("%s runs in %s, which may have no children: AssertionError under every start method",
			syntax.Head(start.Node), who(bans[0])),
	}
	for _, b := range bans {
		f.Trail = append(f.Trail, rule.Note{Span: b.Worker.Entry.Node.Span(), Text: "the worker"})
		if b.Task != nil {
			f.Trail = append(f.Trail, rule.Note{Span: b.Task.Call.Span(), Text: "runs in this pool"})
		} else {
			f.Trail = append(f.Trail, rule.Note{Span: b.Flag.Span(), Text: "made a daemon here"})
		}
	}
	if err := fix(f, bans); err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

func who(b process.Ban) string {
	if b.Task != nil {
		return "a pool's worker, a daemonic process"
	}
	return "a daemonic process"
}

// fix takes the flag away from processes that the parent joins.
func fix(f *rule.Finding, bans []process.Ban) error {
	rw := refactor.New()
	for _, b := range bans {
		switch {
		case b.Task != nil:
			return fmt.Errorf("the workers of a ProcessPoolExecutor may have children, those of a Pool may not: which of the two pools to give up is for you to say")
		case len(b.Launch.Joins) == 0:
			return fmt.Errorf("nobody joins the process: without the flag the program would wait for it at its end")
		case b.Flag.Parent.Is("keyword_argument"):
			rw.RemoveArgument(b.Launch.Call, b.Flag)
		default:
			rw.Delete(b.Flag.Statement())
		}
	}
	set, err := rw.Set()
	if err != nil {
		return err
	}
	f.Fixes = append(f.Fixes, rule.Fix{Title: "make the process no daemon, as it is joined anyway", Safety: rule.Unsafe, Edits: set})
	f.Why = "an error in the parent before the join would then leave it waiting for the process"
	return nil
}
