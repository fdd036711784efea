package engine

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
)

// apart says whether two fixes may land in one round: no line that one of them
// edits is edited otherwise by the other. Edits that do not overlap are not
// enough: what one fix puts in front of a line, another may be about to indent or
// to move.
func apart(a, b edit.Set) bool {
	for _, x := range a.Edits {
		for _, y := range b.Edits {
			if x.Span.File != y.Span.File || x == y {
				continue
			}
			firstX, lastX := linesOf(x)
			firstY, lastY := linesOf(y)
			if firstX <= lastY && firstY <= lastX {
				return false
			}
		}
	}
	return true
}

// linesOf returns the first and the last line that an edit may change: whole lines that
// are put in before a line belong to the one above as much as to that one.
func linesOf(e edit.Edit) (first, last int) {
	f := e.Span.File
	first, last = f.LineOf(e.Span.Start), f.LineOf(e.Span.End)
	if e.Span.Start > 0 && f.LineStart(first) == e.Span.Start && strings.ContainsAny(e.New, "\r\n") {
		first--
	}
	return first, last
}
