package patch

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/source"
)

// context is the number of unchanged lines around a change, as in git.
const context = 3

// Hunk is a run of lines with changes and the unchanged lines around them.
type Hunk struct {
	OldStart, OldCount int // the lines of the old text: first line, 1-based, and number
	NewStart, NewCount int // the lines of the new text
	Lines              []Line
}

// Line is one line of a hunk.
type Line struct {
	Kind      byte    // ' ', '+' or '-'
	Text      string  // without "\n"; the "\r" of "\r\n" is kept
	NoNewline bool    // the last line of its file, without a newline
	Changed   []Range // the changed words; nil when the line as a whole is new or gone
}

// Range is the half-open range of bytes [Start, End) of Line.Text.
type Range struct{ Start, End int }

// Header is the line that opens the hunk in a unified diff, without newline. An
// empty side is given by the line before it, as POSIX diff has it.
func (h Hunk) Header() string {
	return "@@ -" + lineRange(h.OldStart, h.OldCount) + " +" + lineRange(h.NewStart, h.NewCount) + " @@"
}

func lineRange(start, count int) string {
	switch count {
	case 0:
		return fmt.Sprintf("%d,0", start-1)
	case 1:
		return fmt.Sprint(start)
	}
	return fmt.Sprintf("%d,%d", start, count)
}

// Lines returns the differences of two files as text, with the words that
// changed inside a changed line, for display. Without a difference it is nil.
// Lines end at "\n", as in git.
func Lines(before, after *source.File) []Hunk {
	if before == nil || after == nil {
		return nil
	}
	hs := hunks(split(before.Text), split(after.Text))
	for _, h := range hs {
		highlight(h.Lines)
	}
	return hs
}

// split cuts text behind each "\n".
func split(text string) []string {
	if text == "" {
		return nil
	}
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// hunks returns the differences of two lists of lines with their context. Changes
// whose contexts meet share a hunk.
func hunks(a, b []string) []Hunk {
	blocks := align(a, b, diff(a, b))
	var list []Hunk
	for len(blocks) > 0 {
		n := 1
		for n < len(blocks) && blocks[n].aStart-blocks[n-1].aEnd <= 2*context {
			n++
		}
		list = append(list, hunk(a, b, blocks[:n]))
		blocks = blocks[n:]
	}
	return list
}

func hunk(a, b []string, blocks []block) Hunk {
	first, last := blocks[0], blocks[len(blocks)-1]
	lead := min(context, first.aStart)
	tail := min(context, len(a)-last.aEnd)
	h := Hunk{
		OldStart: first.aStart - lead + 1,
		OldCount: last.aEnd - first.aStart + lead + tail,
		NewStart: first.bStart - lead + 1,
		NewCount: last.bEnd - first.bStart + lead + tail,
	}
	add := func(kind byte, lines []string) {
		for _, line := range lines {
			text, ended := strings.CutSuffix(line, "\n")
			h.Lines = append(h.Lines, Line{Kind: kind, Text: text, NoNewline: !ended})
		}
	}
	at := first.aStart - lead
	for _, k := range blocks {
		add(' ', a[at:k.aStart])
		add('-', a[k.aStart:k.aEnd])
		add('+', b[k.bStart:k.bEnd])
		at = k.aEnd
	}
	add(' ', a[at:at+tail])
	return h
}
