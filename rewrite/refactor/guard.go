package refactor

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// GuardOptions says what GuardMain treats otherwise than by rule.
type GuardOptions struct {
	// KeepOut are further statements among first to last that go above the guard
	// with the definitions, in their order.
	KeepOut []*syntax.Node
}

// guard is a planned `if __name__ == "__main__":`.
type guard struct {
	first, last *item
	out         map[*item]bool
}

// GuardMain puts the module's statements from first to last under
// `if __name__ == "__main__":`. Definitions and imports among them, and what the
// options name, go above the guard, in order, with their decorators and comments.
// A guard that stands directly before or behind takes the statements in, and one
// among them gives up its header. Quotes
// are those the file uses most. Lines put before a guarded statement that define
// a function or class stand above the guard.
func (r *Rewrite) GuardMain(m *scope.Module, first, last *syntax.Node, options ...GuardOptions) {
	if m == nil {
		r.fail(ErrShape, first, "no module")
		return
	}
	a, b := r.statement(first), r.statement(last)
	if a == nil || b == nil {
		return
	}
	if a.list != b.list || a.index > b.index || a.list.block.Parent != nil || a.list.doc.file != m.Tree.File {
		r.fail(ErrShape, first, "not consecutive statements of the module")
		return
	}
	g := &guard{first: a, last: b, out: map[*item]bool{}}
	for _, o := range options {
		for _, s := range o.KeepOut {
			it := r.statement(s)
			if it == nil {
				return
			}
			g.out[it] = true
		}
	}
	for _, it := range a.list.items[a.index : b.index+1] {
		if !it.plain() {
			r.fail(ErrShape, it.stmt, "the statement cannot be told from its surroundings")
			return
		}
	}
	a.list.doc.guards = append(a.list.doc.guards, g)
}

// expand turns the guards into moves and indentation.
func (d *document) expand() error {
	for _, g := range d.guards {
		d.expandGuard(g)
	}
	for _, c := range d.commaOrder {
		c.write()
	}
	d.writeLambdas()
	return d.r.err
}

// outside reports whether the item goes above the guard.
func (g *guard) outside(it *item) bool {
	return it.stmt != nil && (it.definition() || isImport(it.stmt) || g.out[it])
}

func (d *document) expandGuard(g *guard) {
	r, l := d.r, g.first.list
	region := l.items[g.first.index : g.last.index+1]
	inside := func(it *item) bool { return it.stmt != nil && it.fate == kept && !g.outside(it) }
	begin, end := slices.IndexFunc(region, inside), -1
	for i, it := range region {
		if inside(it) {
			end = i
		}
	}
	if begin < 0 {
		r.fail(ErrShape, g.first.stmt, "nothing to guard")
		return
	}
	// A comment block that leads to a definition goes with it.
	leads := map[*item]bool{}
	for i := len(region) - 2; i > begin; i-- {
		it, next := region[i], region[i+1]
		if it.stmt == nil && it.fate == kept && next.fate == kept && (g.outside(next) || leads[next]) && next.blank <= it.blank {
			leads[it] = true
		}
	}
	first := region[begin]
	var above []*element // what goes above the guard
	var same *element
	for _, it := range region[begin:] {
		it.before = slices.DeleteFunc(it.before, func(e *element) bool {
			if e.wrap == nil && it.fate == kept && !g.outside(it) && e.lifted(g) {
				above, same = append(above, e), nil
				return true
			}
			return false
		})
		if it.fate == kept && (g.outside(it) || leads[it]) {
			if same == nil {
				same = &element{}
				above = append(above, same)
			}
			same.items = append(same.items, it)
		}
	}
	goes := func(it *item) bool { return it.fate == kept && !g.outside(it) && !leads[it] }

	if body := mainBody(l.following(g.last)); body != nil {
		d.prepend(g, region[begin:end+1], goes, above, body)
		return
	}

	for _, it := range region[begin : end+1] {
		if goes(it) {
			d.unwrap(it)
		}
	}
	last := region[end]
	w := &indent{list: l, first: first, last: last, levels: 1, guard: true, serial: r.next()}
	home := l.preceding(first)
	if body := mainBody(home); body != nil && home.stmt.Field("alternative") == nil && home.fate == kept {
		// The guard before takes the statements in.
		if k := home.index + 1; k < first.index {
			w.first = l.items[k] // comments between
		}
		inner := d.listOf(body)
		if inner.head >= 0 {
			inner.indent = true
		}
		d.place(above, home, nil)
		w.cap(home.index + 1)
	} else {
		d.place(above, first, w)
		first.before = append(first.before, &element{
			lines: []string{"if __name__ == " + d.quoted("__main__") + ":"}, wrap: w, opener: true, apart: 1,
		})
		w.cap(first.index + 1)
	}
	first.separate()
	if last.open {
		l.items[last.index+1].separate()
	}
	d.indents = append(d.indents, w)
	if next := l.after(last); next != nil && next.blank == 0 {
		next.padded = true
	}
}

// unwrap takes the statements out of a guard that comes to stand inside another.
func (d *document) unwrap(it *item) {
	body := mainBody(it)
	if body == nil || it.stmt.Field("alternative") != nil || it.joined {
		return
	}
	l := d.listOf(body)
	if len(l.items) == 0 || l.indent || l.base != it.list.base+d.file.Indent {
		return
	}
	first := l.items[0]
	line := d.file.Text[it.stmt.Start:first.start]
	if strings.Contains(line, "#") || l.head < 0 && lineBreaks(line) != 1 {
		return
	}
	d.inlines = append(d.inlines, &inline{start: it.stmt.Start, end: first.start, serial: d.r.next()})
	if l.head < 0 {
		d.indents = append(d.indents, &indent{list: l, first: first, last: l.items[len(l.items)-1], levels: -1, serial: d.r.next()})
	}
}

// cap allows the items that stay under w, from the given one on, one blank line
// before them: there are no two in an indented block (PEP 8, "Blank Lines").
func (w *indent) cap(from int) {
	for _, it := range w.list.items[from : w.last.index+1] {
		it.capped = it.fate != moved
	}
}

// lifted reports whether the element, put before a statement that goes under the
// guard, stands above the guard: it defines something.
func (e *element) lifted(g *guard) bool {
	if len(e.items) > 0 {
		return !slices.ContainsFunc(e.items, func(it *item) bool { return !g.outside(it) })
	}
	return e.opens() && e.closes()
}

// place puts what goes above the guard before the item, outside w.
func (d *document) place(above []*element, to *item, w *indent) {
	for _, e := range above {
		e.wrap = w
		for _, it := range e.items {
			it.fate, it.target = moved, e
		}
		to.before = append(to.before, e)
	}
}

// prepend moves statements into the guard that follows them.
func (d *document) prepend(g *guard, region []*item, goes func(*item) bool, above []*element, body *syntax.Node) {
	into := d.listOf(body)
	var to *item
	for _, it := range into.items {
		if it.stmt != nil {
			to = it
			break
		}
	}
	if to == nil || to.fate != kept {
		d.r.fail(ErrShape, body, "no statement to stand before")
		return
	}
	var lines []*element
	for _, e := range above {
		if len(e.items) == 0 || e.items[0].fate == moved {
			lines = append(lines, e)
		}
	}
	home := d.item(body.Parent)
	home.before = append(home.before, lines...)
	into.items[0].separate()
	e := &element{below: min(home.blank, 1)}
	for _, it := range region {
		if goes(it) {
			it.fate, it.target = moved, e
			e.items = append(e.items, it)
		}
	}
	into.items[0].before = slices.Insert(into.items[0].before, 0, e)
}

// following returns the item of the statement behind it, comments passed over.
func (l *list) following(it *item) *item {
	for _, other := range l.items[it.index+1:] {
		if other.stmt != nil {
			return other
		}
	}
	return nil
}

// after returns the item behind it, comments included.
func (l *list) after(it *item) *item {
	if it.index+1 < len(l.items) {
		return l.items[it.index+1]
	}
	return nil
}

// preceding returns the item of the statement before it, comments passed over.
func (l *list) preceding(it *item) *item {
	for _, other := range slices.Backward(l.items[:it.index]) {
		if other.stmt != nil {
			return other
		}
	}
	return nil
}

// mainBody returns the block of `if __name__ == "__main__":`, written either
// way round; nil for any other item.
func mainBody(it *item) *syntax.Node {
	if it == nil || !it.stmt.Is("if_statement") || !it.plain() {
		return nil
	}
	test := syntax.Unparen(it.stmt.Field("condition"))
	if !test.Is("comparison_operator") {
		return nil
	}
	sides := test.NamedChildren()
	if len(sides) != 2 || !slices.ContainsFunc(test.Children, func(c *syntax.Node) bool { return c.Kind == "==" }) {
		return nil
	}
	name, value := sides[0], sides[1]
	if !name.Is("identifier") {
		name, value = value, name
	}
	text, ok := syntax.StringValue(value)
	if !ok || text != "__main__" || name.Text() != "__name__" {
		return nil
	}
	return it.stmt.Field("consequence")
}

// quoted writes text, which holds no quote or backslash, as a string literal in
// the quotes that the file uses most, double ones among equals.
func (d *document) quoted(text string) string {
	single, double := 0, 0
	d.tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind != "string" {
			return true
		}
		switch start := strings.TrimLeft(n.Text(), "rRbBuUfF"); {
		case strings.HasPrefix(start, `'''`), strings.HasPrefix(start, `"""`):
		case strings.HasPrefix(start, "'"):
			single++
		default:
			double++
		}
		return false
	})
	if single > double {
		return "'" + text + "'"
	}
	return `"` + text + `"`
}
