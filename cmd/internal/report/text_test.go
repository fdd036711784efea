package report

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

var update = flag.Bool("update", false, "write testdata/reports anew")

const program = "import multiprocessing\n" +
	"\n" +
	"def work(n):\n" +
	"\tprint('日本', n)\n" +
	"\n" +
	"p = multiprocessing.Process(target=work, args=(1,)); p.start()\n" +
	"p.join(\n" +
	"    timeout=1)\n" +
	"evil = '\x1b[2J\u202e'  # \x07\n" +
	"é = [" + "12345, " + "67890, 12345, 67890, 12345, 67890, 12345, 67890, 12345, 67890, 12345, 67890, 12345, 67890, 12345, 67890, 12345, 67890, 12345, 67890]; go()\n"

func span(f *source.File, text string) source.Span {
	at := strings.Index(f.Text, text)
	if at < 0 {
		panic("no " + text)
	}
	return source.Span{File: f, Start: at, End: at + len(text)}
}

// sample has a finding of each shape.
func sample() ([]*rule.Finding, []engine.Rejected) {
	f := source.New("app/main.py", program)
	g := source.New("app/work er.py", "import os\n")
	unguarded := &rule.Rule{ID: "MPF101", Name: "unguarded-start", Level: rule.Error}
	timing := &rule.Rule{ID: "MPF405", Name: "join-before-get", Level: rule.Warning}
	leak := &rule.Rule{ID: "MPF430", Name: "never-closed", Level: rule.Hygiene}
	findings := []*rule.Finding{
		{Rule: unguarded, Span: span(f, "p.start()"), Message: "the process is started while the module is imported",
			Trail: []rule.Note{{Span: span(f, "work(n)"), Text: "work runs in the child"}, {Span: span(g, "os"), Text: "and imports this"}},
			Fixes: []rule.Fix{{Title: `put the start under if __name__ == "__main__"`, Safety: rule.Safe}}},
		{Rule: timing, Span: span(f, "p.join(\n    timeout=1)"), Message: "joins too early", Why: "who else reads the queue is not known",
			Fixes: []rule.Fix{{Title: "join after the get", Safety: rule.Unsafe}}},
		{Rule: leak, Span: span(f, "print('日本', n)"), Message: "never closed", Fixes: []rule.Fix{{Title: "close it", Safety: rule.Manual}}},
		{Rule: leak, Span: span(f, "evil"), Message: "a line\nwith\x1b[31m controls"},
		{Rule: timing, Span: span(f, "go()\n"), Message: "far to the right"},
		{Rule: timing, Span: source.Span{File: g, Start: len(g.Text), End: len(g.Text)}, Message: "at the end"},
		{Rule: timing, Message: "of no place"},
	}
	return findings, []engine.Rejected{{Finding: findings[0], Fix: findings[0].Fixes[0], Reason: "it brings about another finding"}}
}

// TestReports compares each format with its file in testdata/reports; the flag
// -update writes them.
func TestReports(t *testing.T) {
	findings, refused := sample()
	before := source.New("a.py", "a = 1\nb = 2\n\tc\r\nd")
	after := before.With("a = 1\nb = 33\n\tc\r\nd\ne")
	rules := []*rule.Rule{
		{ID: "MPF201", Name: "lost-global-number", Level: rule.Error, Title: "a number", Doc: "# x\n\n## Fix and its safety\n\nSafe when every use is seen, unsafe otherwise.\n\n## When it stays silent\n\nmanual\n"},
		{ID: "MPF101", Name: "unguarded-start", Level: rule.Warning, Title: "a start"},
	}
	page := "# unguarded-start\n\nA `start()` call.\n\n```python\np.start()\n```\n\n```diff\n-a\n+b\n c\n```\n\n| a | b |\n"
	formats := map[string]func(*strings.Builder) error{
		"text.txt":     func(b *strings.Builder) error { return Text(b, findings, refused, false) },
		"color.txt":    func(b *strings.Builder) error { return Text(b, findings[:2], nil, true) },
		"github.txt":   func(b *strings.Builder) error { return GitHub(b, findings, nil) },
		"diff.txt":     func(b *strings.Builder) error { return Diff(b, before, after, "dir/a.py") },
		"rules.txt":    func(b *strings.Builder) error { return Rules(b, rules, false) },
		"markdown.txt": func(b *strings.Builder) error { return Markdown(b, page, true) },
	}
	for name, write := range formats {
		var out strings.Builder
		if err := write(&out); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("..", "..", "..", "testdata", "reports", name)
		if *update {
			if err := os.WriteFile(path, []byte(out.String()), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if out.String() != string(want) {
			t.Errorf("%s is now\n%s", name, out.String())
		}
	}
	var plain strings.Builder
	if err := Markdown(&plain, page, false); err != nil || plain.String() != page {
		t.Errorf("%v %q", err, plain.String())
	}
}

func TestNothingSteersTheTerminal(t *testing.T) {
	for _, text := range append(hostile, "\x1b]0;title\x07", "\u202e\u2066", "\t\r") {
		got := visible(text)
		if strings.ContainsFunc(got, unprintable) {
			t.Errorf("%q becomes %q", text, got)
		}
		if visible(got) != got {
			t.Errorf("%q changes again", got)
		}
	}
	if got := visible("naïve 日本 \u00a0x"); got != "naïve 日本 \u00a0x" {
		t.Errorf("%q", got)
	}
}

func TestSnippetIsNarrow(t *testing.T) {
	f := source.New("a.py", strings.Repeat("本", 500)+"\n")
	for _, at := range []int{0, 3, 300, 1200, 1500} {
		for _, length := range []int{0, 3, 300} {
			line, underline := snippet(source.Span{File: f, Start: at, End: min(at+length, 1500)})
			if displayWidth(line) > widest+2 || displayWidth(underline) > widest+2 || !strings.HasSuffix(underline, "^") {
				t.Errorf("%d+%d: %d and %d columns", at, length, displayWidth(line), displayWidth(underline))
			}
		}
	}
}

func TestWriteErrorsAreReturned(t *testing.T) {
	findings, _ := sample()
	if err := Text(brokenWriter{}, findings, nil, false); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
	if err := GitHub(brokenWriter{}, findings, nil); !errors.Is(err, os.ErrClosed) {
		t.Error(err)
	}
}

type brokenWriter struct{}

func (brokenWriter) Write([]byte) (int, error) { return 0, os.ErrClosed }

func TestSummary(t *testing.T) {
	one := &rule.Finding{Fixes: []rule.Fix{{Safety: rule.Safe}}}
	two := &rule.Finding{Fixes: []rule.Fix{{Safety: rule.Unsafe}}}
	list := func(f ...*rule.Finding) []*rule.Finding { return f }
	for _, c := range []struct {
		found, left []*rule.Finding
		done        bool
		want        string
	}{
		{nil, nil, false, "No findings in 3 files."},
		{list(one), nil, false, "1 finding, 1 fixable with --write."},
		{list(one, two), list(two), false, "2 findings, 1 fixable with --write, 1 more with --unsafe-fixes."},
		{list(one, two), list(two), true, "1 fixed, 1 finding left, 1 more with --unsafe-fixes."},
		{list(one), nil, true, "1 fixed, 0 findings left."},
	} {
		if got := Summarize(c.found, c.left, 3, c.done).String(); got != c.want {
			t.Errorf("%q, want %q", got, c.want)
		}
	}
}
