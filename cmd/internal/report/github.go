package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"github.com/mpfix/mpfix/rewrite/rule"
)

// annotations is how many annotations of one level GitHub keeps for a step; what
// is more it drops without a word (actions/toolkit, docs/problem-matchers.md).
const annotations = 10

// GitHub writes findings as workflow commands, which GitHub Actions turns into
// annotations: at most ten for each level, the last of which stands for the rest
// when there are more. locate turns a file's path into one that is relative to
// the top of the repository; nil leaves it. Source text is never written. The
// error is that of w.
func GitHub(w io.Writer, findings []*rule.Finding, locate func(string) string) error {
	out := bufio.NewWriter(w)
	for _, level := range []rule.Level{rule.Error, rule.Warning, rule.Hygiene} {
		var list []*rule.Finding
		for _, f := range findings {
			if f.Rule.Level == level {
				list = append(list, f)
			}
		}
		shown := list
		if len(list) > annotations {
			shown = list[:annotations-1]
		}
		for _, f := range shown {
			annotate(out, f, locate)
		}
		if rest := len(list) - len(shown); rest > 0 {
			command(out, commandOf(level), []property{{"title", "mpfix"}},
				count(rest, "more "+level.String()+" finding")+" not shown here; run mpfix for all")
		}
	}
	return out.Flush()
}

func annotate(out io.Writer, f *rule.Finding, locate func(string) string) {
	var props []property
	if f.Span.File != nil {
		props = position(f, locate)
	}
	props = append(props, property{"title", f.Rule.ID + " " + f.Rule.Name})
	text := visible(f.Message)
	for _, note := range f.Trail {
		text += "\n" + place(note.Span) + ": " + visible(note.Text)
	}
	if len(f.Fixes) > 0 {
		text += "\n" + f.Fixes[0].Safety.String() + " fix: " + visible(f.Fixes[0].Title)
	}
	command(out, commandOf(f.Rule.Level), props, text)
}

// position gives columns only for a span on one line: GitHub takes them only
// there.
func position(f *rule.Finding, locate func(string) string) []property {
	file := f.Span.File
	path := file.Path
	if locate != nil {
		path = locate(path)
	}
	line, column := file.Position(f.Span.Start)
	endLine, endColumn := file.Position(f.Span.End)
	props := []property{{"file", path}, {"line", fmt.Sprint(line)}, {"endLine", fmt.Sprint(endLine)}}
	if line == endLine {
		props = append(props, property{"col", fmt.Sprint(column)}, property{"endColumn", fmt.Sprint(max(endColumn, column))})
	}
	return props
}

func commandOf(l rule.Level) string {
	switch l {
	case rule.Error:
		return "error"
	case rule.Warning:
		return "warning"
	}
	return "notice"
}

// property is one key=value of a workflow command.
type property struct{ key, value string }

var (
	dataEscaper     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	propertyEscaper = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// command writes one workflow command (actions/toolkit, packages/core,
// command.ts). A "##[", which the runner takes for a command of the older form
// wherever it stands in a line, is broken up.
func command(out io.Writer, name string, props []property, message string) {
	var b strings.Builder
	b.WriteString("::" + name)
	for i, p := range props {
		sep := ","
		if i == 0 {
			sep = " "
		}
		b.WriteString(sep + p.key + "=" + propertyEscaper.Replace(p.value))
	}
	b.WriteString("::" + dataEscaper.Replace(message))
	fmt.Fprintln(out, breakLegacy(b.String()))
}

func breakLegacy(line string) string { return strings.ReplaceAll(line, "##[", "# #[") }
