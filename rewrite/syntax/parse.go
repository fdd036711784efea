package syntax

import (
	"context"
	"fmt"
	"math"
	"sync"

	sitter "github.com/smacker/go-tree-sitter"
	"github.com/smacker/go-tree-sitter/python"

	"github.com/mpfix/mpfix/rewrite/source"
)

// language is the bundled grammar with its symbol names read once.
type language struct {
	*sitter.Language
	kinds []kind // by symbol
}

type kind struct {
	name  string
	named bool
}

// grammar returns the Python grammar. Its tables are constant.
var grammar = sync.OnceValue(func() *language {
	l := &language{Language: python.GetLanguage()}
	l.kinds = make([]kind, l.SymbolCount())
	for i := range l.kinds {
		s := sitter.Symbol(i)
		l.kinds[i] = kind{l.SymbolName(s), l.SymbolType(s) == sitter.SymbolTypeRegular}
	}
	return l
})

// symbolError is tree-sitter's symbol of ERROR nodes (ts_builtin_sym_error).
const symbolError = math.MaxUint16

// Parse reads the file and runs the query over it; q may be nil. Source the
// grammar cannot read is no error: it becomes ERROR and MISSING nodes, listed
// in Tree.Errors. An error comes only from a file of 4 GiB or more or from
// tree-sitter giving up.
//
// The result is a copy in Go memory: nothing of tree-sitter's is kept. Parse
// may be called from many goroutines with the same Query.
func Parse(f *source.File, q *Query) (*Tree, error) {
	if int64(len(f.Text)) >= math.MaxUint32 {
		return nil, fmt.Errorf("%s: too large to parse", f.Path)
	}
	parser := sitter.NewParser()
	defer parser.Close()
	parser.SetLanguage(grammar().Language)
	ctree, err := parser.ParseCtx(context.Background(), nil, []byte(f.Text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.Path, err)
	}
	defer ctree.Close()

	t := &Tree{File: f}
	root := ctree.RootNode()
	found := q.run(root)
	b := builder{tree: t, wanted: found.nodes, fields: map[string]string{}}
	b.copy(root)
	t.Root.Start, t.Root.End = 0, len(f.Text)
	t.addMisaligned()
	t.Matches = q.matches(found, f.Text)
	return t, nil
}

// identity tells one node of a C tree from all others. The id is the address
// of the node's subtree, which a tree may use twice; the offset is then another.
type identity struct {
	id         uintptr
	start, end int
}

// builder copies one C tree.
type builder struct {
	tree     *Tree
	wanted   map[identity]*Node // captured nodes; filled in
	slab     []Node
	pointers []*Node
	fields   map[string]string // one string per field name
}

const slabSize = 512

func (b *builder) node() *Node {
	if len(b.slab) == 0 {
		b.slab = make([]Node, slabSize)
	}
	n := &b.slab[0]
	b.slab = b.slab[1:]
	return n
}

// list returns its own copy of children, with no room to append in place.
func (b *builder) list(children []*Node) []*Node {
	k := len(children)
	if k == 0 {
		return nil
	}
	if len(b.pointers) < k {
		b.pointers = make([]*Node, max(k, 2*slabSize))
	}
	own := b.pointers[:k:k]
	b.pointers = b.pointers[k:]
	copy(own, children)
	return own
}

func (b *builder) field(name string) string {
	if name == "" {
		return ""
	}
	if s, ok := b.fields[name]; ok {
		return s
	}
	b.fields[name] = name
	return name
}

// copy fills tree.Root, Errors and Comments. It keeps its own stack: source
// nested a hundred thousand deep must not overflow Go's.
func (b *builder) copy(root *sitter.Node) {
	cursor := sitter.NewTreeCursor(root)
	defer cursor.Close()

	// open holds, for each node on the path, where its children begin in done.
	var open []int
	var done []*Node
	var parent *Node
	for {
		n := b.read(cursor, parent)
		if cursor.GoToFirstChild() {
			done = append(done, n)
			open = append(open, len(done))
			parent = n
			continue
		}
		if n.Kind == "block" {
			b.error(n)
		}
		done = append(done, n)
		for !cursor.GoToNextSibling() {
			if len(open) == 0 {
				b.tree.Root = done[0]
				return
			}
			first := open[len(open)-1]
			open = open[:len(open)-1]
			parent.Children = b.list(done[first:])
			done = done[:first]
			parent = parent.Parent
			cursor.GoToParent()
		}
	}
}

// read makes a Node of the cursor's node.
func (b *builder) read(cursor *sitter.TreeCursor, parent *Node) *Node {
	c := cursor.CurrentNode()
	n := b.node()
	n.Tree, n.Parent = b.tree, parent
	n.Start, n.End = int(c.StartByte()), int(c.EndByte())
	if s := c.Symbol(); s == symbolError {
		n.Kind, n.Named, n.Error = "ERROR", true, true
	} else {
		k := grammar().kinds[s]
		n.Kind, n.Named = k.name, k.named
	}
	if parent != nil {
		n.FieldName = b.field(cursor.CurrentFieldName())
	}
	n.Missing = n.Start == n.End && c.IsMissing()
	if n.Error || n.Missing {
		b.error(n)
	}
	if n.Kind == "comment" && n.Named {
		b.tree.Comments = append(b.tree.Comments, n)
	}
	if b.wanted != nil {
		id := identity{c.ID(), n.Start, n.End}
		if _, ok := b.wanted[id]; ok {
			b.wanted[id] = n
		}
	}
	return n
}

// error lists n among the tree's errors unless it lies in one already listed.
func (b *builder) error(n *Node) {
	if last := len(b.tree.Errors) - 1; last >= 0 && n.End <= b.tree.Errors[last].End {
		return
	}
	b.tree.Errors = append(b.tree.Errors, n.Span())
}
