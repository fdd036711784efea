// Package handleargument finds files, generators, locks of threads and other
// things of one process among the arguments of a worker.
package handleargument

import (
	_ "embed"
	"errors"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed handleargument.scm
var query string

//go:embed README.md
var doc string

// Rule is MPF303.
var Rule = &rule.Rule{
	ID:    "MPF303",
	Name:  "handle-argument",
	Title: "a worker is given a file, lock, generator or other thing of one process",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// fault is one argument that cannot be pickled.
type fault struct {
	*process.Break
	sent process.Sent
	// each: it is among the elements of the expression, one of which goes with
	// each task.
	each bool
}

func check(p *rule.Pass, match syntax.Match) {
	faults := find(p.Model, match.Node)
	for _, f := range faults {
		finding := &rule.Finding{Span: f.sent.Expr.Span(), Message: message(f), Trail: trail(p.Model, f)}
		rw := refactor.New()
		title, doubt, err := remedy(p.Model, rw, f, faults)
		if err == nil {
			fix := rule.Fix{Title: title}
			if doubt != "" {
				fix.Safety = rule.Unsafe
			}
			if fix.Edits, err = rw.Set(); err == nil {
				finding.Why = doubt
				finding.Fixes = append(finding.Fixes, fix)
			}
		}
		if err != nil {
			finding.Why = err.Error()
		}
		p.Report(finding)
	}
}

// find lists the arguments that break what a call sends, each once. All that an
// argument may be, other than None, has to break.
func find(m *process.Model, call *syntax.Node) []fault {
	var faults []fault
	seen := map[*syntax.Node]bool{}
	for _, s := range m.SentAt(call) {
		if s.Callee || seen[s.Expr] {
			continue
		}
		t := m.TaskAt(call)
		each := t != nil && s.Situation == process.AsTask && (t.Shape == process.OneEach || t.Shape == process.StarEach)
		values := s.Values
		if !each {
			known := false
			if values, known = m.Origins(s.Expr); !known {
				continue
			}
		}
		first := broken(m, s, values)
		if first != nil {
			seen[s.Expr] = true
			faults = append(faults, fault{first, s, each})
		}
	}
	return faults
}

// broken returns the first break of values that all break by themselves.
func broken(m *process.Model, s process.Sent, values []project.Value) *process.Break {
	var first *process.Break
	for _, v := range values {
		if v.Kind == project.Literal && v.Node.Is("none") {
			continue
		}
		var found *process.Break
		for _, b := range m.Breaks(v, s) {
			_, held := b.Owner()
			if !held && (b.Kind == process.Handle || b.Kind == process.Primitive) {
				found = b
				break
			}
		}
		if found == nil {
			return nil
		}
		if first == nil {
			first = found
		}
	}
	return first
}

// receipts lists how workers are given the argument by the call.
func (f fault) receipts(m *process.Model) []process.Receipt {
	var found []process.Receipt
	for _, r := range m.Receipts() {
		if r.Expr == f.sent.Expr || f.each && r.Call == f.sent.At && (r.Expr.Within(f.sent.Expr) || r.Expr == f.Node) {
			found = append(found, r)
		}
	}
	return found
}

// ofThreads says whether it is a lock or queue that only threads share.
func (f fault) ofThreads() bool {
	t, _ := process.Callable(f.Value.ResultOf())
	return f.Node != nil && (t.Kind == process.ThreadLock || t.Kind == process.ThreadQueue)
}

func message(f fault) string {
	what := f.Type
	if f.Contained() {
		what += " in " + syntax.Head(f.sent.Expr)
	}
	switch {
	case f.sent.Situation == process.AsTask:
		return fmt.Sprintf("each task pickles the %s, which cannot be pickled under any start method", what)
	case f.ofThreads():
		return fmt.Sprintf("the %s serves the threads of one process: under fork the worker gets a copy, under spawn and forkserver it cannot be pickled", what)
	}
	return fmt.Sprintf("under spawn and forkserver starting the process pickles the %s, which cannot be pickled; fork hides it", what)
}

func trail(m *process.Model, f fault) []rule.Note {
	var notes []rule.Note
	if f.Node != nil && f.Node != f.sent.Expr {
		notes = append(notes, rule.Note{Span: f.Node.Span(), Text: "made here"})
	}
	for _, r := range f.receipts(m) {
		if r.Entry != nil && r.Entry.Name != "" {
			notes = append(notes, rule.Note{Span: r.Entry.Node.Field("name").Span(), Text: "the worker"})
			break
		}
	}
	if at := f.sent.At; f.sent.Situation == process.AtStart && !f.sent.Expr.Within(at) {
		notes = append(notes, rule.Note{Span: at.Span(), Text: "pickled here, when the process starts"})
	}
	return notes
}

// remedy writes the change under which the argument pickles. doubt says why it
// has to be looked at, "" when it is safe.
func remedy(m *process.Model, rw *refactor.Rewrite, f fault, faults []fault) (title, doubt string, err error) {
	switch {
	case f.ofThreads():
		var others []fault
		for _, o := range faults {
			if o.ofThreads() && o.Node != f.Node {
				others = append(others, o)
			}
		}
		return share(m, rw, f, others)
	case f.Copier() != "":
		return copied(m, rw, f)
	case f.Contained() || f.each:
		return "", "", errors.New("pass what is needed to make it, and make it in the worker")
	case openers[f.Value.ResultOf()].text:
		return reopen(m, rw, f)
	}
	return "", "", fmt.Errorf("there is no general way to give a %s to a worker: make it there", f.Type)
}
