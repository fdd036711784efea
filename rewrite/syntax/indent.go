package syntax

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/source"
)

// misaligned lists the statements that begin a line at another column than their
// block, which the grammar accepts and CPython does not ("unexpected indent",
// "unindent does not match any outer indentation level").
func misaligned(t *Tree) []*Node {
	var found []*Node
	t.Root.Walk(func(n *Node) bool {
		if n.Kind != "module" && n.Kind != "block" {
			return true
		}
		want := 0
		if n.Kind == "block" {
			want = -1
		}
		for i, c := range n.Children {
			if !c.substantial() || c.Error || c.Missing {
				continue
			}
			column, begins := lineColumn(t.File.Text, c.Start)
			switch {
			case !begins && i == 0 && n.Kind == "block":
				return true // a block on the line of its header
			case !begins:
			case want < 0:
				want = column
			case column != want:
				found = append(found, c)
			}
		}
		return true
	})
	return found
}

// lineColumn returns the column of an offset as CPython's tokenizer counts it,
// tabs to multiples of eight and anew after a form feed, and whether only blanks
// stand before it on its line and the line does not continue another.
func lineColumn(text string, offset int) (column int, begins bool) {
	start := strings.LastIndexAny(text[:offset], "\r\n") + 1
	for _, c := range text[start:offset] {
		switch c {
		case ' ':
			column++
		case '\t':
			column = (column/8 + 1) * 8
		case '\f':
			column = 0
		default:
			return 0, false
		}
	}
	above := strings.TrimSuffix(strings.TrimSuffix(text[:start], "\n"), "\r")
	return column, start == 0 || !strings.HasSuffix(above, "\\")
}

// addMisaligned lists the misaligned statements among the tree's errors.
func (t *Tree) addMisaligned() {
	found := misaligned(t)
	if len(found) == 0 {
		return
	}
	for _, n := range found {
		inside := false
		for _, e := range t.Errors {
			inside = inside || e.Contains(n.Span())
		}
		if !inside {
			t.Errors = append(t.Errors, n.Span())
		}
	}
	slices.SortStableFunc(t.Errors, func(a, b source.Span) int { return a.Start - b.Start })
}
