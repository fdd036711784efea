package refactor

import "github.com/mpfix/mpfix/rewrite/syntax"

// WrapWith indents the consecutive statements from first to last, with the
// comments between them and above the first, under header ("with lock:"). The
// header may be of several lines. The footer's lines ("finally:", "\tq.close()")
// stand below, at the header's indentation. Lines put before first or after last
// stand inside. Of two wraps of the same statements the later is the outer one.
func (r *Rewrite) WrapWith(first, last *syntax.Node, header string, footer ...string) {
	w := r.region(first, last, 1)
	if w == nil {
		return
	}
	w.first.before = append(w.first.before, &element{lines: split([]string{header}), wrap: w, opener: true})
	if len(footer) > 0 {
		w.last.ownBlock()
		w.last.after = append(w.last.after, &element{lines: split(footer), wrap: w, inner: true})
	}
}
