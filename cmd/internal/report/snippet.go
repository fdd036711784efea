package report

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"github.com/mpfix/mpfix/rewrite/source"
)

// widest is how many columns of a source line are shown.
const widest = 120

// snippet returns the first source line of a span, fit for a terminal, and the
// blanks and carets that underline the span on it. A tab counts four columns.
func snippet(s source.Span) (line, underline string) {
	number := s.File.LineOf(s.Start)
	start, end := s.File.LineStart(number), s.File.LineEnd(number)
	from, to := min(max(s.Start, start), end), min(max(s.End, start), end)
	before, marked, after := columns(s.File.Text[start:from]), columns(s.File.Text[from:to]), columns(s.File.Text[to:end])
	if at := displayWidth(before); at > widest*3/4 {
		before = "…" + lastColumns(before, widest/4)
	}
	if room := widest - displayWidth(before); displayWidth(marked) > room {
		marked, after = firstColumns(marked, room)+"…", ""
	} else if room -= displayWidth(marked); displayWidth(after) > room {
		after = firstColumns(after, room) + "…"
	}
	carets := strings.Repeat("^", max(displayWidth(marked), 1))
	return strings.TrimRightFunc(before+marked+after, unicode.IsSpace), strings.Repeat(" ", displayWidth(before)) + carets
}

// columns makes each character of a source line take its place on a terminal.
func columns(text string) string {
	return visible(strings.ReplaceAll(strings.TrimPrefix(text, "\f"), "\t", "    "))
}

// displayWidth is the number of terminal columns (Unicode Standard Annex 11).
func displayWidth(text string) int {
	n := 0
	for _, r := range text {
		n += runeWidth(r)
	}
	return n
}

func runeWidth(r rune) int {
	if r < 0x300 {
		return 1
	}
	if unicode.In(r, unicode.Mn, unicode.Me) {
		return 0
	}
	switch width.LookupRune(r).Kind() {
	case width.EastAsianWide, width.EastAsianFullwidth:
		return 2
	}
	return 1
}

func firstColumns(text string, n int) string {
	for i, r := range text {
		if n -= runeWidth(r); n < 0 {
			return text[:i]
		}
	}
	return text
}

func lastColumns(text string, n int) string {
	for i := len(text); i > 0; {
		r, size := utf8.DecodeLastRuneInString(text[:i])
		if n -= runeWidth(r); n < 0 {
			return text[i:]
		}
		i -= size
	}
	return text
}

// place is "path:line:column" of where a span starts.
func place(s source.Span) string {
	if s.File == nil {
		return "?"
	}
	line, column := s.File.Position(s.Start)
	return fmt.Sprintf("%s:%d:%d", visible(s.File.Path), line, column)
}
