package refactor

import (
	"fmt"
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// action is a change at a place of the file: an inline or a stretch.
type action struct {
	start, end int
	inline     *inline
	stretch    *stretch
	depth      int
	home       *item // the moved or deleted item that it lies in
}

// compare orders actions as they are written.
func (d *document) compare(a, b *action) int {
	if a.start != b.start {
		return a.start - b.start
	}
	if (a.inline == nil) != (b.inline == nil) {
		first := 1
		if d.startsLine(a.start) {
			first = -1
		}
		if a.inline != nil {
			return -first
		}
		return first
	}
	if a.inline == nil {
		return b.depth - a.depth
	}
	return a.inline.compare(b.inline)
}

// actions collects all changes in order, and where each lies.
func (d *document) actions() ([]*action, error) {
	var all []*action
	for _, l := range slices.Clone(d.lists) {
		stretches, err := l.stretches()
		if err != nil {
			return nil, err
		}
		depth := 0
		for n := l.block; n != nil; n = n.Parent {
			depth++
		}
		for _, s := range stretches {
			all = append(all, &action{start: s.start, end: s.end, stretch: s, depth: depth, home: d.goneAround(l.block)})
		}
	}
	inlines, err := d.united()
	if err != nil {
		return nil, err
	}
	for _, in := range inlines {
		all = append(all, &action{start: in.start, end: in.end, inline: in, home: d.goneAt(in.start, in.end)})
	}
	slices.SortStableFunc(all, d.compare)
	return all, nil
}

// goneAround returns the innermost moved or deleted item that n lies in.
func (d *document) goneAround(n *syntax.Node) *item {
	for s := n.Statement(); s != nil; s = s.Parent.Statement() {
		if l := d.byBlock[s.Parent]; l != nil {
			for _, it := range l.items {
				if it.stmt == s && it.fate != kept {
					return it
				}
			}
		}
	}
	return nil
}

// goneAt returns the innermost moved or deleted item that holds the range.
func (d *document) goneAt(start, end int) *item {
	var best *item
	for _, l := range d.lists {
		for _, it := range l.items {
			if it.fate == kept || start < it.start || end > it.end || it.start == it.end {
				continue
			}
			if start == it.end && d.startsLine(it.end) {
				continue
			}
			if best == nil || it.end-it.start < best.end-best.start {
				best = it
			}
		}
	}
	return best
}

func (d *document) error(base error, offset int, what string) error {
	line, column := d.file.Position(offset)
	return fmt.Errorf("%s:%d:%d: %w: %s", d.file.Path, line, column, base, what)
}
