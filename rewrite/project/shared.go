package project

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// What things come to by way of the hub of the flow is looked at once for all
// of them: the tables of the evaluator say which calls, arguments and stores meet
// which definitions and containers there.

type tableKind int

const (
	calledShared tableKind = iota
	passedShared
	storedShared
	fieldShared
)

// table returns, by definition or (of stores) by container, the places in the
// list of the hub's trace that it comes to.
func (p *Project) table(kind tableKind) (places map[any][]int, known bool) {
	type tableKey struct{ kind tableKind }
	r := p.eval.ask(tableKey{kind}, func() result {
		t := p.idx().flow.shared()
		r := result{known: true, table: map[any][]int{}}
		note := func(i int, n *syntax.Node) {
			for _, v := range p.values(n).values {
				var key any
				switch {
				case kind == storedShared:
					key = v.key()
					if !v.mutable() {
						continue
					}
				case v.Def == nil || v.Kind == External:
					continue
				default:
					key = v.Def
				}
				if have := r.table[key]; len(have) == 0 || have[len(have)-1] != i {
					r.table[key] = append(have, i)
					r.size++
				}
			}
		}
		switch kind {
		case calledShared:
			for i, n := range t.calls {
				note(i, n.Field("function"))
			}
		case passedShared:
			for i, h := range t.passed {
				note(i, h.expr)
			}
		case storedShared:
			for i, s := range t.sites {
				note(i, p.idx().sites[s].receiver)
			}
		case fieldShared:
			for i, s := range t.fields {
				note(i, p.idx().fields[s].value)
			}
		}
		return r
	})
	return r.table, r.known
}

// lookup lists the entries of a table for several definitions, in order.
func lookup(table map[any][]int, defs []*Def) []int {
	var all []int
	for _, d := range defs {
		all = append(all, table[d]...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// carriers lists the definitions whose values run d when they are called: d
// itself, and the classes that have it as their constructor or __call__.
func (p *Project) carriers(d *Def) []*Def {
	list := []*Def{d}
	if d.Class != nil && (d.Name == "__init__" || d.Name == "__new__" || d.Name == "__call__") {
		list = append(list, d.Class)
		list = append(list, p.subclasses(d.Class)...)
	}
	return list
}

// calledAt lists the calls that may be of d.
func (p *Project) calledAt(t *trace, d *Def) (calls []*syntax.Node, known bool) {
	if !t.hub {
		return t.calls, true
	}
	calls = slices.Clone(t.calls)
	all := p.idx().flow.shared().calls
	table, known := p.table(calledShared)
	for _, i := range lookup(table, p.carriers(d)) {
		calls = append(calls, all[i])
	}
	slices.SortFunc(calls, comparePlaces)
	return slices.Compact(calls), known
}

// passedAt lists the arguments that may be d.
func (p *Project) passedAt(t *trace, d *Def) (passed []handed, known bool) {
	if !t.hub {
		return t.passed, true
	}
	passed = slices.Clone(t.passed)
	all := p.idx().flow.shared().passed
	table, known := p.table(passedShared)
	for _, i := range lookup(table, p.carriers(d)) {
		passed = append(passed, all[i])
	}
	slices.SortFunc(passed, handed.compare)
	return slices.Compact(passed), known
}

// fieldsAt lists the stores to attributes whose value may be d.
func (p *Project) fieldsAt(t *trace, d *Def) (fields []int, known bool) {
	if !t.hub {
		return t.fields, true
	}
	fields = slices.Clone(t.fields)
	all := p.idx().flow.shared().fields
	table, known := p.table(fieldShared)
	for _, i := range lookup(table, p.carriers(d)) {
		fields = append(fields, all[i])
	}
	slices.Sort(fields)
	return slices.Compact(fields), known
}

// sitesAt lists the stores whose receiver may be the container.
func (p *Project) sitesAt(t *trace, v Value) (sites []int, known bool) {
	if !t.hub {
		return t.sites, true
	}
	sites = slices.Clone(t.sites)
	all := p.idx().flow.shared().sites
	table, known := p.table(storedShared)
	for _, i := range table[v.key()] {
		sites = append(sites, all[i])
	}
	slices.Sort(sites)
	return slices.Compact(sites), known
}
