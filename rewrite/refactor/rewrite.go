// Package refactor makes ready-made edits to Python source: it replaces,
// inserts, deletes, moves and indents statements, adds parameters, arguments and
// imports, and builds larger changes from these. It knows Python's syntax and
// layout and nothing of multiprocessing.
//
// All changes of a Rewrite are stated in terms of the untouched file and
// compose: a statement may be moved, indented and changed inside at once.
package refactor

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Errors of this package; those returned by Set wrap one of them and say where.
var (
	// ErrOverlap: two changes claim the same text.
	ErrOverlap = errors.New("changes overlap")
	// ErrShape: the code is not of the form that the change needs.
	ErrShape = errors.New("unsuitable code")
)

// Rewrite collects changes to one or several files that land together. The
// first error is remembered and returned by Set, so that calls need no checks
// of their own. A Rewrite is for one goroutine.
type Rewrite struct {
	docs    []*document
	byFile  map[*source.File]*document
	imports []edit.Import
	hoisted map[*scope.Binding]bool // whether without params
	serial  int
	err     error
}

// New returns an empty Rewrite.
func New() *Rewrite {
	return &Rewrite{byFile: map[*source.File]*document{}}
}

// Err returns the first error met so far, nil when there is none.
func (r *Rewrite) Err() error { return r.err }

// Fail makes Set return err, unless an earlier error stands. A nil err does
// nothing.
func (r *Rewrite) Fail(err error) {
	if r.err == nil {
		r.err = err
	}
}

func (r *Rewrite) fail(base error, n *syntax.Node, format string, args ...any) {
	if r.err != nil {
		return
	}
	where := ""
	if n != nil {
		line, column := n.Tree.File.Position(n.Start)
		where = fmt.Sprintf("%s:%d:%d: ", n.Tree.File.Path, line, column)
	}
	r.err = fmt.Errorf("%s%w: %s", where, base, fmt.Sprintf(format, args...))
}

func (r *Rewrite) next() int {
	r.serial++
	return r.serial
}

// Set returns the changes as edits of the untouched files, in order of offset,
// without overlap, and the imports asked for. Text that does not change lies
// outside the edits. The error is the first one that a call met, or wraps
// ErrOverlap or ErrShape when the changes do not fit together. The Rewrite may
// not be used any further.
func (r *Rewrite) Set() (edit.Set, error) {
	if r.err != nil {
		return edit.Set{}, r.err
	}
	var set edit.Set
	for _, d := range r.docs {
		edits, err := d.edits()
		if err != nil {
			return edit.Set{}, err
		}
		set.Edits = append(set.Edits, edits...)
	}
	for _, im := range r.imports {
		if !slices.Contains(set.Imports, im) {
			set.Imports = append(set.Imports, im)
		}
	}
	if err := set.Validate(); err != nil {
		return edit.Set{}, err
	}
	return set, nil
}

// document is the plan for one file.
type document struct {
	r       *Rewrite
	file    *source.File
	tree    *syntax.Tree // nil while only ranges are replaced
	inlines []*inline
	lists   []*list
	byBlock map[*syntax.Node]*list
	indents []*indent
	guards  []*guard
	opaque  []source.Span // strings of several lines, in order
	plan    []*action

	commas     map[*syntax.Node]*commas
	commaOrder []*commas
	lambdas    []*bareLambda
	given      map[string]bool // parameters added, by function and name

	spacing int // blank lines around definitions of the module, 0 unknown
}

func (r *Rewrite) document(f *source.File) *document {
	d := r.byFile[f]
	if d == nil {
		d = &document{r: r, file: f, byBlock: map[*syntax.Node]*list{}}
		r.byFile[f] = d
		r.docs = append(r.docs, d)
	}
	return d
}

// of returns the document that n belongs to and n itself in the document's own
// tree: two parses of one file have equal shapes.
func (r *Rewrite) of(n *syntax.Node) (*document, *syntax.Node) {
	d := r.document(n.Tree.File)
	if d.tree == nil {
		d.tree = n.Tree
		d.opaque = longStrings(n.Tree.Root)
	}
	if d.tree == n.Tree {
		return d, n
	}
	var path []int
	for m := n; m.Parent != nil; m = m.Parent {
		path = append(path, slices.Index(m.Parent.Children, m))
	}
	own := d.tree.Root
	for _, i := range slices.Backward(path) {
		if i < 0 || i >= len(own.Children) {
			r.fail(ErrShape, n, "node of another tree")
			return d, n
		}
		own = own.Children[i]
	}
	return d, own
}

// longStrings lists the outermost string literals that span several lines.
func longStrings(root *syntax.Node) []source.Span {
	var list []source.Span
	root.Walk(func(n *syntax.Node) bool {
		if n.Kind != "string" {
			return true
		}
		if strings.ContainsAny(n.Text(), "\r\n") {
			list = append(list, n.Span())
		}
		return false
	})
	return list
}

// inString reports whether offset lies strictly inside a string literal of
// several lines.
func (d *document) inString(offset int) bool {
	_, found := slices.BinarySearchFunc(d.opaque, offset, func(s source.Span, o int) int {
		switch {
		case s.End <= o:
			return -1
		case s.Start >= o:
			return 1
		}
		return 0
	})
	return found
}

func (d *document) newlines(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	text = strings.ReplaceAll(text, "\r", "\n")
	if d.file.Newline == "\n" {
		return text
	}
	return strings.ReplaceAll(text, "\n", d.file.Newline)
}
