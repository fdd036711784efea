package report

import (
	"bufio"
	"io"
	"strings"

	"github.com/fatih/color"

	"github.com/mpfix/mpfix/rewrite/patch"
	"github.com/mpfix/mpfix/rewrite/source"
)

// Diff writes the difference of two versions of a file under the given name for
// a terminal: in colour, the changed words marked. It is to be looked at; what
// programs take is patch.Unified. The error is that of w.
func Diff(w io.Writer, before, after *source.File, name string) error {
	out := bufio.NewWriter(w)
	p := newPalette(true)
	for _, side := range []string{"--- a/", "+++ b/"} {
		out.WriteString(p.header.Sprint(side+visible(name)) + "\n")
	}
	for _, h := range patch.Lines(before, after) {
		p.diffAt.Fprintln(out, h.Header())
		for _, line := range h.Lines {
			p.diffLine(out, line)
		}
	}
	return out.Flush()
}

func (p *palette) diffLine(out *bufio.Writer, line patch.Line) {
	whole, word := color.New(), color.New()
	switch line.Kind {
	case '+':
		whole, word = p.added, p.addedWord
	case '-':
		whole, word = p.removed, p.removedWord
	}
	out.WriteString(whole.Sprint(string(line.Kind)))
	at := 0
	for _, r := range line.Changed {
		out.WriteString(paint(whole, line.Text[at:r.Start]))
		out.WriteString(paint(word, line.Text[r.Start:r.End]))
		at = r.End
	}
	out.WriteString(paint(whole, line.Text[at:]))
	out.WriteByte('\n')
	if line.NoNewline {
		out.WriteString("\\ No newline at end of file\n")
	}
}

// paint keeps tabs and drops the "\r" of a line end.
func paint(c *color.Color, text string) string {
	if text = strings.TrimSuffix(text, "\r"); text == "" {
		return ""
	}
	parts := strings.Split(text, "\t")
	for i := range parts {
		parts[i] = visible(parts[i])
	}
	return c.Sprint(strings.Join(parts, "\t"))
}
