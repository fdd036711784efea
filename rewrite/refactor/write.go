package refactor

import (
	"slices"
	"strings"
)

// write renders the stretch.
func (s *stretch) write(c context) (string, error) {
	l, d := s.list, s.list.doc
	text := d.file.Text
	pieces, err := s.between(c)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	blank := func(n int) {
		for range n {
			b.WriteString(d.file.Newline)
		}
	}
	mid := s.x == nil && l.head >= 0 || s.x != nil && !d.startsLine(s.x.end)
	var prev *piece
	if s.x != nil {
		prev = &piece{it: s.x, slot: s.x, ctx: c}
	}
	if len(pieces) == 0 && mid && len(s.gone) > 0 && s.x != nil {
		// The comment behind a deleted statement that shared its line stays.
		if last := s.gone[len(s.gone)-1]; last.fate == deleted && last.stmt != nil && !last.open {
			b.WriteString(strings.TrimPrefix(text[last.stmt.End:last.end], ";"))
			mid = !d.startsLine(last.end)
			if mid {
				return b.String(), nil
			}
		}
	}
	if len(pieces) == 1 && pieces[0].it == nil && s.x == nil && s.y == nil && mid && slices.Equal(pieces[0].el.lines, []string{"pass"}) && l.onlyDeletes() {
		b.WriteString(" pass")
		last := l.items[len(l.items)-1]
		for _, it := range l.items {
			if it.stmt != nil {
				last = it
			}
		}
		if rest := strings.TrimPrefix(text[last.stmt.End:last.end], ";"); d.startsLine(last.end) {
			b.WriteString(rest)
		}
		return b.String(), nil
	}
	wrote := false
	for _, p := range pieces {
		if mid {
			blank(1)
		}
		blank(l.gap(prev, p))
		content, err := p.write(l)
		if err != nil {
			return "", err
		}
		b.WriteString(content)
		mid, prev, wrote = true, p, true
	}
	if s.y == nil {
		if mid && d.startsLine(l.items[len(l.items)-1].end) {
			blank(1)
		}
		return b.String(), nil
	}
	y := &piece{it: s.y, slot: s.y, ctx: c}
	if s.y.joined && mid && !wrote && !s.y.alone && !(s.x == nil && l.indent) {
		before := l.head
		if s.y.index > 0 {
			before = l.items[s.y.index-1].end
		}
		if s.x == nil {
			b.WriteString(text[l.head:l.items[0].start])
		} else {
			b.WriteString(text[before:s.y.start])
		}
		return b.String(), nil
	}
	if mid {
		blank(1)
	}
	blank(l.gap(prev, y))
	if s.y.joined {
		b.WriteString(d.shift(c, l.base, s.y.start, nil))
	}
	return b.String(), nil
}

// onlyDeletes reports whether nothing of the list was moved.
func (l *list) onlyDeletes() bool {
	return !slices.ContainsFunc(l.items, func(it *item) bool { return it.fate == moved })
}

// write renders the piece for the list l, without the last newline.
func (p *piece) write(l *list) (string, error) {
	d := l.doc
	if p.it != nil {
		text, err := d.renderText(p.ctx, p.it.start, p.it.end)
		if err != nil {
			return "", err
		}
		text = strings.TrimSuffix(text, "\n")
		text = strings.TrimSuffix(text, "\r")
		if p.it.joined {
			text = d.shift(p.ctx, p.it.list.base, p.it.start, nil) + text
		}
		return text, nil
	}
	base := p.slot.list.base
	lead := d.shift(p.ctx, base, p.slot.core, p.el.wrap)
	var b strings.Builder
	for i, line := range p.el.lines {
		if i > 0 {
			b.WriteString(d.file.Newline)
		}
		body := strings.TrimLeft(line, "\t")
		if strings.TrimSpace(body) == "" {
			continue
		}
		b.WriteString(lead)
		b.WriteString(strings.Repeat(d.file.Indent, len(line)-len(body)))
		b.WriteString(body)
	}
	return b.String(), nil
}
