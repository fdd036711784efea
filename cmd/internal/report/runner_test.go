package report

import (
	"strings"
	"testing"
	"unicode"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// runnerCommand is a command's name with its properties, and its message.
type runnerCommand struct{ info, data string }

// runnerCommands finds the commands in a log as GitHub's runner does
// (actions/runner, src/Runner.Common/ActionCommand.cs: TryParseV2, TryParse). It
// reads lines that end in "\n", "\r" or "\r\n", and takes any name for known.
func runnerCommands(log string) (commands []runnerCommand) {
	log = strings.ReplaceAll(log, "\r\n", "\n")
	for _, line := range strings.FieldsFunc(log, func(r rune) bool { return r == '\n' || r == '\r' }) {
		if trimmed := strings.TrimLeftFunc(line, unicode.IsSpace); strings.HasPrefix(trimmed, "::") {
			if info, data, ok := strings.Cut(trimmed[2:], "::"); ok {
				commands = append(commands, runnerCommand{info, data})
				continue
			}
		}
		if _, rest, ok := strings.Cut(line, "##["); ok {
			if info, data, ok := strings.Cut(rest, "]"); ok {
				commands = append(commands, runnerCommand{"legacy " + info, data})
			}
		}
	}
	return commands
}

var hostile = []string{
	"plain", "", "\n::error::x", "\r\n  ::set-output name=a::b", "##[add-path]x", "a##[command]b", "\u00a0\u2003::warning::x",
	"::stop-commands::t", "%0A::error::x", "\u2028::error::x", "\x85::error::x", "\u0085::x::y", "::a::\n##[b]", "\x00\x1b[2J\b::x::", ",file=/etc/passwd",
	":::", "\xff\n::error::", "#%23[x]", "\v\f::x::y",
}

func TestTheParserSeesWhatTheRunnerSees(t *testing.T) {
	for log, want := range map[string]int{
		"::error::x":              1,
		"  \t\u00a0::error a=b::": 1,
		"x ::error::":             0,
		"x ##[error]y":            1,
		"::error ##[warning]x":    1,
		"a\r::error::x\nb":        1,
		"::no end":                0,
	} {
		if got := runnerCommands(log); len(got) != want {
			t.Errorf("%q: %q", log, got)
		}
	}
}

// FuzzNothingIsInjected puts a text into every place of a report and expects that
// the runner finds the report's own commands only.
func FuzzNothingIsInjected(f *testing.F) {
	for _, text := range hostile {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file := source.New("dir/"+text, text+"\nx = 1\n"+text)
		r := &rule.Rule{ID: "MPF101", Name: "unguarded-start", Level: rule.Error}
		find := func(level rule.Level) *rule.Finding {
			return &rule.Finding{
				Rule:    &rule.Rule{ID: r.ID, Name: r.Name, Level: level},
				Span:    source.Span{File: file, Start: 0, End: len(text)},
				Message: text,
				Trail:   []rule.Note{{Span: source.Span{File: file, Start: 1}, Text: text}},
				Fixes:   []rule.Fix{{Title: text}},
			}
		}
		findings := []*rule.Finding{find(rule.Error), find(rule.Warning), find(rule.Hygiene)}
		var out strings.Builder
		if err := GitHub(&out, findings, func(p string) string { return p + text }); err != nil {
			t.Fatal(err)
		}
		got := runnerCommands(out.String())
		if len(got) != len(findings) || strings.Count(out.String(), "\n") != len(findings) {
			t.Fatalf("%d commands in %q", len(got), out.String())
		}
		for i, name := range []string{"error", "warning", "notice"} {
			info := got[i].info
			props := strings.Split(strings.TrimPrefix(info, name+" "), ",")
			if !strings.HasPrefix(info, name+" file=") || !strings.HasPrefix(props[len(props)-1], "title=MPF101 unguarded-start") || len(props) > 6 {
				t.Errorf("%q", info)
			}
		}
		for _, colored := range []bool{false, true} {
			var page strings.Builder
			if err := Text(&page, findings, nil, colored); err != nil {
				t.Fatal(err)
			}
			if got := runnerCommands(ForLog(page.String())); len(got) > 0 {
				t.Errorf("the text report gives %q", got)
			}
		}
		if got := runnerCommands("mpfix: " + Harmless(Visible(text)) + "\n" + Harmless(text) + "\n"); len(got) > 0 {
			t.Errorf("harmless text %q gives %q", text, got)
		}
	})
}
