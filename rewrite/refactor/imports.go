package refactor

import (
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Import returns how to write module.name anywhere in m: through an import that
// stands at module level and is nowhere hidden, "mp.Value" or "Value", else
// through a new one, which Set then asks for. It is a from-import where m uses
// those of the same package. An empty name asks for the module itself.
func (r *Rewrite) Import(m *scope.Module, module, name string) (ref string) {
	return r.ImportIn(m, nil, module, name)
}

// ImportIn is Import for use at one node of m alone: only what hides a name
// there counts.
func (r *Rewrite) ImportIn(m *scope.Module, at *syntax.Node, module, name string) (ref string) {
	if m == nil || module == "" {
		r.fail(ErrShape, at, "no module to import")
		return name
	}
	r.of(m.Tree.Root)
	u := usage{m, at}
	// What is there, without a new import.
	known := slices.Clone(m.Imports)
	slices.SortStableFunc(known, func(a, b *scope.Import) int { return topFirst(m, a) - topFirst(m, b) })
	for _, im := range known {
		if u.usable(im) && name != "" && im.Member == name && im.Level == 0 && im.Module == module {
			return im.Local
		}
	}
	for _, im := range known {
		if !u.usable(im) || im.Level > 0 || im.Member == "*" {
			continue
		}
		if im.Member == "" && im.Module == module && im.Name.Is("dotted_name") {
			return dotted(module, name)
		}
		if im.Target() == module {
			return dotted(im.Local, name)
		}
	}
	// A new one.
	ask := func(name, as string) {
		im := edit.Import{File: m.Tree.File, Module: module, Name: name, As: as}
		if !slices.Contains(r.imports, im) {
			r.imports = append(r.imports, im)
		}
	}
	root, _, _ := strings.Cut(module, ".")
	from := name != "" && slices.ContainsFunc(m.Imports, func(im *scope.Import) bool {
		first, _, _ := strings.Cut(im.Module, ".")
		return im.Member != "" && im.Level == 0 && first == root && im.Scope == m.Top && !im.TypeOnly
	})
	switch {
	case from && u.free(name, dotted(module, name)):
		ask(name, "")
		return name
	case u.free(root, root):
		ask("", "")
		return dotted(module, name)
	case name != "" && u.free(name, dotted(module, name)):
		ask(name, "")
		return name
	case name != "" && from:
		as := m.FreshName(m.Top, name)
		ask(name, as)
		return as
	}
	as := m.FreshName(m.Top, strings.ReplaceAll(module, ".", "_"))
	ask("", as)
	return dotted(as, name)
}

func topFirst(m *scope.Module, im *scope.Import) int {
	if im.Scope == m.Top {
		return 0
	}
	return 1
}

func dotted(module, name string) string {
	if name == "" {
		return module
	}
	return module + "." + name
}

// usage is the place where an imported name is to be used; a nil node stands for
// the whole module.
type usage struct {
	m  *scope.Module
	at *syntax.Node
}

// usable reports whether the import runs before the use, binds its name for good
// and is not hidden. One in a function serves code in that function.
func (u usage) usable(im *scope.Import) bool {
	if im.Guarded || im.TypeOnly || im.Local == "" || im.Scope != u.m.Top && (u.at == nil || im.Scope.Kind != scope.Function) {
		return false
	}
	b := im.Scope.Names[im.Local]
	if b == nil || !sameImport(b, im.Target()) {
		return false
	}
	if u.at == nil {
		return !hidden(u.m.Top, im.Local, im.Target())
	}
	s := u.m.ScopeOf(u.at)
	if s == nil {
		return false
	}
	if found := s.Lookup(im.Local); found != b && (im.Scope != u.m.Top || !u.imported(found, im.Target())) {
		return false
	}
	return s.Function() != im.Scope.Function() || im.Node.End <= u.at.Start
}

// imported reports whether the binding is nothing but imports of the target, all
// above the use.
func (u usage) imported(b *scope.Binding, target string) bool {
	if b == nil || !sameImport(b, target) {
		return false
	}
	return !slices.ContainsFunc(b.Defs, func(d *scope.Def) bool { return d.Name.End > u.at.Start })
}

// sameImport reports whether every definition of the binding imports the target.
func sameImport(b *scope.Binding, target string) bool {
	return !slices.ContainsFunc(b.Defs, func(d *scope.Def) bool {
		return d.Kind != scope.Imported || d.Import == nil || d.Import.Target() != target
	})
}

// hidden reports whether a scope inside s binds the name to something else.
func hidden(s *scope.Scope, name, target string) bool {
	for _, k := range s.Children {
		if b := k.Names[name]; b != nil && !sameImport(b, target) || hidden(k, name, target) {
			return true
		}
	}
	return false
}

// free reports whether a new import at module level may bind the name to the
// target.
func (u usage) free(name, target string) bool {
	top := u.m.Top
	if b := top.Names[name]; b != nil && !sameImport(b, target) {
		return false
	}
	if u.at == nil {
		if hidden(top, name, target) {
			return false
		}
	} else {
		for s := u.m.ScopeOf(u.at); s != nil && s != top; s = s.Parent {
			if b := s.Names[name]; b != nil && !u.imported(b, target) {
				return false
			}
		}
	}
	if top.Names[name] != nil {
		return true
	}
	// Other code that reads a builtin of that name.
	module, _, _ := strings.Cut(target, ".")
	star := slices.ContainsFunc(u.m.Imports, func(im *scope.Import) bool {
		return im.Member == "*" && strings.HasPrefix(im.Module, module)
	})
	taken := false
	u.m.Tree.Root.Walk(func(n *syntax.Node) bool {
		taken = taken || n.Is("identifier") && n.Text() == name && u.m.IsLoad(n) && u.m.Binding(n) == nil
		return !taken
	})
	return !taken || star
}
