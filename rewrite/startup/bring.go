package startup

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Brought is a plan that brings a missing name to the workers: its import,
// definition or constant moves above the guard, or its value is passed.
type Brought struct {
	// Sure says that what is passed is known to reach the workers.
	Sure  bool
	Title string

	x    *Missing
	lift *Lift
	imp  *scope.Def // an import, to stand with the others
	hand *handover.Plan
	name string // of the parameter
}

// Plan works out how the workers get the name; the error says in one sentence what
// stands in the way.
func (x *Missing) Plan() (*Brought, error) {
	if !x.all {
		return nil, fmt.Errorf("not every use of %s is in sight", x.Name)
	}
	b := &Brought{x: x, Sure: true}
	d := x.Binding.Single()
	if d != nil && x.Absent {
		switch {
		case d.Kind == scope.Imported:
			b.imp = d
			b.Title = fmt.Sprintf("import %s at the top of the module", x.Name)
			return b, x.canImport(d)
		case d.Kind == scope.FuncDef || d.Kind == scope.ClassDef || d.Kind == scope.Assign && x.constant(d):
			lift, err := PlanLift(x.model, x.module, process.TopStatement(d.Name), d.Name.Statement())
			if err == nil {
				b.lift = lift
				b.Title = fmt.Sprintf("move %s above the guard", x.Name)
				return b, nil
			}
			if d.Kind != scope.Assign {
				return nil, err
			}
		}
	}
	b.Title = fmt.Sprintf("pass %s to the workers", x.Name)
	return b, x.pass(b)
}

// canImport checks that an import may move to the top of the module.
func (x *Missing) canImport(d *scope.Def) error {
	if lastImport(x.module) == nil {
		return fmt.Errorf("the module has no other import to put that of %s behind", x.Name)
	}
	if d.Import.Member == "*" {
		return fmt.Errorf("%s comes from a star import", x.Name)
	}
	stmt := d.Import.Node
	if up := stmt.Parent; up.Kind != "block" || x.model.GuardOf(stmt) != up.Parent && up.Parent != x.pretend && !up.Parent.Is("function_definition") {
		return fmt.Errorf("the import of %s stands under a condition", x.Name)
	}
	for _, b := range x.module.BoundIn(stmt) {
		if b.Single() == nil || b.Scope != x.module.Top {
			return fmt.Errorf("%s is bound more than once", b.Name)
		}
	}
	return nil
}

// lastImport is the last of the imports that begin a module.
func lastImport(mod *scope.Module) *syntax.Node {
	var last *syntax.Node
	for i, s := range mod.Tree.Root.NamedChildren() {
		if importing(s) && s.Kind != "future_import_statement" {
			last = s
		} else if !docstring(s, i) && s.Kind != "future_import_statement" {
			break
		}
	}
	return last
}

// constant says whether an assignment binds a name once to a literal that nobody
// changes.
func (x *Missing) constant(d *scope.Def) bool {
	if len(d.Path) > 0 || !assignment(d.Node.Statement()) || d.Scope != x.module.Top {
		return false
	}
	literal := true
	d.Value.Walk(func(n *syntax.Node) bool {
		literal = literal && !n.Is("call", "identifier", "lambda", "attribute")
		return literal
	})
	places, all := x.model.Changed(x.Binding)
	return literal && all && len(places) == 0
}

// pass plans to hand the value over.
func (x *Missing) pass(b *Brought) error {
	m := x.model
	if err := x.passable(b); err != nil {
		return err
	}
	readers, err := x.readers()
	if err != nil {
		return err
	}
	b.name = x.parameter(readers)
	b.hand, err = handover.Make(m, handover.Value{Name: b.name, Readers: readers, Expr: x.at})
	if err != nil && b.name != x.Name {
		b.name = x.Name
		b.hand, err = handover.Make(m, handover.Value{Name: b.name, Readers: readers, Expr: x.at})
	}
	if err != nil {
		return fmt.Errorf("%s cannot be passed to the workers: %w", x.Name, err)
	}
	for _, d := range readers {
		if b.hand.Global(b.name, d) && d.Module != x.module {
			return fmt.Errorf("%s is read in another module than it is set for", x.Name)
		}
	}
	return x.settled()
}

// parameter is what the value is called as a parameter: a constant is written
// small there. What a pool's initializer sets keeps its name.
func (x *Missing) parameter(readers []*project.Def) string {
	small := strings.ToLower(x.Name)
	for _, d := range readers {
		for _, w := range x.model.WorkersOf(d) {
			if len(w.Tasks) > 0 || len(w.InitOf) > 0 {
				return x.Name
			}
		}
		if d.Module.Top.Names[small] != nil || d.Scope.Names[small] != nil {
			return x.Name
		}
	}
	if strings.ToUpper(x.Name) != x.Name || x.module.Top.Names[small] != nil || len(small) == 1 || keywords[small] {
		return x.Name
	}
	return small
}

// keywords are what constants may not be called when written small, with the
// builtins that programs rely on most.
var keywords = map[string]bool{
	"and": true, "as": true, "assert": true, "async": true, "await": true, "break": true, "class": true, "continue": true, "def": true,
	"del": true, "elif": true, "else": true, "except": true, "finally": true, "for": true, "from": true, "global": true, "if": true,
	"import": true, "in": true, "is": true, "lambda": true, "nonlocal": true, "not": true, "or": true, "pass": true, "raise": true,
	"return": true, "try": true, "while": true, "with": true, "yield": true, "input": true, "print": true, "range": true, "list": true,
	"dict": true, "set": true, "len": true, "max": true, "min": true, "sum": true, "dir": true, "id": true, "type": true, "str": true,
	"int": true, "float": true, "open": true, "map": true, "filter": true, "sorted": true, "all": true, "any": true, "bytes": true,
}

// passable looks for values that cannot reach a child.
func (x *Missing) passable(b *Brought) error {
	m := x.model
	values, known := m.Project.BindingValues(x.Binding)
	b.Sure = known
	for _, v := range values {
		if v.Kind == project.Module {
			return fmt.Errorf("%s is a module, which cannot be passed to the workers", x.Name)
		}
		if broken := m.Breaks(v, process.Sent{Situation: process.AtStart, At: x.Sets[0]}); len(broken) > 0 {
			return fmt.Errorf("%s holds a %s, which cannot be passed to the workers", x.Name, broken[0].Type)
		}
		if o := m.ObjectAt(v.Node); v.Node != nil && o != nil && !process.Inheritable(o.Kind) && v.Kind == project.External {
			return fmt.Errorf("%s is a %s, which cannot be passed to the workers", x.Name, o.Name)
		}
		b.Sure = b.Sure && m.Passes(v)
	}
	b.Sure = b.Sure || x.numbers()
	return nil
}

// numbers says whether all assignments of the name give it a number or a value that
// passes.
func (x *Missing) numbers() bool {
	m := x.model
	for _, d := range x.Binding.Defs {
		if !d.Binds() {
			continue
		}
		if d.Kind != scope.Assign || len(d.Path) > 0 {
			return false
		}
		if m.NumberOf(d.Value, x.Binding) != process.NotNumber {
			continue
		}
		values, known := m.Project.Values(d.Value)
		for _, v := range values {
			known = known && m.Passes(v)
		}
		if !known {
			return false
		}
	}
	return true
}

// readers lists the outermost functions that read the name in workers.
func (x *Missing) readers() ([]*project.Def, error) {
	var found []*project.Def
	for _, u := range x.Reads {
		d := x.model.Project.Enclosing(u.Node)
		for up := d; up != nil; up = x.model.Project.Enclosing(up.Node) {
			if up != d && x.model.WorkerOf(d) != nil {
				return nil, fmt.Errorf("the worker %s is defined inside a function", d.QualName())
			}
			d = up
		}
		if d == nil || d.IsLambda() {
			return nil, fmt.Errorf("a lambda reads %s", x.Name)
		}
		if d.Scope.DeclaresGlobal(x.Name) {
			return nil, fmt.Errorf("%s declares %s as global", d.QualName(), x.Name)
		}
		if !hasDef(found, d) {
			found = append(found, d)
		}
	}
	return found, nil
}

// at is how the value is written at a place of the parent.
func (x *Missing) at(site *syntax.Node) (string, bool) {
	m := x.model
	mod := m.Project.ModuleOf(site)
	text := ""
	if mod == x.module {
		if s := mod.ScopeOf(site); s == nil || s.Lookup(x.Name) != x.Binding {
			return "", false
		}
		text = x.Name
	}
	for _, set := range x.Sets {
		if set.Is("attribute") && set.Tree == site.Tree && text == "" && x.sees(mod, site, set) {
			text = set.Text()
		}
		if text != "" && runsBefore(m, set, site) {
			return text, true
		}
	}
	return "", false
}

// sees says whether the module part of an attribute means the same at a place.
func (x *Missing) sees(mod *scope.Module, site, attr *syntax.Node) bool {
	for attr.Is("attribute") {
		attr = attr.Field("object")
	}
	b := mod.Binding(attr)
	s := mod.ScopeOf(site)
	return b != nil && s != nil && s.Lookup(attr.Text()) == b
}

// settled checks that the value is not changed between the place that passes it
// and the start of the workers, nor while a pool runs.
func (x *Missing) settled() error {
	m := x.model
	for _, set := range x.Sets {
		for _, w := range x.Workers {
			for _, l := range w.Launches {
				for _, u := range l.Starts {
					late := u.Call != nil && m.Project.Enclosing(set) == m.Project.Enclosing(l.Call) && set.Start > l.Call.Start && runsBefore(m, set, u.Call) && !runsBefore(m, u.Call, l.Call)
					if late || m.Project.Enclosing(set) != m.Project.Enclosing(l.Call) && u.Call != nil && runsBefore(m, l.Call, set) && runsBefore(m, set, u.Call) && !runsBefore(m, set, l.Call) {
						return fmt.Errorf("%s is set after the process object is made", x.Name)
					}
				}
			}
			for _, t := range w.Tasks {
				if t.Pool != nil && runsBefore(m, t.Pool.Object.Made, set) {
					return fmt.Errorf("%s is set while the pool exists", x.Name)
				}
			}
		}
	}
	return nil
}

// Write makes the change.
func (b *Brought) Write(rw *refactor.Rewrite) {
	switch {
	case b.imp != nil:
		b.moveImport(rw)
	case b.lift != nil:
		b.lift.Write(rw)
	default:
		b.hand.Write(rw)
		for _, u := range b.x.Reads {
			d := b.x.model.Project.Enclosing(u.Node)
			for up := d; up != nil; up = b.x.model.Project.Enclosing(up.Node) {
				d = up
			}
			if ref := b.hand.Ref(b.name, d); ref != u.Node.Text() {
				rw.Replace(u.Node, ref)
				if u.Node.Is("attribute") && u.Node.Field("object").Is("identifier") {
					b.dropUnused(rw, u)
				}
			}
		}
	}
}

// dropUnused takes out the import of the module that a read went through when it
// was for such reads only.
func (b *Brought) dropUnused(rw *refactor.Rewrite, u project.Use) {
	var gone []*syntax.Node
	for _, r := range b.x.Reads {
		if r.Module == u.Module {
			gone = append(gone, r.Node)
		}
	}
	if gone[0] == u.Node {
		rw.DropUnused(u.Module, u.Node.Field("object").Text(), gone...)
	}
}

func (b *Brought) moveImport(rw *refactor.Rewrite) {
	stmt := b.imp.Import.Node
	if d := b.x.model.Project.Enclosing(stmt); d != nil {
		for _, bound := range b.x.module.BoundIn(stmt) {
			rw.DropGlobal(d.Node, bound.Name)
		}
	}
	raiseImports(rw, b.x.module, []*syntax.Node{stmt})
}
