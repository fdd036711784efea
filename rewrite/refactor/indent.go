package refactor

import (
	"slices"
	"strings"
)

// indent shifts the lines of consecutive items.
type indent struct {
	list        *list
	first, last *item
	levels      int
	guard       bool // stands outside every other indent of the same items
	serial      int
}

func (w *indent) covers(offset int) bool {
	return w.first.start <= offset && offset < max(w.last.end, w.first.start+1)
}

// outside reports whether w stands around v.
func (w *indent) outside(v *indent) bool {
	ws, we, vs, ve := w.first.start, w.last.end, v.first.start, v.last.end
	if ws != vs || we != ve {
		return ws <= vs && ve <= we
	}
	if w.guard != v.guard {
		return w.guard
	}
	return w.serial > v.serial
}

// disjoint reports whether w and v have no line in common.
func (w *indent) disjoint(v *indent) bool {
	return w.last.end <= v.first.start || v.last.end <= w.first.start
}

// moves reports whether w shifts the lines of chunk also where chunk is moved
// to: it lies inside the chunk, or all its items move together.
func (w *indent) moves(chunk *item) bool {
	if chunk == nil {
		return true
	}
	if w.list != chunk.list {
		return chunk.start <= w.first.start && w.last.end <= chunk.end
	}
	if !w.covers(chunk.core) {
		return false
	}
	for _, it := range w.list.items[w.first.index : w.last.index+1] {
		if it.fate == moved && it.target != chunk.target || it.fate == kept {
			return false
		}
	}
	return true
}

// whole reports whether its items are still together: the first and the last
// were not moved without the others, and something stays.
func (w *indent) whole() bool {
	with, stays := 0, false
	items := w.list.items[w.first.index : w.last.index+1]
	for _, it := range items {
		if it.target == w.first.target {
			with++
		}
		if it.stmt != nil && it.fate != deleted && it.target == w.first.target {
			stays = true
		}
		for _, e := range slices.Concat(it.before, it.after) {
			stays = stays || e.wrap == nil
		}
	}
	if w.first.target == nil {
		return stays && w.last.target == nil
	}
	return stays && with == len(items)
}

// context says where text is written: in its own place, or in that of a moved
// item, whose indentation src becomes dst.
type context struct {
	chunk    *item
	src, dst string
}

// levels sums the indentation of the line at offset; with a wrap only what
// stands around the wrap counts.
func (d *document) levels(c context, offset int, wrap *indent) int {
	n := 0
	for _, w := range d.indents {
		if w.covers(offset) && w.moves(c.chunk) && (wrap == nil || w != wrap && w.outside(wrap)) {
			n += w.levels
		}
	}
	return n
}

// shift returns the indentation that a line at offset, indented by lead, gets.
func (d *document) shift(c context, lead string, offset int, wrap *indent) string {
	prefix := 0
	if c.chunk != nil {
		switch rest, inside := strings.CutPrefix(lead, c.src); {
		case inside:
			lead, prefix = c.dst+rest, len(c.dst)
		case len(c.dst) >= len(c.src):
			lead = c.dst[len(c.src):] + lead
		default:
			lead = lead[min(len(c.src)-len(c.dst), len(lead)):]
		}
	}
	switch n := d.levels(c, offset, wrap); {
	case n > 0:
		return lead[:prefix] + strings.Repeat(d.file.Indent, n) + lead[prefix:]
	case n < 0:
		for range -n {
			lead = dedent(lead, d.file.Indent)
		}
	}
	return lead
}

// dedent takes one unit, or what there is of it, from the indentation.
func dedent(lead, unit string) string {
	if rest, found := strings.CutPrefix(lead, unit); found {
		return rest
	}
	if rest, found := strings.CutPrefix(lead, "\t"); found {
		return rest
	}
	return lead[min(len(unit), len(lead)-len(strings.TrimLeft(lead, " "))):]
}

// reindent returns the text with every line behind the first shifted; lines that
// begin inside a string and blank lines stay.
func (d *document) reindent(c context, text string, offset int) string {
	if !strings.ContainsAny(text, "\n") || d.inString(offset) {
		return text
	}
	if c.chunk == nil && d.levels(c, offset, nil) == 0 {
		return text
	}
	var b strings.Builder
	fixed := stringLines(text)
	for i, line := range strings.SplitAfter(text, "\n") {
		body := strings.TrimLeft(line, " \t")
		if i == 0 || fixed[i] || strings.TrimSpace(body) == "" {
			b.WriteString(line)
			continue
		}
		b.WriteString(d.shift(c, line[:len(line)-len(body)], offset, nil))
		b.WriteString(body)
	}
	return b.String()
}

// stringLines tells which lines of a piece of code, counted from 0, begin inside
// a string literal. The text is taken to begin outside of one.
func stringLines(text string) map[int]bool {
	inside := map[int]bool{}
	line := 0
	for i := 0; i < len(text); {
		switch c := text[i]; c {
		case '\n':
			line++
			i++
		case '#':
			for i < len(text) && text[i] != '\n' {
				i++
			}
		case '\'', '"':
			quote := text[i : i+1]
			if triple := strings.Repeat(quote, 3); strings.HasPrefix(text[i:], triple) {
				quote = triple
			}
			for i += len(quote); i < len(text); i++ {
				if text[i] == '\\' {
					i++
					if i < len(text) && text[i] == '\n' {
						line++
						inside[line] = true
					}
					continue
				}
				if strings.HasPrefix(text[i:], quote) {
					i += len(quote)
					break
				}
				if text[i] == '\n' {
					if len(quote) == 1 {
						break
					}
					line++
					inside[line] = true
				}
			}
		default:
			i++
		}
	}
	return inside
}
