package pickledhandle

import (
	"cmp"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// opening is a handle that a constructor opens and that one worker alone uses,
// with all that has to change for the worker to open it.
type opening struct {
	fault
	class  *project.Def
	init   *project.Def
	entry  *project.Def
	stmts  []*syntax.Node // statements of the constructor that move
	needs  []string       // other handles that these make from it
	uses   []*syntax.Node // in the worker
	closes []*syntax.Node // statements of the parent that go
	unused []*project.Def // methods of the parent that closed it and go
	doubt  string         // why it has to be looked at
}

// openInChild moves the opening of handles that only the worker uses into the
// worker, and returns the faults it mended and those that are left.
func openInChild(m *process.Model, rw *refactor.Rewrite, faults []fault) (moved, rest []fault, doubt string) {
	var plans []*opening
	for _, f := range faults {
		if o, ok := planOpening(m, f, faults); ok {
			plans = append(plans, o)
		}
	}
	for again := true; again; { // a handle moves with those made from it and those it is made from
		again = false
		for i, o := range plans {
			if !o.complete(m, plans) {
				plans, again = slices.Delete(slices.Clone(plans), i, i+1), true
				break
			}
		}
	}
	for len(plans) > 0 {
		var group, others []*opening
		for _, o := range plans {
			if o.entry == plans[0].entry && o.init == plans[0].init {
				group = append(group, o)
			} else {
				others = append(others, o)
			}
		}
		plans = others
		if move(m, rw, group) {
			for _, o := range group {
				moved, doubt = append(moved, o.fault), cmp.Or(doubt, o.doubt)
			}
		}
	}
	for _, f := range faults {
		if !slices.ContainsFunc(moved, func(o fault) bool { return o.Break == f.Break }) {
			rest = append(rest, f)
		}
	}
	return moved, rest, doubt
}

// complete says whether everything of self that the statements of the opening
// use is there in the worker: it moves too, it is a method that is passed on, or
// the constructor alone sets it and it is pickled.
func (o *opening) complete(m *process.Model, plans []*opening) bool {
	moves := func(attr string) bool {
		return slices.ContainsFunc(plans, func(p *opening) bool {
			return p.owner.Attr == attr && p.entry == o.entry && p.init == o.init
		})
	}
	for _, attr := range o.needs {
		if !moves(attr) {
			return false
		}
	}
	s := state{class: o.class}
	for _, stmt := range o.stmts {
		ok := true
		stmt.Walk(func(n *syntax.Node) bool {
			if n.Is("identifier") && n.FieldName != "attribute" && n.Text() == o.init.Self() {
				up := n.Parent
				attr := up.Field("attribute").Text()
				method := attr != "" && up.FieldName != "function" && m.Project.Method(o.entry.Class, attr) != nil
				ok = ok && up.Is("attribute") && (moves(attr) || method || s.stays(m, up, o.owner.Store))
			}
			return ok
		})
		if !ok {
			return false
		}
	}
	return true
}

func planOpening(m *process.Model, f fault, faults []fault) (*opening, bool) {
	site := f.owner.Store
	if len(f.Path) != 1 || f.Contained() || site.In == nil || site.In.Name != "__init__" || !reopenable(m, site.Value) {
		return nil, false
	}
	o := &opening{fault: f, class: site.In.Class, init: site.In}
	for _, s := range m.AttributeSites(f.owner.Class) {
		if s.Attr == site.Attr && s != site && s.Target != site.Target {
			return nil, false
		}
	}
	stmt := topOf(o.init, site.Target)
	if stmt == nil || !stmt.Is("expression_statement") || site.Target.Parent.Parent != stmt || site.Target.Parent.Field("left") != site.Target {
		return nil, false
	}
	o.stmts = []*syntax.Node{stmt}
	uses, all := m.AttributeUses(o.class, site.Attr)
	if !all {
		return nil, false
	}
	for _, n := range uses {
		if n != site.Target && !o.take(m, n, faults) {
			return nil, false
		}
	}
	if o.entry == nil || !o.onlyHere(m) {
		return nil, false
	}
	return o, true
}

// take sorts one use of the handle: in the constructor, in the worker, or a
// close() of the parent.
func (o *opening) take(m *process.Model, n *syntax.Node, faults []fault) bool {
	in := m.Project.Enclosing(n)
	if in == o.init {
		stmt := topOf(o.init, n)
		if !stmt.Is("expression_statement") || stmt.Start < o.stmts[0].Start {
			return false
		}
		if !stmt.NamedChildren()[0].Is("call") { // another handle that is made from it
			i := slices.IndexFunc(faults, func(f fault) bool { return topOf(o.init, f.owner.Store.Target) == stmt })
			if i < 0 {
				return false
			}
			o.needs = append(o.needs, faults[i].owner.Attr)
			return true
		}
		if !slices.Contains(o.stmts, stmt) {
			o.stmts = append(o.stmts, stmt)
		}
		return true
	}
	workers := m.WorkersAt(n)
	switch {
	case len(workers) == 1 && !m.InParent(n):
		if o.entry != nil && o.entry != workers[0].Entry {
			return false
		}
		o.entry = workers[0].Entry
		o.uses = append(o.uses, n)
		return true
	case len(workers) == 0 || closesOnly(in, n):
		return o.takeClose(m, in, n)
	}
	return false
}

// takeClose takes a use that only closes the handle in the parent: as a
// statement of its own, or in a method that does nothing else.
func (o *opening) takeClose(m *process.Model, in *project.Def, n *syntax.Node) bool {
	if !closesOnly(in, n) {
		if len(m.WorkersAt(n)) > 0 || !isClose(n) {
			return false
		}
		o.closes = append(o.closes, n.Parent.Parent)
		return true
	}
	if strings.HasPrefix(in.Name, "__") || len(m.Project.Subclasses(in.Class)) > 0 {
		return false
	}
	calls, complete := m.Project.Callers(in)
	if !complete || len(calls) == 0 {
		return false
	}
	kept := false
	for _, c := range calls {
		switch {
		case !m.InParent(c.Node):
			kept = true
		case len(m.WorkersAt(c.Node)) > 0 || !c.Node.Parent.Is("expression_statement"):
			return false
		default:
			o.closes = append(o.closes, c.Node.Parent)
		}
	}
	if kept {
		o.uses = append(o.uses, n)
		return true
	}
	if len(m.Project.References(in)) != len(calls) {
		return false
	}
	o.unused = append(o.unused, in)
	return true
}

// isClose says whether an attribute is used as "….attr.close()", a statement of
// its own.
func isClose(n *syntax.Node) bool {
	up := n.Parent
	return up.Is("attribute") && up.Field("object") == n && up.Field("attribute").Text() == "close" &&
		up.Parent.Is("call") && up.Parent.Parent.Is("expression_statement") && isClosing(up.Parent.Parent)
}

func isClosing(stmt *syntax.Node) bool {
	call := stmt.NamedChildren()[0]
	return call.Is("call") && len(call.Field("arguments").NamedChildren()) == 0
}

// closesOnly says whether the function consists of closing the handle.
func closesOnly(in *project.Def, n *syntax.Node) bool {
	if in == nil || in.Class == nil || !isClose(n) {
		return false
	}
	for _, s := range in.Body().NamedChildren() {
		if s != n.Parent.Parent.Parent && !(s.Is("expression_statement") && s.NamedChildren()[0].Is("string")) {
			return false
		}
	}
	return true
}

// onlyHere says whether opening the handle at the top of the worker happens as
// often as the constructor would have done it.
func (o *opening) onlyHere(m *process.Model) bool {
	w := m.WorkerOf(o.entry)
	if w == nil || o.entry.Class == nil || len(w.Tasks) > 0 || len(w.InitOf) > 0 || m.DefInParent(o.entry) || o.entry.IsAsync() || o.entry.IsGenerator() {
		return false
	}
	line, _, known := m.Project.Ancestors(o.entry.Class)
	if !known || !slices.Contains(line, o.class) || o.entry.Self() != o.init.Self() {
		return false
	}
	for _, sub := range m.Project.Subclasses(o.entry.Class) {
		if sub.Scope.Names[o.entry.Name] != nil || sub.Scope.Names["__init__"] != nil {
			return false
		}
	}
	one := len(w.Launches) == 1
	for _, l := range w.Launches {
		one = one && m.OneProcess(l)
		if l.Object.Class == nil && (!l.Known || len(l.Entries) != 1) {
			return false
		}
	}
	if w.Launches[0].Object.Class != nil {
		one = true
	}
	if one {
		return true
	}
	// Several processes open it: each gets a handle of its own, which is right
	// for reading and wrong for whatever begins with an empty file.
	o.doubt = "several processes open self." + o.owner.Attr + ", each at its beginning"
	return opensForReading(m, o.owner.Store.Value)
}

// topOf returns the statement directly in the body of a function that a node
// lies in, nil if it lies in a nested block.
func topOf(d *project.Def, n *syntax.Node) *syntax.Node {
	s := n.Statement()
	if s == nil || s.Parent != d.Body() {
		return nil
	}
	return s
}

// move makes the change for handles that one constructor opens and one worker
// uses.
func move(m *process.Model, rw *refactor.Rewrite, group []*opening) bool {
	o := group[0]
	var stmts []*syntax.Node
	for _, member := range group {
		for _, s := range member.stmts {
			if !slices.Contains(stmts, s) {
				stmts = append(stmts, s)
			}
		}
	}
	slices.SortFunc(stmts, func(a, b *syntax.Node) int { return a.Start - b.Start })
	names := map[string]string{} // attributes that keep a local name
	var keeps []string
	replaced := map[*syntax.Node]string{} // identifiers of the constructor
	for _, s := range stmts {
		if hasLongString(s) {
			return false
		}
		for _, free := range o.class.Module.FreeNames(s) {
			b := free.Binding
			if b == nil || b.Name == o.init.Self() {
				continue
			}
			if b.Scope == o.class.Module.Top {
				if d := b.Single(); d == nil || m.Guarded(d.Node) {
					return false
				}
				continue
			}
			if b.Scope != o.init.Scope || b.Single() == nil || !plain(m, free.Uses, s) {
				return false
			}
			if names[b.Name] == "" {
				attr, kept := o.keptAs(m, b)
				if attr == "" {
					return false
				}
				if !kept {
					keeps = append(keeps, o.init.Self()+"."+attr+" = "+b.Name)
				}
				names[b.Name] = attr
			}
			for _, use := range free.Uses {
				replaced[use] = o.init.Self() + "." + names[b.Name]
			}
		}
	}
	var lines []string
	for _, s := range stmts {
		lines = append(lines, relocated(s, replaced)...)
	}
	switch {
	case len(keeps) > 0:
		rw.Replace(stmts[0], strings.Join(keeps, "\n"))
		for _, s := range stmts[1:] {
			rw.Delete(s)
		}
	case len(stmts) == len(o.init.Body().NamedChildren()) && len(o.init.Params()) == 1 && len(m.Project.References(o.init)) == 0:
		rw.Delete(o.init.Statement())
	default:
		for _, s := range stmts {
			rw.Delete(s)
		}
	}
	for _, member := range group {
		for _, s := range member.closes {
			rw.Delete(s)
		}
		for _, d := range member.unused {
			rw.Delete(d.Statement())
		}
	}
	if len(group) == 1 {
		o.place(rw, lines)
	} else {
		rw.LinesAtTop(o.entry.Body(), lines...)
	}
	return true
}

// keptAs returns the attribute of self that keeps a local name of the
// constructor, and whether it does already; "" when none can.
func (o *opening) keptAs(m *process.Model, b *scope.Binding) (attr string, kept bool) {
	sites := m.AttributeSites(o.class)
	for _, s := range sites {
		if s.In == o.init && s.Value.Is("identifier") && s.Value.Text() == b.Name && topOf(o.init, s.Target) != nil {
			single := true
			for _, other := range sites {
				single = single && (other.Attr != s.Attr || other == s)
			}
			if single {
				return s.Attr, true
			}
		}
	}
	name := b.Name
	if uses, _ := m.AttributeUses(o.class, name); len(uses) > 0 || o.class.Scope.Names[name] != nil {
		name = "_" + name
		if uses, _ := m.AttributeUses(o.class, name); len(uses) > 0 || o.class.Scope.Names[name] != nil {
			return "", false
		}
	}
	return name, false
}

// place puts the opening into the worker: in a with around the statements that
// use the handle if the worker itself closes it behind them or nobody does, else
// at its top.
func (o *opening) place(rw *refactor.Rewrite, lines []string) {
	body := o.entry.Body()
	stmts := body.NamedChildren()
	attr := o.init.Self() + "." + o.owner.Attr
	callee := o.class.Module.Qualified(o.owner.Store.Value.Field("function"))
	var closing []int // statements of the worker's body that close it
	closed, local := false, true
	first, last := len(stmts), -1
	for _, n := range o.uses {
		closed = closed || isClose(n)
		i := slices.IndexFunc(stmts, func(s *syntax.Node) bool { return n.Within(s) })
		if i < 0 || !sameFunction(n, body) || n.Text() != attr {
			local = false
			continue
		}
		if isClose(n) && n.Parent.Parent.Parent == stmts[i] {
			closing = append(closing, i)
			continue
		}
		local = local && !isClose(n)
		first, last = min(first, i), max(last, i)
	}
	opened, oneLine := strings.CutPrefix(lines[0], attr+" = ")
	behind := len(closing) == 1 && closing[0] > last
	if managed[callee] && len(lines) == 1 && oneLine && local && last >= 0 && (!closed || behind) {
		if behind {
			last = closing[0] - 1
			rw.Delete(stmts[closing[0]])
		}
		name := o.entry.Module.FreshName(o.entry.Scope, strings.Trim(o.owner.Attr, "_"))
		for _, n := range o.uses {
			if !isClose(n) {
				rw.Replace(n, name)
			}
		}
		rw.WrapWith(stmts[first], stmts[last], "with "+opened+" as "+name+":")
		return
	}
	if managed[callee] && !closed {
		head := 0
		for head < len(stmts)-1 && stmts[head].Is("expression_statement") && stmts[head].NamedChildren()[0].Is("string") {
			head++
		}
		rw.WrapWith(stmts[head], stmts[len(stmts)-1], strings.Join(append(lines, "try:"), "\n"), "finally:", "\t"+attr+".close()")
		return
	}
	rw.LinesAtTop(body, lines...)
}

func sameFunction(n, body *syntax.Node) bool {
	up := n.Ancestor("function_definition", "lambda", "class_definition")
	return up == body.Parent
}

// relocated returns the lines of a statement with identifiers replaced, its own
// indentation taken off.
func relocated(s *syntax.Node, replaced map[*syntax.Node]string) []string {
	var uses []*syntax.Node
	for n := range replaced {
		if n.Within(s) {
			uses = append(uses, n)
		}
	}
	slices.SortFunc(uses, func(a, b *syntax.Node) int { return a.Start - b.Start })
	var text strings.Builder
	at := s.Start
	for _, n := range uses {
		text.WriteString(s.Tree.File.Text[at:n.Start])
		text.WriteString(replaced[n])
		at = n.End
	}
	text.WriteString(s.Tree.File.Text[at:s.End])
	lines := strings.Split(text.String(), "\n")
	for i := 1; i < len(lines); i++ {
		lines[i] = strings.TrimPrefix(lines[i], indentOf(s))
	}
	return lines
}

func hasLongString(s *syntax.Node) bool {
	found := false
	s.Walk(func(n *syntax.Node) bool {
		found = found || n.Is("string") && strings.Contains(n.Text(), "\n")
		return !found
	})
	return found
}
