package project

import (
	"slices"
	"sort"
	"strings"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Use is one mention of a module-level name anywhere in the project.
type Use struct {
	Module *scope.Module
	Node   *syntax.Node // the identifier, or the attribute of the module
	Store  bool         // the name is bound, rebound or deleted here
	Import *scope.Import
}

// Uses lists every mention of a binding in the project, definitions included,
// in order of place. For a module-level name all files of the project that
// mention it are read; all is false when the name may be used where mpfix
// cannot see: through globals(), vars(), exec, an unresolved star import, or a
// file that cannot be read.
func (p *Project) Uses(b *scope.Binding) (uses []Use, all bool) {
	p.lock()
	defer p.mu.Unlock()
	home := b.Scope.Module
	all = true
	for _, d := range b.Defs {
		if d.Name != nil && d.Kind != scope.Global && d.Kind != scope.Nonlocal {
			uses = append(uses, Use{Module: home, Node: d.Name, Store: true, Import: d.Import})
		}
	}
	for _, n := range b.Uses {
		uses = append(uses, Use{Module: home, Node: n})
	}
	if b.Scope == home.Top {
		more, seen := p.usesElsewhere(home, b.Name)
		uses = append(uses, more...)
		all = seen && !p.dynamicNames(home, b.Name) && !p.computedNames(home, home)
	}
	return unique(uses), all
}

func unique(uses []Use) []Use {
	sort.SliceStable(uses, func(i, j int) bool {
		a, b := uses[i], uses[j]
		if pa, pb := a.Module.Tree.File.Path, b.Module.Tree.File.Path; pa != pb {
			return pa < pb
		}
		if a.Node.Start != b.Node.Start {
			return a.Node.Start < b.Node.Start
		}
		return a.Store && !b.Store
	})
	out := uses[:0]
	for _, u := range uses {
		if len(out) > 0 && out[len(out)-1].Node == u.Node {
			continue
		}
		out = append(out, u)
	}
	return out
}

// usesElsewhere finds the uses of a module's name in other files: imports of
// it, attributes of the module, star imports.
func (p *Project) usesElsewhere(mod *scope.Module, name string) (uses []Use, all bool) {
	paths, all := p.mentioning(lastPart(mod.Name))
	for _, path := range paths {
		if path == mod.Tree.File.Path {
			continue
		}
		f, err := p.snap.File(path)
		if err != nil || !strings.Contains(f.Text, name) {
			continue
		}
		m := p.module(path)
		if m == nil {
			all = false
			continue
		}
		found, ok := p.usesIn(m, mod, name)
		uses = append(uses, found...)
		all = all && ok && !p.computedNames(m, mod)
	}
	return uses, all
}

// mentioning lists the files that may import a module by its last name; all is
// false when one cannot be read.
func (p *Project) mentioning(base string) (paths []string, all bool) {
	const unread = "" // stands first in the list when a file cannot be read
	if list, ok := p.mentions[base]; ok {
		if len(list) > 0 && list[0] == unread {
			return list[1:], false
		}
		return list, true
	}
	all = true
	candidates := slices.Clone(p.listed)
	for _, m := range p.loaded {
		if !p.paths[m.Tree.File.Path] {
			candidates = append(candidates, m.Tree.File.Path)
		}
	}
	slices.Sort(candidates)
	for _, path := range candidates {
		f, err := p.snap.File(path)
		if err != nil {
			all = false
			continue
		}
		if base == "" || strings.Contains(f.Text, base) || strings.Contains(f.Text, "*") || strings.Contains(f.Text, "from .") {
			paths = append(paths, path)
		}
	}
	p.mentions[base] = paths
	if !all {
		p.mentions[base] = append([]string{unread}, paths...)
	}
	return paths, all
}

func (p *Project) usesIn(m, mod *scope.Module, name string) (uses []Use, all bool) {
	all = true
	for _, imp := range m.Imports {
		target, member := p.target(m, imp)
		if imp.Member == "*" {
			if p.starOf(m, imp) != mod {
				continue
			}
			m.Tree.Root.Walk(func(n *syntax.Node) bool {
				if n.Kind == "identifier" && n.Text() == name && m.Binding(n) == nil && m.IsLoad(n) {
					uses = append(uses, Use{Module: m, Node: n, Import: imp})
				}
				return true
			})
			continue
		}
		if target != mod {
			continue
		}
		switch member {
		case name:
			if imp.Scope == nil {
				all = false
				continue
			}
			uses = append(uses, Use{Module: m, Node: imp.Name, Store: true, Import: imp})
			if b := imp.Scope.Lookup(imp.Local); b != nil {
				for _, n := range b.Uses {
					uses = append(uses, Use{Module: m, Node: n, Import: imp})
				}
				for _, d := range b.Defs {
					if d.Kind != scope.Imported && d.Name != nil {
						uses = append(uses, Use{Module: m, Node: d.Name, Store: true})
					}
				}
			}
		case "":
			if p.dynamicNames(m, name) {
				all = false
			}
		}
	}
	for _, n := range p.attributes(m)[name] {
		for _, v := range p.values(n.Field("object")).values {
			if v.Kind == Module && v.Mod == mod {
				uses = append(uses, Use{Module: m, Node: n, Store: storedTo(n)})
				break
			}
		}
	}
	return uses, all
}

// attributes lists the attributes of a module by name, in order.
func (p *Project) attributes(m *scope.Module) map[string][]*syntax.Node {
	all := p.attrs[m]
	if all == nil {
		all = map[string][]*syntax.Node{}
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Kind == "attribute" {
				name := n.Field("attribute").Text()
				all[name] = append(all[name], n)
			}
			return true
		})
		p.attrs[m] = all
	}
	return all
}

func (p *Project) starOf(m *scope.Module, imp *scope.Import) *scope.Module {
	return p.opened(p.locate(m, imp, ""))
}

// storedTo says whether an attribute or subscript is assigned, augmented or
// deleted where it stands.
func storedTo(n *syntax.Node) bool {
	for up := n; up.Parent != nil; up = up.Parent {
		switch up.Parent.Kind {
		case "assignment", "augmented_assignment", "for_statement", "for_in_clause":
			return up.FieldName == "left"
		case "delete_statement":
			return true
		case "pattern_list", "tuple_pattern", "list_pattern", "expression_list", "tuple", "list", "parenthesized_expression":
			continue
		}
		return false
	}
	return false
}

// StoredTo says whether an attribute or subscript is assigned, augmented or
// deleted where it stands.
func StoredTo(n *syntax.Node) bool { return storedTo(n) }

// hiddenUses are the ways in which a module reaches names that cannot be read
// from the text.
type hiddenUses struct {
	any   bool            // exec, globals(), vars() at the top
	named map[string]bool // strings given to getattr and its kin
	evals []string        // calls of eval

	computed []*syntax.Node // objects given to getattr and its kin with a name that is not in the text
}

// dynamicNames says whether a module reaches its names in a way that cannot be
// read from the text: exec, eval, globals(), vars(), or the name in a string
// given to getattr and its kin.
func (p *Project) dynamicNames(m *scope.Module, name string) bool {
	h := p.hidden[m]
	if h == nil {
		h = p.findHidden(m)
		p.hidden[m] = h
	}
	return h.any || h.named[name] || slices.ContainsFunc(h.evals, func(e string) bool { return strings.Contains(e, name) })
}

// computedNames says whether a module takes attributes of another (or itself, as
// sys.modules[__name__]) by names that are not in the text.
func (p *Project) computedNames(m, of *scope.Module) bool {
	p.dynamicNames(m, "")
	for _, n := range p.hidden[m].computed {
		for _, v := range p.values(n).values {
			if v.Kind == Module && v.Mod == of {
				return true
			}
			if m == of && v.Kind == External && strings.HasPrefix(v.Name, "sys.modules") {
				return true
			}
		}
	}
	return false
}

func (p *Project) findHidden(m *scope.Module) *hiddenUses {
	h := &hiddenUses{named: map[string]bool{}}
	m.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind != "call" {
			return true
		}
		f := n.Field("function")
		if !f.Is("identifier") || m.Binding(f) != nil {
			return true
		}
		switch f.Text() {
		case "exec", "globals":
			h.any = true
		case "vars", "locals":
			if p.enclosing(n) == nil && len(n.Field("arguments").NamedChildren()) == 0 {
				h.any = true
			}
		case "eval":
			h.evals = append(h.evals, n.Text())
		case "getattr", "setattr", "delattr", "hasattr":
			if args := n.Field("arguments").NamedChildren(); len(args) > 1 {
				if s, ok := syntax.StringValue(args[1]); ok {
					h.named[s] = true
				} else {
					h.computed = append(h.computed, args[0])
				}
			}
		}
		return true
	})
	return h
}
