package report

import (
	"bufio"
	"io"
	"regexp"
	"strings"
)

// inline is a code span of one backtick.
var inline = regexp.MustCompile("`[^`]+`")

// Markdown writes a README for a terminal: headings and code stand out, and the
// text stays as it is written. Without colour it is written unchanged. The error
// is that of w.
func Markdown(w io.Writer, text string, colored bool) error {
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	if !colored {
		_, err := io.WriteString(w, text)
		return err
	}
	out := bufio.NewWriter(w)
	p := newPalette(true)
	fence := ""
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		mark := fenceOf(line)
		switch {
		case fence != "" && mark == fence:
			fence = ""
			continue
		case fence != "":
			line = "    " + p.codeLine(line)
		case mark != "":
			fence = mark
			continue
		case strings.HasPrefix(line, "#"):
			line = p.heading.Sprint(strings.TrimSpace(strings.TrimLeft(line, "#")))
		default:
			line = inline.ReplaceAllStringFunc(line, func(s string) string { return p.code.Sprint(strings.Trim(s, "`")) })
		}
		out.WriteString(line + "\n")
	}
	return out.Flush()
}

// codeLine colours the lines of a diff as such and other code evenly.
func (p *palette) codeLine(line string) string {
	switch {
	case strings.HasPrefix(line, "+"):
		return p.added.Sprint(line)
	case strings.HasPrefix(line, "-"):
		return p.removed.Sprint(line)
	}
	return p.code.Sprint(line)
}

// fenceOf returns the three marks that open or close a code block.
func fenceOf(line string) string {
	for _, mark := range []string{"```", "~~~"} {
		if strings.HasPrefix(strings.TrimLeft(line, " "), mark) {
			return mark
		}
	}
	return ""
}
