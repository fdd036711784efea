package refactor

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// commas is the plan for one comma-separated list: arguments, parameters,
// elements or imported names.
type commas struct {
	doc         *document
	node        *syntax.Node
	open, close int // behind the opening bracket, and before the closing one
	elements    []*syntax.Node
	gone        map[*syntax.Node]bool
	added       map[int][]string // by the index of the element they stand before
	keywords    map[int][]string // likewise, behind those
	calls       []*keyword       // keyword arguments to be added
	values      []*unpacked
	generator   bool // a bare generator, to get parentheses
	tuple       bool // a single element needs a comma
	bare        bool // no brackets: it may not be broken into lines
}

// commasOf returns the plan for the list that node is; nil when it cannot be
// handled. Brackets are the node's own unless the list is bare.
func (r *Rewrite) commasOf(node *syntax.Node) *commas {
	d, node := r.of(node)
	if c := d.commas[node]; c != nil {
		return c
	}
	c := &commas{doc: d, node: node, gone: map[*syntax.Node]bool{}, added: map[int][]string{}, keywords: map[int][]string{}}
	c.open, c.close = node.Start, node.End
	c.bare = true
	if n := len(node.Children); n >= 2 {
		first, last := node.Children[0], node.Children[n-1]
		if strings.Contains("([{", first.Kind) && strings.Contains(")]}", last.Kind) && !first.Missing && !last.Missing {
			c.open, c.close, c.bare = first.End, last.Start, false
		}
	}
	for _, child := range node.Children {
		if child.Error || child.Missing {
			r.fail(ErrShape, node, "syntax error in the list")
			return nil
		}
		if child.Named && !child.Is("comment", "line_continuation") {
			c.elements = append(c.elements, child)
		}
	}
	c.tuple = node.Is("tuple", "expression_list", "pattern_list", "tuple_pattern")
	d.keep(c)
	return c
}

func (d *document) keep(c *commas) {
	if d.commas == nil {
		d.commas = map[*syntax.Node]*commas{}
	}
	d.commas[c.node] = c
	d.commaOrder = append(d.commaOrder, c)
}

// comma returns the "," between element i and the next, or behind the last one;
// nil when there is none.
func (c *commas) comma(i int) *syntax.Node {
	end := c.close
	if i+1 < len(c.elements) {
		end = c.elements[i+1].Start
	}
	for _, child := range c.node.Children {
		if child.Kind == "," && child.Start >= c.elements[i].End && child.End <= end {
			return child
		}
	}
	return nil
}

// lined reports whether element i stands first on its line, so that a neighbour
// gets a line too.
func (c *commas) lined(i int) bool {
	return !c.bare && c.doc.firstOnLine(c.elements[i].Start)
}

// lineLead is what stands before element i on its line.
func (c *commas) lineLead(i int) string {
	f := c.doc.file
	start := f.LineStart(f.LineOf(c.elements[i].Start))
	return f.Text[start:c.elements[i].Start]
}

// write turns the plan into inlines.
func (c *commas) write() {
	n := len(c.elements)
	c.writeKeywords()
	if c.generator {
		if len(c.added)+len(c.keywords) == 0 {
			return
		}
		c.put(c.node.Start, false, "(")
		before, after := strings.Join(c.added[0], ", "), ""
		if before != "" {
			before += ", "
		}
		for _, text := range slices.Concat(c.added[1], c.keywords[0], c.keywords[1]) {
			after += ", " + text
		}
		c.put(c.node.Start, false, before)
		c.put(c.node.End, true, after+")")
		return
	}
	for i, texts := range c.keywords {
		c.added[i] = append(c.added[i], texts...)
	}
	last := n - 1 // last element that stays
	for last >= 0 && c.gone[c.elements[last]] {
		last--
	}
	stay := n - len(c.gone)
	total := stay
	var tail []string
	for i := 0; i <= n; i++ {
		total += len(c.added[i])
		if i > last {
			tail = append(tail, c.added[i]...)
			delete(c.added, i)
		}
	}
	if stay == 0 {
		c.refill(tail)
		return
	}
	for i := range c.elements {
		if texts := c.added[i]; len(texts) > 0 {
			sep := ", "
			if c.lined(i) {
				sep = ",\n" + c.lineLead(i)
			}
			c.put(c.elements[i].Start, false, strings.Join(texts, sep)+sep)
		}
	}
	for i := 0; i < n; i++ {
		if !c.gone[c.elements[i]] {
			continue
		}
		j := i
		for j+1 < n && c.gone[c.elements[j+1]] {
			j++
		}
		c.remove(i, j)
		i = j
	}
	trailing := c.comma(n-1) != nil
	switch {
	case len(tail) > 0:
		c.extend(last, tail, trailing)
	case c.tuple && total == 1 && !trailing:
		c.put(c.elements[last].End, true, ",")
	}
}

func (c *commas) put(offset int, after bool, text string) {
	c.doc.inlines = append(c.doc.inlines, &inline{start: offset, end: offset, text: text, after: after, serial: c.doc.r.next()})
}

func (c *commas) cut(start, end int) {
	if start < end {
		c.doc.inlines = append(c.doc.inlines, &inline{start: start, end: end, serial: c.doc.r.next()})
	}
}

// extend puts texts behind element i, the last one that stays.
func (c *commas) extend(i int, texts []string, trailing bool) {
	d := c.doc
	e := c.elements[i]
	sep := ", "
	lined := c.lined(i) && (len(c.elements) > 1 || d.file.LineOf(e.Start) != d.file.LineOf(c.open-1))
	if lined {
		sep = ",\n" + c.lineLead(i)
	}
	text := strings.Join(texts, sep)
	comma := c.comma(i)
	if i+1 < len(c.elements) || comma == nil {
		// No comma behind it that stays with it.
		if note := c.note(e.End); lined && note > 0 {
			c.put(e.End, true, ",")
			c.put(note, true, sep[1:]+text)
			return
		}
		c.put(e.End, true, sep+text)
		return
	}
	// Behind a trailing comma; that of a one-element tuple is no habit.
	if c.tuple && len(c.elements) == 1 && !lined {
		c.put(comma.End, true, " "+text)
		return
	}
	at := comma.End
	if note := c.note(at); lined && note > 0 {
		at = note
	}
	c.put(at, true, sep[1:]+text+",")
}

// note returns the end of the comment that follows offset on its line, 0 when
// there is none.
func (c *commas) note(offset int) int {
	for _, child := range c.node.Children {
		if child.Is("comment") && child.Start >= offset && lineBreaks(c.doc.file.Text[offset:child.Start]) == 0 {
			return child.Start + len(strings.TrimRight(child.Text(), "\r")) // the grammar takes in the "\r" of "\r\n"
		}
	}
	return 0
}

// remove takes out the elements i to j; others stay.
func (c *commas) remove(i, j int) {
	d := c.doc
	text := d.file.Text
	start, end := c.elements[i].Start, c.elements[j].End
	if j+1 < len(c.elements) {
		comma := c.comma(j)
		stop := comma.End
		for stop < len(text) && strings.IndexByte(" \t", text[stop]) >= 0 {
			stop++
		}
		if stop < len(text) && (text[stop] == '\n' || text[stop] == '\r') && d.firstOnLine(start) {
			// The element's whole line goes.
			start = d.file.LineStart(d.file.LineOf(start))
			stop = d.file.LineStart(d.file.LineOf(stop) + 1)
		}
		c.cut(start, stop)
		return
	}
	before := c.comma(i - 1)
	if note := c.note(before.End); note > 0 || c.commentIn(before.End, start) {
		if c.comma(j) == nil || !d.firstOnLine(start) {
			c.cut(before.Start, before.End)
		} else {
			end = c.comma(j).End
		}
		if d.firstOnLine(start) {
			if stop := d.text(end); stop < len(text) && (text[stop] == '\n' || text[stop] == '\r') {
				start, end = d.file.LineStart(d.file.LineOf(start)), d.file.LineStart(d.file.LineOf(stop)+1)
			}
		}
		c.cut(start, end)
		return
	}
	if trailing := c.comma(j); trailing != nil {
		c.cut(before.End, trailing.End)
		return
	}
	c.cut(before.Start, end)
}

func (c *commas) commentIn(start, end int) bool {
	return slices.ContainsFunc(c.node.Children, func(n *syntax.Node) bool {
		return n.Is("comment") && n.Start >= start && n.End <= end
	})
}

// refill writes a list of which no element stays.
func (c *commas) refill(texts []string) {
	text := strings.Join(texts, ", ")
	if c.tuple && len(texts) == 1 {
		text += ","
	}
	n := len(c.elements)
	if n == 0 {
		if text != "" {
			c.put(c.open, true, text)
		}
		return
	}
	start, end := c.elements[0].Start, c.elements[n-1].End
	if comma := c.comma(n - 1); comma != nil {
		end = comma.End
	}
	if c.commentIn(start, end) {
		// Comments between stay: take out the elements and commas one by one.
		c.put(start, false, text)
		for _, child := range c.node.Children {
			if child.Start >= start && child.End <= end && !child.Is("comment") {
				c.cut(child.Start, child.End)
			}
		}
		return
	}
	if text == "" && strings.TrimSpace(c.doc.file.Text[c.open:start]) == "" && strings.TrimSpace(c.doc.file.Text[end:c.close]) == "" {
		start, end = c.open, c.close
	}
	c.doc.inlines = append(c.doc.inlines, &inline{start: start, end: end, text: text, serial: c.doc.r.next()})
}
