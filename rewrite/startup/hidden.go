package startup

import (
	"fmt"
	"path"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Hidden is a worker that children cannot find: it is defined under the main
// guard, or in a package's __main__.py, which children do not import (CPython,
// Lib/multiprocessing/spawn.py, _fixup_main_from_name).
type Hidden struct {
	Worker  *process.Worker
	Def     *project.Def // the function, or the class whose method it is
	Package bool         // it stands in __main__.py

	model *process.Model
}

// LookHidden judges a definition; nil when it is no worker, or one that children
// find.
func LookHidden(m *process.Model, n *syntax.Node) *Hidden {
	d := m.Project.DefAt(n)
	if d == nil || d.IsLambda() || d.Class != nil || !d.TopLevel() || m.Project.Enclosing(n) != nil {
		return nil
	}
	h := &Hidden{Def: d, model: m, Package: path.Base(d.Module.Tree.File.Path) == "__main__.py"}
	if !h.Package && m.GuardOf(n) == nil {
		return nil
	}
	for _, w := range m.Workers {
		if w.Entry != d && (w.Entry.Class == nil || w.Entry.Class != d) || m.ForkOnlyWorker(w) {
			continue
		}
		h.Worker = w
		return h
	}
	return nil
}

// Plan moves the worker, with what it needs, above the guard.
func (h *Hidden) Plan() (*Lift, error) {
	if h.Package {
		return nil, fmt.Errorf("it has to move to another module of the package")
	}
	stmt := h.Def.Node.Statement()
	guard := h.model.GuardOf(h.Def.Node)
	if b := h.Def.Module.Top.Names[h.Def.Name]; b == nil || b.Single() == nil {
		return nil, fmt.Errorf("%s is bound more than once", h.Def.Name)
	}
	return PlanLift(h.model, h.Def.Module, guard, stmt)
}
