package refactor

import (
	"cmp"
	"regexp"
	"slices"
)

// inline is a change inside a line: text instead of a range, or text put in.
type inline struct {
	start, end int
	text       string
	after      bool // put behind what ends here, else before what starts here
	size       int  // length of that
	serial     int
}

func (a *inline) compare(b *inline) int {
	aIn, bIn := a.start == a.end, b.start == b.end
	switch {
	case aIn != bIn:
		if aIn {
			return -1
		}
		return 1
	case !aIn:
		return a.end - b.end
	case a.after != b.after:
		if a.after {
			return -1
		}
		return 1
	case a.size != b.size && a.after:
		return a.size - b.size
	case a.size != b.size:
		return b.size - a.size
	}
	return cmp.Compare(a.serial, b.serial)
}

// united returns the inlines with equal replacements made one.
func (d *document) united() ([]*inline, error) {
	list := slices.Clone(d.inlines)
	slices.SortStableFunc(list, func(a, b *inline) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return a.compare(b)
	})
	var out []*inline
	end := 0
	var last *inline
	for _, in := range list {
		if in.start < end {
			if in.start == last.start && in.end == last.end && in.text == last.text {
				continue
			}
			if d.goneAt(last.start, last.end) != nil && d.goneAt(last.start, last.end).fate == deleted {
				last, end = in, max(end, in.end)
				out = append(out, in)
				continue
			}
			return nil, d.error(ErrOverlap, in.start, "two changes of the same text")
		}
		if in.start < in.end {
			last, end = in, in.end
		}
		out = append(out, in)
	}
	return out, nil
}

var newline = regexp.MustCompile(`\r\n|\n|\r`)
