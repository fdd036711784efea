package refactor

import (
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// DropUnused takes out the import of a module-level name when all its uses lie in
// nodes that go away or are replaced. Anything but one plain import of the name at
// the top of the module is left alone.
func (r *Rewrite) DropUnused(m *scope.Module, name string, gone ...*syntax.Node) {
	b := m.Top.Names[name]
	if b == nil {
		return
	}
	d := b.Single()
	if d == nil || d.Kind != scope.Imported || d.Import.Guarded || d.Scope != m.Top {
		return
	}
	for _, u := range b.Uses {
		inside := false
		for _, g := range gone {
			inside = inside || u.Within(g)
		}
		if !inside {
			return
		}
	}
	if d.Import.Node.Kind == "import_from_statement" {
		r.DropImport(m, d.Import)
	} else if len(d.Import.Node.Fields("name")) == 1 {
		r.Delete(d.Import.Node)
	}
}
