package unpicklablecallable

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// newName returns the name that a function gets at module level: its own, or
// one that its place suggests. Functions of a module that may move in the same
// round get different names, in order of place.
func newName(p *rule.Pass, d *project.Def) (string, error) {
	taken := map[string]bool{}
	for _, other := range movers(p, d) {
		name, err := nameFor(p, other, taken)
		if other == d {
			return name, err
		}
		taken[name] = true
	}
	return nameFor(p, d, taken)
}

// movers lists the definitions of a module that are sent without a name up to
// the given one, in order of place.
func movers(p *rule.Pass, d *project.Def) []*project.Def {
	var found []*project.Def
	for _, call := range senders(p.Model) {
		for _, f := range faultsAt(p.Model, call) {
			if f.kind == unnamed && f.def.Module == d.Module && f.def.Node.Start <= d.Node.Start && !contains(found, f.def) {
				found = append(found, f.def)
			}
		}
	}
	slices.SortFunc(found, func(a, b *project.Def) int { return cmp.Compare(a.Node.Start, b.Node.Start) })
	return found
}

func nameFor(p *rule.Pass, d *project.Def, taken map[string]bool) (string, error) {
	m := d.Module
	want := ""
	if b, _ := boundTo(d); b != nil {
		name, err := freeName(m, d, b.Name)
		if err != nil || !taken[name] {
			return name, err
		}
		want = b.Scope.Name + "_" + strings.TrimLeft(b.Name, "_")
	} else {
		want = suggested(p, d)
	}
	name := m.FreshName(m.Top, want)
	for n := 2; taken[name]; n++ {
		name = m.FreshName(m.Top, fmt.Sprintf("%s_%d", want, n))
	}
	return name, nil
}

// freeName returns the name itself when it is free at module level, else one
// with the name of the function around in front.
func freeName(m *scope.Module, d *project.Def, name string) (string, error) {
	b, _ := boundTo(d)
	if d.IsClass() {
		b = m.Binding(d.Node.Field("name"))
	}
	if b == nil {
		return "", errors.New("it has no name")
	}
	if b.Scope == m.Top {
		return name, nil
	}
	clash := m.Top.Names[name] != nil
	for s := b.Scope.Parent; s != nil && !clash; s = s.Parent {
		clash = s.Names[name] != nil
	}
	m.Tree.Root.Walk(func(n *syntax.Node) bool { // a builtin, or what a star import brings
		clash = clash || n.Is("identifier") && n.Text() == name && m.IsLoad(n) && m.Binding(n) == nil
		return !clash
	})
	if !clash {
		return name, nil
	}
	return m.FreshName(m.Top, b.Scope.Name+"_"+strings.TrimLeft(name, "_")), nil
}

var notWord = regexp.MustCompile(`[^A-Za-z0-9]+`)

// word makes an identifier of a text, "" if it does not look like one.
func word(text string) string {
	w := strings.Trim(notWord.ReplaceAllString(text, "_"), "_")
	if w == "" || w[0] >= '0' && w[0] <= '9' || len(w) > 30 {
		return ""
	}
	return strings.ToLower(w)
}

// suggested makes a name for a lambda of what stands around it: the key it is
// stored under, the text or keyword beside it, the attribute it is bound to, or
// what it is for.
func suggested(p *rule.Pass, d *project.Def) string {
	n := d.Node
	up := n.Parent
	for up.Is("parenthesized_expression") {
		n, up = up, up.Parent
	}
	for _, call := range senders(p.Model) {
		pl, ok := placeOf(p.Model, call, d.Node)
		if !ok {
			continue
		}
		switch {
		case pl.key == "initargs":
			return "init_worker"
		case pl.task == nil:
			return "run_process"
		case pl.kind == only && len(d.Params()) > 0 && len(d.Params()[0].Name) > 2:
			return "process_" + d.Params()[0].Name
		case pl.kind == only:
			return "process_item"
		}
		return "run_task"
	}
	switch {
	case up.Is("pair") && n.FieldName == "value":
		if key, ok := syntax.StringValue(up.Field("key")); ok && word(key) != "" {
			return word(key)
		}
	case up.Is("assignment") && up.Field("left").Is("attribute"):
		return word(up.Field("left").Field("attribute").Text())
	case up.Is("argument_list", "keyword_argument", "tuple", "list"):
		list := up
		if up.Is("keyword_argument") {
			list = up.Parent
		}
		for _, c := range list.NamedChildren() {
			if c.Is("keyword_argument") {
				c = c.Field("value")
			}
			if text, ok := syntax.StringValue(c); ok && word(text) != "" {
				return word(text)
			}
		}
		if up.Is("keyword_argument") {
			return word(up.Field("name").Text())
		}
	}
	if fn := p.Project.Enclosing(d.Node.Parent); up.Is("return_statement") && fn != nil && word(fn.Name) != "" {
		return "apply_" + word(fn.Name)
	}
	return "function"
}
