package refactor

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// ResolveImports returns the edits that write the imports, which are all of t's
// file. Names join an existing from-import of their module, in its order; other
// imports get a line of their own among the imports at the top of the file, in
// the order of isort where the file keeps to it, or below docstring and
// __future__ imports. What is imported already is left out.
func ResolveImports(t *syntax.Tree, m *scope.Module, imports []edit.Import) ([]edit.Edit, error) {
	if len(imports) == 0 {
		return nil, nil
	}
	r := New()
	d, _ := r.of(t.Root)
	p := importPlan{r: r, d: d, list: d.listOf(d.tree.Root)}
	for _, it := range p.list.items {
		if it.stmt.Is("function_definition", "class_definition", "decorated_definition") {
			break
		}
		if isImport(it.stmt) && it.plain() {
			p.present = append(p.present, it)
		}
	}
	imports = slices.Clone(imports)
	slices.SortStableFunc(imports, func(a, b edit.Import) int {
		return cmp.Or(cmp.Compare(min(len(a.Name), 1), min(len(b.Name), 1)), byName(a.Module, b.Module), byName(a.Name, b.Name), cmp.Compare(a.As, b.As))
	})
	var fresh []*newLine
	for _, im := range slices.Compact(imports) {
		if im.File != t.File {
			return nil, fmt.Errorf("%w: import for %s", edit.ErrStale, t.File.Path)
		}
		if im.As == im.Name || im.Name == "" && im.As == im.Module {
			im.As = ""
		}
		if m != nil && present(m, im) || p.extend(im) {
			continue
		}
		if n := len(fresh); im.Name != "" && n > 0 && fresh[n-1].from && fresh[n-1].module == im.Module {
			fresh[n-1].names = append(fresh[n-1].names, aliased(im.Name, im.As))
			continue
		}
		line := &newLine{module: im.Module, from: im.Name != "", names: []string{aliased(im.Name, im.As)}, as: im.As}
		fresh = append(fresh, line)
	}
	for _, line := range fresh {
		p.add(line)
	}
	p.wrapLong()
	set, err := r.Set()
	return set.Edits, err
}

// present reports whether the module makes the import already, at its top.
func present(m *scope.Module, im edit.Import) bool {
	return slices.ContainsFunc(m.Imports, func(o *scope.Import) bool {
		if o.Scope != m.Top || o.Guarded || o.TypeOnly || o.Level > 0 || o.Module != im.Module || o.Member != im.Name {
			return false
		}
		if im.Name == "" && im.As == "" {
			return o.Name.Is("dotted_name")
		}
		return o.Local == cmp.Or(im.As, im.Name)
	})
}

func aliased(name, as string) string {
	if as == "" {
		return name
	}
	return name + " as " + as
}

// newLine is an import statement to be written.
type newLine struct {
	module string
	from   bool
	names  []string
	as     string
}

func (n *newLine) String() string {
	if n.from {
		return "from " + n.module + " import " + strings.Join(n.names, ", ")
	}
	return "import " + aliased(n.module, n.as)
}

// importPlan writes imports into one file.
type importPlan struct {
	r       *Rewrite
	d       *document
	list    *list
	present []*item // the import statements before the first definition
	longer  []*extension

	lastFirst *element // put into a file without imports
}

// extension is a from-import statement that got more names.
type extension struct {
	stmt  *syntax.Node
	names []*syntax.Node
	added map[int][]string
}

// extend adds the name to a from-import of its module, if there is one.
func (p *importPlan) extend(im edit.Import) bool {
	if im.Name == "" {
		return false
	}
	for _, it := range p.present {
		s := it.stmt
		if !s.Is("import_from_statement") || s.Field("module_name").Text() != im.Module || len(s.Fields("name")) == 0 {
			continue
		}
		var x *extension
		for _, other := range p.longer {
			if other.stmt == s {
				x = other
			}
		}
		if x == nil {
			x = &extension{stmt: s, names: s.Fields("name"), added: map[int][]string{}}
			p.longer = append(p.longer, x)
		}
		at := len(x.names)
		sorted := slices.IsSortedFunc(x.names, func(a, b *syntax.Node) int { return byName(a.Text(), b.Text()) })
		if sorted {
			at, _ = slices.BinarySearchFunc(x.names, im.Name, func(n *syntax.Node, name string) int { return byName(n.Text(), name) })
		}
		x.added[at] = append(x.added[at], aliased(im.Name, im.As))
		return true
	}
	return false
}

// byName compares without regard to case first.
func byName(a, b string) int {
	return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
}

// lineLimit is the length from which a line of imports is broken up.
const lineLimit = 88

// wrapLong writes the extended statements; one that grows too long gets
// parentheses and a line for each name.
func (p *importPlan) wrapLong() {
	for _, x := range p.longer {
		s := x.stmt
		text := s.Text()
		length := p.d.file.LineEnd(p.d.file.LineOf(s.End)) - p.d.file.LineStart(p.d.file.LineOf(s.Start))
		var all []string
		for i := 0; i <= len(x.names); i++ {
			for _, name := range x.added[i] {
				all = append(all, name)
				length += len(name) + 2
			}
			if i < len(x.names) {
				all = append(all, x.names[i].Text())
			}
		}
		if length > lineLimit && !strings.ContainsAny(text, "(\\\n#") {
			unit := p.d.file.Indent
			p.r.ReplaceRange(p.d.file, x.names[0].Start, x.names[len(x.names)-1].End,
				"(\n"+unit+strings.Join(all, ",\n"+unit)+",\n)")
			continue
		}
		c := p.r.commasOf(s)
		c.elements, c.bare = x.names, !strings.Contains(text, "(")
		c.close = s.End
		for i, names := range x.added {
			c.added[i] = names
		}
	}
}

// add puts an import statement on a line of its own.
func (p *importPlan) add(line *newLine) {
	e := &element{lines: []string{line.String()}}
	group := p.group(line.module)
	if len(group) == 0 {
		p.addFirst(e)
		return
	}
	var same []*item // of the same form
	for _, it := range group {
		if it.stmt.Is("import_from_statement") == line.from {
			same = append(same, it)
		}
	}
	switch {
	case len(same) > 0:
		if slices.IsSortedFunc(same, func(a, b *item) int { return byName(moduleName(a.stmt), moduleName(b.stmt)) }) {
			for _, it := range same {
				if byName(moduleName(it.stmt), line.module) > 0 && !it.joined {
					it.before = append(it.before, e)
					return
				}
			}
		}
		last := same[len(same)-1]
		last.after = append(last.after, e)
	case line.from || group[0].joined:
		last := group[len(group)-1]
		last.after = append(last.after, e)
	default:
		group[0].before = append(group[0].before, e)
	}
}

// group returns the import statements, without a blank line between, that the
// module belongs to: those with others of its package, else the first ones.
func (p *importPlan) group(module string) []*item {
	var groups [][]*item
	last := -1
	for _, it := range p.present {
		if it.stmt.Is("future_import_statement") {
			continue
		}
		if it.index != last+1 || it.blank > 0 || len(groups) == 0 {
			groups = append(groups, nil)
		}
		groups[len(groups)-1] = append(groups[len(groups)-1], it)
		last = it.index
	}
	root, _, _ := strings.Cut(module, ".")
	for _, g := range groups {
		for _, it := range g {
			if first, _, _ := strings.Cut(moduleName(it.stmt), "."); first == root {
				return g
			}
		}
	}
	if len(groups) == 0 {
		return nil
	}
	return groups[0]
}

// moduleName is the first module that an import statement names, with the dots
// of a relative one.
func moduleName(s *syntax.Node) string {
	if s.Is("import_from_statement") {
		return s.Field("module_name").Text()
	}
	n := s.Field("name")
	if n.Is("aliased_import") {
		n = n.Field("name")
	}
	return n.Text()
}

// addFirst puts the first import of a file below its docstring and __future__
// imports.
func (p *importPlan) addFirst(e *element) {
	e.apart, e.below = 1, 1
	if p.lastFirst != nil {
		// Another one stands there already.
		p.lastFirst.lines = append(p.lastFirst.lines, e.lines...)
		return
	}
	p.lastFirst = e
	var to *item
	for _, it := range p.list.items {
		if it.stmt == nil {
			if to == nil && it.index == 0 {
				continue
			}
			if to == nil {
				break
			}
			continue
		}
		if isDocstring(it.stmt) && to == nil || it.stmt.Is("future_import_statement") {
			to = it
			continue
		}
		break
	}
	switch {
	case to != nil:
		to.after = append(to.after, e)
	default:
		for _, it := range p.list.items {
			if it.stmt != nil {
				it.separate()
				it.before = append(it.before, e)
				return
			}
		}
		p.r.fail(ErrShape, p.d.tree.Root, "no statement to import for")
	}
}
