package ruletest

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/patch"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// verify holds what the engine makes of a case against what the case says, and
// against the laws. It returns what is wrong, in words.
func (c *Case) verify(ctx context.Context, rules []*rule.Rule) ([]string, error) {
	k := &checker{Case: c, ctx: ctx, rules: rules}
	steps := []func() error{k.findings, k.fixed, k.idempotent, k.deterministic, k.variants}
	for _, step := range steps {
		if err := step(); err != nil {
			return k.problems, err
		}
		if len(k.problems) > 0 {
			break // what follows from it would only hide it
		}
	}
	return k.problems, nil
}

type checker struct {
	*Case
	ctx      context.Context
	rules    []*rule.Rule
	res      *engine.Result // of the program as it is told
	problems []string
}

func (k *checker) problem(format string, args ...any) {
	k.problems = append(k.problems, strings.TrimRight(fmt.Sprintf(format, args...), "\n"))
}

func (k *checker) options() engine.Options {
	return engine.Options{Rules: k.rules, Fix: true, Unsafe: k.Unsafe}
}

// start is the program that mpfix is given.
func (k *checker) start() string {
	if k.Clean != nil {
		return "clean"
	}
	return "before"
}

// findings compares the findings with the want comments, and looks at each fix.
func (k *checker) findings() error {
	res, err := engine.Run(k.ctx, snapshot(k.Program(k.start())), k.options())
	if err != nil {
		return err
	}
	k.res = res
	k.faults(k.start(), res)
	for _, span := range res.Damaged {
		line, column := span.File.Position(span.Start)
		if !k.mayBeDamaged(span.File.Path) {
			k.problem("%s:%d:%d: the grammar cannot read this", span.File.Path, line, column)
		}
	}
	k.compare(k.start(), k.Wants, res.Findings)
	for _, f := range res.Findings {
		if strings.TrimSpace(f.Message) == "" || strings.HasSuffix(f.Message, ".") || strings.Contains(f.Message, "\n") {
			k.problem("%s: the message is not one sentence without a full stop: %q", place(f), f.Message)
		}
		for _, note := range f.Trail {
			if !note.Span.Valid() || note.Text == "" {
				k.problem("%s: a note of the trail has no place or text", place(f))
			}
		}
		for _, fix := range f.Fixes {
			if err := fix.Edits.Validate(); err != nil {
				k.problem("%s: fix %q: %v", place(f), fix.Title, err)
			}
			if fix.Title == "" {
				k.problem("%s: a fix without a title", place(f))
			}
		}
	}
	return nil
}

// mayBeDamaged says whether a case is about a file with syntax errors: its story
// or settings need not say so, a file with a "syntax error" in a comment does.
func (k *checker) mayBeDamaged(path string) bool {
	return strings.Contains(k.Program(k.start())[path], "syntax error")
}

func (k *checker) faults(program string, res *engine.Result) {
	for _, f := range res.Faults {
		k.problem("%s: fault of rule %q in %q: %s", program, f.Rule, f.Path, f.Reason)
	}
	for _, u := range res.Unreadable {
		k.problem("%s: %v", program, u.Err)
	}
}

// compare reports findings that differ from those wanted.
func (k *checker) compare(program string, wants []Want, findings []*rule.Finding) {
	var got []Want
	messages := map[Want]string{}
	for _, f := range findings {
		w := Want{Path: f.Span.File.Path, Line: f.Span.File.LineOf(f.Span.Start), Rule: f.Rule.Name}
		messages[w] = f.Message
		got = append(got, w)
	}
	slices.SortFunc(got, compareWants)
	missing := slices.Clone(wants)
	for _, w := range got {
		if i := slices.Index(missing, w); i >= 0 {
			missing = slices.Delete(missing, i, i+1)
			continue
		}
		k.problem("%s/%s: not wanted: %s", program, w, messages[w])
	}
	for _, w := range missing {
		k.problem("%s/%s: wanted, not reported", program, w)
	}
}

// fixed compares the text after the fixes with after/, byte for byte.
func (k *checker) fixed() error {
	got := texts(k.res)
	for _, name := range sortedNames(k.Before) {
		expected := k.Program("after")[name]
		after, changed := got[name]
		delete(got, name)
		if !changed {
			after = k.Before[name]
		}
		if after == expected {
			continue
		}
		diff, err := patch.Unified(source.New(name, expected), source.New(name, after), name)
		if err != nil {
			return err
		}
		k.problem("after/%s is not what comes out (- expected, + came out):\n%s", name, indent(string(diff)))
	}
	for _, name := range sortedNames(got) {
		k.problem("%s is changed, and has to stay untouched", name)
	}
	if len(k.problems) > 0 {
		for _, r := range k.res.Rejected {
			k.problem("%s: rejected fix %q: %s", place(r.Finding), r.Fix.Title, r.Reason)
		}
		return nil
	}
	if k.After == nil {
		k.compare(k.start(), k.Wants, k.res.Remaining) // nothing changed: all of it is still there
		return k.applies(k.res)
	}
	k.compare("after", k.Remaining, k.res.Remaining)
	k.survivors()
	return k.applies(k.res)
}

// texts lists the files that came out changed.
func texts(res *engine.Result) map[string]string {
	files := map[string]string{}
	for _, c := range res.Changed {
		files[c.Path] = c.After.Text
	}
	return files
}

// idempotent checks law 5 on the text after the fixes.
func (k *checker) idempotent() error {
	if k.Clean != nil {
		return nil
	}
	res, err := engine.Run(k.ctx, snapshot(k.Program("after")), k.options())
	if err != nil {
		return err
	}
	k.faults("after", res)
	for _, c := range res.Changed {
		diff, err := patch.Unified(c.Before, c.After, c.Path)
		if err != nil {
			return err
		}
		k.problem("mpfix changes its own output:\n%s", indent(string(diff)))
	}
	return nil
}

// reversed lists the paths of a snapshot backwards.
type reversed struct{ source.Snapshot }

func (r reversed) Paths() []string {
	paths := r.Snapshot.Paths()
	slices.Reverse(paths)
	return paths
}

// deterministic checks law 6: one worker or eight, paths forwards or backwards.
func (k *checker) deterministic() error {
	for _, workers := range []int{1, 8} {
		opts := k.options()
		opts.Workers = workers
		res, err := engine.Run(k.ctx, reversed{snapshot(k.Program(k.start()))}, opts)
		if err != nil {
			return err
		}
		if a, b := digest(k.res), digest(res); a != b {
			k.problem("with %d workers and the paths backwards the result is another:\n%swas:\n%s", workers, indent(b), indent(a))
		}
	}
	return nil
}

// digest writes down a result.
func digest(res *engine.Result) string {
	var b strings.Builder
	for _, f := range res.Findings {
		fmt.Fprintf(&b, "%s %s %s\n", place(f), f.Rule.ID, f.Message)
		for _, note := range f.Trail {
			fmt.Fprintf(&b, "  %s:%d %s\n", note.Span.File.Path, note.Span.Start, note.Text)
		}
		for _, fix := range f.Fixes {
			fmt.Fprintf(&b, "  %s %s\n", fix.Safety, fix.Title)
		}
	}
	for _, r := range res.Rejected {
		fmt.Fprintf(&b, "rejected %s %s\n", place(r.Finding), r.Reason)
	}
	for _, c := range res.Changed {
		fmt.Fprintf(&b, "%s:\n%s", c.Path, c.After.Text)
	}
	return b.String()
}

// variants checks law 7 on the same program in other clothes: with CRLF and a
// byte order mark, and without final newlines.
func (k *checker) variants() error {
	tests := []struct {
		name  string
		dress func(text string) []byte
	}{
		{"with CRLF and a byte order mark", func(text string) []byte {
			return append([]byte("\xef\xbb\xbf"), strings.ReplaceAll(text, "\n", "\r\n")...)
		}},
		{"without final newlines", func(text string) []byte {
			return []byte(strings.TrimSuffix(text, "\n"))
		}},
	}
	start, end := k.Program(k.start()), k.Program("after")
	if k.Clean != nil {
		end = start
	}
	for _, test := range tests {
		var files []*source.File
		skip := false
		for _, name := range sortedNames(start) {
			if !isPython(name) {
				continue
			}
			f, err := source.Decode(name, test.dress(start[name]))
			if err != nil {
				skip = true // a coding comment that a byte order mark contradicts
				break
			}
			files = append(files, f)
		}
		if skip {
			continue
		}
		res, err := engine.Run(k.ctx, source.Memory(files...), k.options())
		if err != nil {
			return err
		}
		got := map[string][]byte{}
		for _, f := range files {
			got[f.Path] = test.dress(start[f.Path])
		}
		for _, c := range res.Changed {
			if got[c.Path], err = c.After.Encode(); err != nil {
				return err
			}
		}
		for _, f := range files {
			expected := test.dress(end[f.Path])
			if bytes.Equal(got[f.Path], expected) {
				continue
			}
			k.problem("%s the outcome of %s differs in more than that (- expected, + came out):\n%s",
				test.name, f.Path, indent(visibleDiff(f.Path, expected, got[f.Path])))
		}
		if len(k.problems) == 0 {
			if err := k.applies(res); err != nil {
				return err
			}
		}
	}
	return nil
}

// visibleDiff compares bytes with line ends and byte order marks written out.
func visibleDiff(name string, expected, got []byte) string {
	show := strings.NewReplacer("\r", `\r`, "\ufeff", `\ufeff`)
	diff, err := patch.Unified(
		source.New(name, show.Replace(string(expected))),
		source.New(name, show.Replace(string(got))), name)
	if err != nil {
		return err.Error()
	}
	return string(diff)
}

func place(f *rule.Finding) string {
	line, column := f.Span.File.Position(f.Span.Start)
	return fmt.Sprintf("%s:%d:%d", f.Span.File.Path, line, column)
}
