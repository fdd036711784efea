package refactor

import (
	"slices"
	"strings"
)

// piece is what stands in the finished list: an item, or lines put in.
type piece struct {
	it   *item
	el   *element
	slot *item    // the item it is, or stands before or behind
	from *element // the moved element it belongs to
	seat *item    // from: the item the element stands before or behind
	ctx  context
}

func (p *piece) definition(closing bool) bool {
	if p.it != nil {
		return p.it.definition()
	}
	if closing {
		return p.el.closes()
	}
	return p.el.opens()
}

// place is the item whose surroundings the piece has, seen from q.
func (p *piece) place(q *piece) *item {
	if p.from != nil && p.from != q.from {
		return p.seat
	}
	return p.slot
}

// stretch is a part of a list, between two items that stay, that is written
// anew.
type stretch struct {
	list       *list
	x, y       *item // the items around it, nil at the ends
	start, end int
	gone       []*item
}

// stretches lists the parts of the list that change.
func (l *list) stretches() ([]*stretch, error) {
	if len(l.items) == 0 {
		return nil, nil
	}
	l.pass()
	var found []*stretch
	s := &stretch{list: l}
	dirty := l.head >= 0 && l.indent
	for _, it := range l.items {
		dirty = dirty || len(it.before) > 0
		if it.fate != kept {
			s.gone = append(s.gone, it)
			dirty = dirty || len(it.after) > 0 || it.fate == deleted || it.fate == moved
			continue
		}
		s.y = it
		if dirty || it.joined && it.alone || it.capped && it.blank > 1 || it.padded && it.blank == 0 {
			found = append(found, s)
		}
		s = &stretch{list: l, x: it}
		dirty = len(it.after) > 0
	}
	if dirty {
		found = append(found, s)
	}
	text := l.doc.file.Text
	for _, s := range found {
		s.start, s.end = l.items[0].start, l.items[len(l.items)-1].end
		if l.head >= 0 {
			s.start = l.head
		}
		if s.x != nil {
			s.start = s.x.end
		}
		if s.y != nil {
			s.end = s.y.start
		}
		if s.start > s.end {
			return nil, l.doc.error(ErrShape, s.start, "statements in disorder")
		}
		if len(s.gone) == 0 && strings.Trim(unfolded(text[s.start:s.end]), "; \t\f\r\n") != "" {
			return nil, l.doc.error(ErrShape, s.start, "unknown text between statements")
		}
	}
	return found, nil
}

// pass puts "pass" into a block that would be left without statements.
func (l *list) pass() {
	if l.block.Parent == nil {
		return
	}
	for _, it := range l.items {
		if it.stmt != nil && it.fate == kept {
			return
		}
		if it.fate != moved && len(it.before)+len(it.after) > 0 {
			return
		}
	}
	last := l.items[len(l.items)-1]
	for _, it := range l.items {
		if it.stmt != nil {
			last = it
		}
	}
	// Elements of a moved item travel with it, so the line needs an item that
	// does not.
	stay := &item{list: l, index: last.index + 1, start: last.end, core: last.start, end: last.end, fate: deleted}
	stay.before = []*element{{lines: []string{"pass"}}}
	l.items = slices.Insert(l.items, last.index+1, stay)
	for i, it := range l.items {
		it.index = i
	}
}

// around returns the pieces that an item leads to: what was put before it, the
// item unless it is gone, and what was put behind it.
func (l *list) around(it *item, c context, from *element, seat *item) ([]*piece, error) {
	d := l.doc
	var all []*piece
	put := func(e *element) error {
		if len(e.items) == 0 {
			all = append(all, &piece{el: e, slot: it, from: from, seat: seat, ctx: c})
			return nil
		}
		if e.busy {
			return d.error(ErrShape, it.start, "statements moved into themselves")
		}
		e.busy = true
		defer func() { e.busy = false }()
		dst := d.shift(c, l.base, it.core, e.wrap)
		for _, other := range e.items {
			other.placed = true
			inner := context{chunk: other, src: other.list.base, dst: dst}
			more, err := other.list.around(other, inner, e, it)
			if err != nil {
				return err
			}
			all = append(all, more...)
		}
		return nil
	}
	for _, e := range it.ordered(it.before, false) {
		if err := put(e); err != nil {
			return nil, err
		}
	}
	if it.fate == kept || it.fate == moved && c.chunk == it {
		all = append(all, &piece{it: it, slot: it, from: from, seat: seat, ctx: c})
	}
	for _, e := range it.ordered(it.after, true) {
		if err := put(e); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// ordered sorts elements so that what belongs to an outer indentation stands
// outside.
func (it *item) ordered(list []*element, after bool) []*element {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b *element) int {
		order := 0
		switch {
		case a.wrap == b.wrap:
		case b.wrap == nil || a.wrap != nil && a.wrap.outside(b.wrap):
			order = -1
		default:
			order = 1
		}
		if after {
			return -order
		}
		return order
	})
	return list
}

// between returns the pieces of a stretch.
func (s *stretch) between(c context) ([]*piece, error) {
	var all []*piece
	add := func(it *item, want func(*piece) bool) error {
		pieces, err := s.list.around(it, c, nil, nil)
		for _, p := range pieces {
			if want(p) {
				all = append(all, p)
			}
		}
		return err
	}
	any := func(*piece) bool { return true }
	if s.x != nil {
		past := false
		if err := add(s.x, func(p *piece) bool {
			if p.it == s.x {
				past = true
				return false
			}
			return past
		}); err != nil {
			return nil, err
		}
	}
	for _, it := range s.gone {
		if it.fate == moved && it != c.chunk {
			continue // what was put around it goes with it
		}
		if err := add(it, any); err != nil {
			return nil, err
		}
	}
	if s.y != nil {
		past := false
		if err := add(s.y, func(p *piece) bool {
			past = past || p.it == s.y
			return !past
		}); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// gap returns the number of blank lines between two neighbours in the list.
func (l *list) gap(p, q *piece) int {
	if p == nil || q == nil {
		return 0
	}
	a, b := p.place(q), q.place(p)
	adjacent := p.it != nil && q.it != nil && p.from == nil && q.from == nil && a == p.it && b == q.it && a.index+1 == b.index
	n := 0
	within := p.from != nil && p.from == q.from
	defs := p.definition(true) || q.definition(false)
	if a != b && a.list == b.list && a.index < b.index {
		hole := false
		for _, it := range a.list.items[a.index+1 : b.index+1] {
			n = max(n, it.blank)
			hole = hole || it != b && it.definition()
		}
		if !adjacent && (hole || within) && !defs {
			n = min(n, 1)
		}
	}
	if q.el != nil {
		n = max(n, q.el.apart)
	}
	if p.from != nil && p.from != q.from {
		n = max(n, p.from.below)
	}
	if p.el != nil {
		n = max(n, p.el.below)
	}
	if defs && !adjacent && !(q.el != nil && q.el.inner) {
		n = max(n, l.spacing())
	}
	if q.slot.capped || within && l.block.Parent != nil {
		if q.el == nil || q.el.wrap == nil {
			n = min(n, 1)
		}
	}
	if q.it != nil && q.it.padded {
		n = max(n, 1)
	}
	if p.el != nil && p.el.opener {
		n = 0
	}
	return n
}

// spacing is the number of blank lines around a definition: one inside other
// definitions, and what the file uses between those of the module, two unless
// it always uses one (PEP 8, "Blank Lines").
func (l *list) spacing() int {
	if l.block.Parent != nil {
		return 1
	}
	d := l.doc
	if d.spacing == 0 {
		most := 0
		for i, it := range l.items {
			if i > 0 && (it.definition() || l.items[i-1].definition()) && l.items[i-1].stmt != nil {
				most = max(most, it.blank)
			}
		}
		d.spacing = 2
		if most == 1 {
			d.spacing = 1
		}
	}
	return d.spacing
}
