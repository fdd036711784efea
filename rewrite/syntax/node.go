package syntax

import (
	"slices"
	"sort"
	"sync"

	"github.com/mpfix/mpfix/rewrite/source"
)

// Node is one node of a Tree. Start and End are byte offsets into
// Tree.File.Text, half-open. Nodes of one tree can be compared by pointer.
// Treat every field as read-only: nodes are shared by many goroutines.
type Node struct {
	Kind       string // the grammar's name, or the token itself for anonymous nodes
	Start, End int
	Parent     *Node   // nil for the root
	Children   []*Node // in source order, anonymous tokens and comments too
	FieldName  string  // the field this node fills in its parent, or ""
	Named      bool    // whether the grammar names this node
	Error      bool    // text the grammar could not read; Kind is "ERROR"
	Missing    bool    // a token or node the parser put in; Start == End
	Tree       *Tree
}

// Tree is the syntax tree of one version of one file.
type Tree struct {
	File *source.File
	// Root has kind "module", or "ERROR" when hardly anything could be read. It
	// covers the whole text.
	Root *Node
	// Errors are the spans of the ERROR and MISSING nodes and of blocks without
	// a statement, in source order, less those inside others. Empty for a file
	// the grammar reads whole.
	Errors []source.Span
	// Matches of the query given to Parse, sorted by start of Match.Node, then
	// by query and pattern.
	Matches []Match
	// Comments of the whole file in source order.
	Comments []*Node

	python2   sync.Once
	isPython2 bool
}

// Field returns the first child that fills the field, nil when there is none
// or n is nil. See the package comment for field names that vary.
func (n *Node) Field(name string) *Node {
	if n == nil {
		return nil
	}
	for _, c := range n.Children {
		if c.FieldName == name {
			return c
		}
	}
	return nil
}

// Fields returns every child that fills the field, in source order. The
// separators between them are left out.
func (n *Node) Fields(name string) []*Node {
	if n == nil {
		return nil
	}
	var list []*Node
	for _, c := range n.Children {
		if c.FieldName == name && (c.Named || c.Kind != ",") {
			list = append(list, c)
		}
	}
	return list
}

// NamedChildren returns the named children without comments.
func (n *Node) NamedChildren() []*Node {
	if n == nil {
		return nil
	}
	var list []*Node
	for _, c := range n.Children {
		if c.substantial() {
			list = append(list, c)
		}
	}
	return list
}

// substantial reports whether n is named and no comment.
func (n *Node) substantial() bool {
	return n.Named && n.Kind != "comment" && n.Kind != "line_continuation"
}

// Text returns the node's source text, "" for nil.
func (n *Node) Text() string {
	if n == nil {
		return ""
	}
	return n.Tree.File.Text[n.Start:n.End]
}

// Span returns the node's range in its file, the zero Span for nil.
func (n *Node) Span() source.Span {
	if n == nil {
		return source.Span{}
	}
	return source.Span{File: n.Tree.File, Start: n.Start, End: n.End}
}

// Is reports whether n is of one of the kinds. A nil node is of none.
func (n *Node) Is(kinds ...string) bool {
	return n != nil && slices.Contains(kinds, n.Kind)
}

// Ancestor returns the nearest proper ancestor of one of the kinds, or nil.
func (n *Node) Ancestor(kinds ...string) *Node {
	if n == nil {
		return nil
	}
	for p := n.Parent; p != nil; p = p.Parent {
		if slices.Contains(kinds, p.Kind) {
			return p
		}
	}
	return nil
}

// Within reports whether n is outer or lies inside it by the chain of parents.
// False when either is nil.
func (n *Node) Within(outer *Node) bool {
	if outer == nil {
		return false
	}
	for ; n != nil; n = n.Parent {
		if n == outer {
			return true
		}
	}
	return false
}

// Walk visits n and everything below it, parents first, children in source
// order. When visit returns false the node's children are passed over. The
// depth of the tree costs heap, not stack.
func (n *Node) Walk(visit func(*Node) bool) {
	if n == nil {
		return
	}
	pending := []*Node{n}
	for len(pending) > 0 {
		last := len(pending) - 1
		m := pending[last]
		pending = pending[:last]
		if !visit(m) {
			continue
		}
		for i := len(m.Children) - 1; i >= 0; i-- {
			pending = append(pending, m.Children[i])
		}
	}
}

// At returns the smallest named node, n or below it, that covers the bytes
// [start, end); nil when n does not cover them. Of nodes with equal range it
// returns the innermost. For an empty range between two nodes it returns the
// one that begins there.
func (n *Node) At(start, end int) *Node {
	if n == nil || start > end || start < n.Start || end > n.End {
		return nil
	}
	best := n
	for {
		// The first child that ends at or after end; later ones begin at or
		// after its end, so only an empty range can have another candidate.
		list := n.Children
		i := sort.Search(len(list), func(i int) bool { return list[i].End >= end })
		var next *Node
		for ; i < len(list) && list[i].Start <= start; i++ {
			if list[i].End >= end && list[i].Start < list[i].End {
				next = list[i]
			}
		}
		if next == nil {
			return best
		}
		n = next
		if n.Named {
			best = n
		}
	}
}

// NodeAt returns the smallest named node that covers the bytes [start, end);
// the root when no smaller one does, nil when the range is not in the file.
func (t *Tree) NodeAt(start, end int) *Node {
	if start < 0 || end < start || end > len(t.File.Text) {
		return nil
	}
	if n := t.Root.At(start, end); n != nil {
		return n
	}
	return t.Root
}
