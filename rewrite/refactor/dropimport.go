package refactor

import (
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// DropImport takes one name out of a "from module import …" statement, and the
// statement with its last name.
func (r *Rewrite) DropImport(m *scope.Module, imp *scope.Import) {
	var names []*syntax.Node
	at := -1
	for _, c := range imp.Node.Fields("name") {
		if c == imp.Name {
			at = len(names)
		}
		names = append(names, c)
	}
	switch {
	case at < 0 || imp.Node.Kind != "import_from_statement":
		r.fail(ErrShape, imp.Node, "not a name imported from a module")
	case len(names) == 1:
		r.Delete(imp.Node)
	case at == len(names)-1:
		r.ReplaceRange(m.Tree.File, names[at-1].End, names[at].End, "")
	default:
		r.ReplaceRange(m.Tree.File, names[at].Start, names[at+1].Start, "")
	}
}

// Quote returns the quotation mark that a module uses most for its strings, the
// double one among equals.
func (r *Rewrite) Quote(m *scope.Module) string {
	d, _ := r.of(m.Tree.Root)
	return d.quoted("")[:1]
}
