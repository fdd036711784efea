package patch

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxWords bounds the size of a change whose words are compared.
const maxWords = 20000

// highlight sets Changed in the lines of each change that has both old and new
// lines.
func highlight(lines []Line) {
	for i := 0; i < len(lines); {
		start := i
		for i < len(lines) && lines[i].Kind == '-' {
			i++
		}
		middle := i
		for i < len(lines) && lines[i].Kind == '+' {
			i++
		}
		if start < middle && middle < i {
			compare(lines[start:middle], lines[middle:i])
		}
		if i == start {
			i++
		}
	}
}

func compare(before, after []Line) {
	a, b := words(before), words(after)
	if len(a) > maxWords || len(b) > maxWords {
		return
	}
	aChanged, bChanged := make([]bool, len(a)), make([]bool, len(b))
	for _, k := range diff(a, b) {
		for i := k.aStart; i < k.aEnd; i++ {
			aChanged[i] = true
		}
		for i := k.bStart; i < k.bEnd; i++ {
			bChanged[i] = true
		}
	}
	mark(before, a, aChanged)
	mark(after, b, bChanged)
}

// words cuts lines into names and numbers, runs of blanks, and single other
// characters, with "\n" as a word of its own at the end of each line.
func words(lines []Line) []string {
	var list []string
	for _, line := range lines {
		rest := line.Text
		for rest != "" {
			n := strings.IndexFunc(rest, func(r rune) bool { return !wordRune(r) })
			if n == 0 {
				n = strings.IndexFunc(rest, func(r rune) bool { return r != ' ' && r != '\t' })
			}
			switch n {
			case -1:
				n = len(rest)
			case 0:
				_, n = utf8.DecodeRuneInString(rest)
			}
			list = append(list, rest[:n])
			rest = rest[n:]
		}
		list = append(list, "\n")
	}
	return list
}

func wordRune(r rune) bool {
	return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
}

// mark turns changed words into ranges of their lines. A line of which less than
// half stayed counts as changed as a whole.
func mark(lines []Line, words []string, changed []bool) {
	w := 0
	for i := range lines {
		var ranges []Range
		kept, size := 0, 0
		for at := 0; words[w] != "\n"; w++ {
			n := len(words[w])
			blank := strings.Trim(words[w], " \t") == ""
			if !blank {
				size += n
			}
			switch last := len(ranges) - 1; {
			case !changed[w]:
				if !blank {
					kept += n
				}
			case last >= 0 && ranges[last].End == at:
				ranges[last].End = at + n
			default:
				ranges = append(ranges, Range{at, at + n})
			}
			at += n
		}
		w++
		if 2*kept >= size {
			lines[i].Changed = ranges
		}
	}
}
