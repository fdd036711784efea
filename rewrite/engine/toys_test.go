package engine

import (
	"context"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

const calls = `(call function: (identifier) @name) @call`

// onCall is a rule that reports calls of a name; fix adds to the finding.
func onCall(id, name string, fix func(p *rule.Pass, call *syntax.Node, f *rule.Finding)) *rule.Rule {
	return &rule.Rule{
		ID: id, Name: strings.ToLower(id), Title: "a toy", Query: calls,
		Check: func(p *rule.Pass, m syntax.Match) {
			call := m.Node
			if call.Field("function").Text() != name {
				return
			}
			f := &rule.Finding{Span: call.Span(), Message: name + " is called"}
			if fix != nil {
				fix(p, call, f)
			}
			p.Report(f)
		},
	}
}

func replaced(n *syntax.Node, text string) edit.Edit { return edit.Edit{Span: n.Span(), New: text} }

func fixOf(title string, edits ...edit.Edit) rule.Fix {
	return rule.Fix{Title: title, Edits: edit.Set{Edits: edits}}
}

// renaming is a rule that renames calls of one function.
func renaming(id, from, to string) *rule.Rule {
	return onCall(id, from, func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
		f.Fixes = []rule.Fix{fixOf("call "+to, replaced(call.Field("function"), to))}
	})
}

// program makes a snapshot of "path", "text" pairs; each text gets past the
// prefilter.
func program(pairs ...string) source.Snapshot {
	var files []*source.File
	for i := 0; i < len(pairs); i += 2 {
		files = append(files, source.New(pairs[i], "import multiprocessing\n"+pairs[i+1]))
	}
	return source.Memory(files...)
}

func fix(t *testing.T, snap source.Snapshot, opts Options) *Result {
	t.Helper()
	opts.Fix = true
	res, err := Run(context.Background(), snap, opts)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func find(t *testing.T, snap source.Snapshot, rules ...*rule.Rule) *Result {
	t.Helper()
	res, err := Run(context.Background(), snap, Options{Rules: rules})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// text is a file after the fixes, less the line program adds.
func text(t *testing.T, snap source.Snapshot, res *Result, path string) string {
	t.Helper()
	f, err := snap.File(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range res.Changed {
		if c.Path == path {
			if c.Before != f {
				t.Errorf("%s: Before is not the untouched file", path)
			}
			f = c.After
		}
	}
	return strings.TrimPrefix(f.Text, "import multiprocessing\n")
}

func expectText(t *testing.T, snap source.Snapshot, res *Result, path, want string) {
	t.Helper()
	if got := text(t, snap, res, path); got != want {
		t.Errorf("%s:\n%s\nwant:\n%s", path, got, want)
	}
}

func expectRejected(t *testing.T, res *Result, reasons ...string) {
	t.Helper()
	if len(res.Rejected) != len(reasons) {
		t.Errorf("%d rejected, want %d: %v", len(res.Rejected), len(reasons), rejections(res))
		return
	}
	for i, want := range reasons {
		if !strings.Contains(res.Rejected[i].Reason, want) {
			t.Errorf("rejected because %q, want %q", res.Rejected[i].Reason, want)
		}
	}
}

func rejections(res *Result) []string {
	var list []string
	for _, r := range res.Rejected {
		list = append(list, r.Fix.Title+": "+r.Reason)
	}
	return list
}

func lines(findings []*rule.Finding) []int {
	var list []int
	for _, f := range findings {
		list = append(list, f.Span.File.LineOf(f.Span.Start)-1)
	}
	return list
}
