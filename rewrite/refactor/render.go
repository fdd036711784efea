package refactor

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/source"
)

// segment is a part of the finished text: bytes of the file, or new text.
type segment struct {
	from, to int // bytes taken over; empty for new text
	text     string
	whole    bool // new text: concerns whole lines
}

// render writes the bytes [from, to) of the file with the changes that lie
// there, in the given context.
func (d *document) render(c context, from, to int) ([]segment, error) {
	var out []segment
	pos, led := from, -1
	for _, a := range d.plan {
		if a.home != c.chunk || a.start < from || a.end > to {
			continue
		}
		if c.chunk != nil && a.inline == nil && !a.stretch.list.block.Within(c.chunk.stmt) {
			continue
		}
		if a.start < pos {
			return nil, d.error(ErrOverlap, a.start, "two changes of the same text")
		}
		out = d.take(out, c, pos, a.start, led)
		if in := a.inline; in != nil {
			if d.startsLine(in.start) && !d.inString(in.start) && (in.text != "" || !d.startsLine(in.end)) && led != in.start {
				led = in.start
				if lead := d.shift(c, "", in.start, nil); lead != "" {
					out = append(out, segment{text: lead, whole: true})
				}
			}
			out = append(out, d.writeInline(c, in))
			// The end is a boundary too: an insertion leaves one there.
			pos = in.end
			out = append(out, segment{from: pos, to: pos})
			continue
		}
		text, err := a.stretch.write(c)
		if err != nil {
			return nil, err
		}
		out = append(out, segment{text: text, whole: true})
		pos = a.end
	}
	return d.take(out, c, pos, to, led), nil
}

func (d *document) writeInline(c context, in *inline) segment {
	return segment{text: d.newlines(d.reindent(c, strings.ReplaceAll(in.text, "\r\n", "\n"), in.start))}
}

// take adds the bytes [from, to) with the indentation that the context gives
// them; the line at led has got its indentation.
func (d *document) take(out []segment, c context, from, to, led int) []segment {
	text := d.file.Text
	if c.chunk == nil && len(d.indents) == 0 {
		return append(out, segment{from: from, to: to})
	}
	pos := from
	for line := d.file.LineOf(from); line <= d.file.LineCount(); line++ {
		start := d.file.LineStart(line)
		if start >= to {
			break
		}
		if start < from || start == led || d.inString(start) {
			continue
		}
		body := d.text(start)
		if body >= len(text) || text[body] == '\n' || text[body] == '\r' {
			continue
		}
		body = min(body, to)
		lead := text[start:body]
		lead = lead[strings.LastIndexByte(lead, '\f')+1:]
		shifted := d.shift(c, lead, start, nil)
		if shifted == lead {
			continue
		}
		at := body - len(lead)
		out = append(out, segment{from: pos, to: at})
		if more, found := strings.CutSuffix(shifted, lead); found {
			out = append(out, segment{text: more, whole: true})
			pos = at
			continue
		}
		out = append(out, segment{text: shifted, whole: true})
		pos = body
	}
	return append(out, segment{from: pos, to: to})
}

func (d *document) renderText(c context, from, to int) (string, error) {
	segments, err := d.render(c, from, to)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, s := range segments {
		b.WriteString(s.text)
		b.WriteString(d.file.Text[s.from:s.to])
	}
	return b.String(), nil
}

// change is an edit in the making.
type change struct {
	start, end int
	text       strings.Builder
	whole      bool
}

// edits renders the whole plan and returns what differs from the file.
func (d *document) edits() ([]edit.Edit, error) {
	if err := d.expand(); err != nil {
		return nil, err
	}
	for i, w := range d.indents {
		if !w.whole() {
			return nil, d.error(ErrShape, w.first.start, "nothing is left to indent, or a part was moved away")
		}
		for _, v := range d.indents[:i] {
			if !w.disjoint(v) && !w.outside(v) && !v.outside(w) {
				return nil, d.error(ErrOverlap, w.first.start, "two indentations cross")
			}
		}
	}
	var err error
	if d.plan, err = d.actions(); err != nil {
		return nil, err
	}
	size := len(d.file.Text)
	segments, err := d.render(context{}, 0, size)
	if err != nil {
		return nil, err
	}

	for _, l := range d.lists {
		for _, it := range l.items {
			if gone := d.goneAround(l.block); it.fate == moved && !it.placed && (gone == nil || gone.fate != deleted) {
				return nil, d.error(ErrShape, it.start, "moved to where nothing stays")
			}
		}
	}

	var changes []*change
	pos := 0
	var open *change
	for _, s := range segments {
		if s.text == "" && s.to > s.from {
			if s.from > pos { // bytes left out
				if open == nil {
					open = &change{start: pos}
					changes = append(changes, open)
				}
				open.end = s.from
			}
			if open != nil {
				open.end = max(open.end, s.from)
			}
			open, pos = nil, s.to
			continue
		}
		if s.text == "" {
			if s.from > pos {
				if open == nil {
					open = &change{start: pos}
					changes = append(changes, open)
				}
				open.end, pos = s.from, s.from
			}
			continue
		}
		if open == nil {
			open = &change{start: pos, end: pos}
			changes = append(changes, open)
		}
		open.text.WriteString(s.text)
		open.whole = open.whole || s.whole
	}
	if pos < size {
		if open == nil {
			open = &change{start: pos}
			changes = append(changes, open)
		}
		open.end = size
	}

	var edits []edit.Edit
	for _, c := range d.joined(changes) {
		e := edit.Edit{Span: source.Span{File: d.file, Start: c.start, End: c.end}, New: c.text.String()}
		if e = trimmed(e, c.whole); e.Span.Text() != e.New {
			edits = append(edits, e)
		}
	}
	return d.finalNewline(edits), nil
}

// joined unites changes of neighbouring lines when whole lines change, so that
// an indented region is one edit.
func (d *document) joined(changes []*change) []*change {
	var out []*change
	for _, c := range changes {
		if n := len(out); n > 0 && out[n-1].whole {
			last := out[n-1]
			between := d.file.Text[last.end:c.start]
			sameLine := lineBreaks(between) == 0
			if sameLine || c.whole && d.contiguous(last.end, c.start) {
				last.text.WriteString(between)
				last.text.WriteString(c.text.String())
				last.end = c.end
				continue
			}
		}
		out = append(out, c)
	}
	return out
}

// contiguous reports whether no line that could have changed lies between the
// lines at two offsets.
func (d *document) contiguous(from, to int) bool {
	f := d.file
	first, last := f.LineOf(from), f.LineOf(to)
	if d.startsLine(from) {
		first-- // the change ended with its line
	}
	for line := first + 1; line < last; line++ {
		if strings.TrimSpace(f.Line(line)) != "" && !d.inString(f.LineStart(line)) {
			return false
		}
	}
	return true
}

// trimmed takes equal whole lines off both ends of an edit.
func trimmed(e edit.Edit, whole bool) edit.Edit {
	if !whole {
		return e
	}
	old, text := e.Span.Text(), e.New
	n := 0
	for n < len(old) && n < len(text) && old[n] == text[n] {
		n++
	}
	n = strings.LastIndexByte(old[:n], '\n') + 1
	old, text = old[n:], text[n:]
	e.Span.Start += n
	atStart := n > 0 || e.Span.File.LineStart(e.Span.File.LineOf(e.Span.Start)) == e.Span.Start

	n = 0
	for n < len(old) && n < len(text) && old[len(old)-1-n] == text[len(text)-1-n] {
		n++
	}
	begins := func(s string) bool {
		if n == len(s) {
			return atStart
		}
		return s[len(s)-n-1] == '\n'
	}
	if !begins(old) || !begins(text) {
		tail := old[len(old)-n:]
		if cut := strings.IndexByte(tail, '\n'); cut >= 0 {
			n = len(tail) - cut - 1
		} else {
			n = 0
		}
	}
	e.New = text[:len(text)-n]
	e.Span.End -= n
	return e
}

// finalNewline lets a file end as it did, with or without a newline.
func (d *document) finalNewline(edits []edit.Edit) []edit.Edit {
	size := len(d.file.Text)
	if len(edits) == 0 || size == 0 {
		return edits
	}
	last := &edits[len(edits)-1]
	if last.Span.End != size {
		return edits
	}
	ended := d.startsLine(size)
	switch {
	case ended && last.New != "" && !strings.HasSuffix(last.New, "\n") && !strings.HasSuffix(last.New, "\r"):
		last.New += d.file.Newline
	case !ended && last.New != "":
		last.New = strings.TrimRight(last.New, "\r\n")
	case !ended:
		// The last line went: the newline before it goes too.
		start := last.Span.Start
		if start > 0 && d.file.Text[start-1] == '\n' {
			start--
		}
		if start > 0 && d.file.Text[start-1] == '\r' {
			start--
		}
		if len(edits) == 1 || edits[len(edits)-2].Span.End <= start {
			last.Span.Start = start
		}
	}
	return slices.Clip(edits)
}
