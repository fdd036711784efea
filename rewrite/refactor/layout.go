package refactor

import (
	"regexp"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// list is the statements of a module or block with the comments that stand
// between them on lines of their own, and what is to become of them.
type list struct {
	doc    *document
	block  *syntax.Node
	base   string // indentation of its statements
	head   int    // for `if x: a`: the offset behind the colon, else -1
	indent bool   // head: the statements are to stand on lines of their own
	items  []*item
}

// item is one statement with the comment lines attached to it and the comment
// behind it, or a block of comment lines attached to nothing.
type item struct {
	list   *list
	index  int
	stmt   *syntax.Node // nil for comments
	start  int          // first byte of its first line; the statement's when joined
	core   int          // like start, without the attached comments
	end    int          // behind the newline; the statement's end when open
	blank  int          // blank lines between the item before and this one
	joined bool         // begins behind a ";" or the ":" of its block
	open   bool         // a ";" and another statement follow on the line

	fate   fate
	before []*element
	after  []*element
	target *element // moved: where to
	placed bool     // moved: has been written
	alone  bool     // joined: is to begin a line
	capped bool     // at most one blank line before it
	padded bool     // at least one blank line before it
}

type fate int

const (
	kept fate = iota
	deleted
	moved
)

// element is something put between items: lines, or items from elsewhere.
type element struct {
	lines  []string
	items  []*item
	wrap   *indent // stands outside this indentation
	apart  int     // fewest blank lines before it
	below  int     // fewest blank lines behind it
	opener bool    // what follows stands directly below it
	inner  bool    // definitions before it need no blank lines
	busy   bool    // being written
}

// definition reports whether blank lines belong around the item.
func (it *item) definition() bool {
	return it.stmt.Is("function_definition", "class_definition", "decorated_definition")
}

var definitionLine = regexp.MustCompile(`^(def|class|async[ \t]+def)\b|^@`)

func (e *element) opens() bool {
	if len(e.items) > 0 {
		return e.items[0].definition()
	}
	return len(e.lines) > 0 && definitionLine.MatchString(e.lines[0])
}

func (e *element) closes() bool {
	if n := len(e.items); n > 0 {
		return e.items[n-1].definition()
	}
	for _, line := range slices.Backward(e.lines) {
		if line != "" && line[0] != '\t' && line[0] != ' ' && line[0] != ')' {
			return definitionLine.MatchString(line)
		}
	}
	return false
}

// listOf returns the plan of a module's or block's statements.
func (d *document) listOf(block *syntax.Node) *list {
	if l := d.byBlock[block]; l != nil {
		return l
	}
	l := &list{doc: d, block: block, head: -1}
	d.byBlock[block] = l
	d.lists = append(d.lists, l)

	f := d.file
	statements := block.NamedChildren()
	comments := l.comments()
	var prev *item
	add := func(it *item) {
		it.list, it.index = l, len(l.items)
		if prev != nil && !it.joined {
			it.blank = lineBreaks(f.Text[min(prev.end, it.start):it.start])
		}
		l.items = append(l.items, it)
		prev = it
	}
	// run is the comment lines read and not yet placed.
	var run []*syntax.Node
	flush := func() {
		if len(run) == 0 {
			return
		}
		first, last := run[0], run[len(run)-1]
		start := f.LineStart(f.LineOf(first.Start))
		add(&item{start: start, core: start, end: d.lineStop(last.End)})
		run = nil
	}
	comment := func(c *syntax.Node) {
		if len(run) > 0 && f.LineOf(c.Start) != f.LineOf(run[len(run)-1].Start)+1 {
			flush()
		}
		run = append(run, c)
	}
	for i, s := range statements {
		for len(comments) > 0 && comments[0].Start < s.Start {
			comment(comments[0])
			comments = comments[1:]
		}
		it := &item{stmt: s, joined: l.joined(i, statements)}
		switch {
		case it.joined:
			it.start, it.core = s.Start, s.Start
			if i == 0 {
				flush()
			}
		default:
			it.core = f.LineStart(f.LineOf(s.Start))
			it.start = it.core
			if n := len(run); n > 0 && f.LineOf(run[n-1].Start)+1 == f.LineOf(s.Start) {
				own := l.attached(run)
				if own > 0 {
					it.start = f.LineStart(f.LineOf(run[n-own].Start))
				}
				run = run[:n-own]
			}
			flush()
		}
		it.open = i+1 < len(statements) && l.joined(i+1, statements)
		it.end = s.End
		if !it.open {
			it.end = d.lineStop(s.End)
		}
		add(it)
		for len(comments) > 0 && comments[0].Start < it.end {
			comments = comments[1:]
		}
	}
	for _, c := range comments {
		comment(c)
	}
	flush()

	if len(statements) > 0 {
		l.base = l.indentation(statements[0])
	}
	return l
}

// comments lists the comments of the list that have a line of their own. Those
// above a block's first statement are children of the block's parent.
func (l *list) comments() []*syntax.Node {
	var found []*syntax.Node
	take := func(parent *syntax.Node, from, to int) {
		for _, c := range parent.Children {
			if c.Is("comment") && c.Start >= from && c.Start < to && l.doc.firstOnLine(c.Start) {
				found = append(found, c)
			}
		}
	}
	if p := l.block.Parent; p != nil {
		if colon := l.colon(); colon != nil {
			take(p, colon.End, l.block.Start)
		}
	}
	take(l.block, 0, len(l.doc.file.Text)+1)
	return found
}

// colon returns the ":" that opens the block.
func (l *list) colon() *syntax.Node {
	p := l.block.Parent
	if p == nil {
		return nil
	}
	var colon *syntax.Node
	for _, c := range p.Children {
		if c == l.block {
			break
		}
		if c.Kind == ":" {
			colon = c
		}
	}
	return colon
}

// joined reports whether statement i begins behind another on its line, and for
// the first one notes that the block begins behind its colon.
func (l *list) joined(i int, statements []*syntax.Node) bool {
	s := statements[i]
	if i == 0 {
		colon := l.colon()
		if colon == nil || lineBreaks(unfolded(l.doc.file.Text[colon.End:s.Start])) > 0 {
			return false
		}
		l.head = colon.End
		return true
	}
	for _, c := range l.block.Children {
		if c.Kind == ";" && c.Start >= statements[i-1].End && c.End <= s.Start {
			return lineBreaks(unfolded(l.doc.file.Text[c.End:s.Start])) == 0
		}
	}
	return false
}

// attached returns how many of the comment lines directly above s belong to it:
// all but those at the top of the file, which speak of the file.
func (l *list) attached(run []*syntax.Node) int {
	f := l.doc.file
	if l.block.Parent != nil || f.LineOf(run[0].Start) > 1 {
		return len(run)
	}
	return 0
}

func isImport(s *syntax.Node) bool {
	return s.Is("import_statement", "import_from_statement", "future_import_statement")
}

func isDocstring(s *syntax.Node) bool {
	if !s.Is("expression_statement") {
		return false
	}
	inner := s.NamedChildren()
	return len(inner) == 1 && inner[0].Is("string", "concatenated_string")
}

// indentation returns the blanks before a statement on its own line; for one
// behind a colon those of the line and one unit more.
func (l *list) indentation(s *syntax.Node) string {
	d := l.doc
	if l.head < 0 {
		return d.lead(d.file.LineStart(d.file.LineOf(s.Start)))
	}
	owner := l.block.Parent
	return d.lead(d.file.LineStart(d.file.LineOf(owner.Start))) + d.file.Indent
}

// lead returns the indentation of the line that starts at offset: its blanks and
// tabs behind the last form feed, which resets the column ("Lexical analysis",
// section "Indentation").
func (d *document) lead(start int) string {
	end := d.text(start)
	lead := d.file.Text[start:end]
	return lead[strings.LastIndexByte(lead, '\f')+1:]
}

// text returns the offset of the first byte at or after start that is no blank.
func (d *document) text(start int) int {
	t := d.file.Text
	for start < len(t) && strings.IndexByte(" \t\f", t[start]) >= 0 {
		start++
	}
	return start
}

func (d *document) firstOnLine(offset int) bool {
	start := d.file.LineStart(d.file.LineOf(offset))
	return d.text(start) >= offset
}

// lineStop returns the offset behind the newline of the line that holds the byte
// before end.
func (d *document) lineStop(end int) int {
	line := d.file.LineOf(max(end-1, 0))
	return d.file.LineStart(line + 1)
}

// startsLine reports whether a line starts at offset.
func (d *document) startsLine(offset int) bool {
	return offset == 0 || offset > len(d.file.Text) || d.file.Text[offset-1] == '\n' || d.file.Text[offset-1] == '\r'
}

func lineBreaks(s string) int {
	return strings.Count(s, "\n") + strings.Count(s, "\r") - strings.Count(s, "\r\n")
}

// unfolded drops backslash continuations.
func unfolded(s string) string {
	return continuation.ReplaceAllString(s, "")
}

var continuation = regexp.MustCompile(`\\(\r\n|\n|\r)`)

// item returns the item of the statement that n is or lies in; nil when there
// is none.
func (d *document) item(n *syntax.Node) *item {
	s := n.Statement()
	if s == nil {
		return nil
	}
	l := d.listOf(s.Parent)
	for _, it := range l.items {
		if it.stmt == s {
			return it
		}
	}
	return nil
}

// plain reports whether the item stands between others in the way this package
// can handle: no code it does not know shares its lines, and it was read whole.
func (it *item) plain() bool {
	d := it.list.doc
	if it.stmt == nil {
		return true
	}
	for _, e := range d.tree.Errors {
		if e.Start < it.end && it.start < e.End || e.Start == e.End && it.start <= e.Start && e.Start <= it.end {
			return false
		}
	}
	if !it.open {
		rest := d.file.Text[it.stmt.End:max(it.end, it.stmt.End)]
		if !lineRest.MatchString(unfolded(rest)) {
			return false
		}
	}
	if !it.joined {
		return d.firstOnLine(it.stmt.Start)
	}
	return true
}

var lineRest = regexp.MustCompile(`^[ \t\f]*;?[ \t\f]*(#[^\r\n]*)?(\r\n|\n|\r)?$`)
