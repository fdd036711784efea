// Package sharedstate shares what processes change: it finds the globals whose
// changes stay in one process, and plans how they become a
// multiprocessing.Value or Event that is made in the parent and handed to the
// workers.
package sharedstate

import (
	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Global is a module-level name whose changes do not reach the process that
// reads it.
type Global struct {
	Binding *scope.Binding
	Def     *scope.Def // the assignment at module level
	Module  *scope.Module
	Uses    []project.Use
	All     bool // Uses are all there are
	// WorkerWrites are the assignments that run in children, ParentReads what
	// the parent reads.
	WorkerWrites []*syntax.Node
	ParentReads  []project.Use
	// ParentWrites are assignments after a start whose value workers wait for
	// (WorkerReads); they are set instead of the two above for a flag or number
	// that travels from the parent to the workers.
	ParentWrites []*syntax.Node
	WorkerReads  []project.Use
	// Kind is the kind of number it holds; NotNumber when that is not known.
	Kind    process.Number
	Numeric bool // it begins as a number
	// Flag: it begins as False, is only ever set to True, and is only tested.
	Flag bool

	model *process.Model
}

// Look judges a module-level name; nil when no change of it is lost.
func Look(m *process.Model, b *scope.Binding) *Global {
	g := &Global{Binding: b, Module: b.Scope.Module, model: m}
	if b.Scope != g.Module.Top {
		return nil
	}
	for _, d := range b.Defs {
		if d.Kind == scope.Assign && d.Scope == g.Module.Top && d.Value != nil && !m.Guarded(d.Name) {
			g.Def = d
			break
		}
	}
	if g.Def == nil {
		return nil
	}
	g.Uses, g.All = m.Project.Uses(b)
	g.sort()
	if len(g.WorkerWrites) == 0 || len(g.ParentReads) == 0 {
		g.WorkerWrites, g.ParentReads = nil, nil
		if len(g.ParentWrites) == 0 || len(g.WorkerReads) == 0 {
			return nil
		}
	}
	g.judge()
	return g
}

// FirstWrite is the first assignment whose effect is lost.
func (g *Global) FirstWrite() *syntax.Node {
	if len(g.WorkerWrites) > 0 {
		return g.WorkerWrites[0]
	}
	return g.ParentWrites[0]
}

// sort tells the uses apart by who runs them.
func (g *Global) sort() {
	m := g.model
	for _, u := range g.Uses {
		if u.Import != nil && u.Store || u.Node == g.Def.Name {
			continue
		}
		workers := handover.RealWorkers(m.WorkersAt(u.Node))
		write := storeStatement(u.Node)
		switch {
		case u.Store && write != nil && len(workers) > 0:
			g.WorkerWrites = append(g.WorkerWrites, write)
		case u.Store && write != nil && AfterStart(m, write):
			g.ParentWrites = append(g.ParentWrites, write)
		case !u.Store && len(workers) == 0 && m.InParent(u.Node) && !g.insideOwnStore(u.Node):
			g.ParentReads = append(g.ParentReads, u)
		case !u.Store && len(workers) > 0 && polls(u.Node):
			g.WorkerReads = append(g.WorkerReads, u)
		}
	}
}

// storeStatement returns the assignment that has the name as a target.
func storeStatement(n *syntax.Node) *syntax.Node {
	for up := n; up.Parent != nil; up = up.Parent {
		if up.Parent.Is("assignment", "augmented_assignment") {
			if up.FieldName == "left" {
				return up.Parent
			}
			return nil
		}
		if !up.Parent.Is("pattern_list", "tuple_pattern", "list_pattern") {
			return nil
		}
	}
	return nil
}

// insideOwnStore says whether a read is part of an assignment to the name.
func (g *Global) insideOwnStore(n *syntax.Node) bool {
	for up := n.Parent; up != nil; up = up.Parent {
		if up.Is("assignment", "augmented_assignment") {
			for _, u := range g.Uses {
				if u.Store && storeStatement(u.Node) == up {
					return true
				}
			}
		}
	}
	return false
}

// polls says whether a worker reads the name again and again: in the test or
// body of a while loop.
func polls(n *syntax.Node) bool {
	for _, l := range process.Loops(n) {
		if l.Kind == "while_statement" {
			return true
		}
	}
	return false
}

// AfterStart says whether a statement of the parent runs after processes were
// started by a statement before it in the same function or module body.
func AfterStart(m *process.Model, write *syntax.Node) bool {
	if len(m.Starts) == 0 {
		return false
	}
	in := m.Project.Enclosing(write)
	for _, s := range m.Starts {
		if s.Node.Tree == write.Tree && s.In == in && s.Node.End <= write.Start {
			return true
		}
	}
	return false
}

// judge finds out what kind of value the name holds.
func (g *Global) judge() {
	m := g.model
	first := m.NumberOf(g.Def.Value, g.Binding)
	g.Numeric = first != process.NotNumber
	g.Kind = first
	g.Flag = g.Def.Value.Is("false")
	for _, u := range g.Uses {
		if u.Node == g.Def.Name || u.Import != nil && u.Store {
			continue
		}
		if !u.Store {
			g.Flag = g.Flag && tested(u.Node)
			continue
		}
		write := storeStatement(u.Node)
		if write == nil {
			g.Kind, g.Flag = process.NotNumber, false
			return
		}
		k := process.NotNumber
		if write.Field("left") == u.Node {
			k = m.NumberOf(write.Field("right"), g.Binding)
		}
		if write.Kind == "augmented_assignment" {
			g.Flag = false
			if k != process.NotNumber {
				k = max(k, process.Int)
			}
			if write.Field("operator").Text() == "/=" && k != process.NotNumber {
				k = process.Float
			}
		} else {
			g.Flag = g.Flag && write.Field("right").Is("true")
		}
		if k == process.NotNumber || g.Kind == process.NotNumber {
			g.Kind = process.NotNumber
			continue
		}
		g.Kind = max(g.Kind, k)
	}
	if g.Kind == process.Int && first == process.Bool {
		g.Kind = process.Int
	}
}

// tested says whether an expression is only asked for its truth.
func tested(n *syntax.Node) bool {
	for up := n; up.Parent != nil; up = up.Parent {
		switch up.Parent.Kind {
		case "parenthesized_expression", "boolean_operator", "not_operator":
			continue
		case "if_statement", "while_statement", "elif_clause":
			return up.FieldName == "condition"
		}
		return false
	}
	return false
}
