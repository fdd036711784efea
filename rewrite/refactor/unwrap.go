package refactor

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Unwrap takes away the header of a with statement and puts its body, one level
// to the left, in its place. lines, at the indentation of the header, stand
// above. Set returns an error that wraps ErrShape when the header has a comment
// or shares its line with the body.
func (r *Rewrite) Unwrap(with *syntax.Node, lines ...string) {
	body := with.Field("body")
	if body == nil || len(body.NamedChildren()) == 0 {
		r.Fail(fmt.Errorf("%w: a with statement without a body", ErrShape))
		return
	}
	stmts := body.NamedChildren()
	f := with.Tree.File
	colon := with.Start
	for _, c := range with.Children {
		if c.Kind == ":" {
			colon = c.End
		}
	}
	start, below := f.LineStart(f.LineOf(with.Start)), f.LineOf(colon)+1
	if below > f.LineOf(stmts[0].Start) || strings.Contains(f.Text[start:f.LineStart(below)], "#") {
		r.Fail(fmt.Errorf("%w: the header of the with statement has a comment, or the body is on its line", ErrShape))
		return
	}
	end := f.LineStart(below)
	indent := f.Text[start:with.Start]
	var text strings.Builder
	for _, l := range lines {
		text.WriteString(indent + l + f.Newline)
	}
	r.ReplaceRange(f, start, end, text.String())
	r.Indent(stmts[0], stmts[len(stmts)-1], -1)
}
