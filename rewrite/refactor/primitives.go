package refactor

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Replace puts text in the place of n. Text of several lines is indented with
// its surroundings when those are.
func (r *Rewrite) Replace(n *syntax.Node, text string) {
	if n == nil {
		r.fail(ErrShape, nil, "nothing to replace")
		return
	}
	d, n := r.of(n)
	d.inlines = append(d.inlines, &inline{start: n.Start, end: n.End, text: text, serial: r.next()})
}

// ReplaceRange puts text in the place of the bytes [start, end) of f.
func (r *Rewrite) ReplaceRange(f *source.File, start, end int, text string) {
	if f == nil || start < 0 || end < start || end > len(f.Text) {
		r.fail(ErrShape, nil, "no such range")
		return
	}
	d := r.document(f)
	d.inlines = append(d.inlines, &inline{start: start, end: end, text: text, serial: r.next()})
}

// InsertBefore puts raw text where n starts. Of several insertions there the one
// before the longer node stands first, then the one that was asked for first.
func (r *Rewrite) InsertBefore(n *syntax.Node, text string) {
	if n == nil {
		r.fail(ErrShape, nil, "nothing to insert before")
		return
	}
	d, n := r.of(n)
	d.inlines = append(d.inlines, &inline{start: n.Start, end: n.Start, text: text, size: n.End - n.Start, serial: r.next()})
}

// InsertAfter puts raw text where n ends, in front of what InsertBefore puts
// there. The one behind the longer node stands last.
func (r *Rewrite) InsertAfter(n *syntax.Node, text string) {
	if n == nil {
		r.fail(ErrShape, nil, "nothing to insert after")
		return
	}
	d, n := r.of(n)
	d.inlines = append(d.inlines, &inline{start: n.End, end: n.End, text: text, after: true, size: n.End - n.Start, serial: r.next()})
}

// statement returns the item of the statement n is or lies in, or fails.
func (r *Rewrite) statement(n *syntax.Node) *item {
	if n == nil {
		r.fail(ErrShape, nil, "no statement given")
		return nil
	}
	d, own := r.of(n)
	it := d.item(own)
	if it == nil {
		r.fail(ErrShape, n, "not in a statement")
		return nil
	}
	if !it.plain() {
		r.fail(ErrShape, n, "the statement cannot be told from its surroundings")
		return nil
	}
	return it
}

// LinesBefore puts whole lines, at the statement's indentation, above the
// statement that stmt is or lies in, its decorators and the comments attached to
// it. A leading tab of a line stands for one unit of indentation; an empty line
// becomes a blank one. Definitions get the blank lines of PEP 8 around them. A
// statement that shares its line gets a line of its own.
func (r *Rewrite) LinesBefore(stmt *syntax.Node, lines ...string) {
	if it := r.statement(stmt); it != nil && len(lines) > 0 {
		it.separate()
		it.before = append(it.before, &element{lines: split(lines)})
	}
}

// LinesAfter is LinesBefore below the statement and the comment on its last
// line. Lines put in later stand lower.
func (r *Rewrite) LinesAfter(stmt *syntax.Node, lines ...string) {
	if it := r.statement(stmt); it != nil && len(lines) > 0 {
		it.ownBlock()
		it.after = append(it.after, &element{lines: split(lines)})
	}
}

func split(lines []string) []string {
	var out []string
	for _, line := range lines {
		out = append(out, newline.Split(line, -1)...)
	}
	return out
}

// separate lets the item begin a line.
func (it *item) separate() {
	if it.joined {
		it.alone = true
	}
	it.ownBlock()
}

// ownBlock takes the block of `if x: a` to lines of its own.
func (it *item) ownBlock() {
	if it.list.head >= 0 {
		it.list.indent = true
	}
}

// LinesAtTop puts whole lines first in the body of a function or class, behind
// its docstring and its global and nonlocal statements. body is the block, or
// the definition, decorated or not.
func (r *Rewrite) LinesAtTop(body *syntax.Node, lines ...string) {
	if body.Is("decorated_definition") {
		body = body.Field("definition")
	}
	if body.Is("function_definition", "class_definition") {
		body = body.Field("body")
	}
	if !body.Is("block") {
		r.fail(ErrShape, body, "not a body")
		return
	}
	d, body := r.of(body)
	l := d.listOf(body)
	var skipped *item
	for _, it := range l.items {
		if it.stmt == nil {
			continue
		}
		if it.stmt.Is("global_statement", "nonlocal_statement") || isDocstring(it.stmt) && skipped == nil {
			skipped = it
			continue
		}
		break
	}
	if skipped == nil {
		for _, it := range l.items {
			if it.stmt != nil {
				r.LinesBefore(it.stmt, lines...)
				return
			}
		}
		r.fail(ErrShape, body, "empty body")
		return
	}
	if isDocstring(skipped.stmt) && skipped.index+1 < len(l.items) && !l.items[skipped.index+1].joined {
		// The blank line behind the docstring stays behind it.
		next := l.items[skipped.index+1]
		next.before = append(next.before, &element{lines: split(lines)})
		return
	}
	r.LinesAfter(skipped.stmt, lines...)
}

// Delete takes out the statement that stmt is or lies in, with the comment on
// its last line; the comments above it stay. A block that would be left empty
// gets a "pass". Changes inside the statement are dropped.
func (r *Rewrite) Delete(stmt *syntax.Node) {
	it := r.statement(stmt)
	if it == nil {
		return
	}
	if it.fate == moved {
		r.fail(ErrOverlap, stmt, "both moved and deleted")
		return
	}
	it.fate = deleted
	if it.start == it.core {
		return
	}
	l := it.list
	above := &item{list: l, start: it.start, core: it.start, end: it.core, blank: it.blank}
	it.start, it.blank = it.core, 0
	l.items = slices.Insert(l.items, it.index, above)
	for i, other := range l.items {
		other.index = i
	}
}

// Indent shifts the consecutive statements from first to last, and the comments
// between them and attached to the first, by the given number of units; a
// negative number shifts them to the left. Lines that begin inside a string stay,
// and blank lines stay blank.
func (r *Rewrite) Indent(first, last *syntax.Node, levels int) {
	r.region(first, last, levels)
}

// region plans the indentation of consecutive statements.
func (r *Rewrite) region(first, last *syntax.Node, levels int) *indent {
	a, b := r.statement(first), r.statement(last)
	if a == nil || b == nil {
		return nil
	}
	if a.list != b.list || a.index > b.index {
		r.fail(ErrShape, first, "not consecutive statements of one block")
		return nil
	}
	for _, it := range a.list.items[a.index : b.index+1] {
		if !it.plain() {
			r.fail(ErrShape, it.stmt, "the statement cannot be told from its surroundings")
			return nil
		}
	}
	return r.shiftItems(a, b, levels)
}

func (r *Rewrite) shiftItems(a, b *item, levels int) *indent {
	l := a.list
	a.separate()
	if b.open {
		l.items[b.index+1].separate()
	}
	w := &indent{list: l, first: a, last: b, levels: levels, serial: r.next()}
	l.doc.indents = append(l.doc.indents, w)
	return w
}

// Move takes statements, with their decorators, the comments attached to them
// and what else is planned for them, and puts them above the statement before and
// its comments, at its indentation. At module level definitions get two blank
// lines around them, elsewhere one (PEP 8, "Blank Lines").
func (r *Rewrite) Move(stmts []*syntax.Node, before *syntax.Node) {
	to := r.statement(before)
	if to == nil || len(stmts) == 0 {
		return
	}
	var items []*item
	for _, s := range stmts {
		it := r.statement(s)
		if it == nil {
			return
		}
		if it.fate != kept {
			r.fail(ErrOverlap, s, "moved and deleted, or moved twice")
			return
		}
		if to.list.doc != it.list.doc || to == it || to.stmt.Within(it.stmt) {
			r.fail(ErrShape, s, "cannot move there")
			return
		}
		items = append(items, it)
	}
	to.separate()
	r.put(to, &element{items: items})
}

// put moves the items of e to before the item to.
func (r *Rewrite) put(to *item, e *element) {
	for _, it := range e.items {
		if it.fate == moved {
			r.fail(ErrOverlap, it.stmt, "moved twice")
			return
		}
		it.fate, it.target = moved, e
		it.ownBlock()
		if it.open {
			// What followed on the line begins one.
			next := it.list.items[it.index+1]
			next.alone = next.alone || !it.joined && it.start != it.core
		}
	}
	to.before = append(to.before, e)
}
