package patch

import (
	"strings"
	"unicode/utf8"

	"github.com/sergi/go-diff/diffmatchpatch"
)

// block is one difference of two lists: a[aStart:aEnd] became b[bStart:bEnd].
type block struct {
	aStart, aEnd, bStart, bEnd int
}

// diff returns the differences of two lists of strings in order, with at least
// one common string between any two of them. The number of strings in all blocks
// is the least possible.
func diff(a, b []string) []block {
	start := 0
	for start < len(a) && start < len(b) && a[start] == b[start] {
		start++
	}
	aEnd, bEnd := len(a), len(b)
	for aEnd > start && bEnd > start && a[aEnd-1] == b[bEnd-1] {
		aEnd--
		bEnd--
	}
	codes := code(a[start:aEnd], b[start:bEnd])
	aRunes, aIndex := codes.of(a[start:aEnd])
	bRunes, bIndex := codes.of(b[start:bEnd])

	dmp := diffmatchpatch.New()
	dmp.DiffTimeout = 0 // the same answer on a slow machine
	var blocks []block
	open := block{aStart: start, bStart: start}
	match := func(i, j int) {
		open.aEnd, open.bEnd = i, j
		if open.aStart < i || open.bStart < j {
			blocks = append(blocks, open)
		}
		open = block{aStart: i + 1, bStart: j + 1}
	}
	i, j := 0, 0
	for _, d := range dmp.DiffMainRunes(aRunes, bRunes, false) {
		n := utf8.RuneCountInString(d.Text)
		switch d.Type {
		case diffmatchpatch.DiffDelete:
			i += n
		case diffmatchpatch.DiffInsert:
			j += n
		default:
			for range n {
				match(start+aIndex[i], start+bIndex[j])
				i++
				j++
			}
		}
	}
	match(aEnd, bEnd)
	return blocks
}

// coding gives each string a character that go-diff can compare.
type coding map[string]rune

// code numbers the strings that both lists hold. What only one holds is surely
// changed, so go-diff, slow where much has changed, need not see it.
//
// go-diff's own DiffLinesToChars is not used: it keeps its characters in strings
// and fails where they run into surrogates or U+FFFD.
func code(a, b []string) coding {
	inA := make(map[string]bool, len(a))
	for _, s := range a {
		inA[s] = true
	}
	codes := coding{}
	next := rune(1)
	for _, s := range b {
		if !inA[s] || codes[s] != 0 {
			continue
		}
		switch next {
		case 0xD800: // surrogates
			next = 0xE000
		case utf8.RuneError:
			next++
		case utf8.MaxRune + 1:
			return coding{} // no characters left: all of it counts as changed
		}
		codes[s] = next
		next++
	}
	return codes
}

// of returns the characters of the strings that have one, and where those
// strings stand in the list.
func (c coding) of(list []string) (runes []rune, index []int) {
	for i, s := range list {
		if r := c[s]; r != 0 {
			runes = append(runes, r)
			index = append(index, i)
		}
	}
	return runes, index
}

// align slides blocks that only insert or only delete to where a reader expects
// them: several places give the same result when the lines beside the block
// repeat at its other end. Wanted are edges at little indentation, behind a blank
// line, and else as far down as can be (git calls it the indent heuristic).
func align(a, b []string, blocks []block) []block {
	for n := range blocks {
		k := &blocks[n]
		text, start, end := b, k.bStart, k.bEnd
		switch {
		case k.bStart == k.bEnd:
			text, start, end = a, k.aStart, k.aEnd
		case k.aStart != k.aEnd:
			continue
		}
		// The unchanged lines beside the block bound the slide; between two
		// blocks one of them stays.
		up, down := k.aStart, len(a)-k.aEnd
		if n > 0 {
			up -= blocks[n-1].aEnd + 1
		}
		if n+1 < len(blocks) {
			down = blocks[n+1].aStart - k.aEnd - 1
		}
		low, high := 0, 0
		for -low < up && text[start+low-1] == text[end+low-1] {
			low--
		}
		for high < down && text[start+high] == text[end+high] {
			high++
		}
		best := high
		for shift := high; shift >= low; shift-- {
			if edges(text, start+shift, end+shift) < edges(text, start+best, end+best) {
				best = shift
			}
		}
		k.aStart += best
		k.aEnd += best
		k.bStart += best
		k.bEnd += best
	}
	return blocks
}

// edges says how badly a block fits between start and end.
func edges(lines []string, start, end int) int {
	return edge(lines, start) + edge(lines, end)
}

// edge is the indentation of the line that follows the edge, blank lines passed
// over, and a little less for an edge behind a blank line.
func edge(lines []string, at int) int {
	cost := 0
	for i := at; i < len(lines); i++ {
		if text := strings.TrimLeft(lines[i], " \t"); strings.TrimRight(text, "\r\n") != "" {
			cost = 4 * (len(lines[i]) - len(text))
			break
		}
	}
	if at == 0 || strings.TrimSpace(lines[at-1]) == "" {
		cost--
	}
	if at < len(lines) && strings.TrimSpace(lines[at]) == "" {
		cost++
	}
	return cost
}
