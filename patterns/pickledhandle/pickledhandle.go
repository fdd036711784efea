// Package pickledhandle finds objects that are pickled for a worker together
// with a file, connection, lock or other handle that they hold.
package pickledhandle

import (
	"cmp"
	_ "embed"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

//go:embed README.md
var doc string

//go:embed pickledhandle.scm
var query string

// Rule is MPF302.
var Rule = &rule.Rule{
	ID:    "MPF302",
	Name:  "pickled-handle",
	Title: "an object is pickled together with a handle that it holds",
	Doc:   doc,
	Query: query,
	Level: rule.Error,
	Check: check,
}

// fault is one attribute that keeps its object from being pickled.
type fault struct {
	*process.Break
	sent  process.Sent
	value project.Value // what is sent
	owner process.Step
}

func check(p *rule.Pass, match syntax.Match) {
	faults := find(p.Model, match.Node)
	if len(faults) == 0 {
		return
	}
	first := faults[0]
	f := &rule.Finding{Span: first.sent.Expr.Span(), Message: message(first), Trail: trail(faults)}
	rw := refactor.New()
	title, doubt, err := remedy(p.Model, rw, faults)
	if err == nil {
		fix := rule.Fix{Title: title}
		if doubt != "" {
			fix.Safety = rule.Unsafe
		}
		if fix.Edits, err = rw.Set(); err == nil {
			f.Why = doubt
			f.Fixes = append(f.Fixes, fix)
		}
	}
	if err != nil {
		f.Why = err.Error()
	}
	p.Report(f)
}

// find lists the attributes that break what a call sends, each once.
func find(m *process.Model, call *syntax.Node) []fault {
	var faults []fault
	type key struct {
		class *project.Def
		attr  string
	}
	seen := map[key]bool{}
	for _, s := range m.SentAt(call) {
		for _, v := range s.Values {
			for _, b := range m.Breaks(v, s) {
				owner, ok := b.Owner()
				if !ok || b.Kind == process.Unnamed {
					continue
				}
				k := key{owner.Class, owner.Attr}
				if !seen[k] {
					seen[k] = true
					faults = append(faults, fault{b, s, v, owner})
				}
			}
		}
	}
	slices.SortStableFunc(faults, func(a, b fault) int { return len(a.Path) - len(b.Path) })
	return faults
}

func message(f fault) string {
	from := f.value.Def.QualName()
	way := f.Trace(from, "self")
	switch {
	case f.Kind == process.Inherited:
		return fmt.Sprintf("each task pickles %s, which only a starting process may inherit", way)
	case f.sent.Situation == process.AsTask:
		return fmt.Sprintf("each task pickles %s, which cannot be pickled under any start method", way)
	}
	return fmt.Sprintf("under spawn and forkserver starting the process pickles %s, which cannot be pickled; fork hides it", way)
}

func trail(faults []fault) []rule.Note {
	var notes []rule.Note
	first := faults[0]
	if at := first.sent.At; first.sent.Situation == process.AtStart && !first.sent.Expr.Within(at) {
		notes = append(notes, rule.Note{Span: at.Span(), Text: "pickled here, when the process starts"})
	}
	if d := first.value.Def; d.Node.Is("function_definition") {
		notes = append(notes, rule.Note{Span: d.Node.Field("name").Span(), Text: "the worker"})
	}
	for _, f := range faults {
		notes = append(notes, rule.Note{Span: f.owner.Store.Target.Span(), Text: "holds the " + strings.TrimPrefix(f.Type, "started ")})
	}
	return notes
}

// remedy writes the least invasive change under which everything sent pickles:
// the method leaves self behind, or each handle is made in the process that
// uses it, or it is left out of the pickled state. doubt says why the change has
// to be looked at, "" when it is safe.
func remedy(m *process.Model, rw *refactor.Rewrite, faults []fault) (title, doubt string, err error) {
	if method := soleMethod(faults); method != nil && makeStatic(m, rw, method) {
		return fmt.Sprintf("make %s() a static method, so that the object stays behind", method.Name), "", nil
	}
	var titles []string
	rest := faults
	if faults[0].sent.Situation == process.AtStart {
		var moved []fault
		moved, rest, doubt = openInChild(m, rw, faults)
		for _, f := range moved {
			titles = append(titles, "open self."+f.owner.Attr+" in the process that uses it")
		}
	}
	more, another, err := leaveOut(m, rw, rest)
	if err != nil {
		return "", "", err
	}
	return strings.Join(append(titles, more...), ", "), cmp.Or(doubt, another), nil
}

// soleMethod returns the bound method that all faults come from, nil if there
// are others.
func soleMethod(faults []fault) *project.Def {
	var method *project.Def
	for _, f := range faults {
		if f.value.Kind != project.Method || !f.sent.Callee || len(f.sent.Values) != 1 || method != nil && f.value.Def != method {
			return nil
		}
		method = f.value.Def
	}
	return method
}
