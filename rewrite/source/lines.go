package source

import (
	"sort"
	"strings"
	"unicode/utf8"
)

// lineStarts lists the offsets at which lines start: 0 and after each "\n",
// "\r\n" or lone "\r", the line ends of Python's tokenizer ("Lexical analysis",
// section "Physical lines"). A form feed ends no line.
func lineStarts(text string) []int {
	starts := make([]int, 1, 1+strings.Count(text, "\n")+1)
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\n':
			starts = append(starts, i+1)
		case '\r':
			if i+1 < len(text) && text[i+1] == '\n' {
				i++
			}
			starts = append(starts, i+1)
		}
	}
	return starts
}

// LineCount is the number of lines. The emptiness after a final newline is not
// a line, so "a\n" has one line and "" has none.
func (f *File) LineCount() int {
	n := len(f.lines)
	if n > 0 && f.lines[n-1] == len(f.Text) {
		n--
	}
	return n
}

// LineOf returns the 1-based number of the line that holds the byte at offset.
// The end of the text after a final newline is on line LineCount()+1. An offset
// outside the text counts as its nearest end.
func (f *File) LineOf(offset int) int {
	offset = f.clamp(offset)
	n := sort.SearchInts(f.lines, offset+1)
	return max(n, 1)
}

// Position returns the 1-based line and column of offset. The column counts
// Unicode characters, not bytes.
func (f *File) Position(offset int) (line, column int) {
	offset = f.clamp(offset)
	for offset > 0 && offset < len(f.Text) && !utf8.RuneStart(f.Text[offset]) {
		offset--
	}
	line = f.LineOf(offset)
	return line, utf8.RuneCountInString(f.Text[f.LineStart(line):offset]) + 1
}

// LineStart returns the offset of the first byte of a 1-based line: 0 for a line
// before the first, the end of the text for one behind the last.
func (f *File) LineStart(line int) int {
	switch {
	case line <= 1:
		return 0
	case line > len(f.lines):
		return len(f.Text)
	}
	return f.lines[line-1]
}

// LineEnd returns the offset at which a 1-based line ends, its newline excluded.
func (f *File) LineEnd(line int) int {
	if line < 1 {
		return 0
	}
	if line >= len(f.lines) {
		return len(f.Text)
	}
	end := f.lines[line]
	if end > 0 && f.Text[end-1] == '\n' {
		end--
		if end > f.lines[line-1] && f.Text[end-1] == '\r' {
			end--
		}
		return end
	}
	return end - 1
}

// Line returns the text of a 1-based line without its newline, "" when there is
// no such line.
func (f *File) Line(line int) string {
	return f.Text[f.LineStart(line):f.LineEnd(line)]
}

func (f *File) clamp(offset int) int {
	return min(max(offset, 0), len(f.Text))
}
