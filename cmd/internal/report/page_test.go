package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// pageOf is a page of one finding on the first line of a file, with a fix that
// puts a line before it.
func pageOf(path, message, text string) Page {
	f := source.New(path, text)
	span := source.Span{File: f, Start: 0, End: min(1, len(text))}
	return Page{
		Headline: "1 finding.",
		Budget:   900 << 10,
		Findings: []*rule.Finding{{
			Rule:    &rule.Rule{ID: "MPF901", Name: "loud-fault"},
			Span:    span,
			Message: message,
			Trail:   []rule.Note{{Span: span, Text: message}},
			Fixes:   []rule.Fix{{Title: message}},
			Why:     message,
		}},
		Changes: []engine.Change{{Path: path, Before: f, After: f.With("first\n" + text)}},
	}
}

func write(t *testing.T, p Page) string {
	t.Helper()
	var b strings.Builder
	if n, err := p.WriteTo(&b); err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	return b.String()
}

// outside returns the page without its blocks of code and code spans, and fails
// when one of them is not closed.
func outside(t *testing.T, page string) string {
	t.Helper()
	var b strings.Builder
	mark := ""
	for line := range strings.Lines(page) {
		trimmed := strings.TrimSpace(line)
		ticks := len(trimmed) - len(strings.TrimLeft(trimmed, "`"))
		switch {
		case mark != "":
			if trimmed == mark {
				mark = ""
			}
		case ticks >= 3:
			mark = strings.Repeat("`", ticks)
			if info := trimmed[ticks:]; info != "python" && info != "diff" {
				t.Errorf("a block of %q", info)
			}
		default:
			b.WriteString(withoutSpans(t, line))
		}
	}
	if mark != "" {
		t.Errorf("a block of code is not closed:\n%s", page)
	}
	return b.String()
}

func withoutSpans(t *testing.T, line string) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(line); {
		switch {
		case line[i] == '\\' && i+1 < len(line):
			b.WriteString(line[i : i+2])
			i += 2
		case line[i] == '`':
			n := len(line[i:]) - len(strings.TrimLeft(line[i:], "`"))
			rest := line[i+n:]
			end := closing(rest, n)
			if end < 0 {
				t.Errorf("a code span is not closed: %s", line)
				return b.String()
			}
			i += n + end + n
		default:
			b.WriteByte(line[i])
			i++
		}
	}
	return b.String()
}

// closing finds a run of exactly n backticks.
func closing(text string, n int) int {
	for i := 0; i < len(text); {
		k := len(text[i:]) - len(strings.TrimLeft(text[i:], "`"))
		if k == n {
			return i
		}
		i += max(k, 1)
	}
	return -1
}

// check fails when text from a program shows through.
func check(t *testing.T, p Page) {
	t.Helper()
	page := write(t, p)
	for line := range strings.Lines(outside(t, page)) {
		line = strings.NewReplacer("<!-- -->", "", "<details><summary>The changes</summary>", "", "</details>", "").Replace(line)
		for i, r := range line {
			escaped := strings.HasSuffix(line[:i], `\`) && !strings.HasSuffix(line[:i], `\\`) || strings.HasSuffix(line[:i], `\\\`)
			if r == '<' || (strings.ContainsRune("[]_!|~", r) && !escaped) {
				t.Errorf("%q is read as markup in %q", r, line)
			}
		}
	}
	for _, hidden := range []string{"@team", "http://", "www.x", "<script", "\r"} {
		if strings.Contains(outside(t, page), hidden) {
			t.Errorf("%q shows through:\n%s", hidden, page)
		}
	}
}

var hostileMarkdown = []string{
	"plain",
	"`", "```", "``````\n</details>", "a`b``c", " ` ",
	"<script>alert(1)</script>", "</summary></details><img src=x>", "<!-- ", "-->", "&lt;script&gt;", "&#64;team",
	"@team fixes #1", "[a](http://x)", "![a](http://x)", "www.x.example", "\\`", "\\\\<b>", "\\",
	"one\ntwo", "a\rb", "a\x00b", "\u202eb", "\x1b[31m", "::error::x", "##[error]x", "%0A::set-output name=x::y", "a | b", "~~~", "\xff\xfe",
	strings.Repeat("`", 5000), strings.Repeat("long ", 4000), "",
}

func TestPageIsNotSteered(t *testing.T) {
	for _, text := range hostileMarkdown {
		check(t, pageOf("main.py", text, "pass\n"))
		check(t, pageOf("main.py", "message", "x = 1 # "+text+"\n"))
		if text != "" {
			check(t, pageOf(text, "message", "pass\n"))
		}
	}
}

func FuzzPage(f *testing.F) {
	for _, text := range hostileMarkdown {
		f.Add(text, text, text)
	}
	f.Fuzz(func(t *testing.T, path, message, text string) {
		if path == "" || !strings.Contains(text, "\n") {
			return
		}
		check(t, pageOf(path, message, text))
	})
}

func TestPageStaysInItsBudget(t *testing.T) {
	line := strings.Repeat("x", 100) + "\n"
	f := source.New("main.py", strings.Repeat(line, 4000))
	p := Page{Headline: "Many.", Budget: 100 << 10, Changes: []engine.Change{
		{Path: "big.py", Before: f, After: f.With("")},
		{Path: "main.py", Before: f, After: f.With("first\n" + f.Text)},
	}}
	for i := range 4000 {
		level := rule.Warning
		if i%1000 == 999 {
			level = rule.Error
		}
		p.Findings = append(p.Findings, &rule.Finding{
			Rule:    &rule.Rule{ID: "MPF901", Name: "loud-fault", Level: level},
			Span:    source.Span{File: f, Start: i * len(line), End: i*len(line) + 1},
			Message: fmt.Sprintf("number %d", i),
		})
	}
	page := write(t, p)
	if len(page) > p.Budget || len(page) < p.Budget/2 {
		t.Error(len(page))
	}
	if got := strings.Count(page, "**error**"); got != 4 {
		t.Errorf("%d errors shown", got)
	}
	shown := strings.Count(page, "\n- **")
	for _, want := range []string{
		fmt.Sprintf("\n%d more findings not shown here: run mpfix for all.\n", 4000-shown),
		"+first\n", "\nThe changes of 1 more file are not shown here: they are in the patch.\n",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q", want)
		}
	}
	outside(t, page)
}
