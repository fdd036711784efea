package shutdown

import (
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Held is an object that one name holds from the statement that makes it to the
// last statement that mentions it, in one function or at the top of a module.
type Held struct {
	Object *process.Object
	Name   string
	Made   *syntax.Node   // name = Pool(), or the with statement that binds the name
	Block  *syntax.Node   // the block in which it lives: that of Made, or the body of the with statement
	Fn     *project.Def   // nil at module level
	Uses   []*syntax.Node // the mentions of the name besides its binding, in order
	Last   *syntax.Node   // the last statement of Block that mentions it; nil when none does
}

// HeldAt returns the object that a call makes when all that becomes of it can be
// seen in the block where it is made: one name holds it, nothing binds or
// deletes the name again, and no other function or module mentions it.
func HeldAt(m *process.Model, call *syntax.Node) *Held {
	o := m.ObjectAt(call)
	stmt := call.Statement()
	if o == nil || stmt == nil {
		return nil
	}
	h := &Held{Object: o, Made: stmt, Block: stmt.Parent, Fn: m.Project.Enclosing(call)}
	var name *syntax.Node
	switch up := call.Parent; {
	case up.Is("assignment") && up.Field("right") == call && up.Parent == stmt:
		name = up.Field("left")
	case up.Is("as_pattern") && up.Parent.Is("with_item") && up.Ancestor("with_statement") == stmt:
		if c := up.Field("alias").NamedChildren(); len(c) == 1 {
			name = c[0]
		}
		h.Block = stmt.Body()
	}
	if !name.Is("identifier") || h.Block == nil {
		return nil
	}
	h.Name = name.Text()
	b := m.Project.ModuleOf(call).Binding(name)
	if b == nil || len(b.GlobalIn)+len(b.NonlocalIn) > 0 {
		return nil
	}
	for _, d := range b.Defs {
		if d.Name != name && d.Kind != scope.AnnOnly {
			return nil
		}
	}
	if !h.follow(m, b) {
		return nil
	}
	return h
}

// follow collects the mentions of the name; false when one cannot be followed.
func (h *Held) follow(m *process.Model, b *scope.Binding) bool {
	if h.Fn == nil {
		uses, all := m.Project.Uses(b)
		if !all {
			return false
		}
		for _, u := range uses {
			if u.Import != nil || u.Node.Tree != h.Made.Tree {
				return false
			}
		}
	}
	for _, n := range b.Uses {
		s := stmtIn(h.Block, n)
		if s == nil || m.Project.Enclosing(n) != h.Fn {
			return false
		}
		h.Uses = append(h.Uses, n)
		h.Last = later(h.Last, s)
	}
	return true
}

// Bound says whether a with statement binds the object.
func (h *Held) Bound() bool { return h.Made.Is("with_statement") }

// Calls lists the calls of a method of the object, by name; none without names.
func (h *Held) Calls(methods ...string) []*syntax.Node {
	var found []*syntax.Node
	for _, n := range h.Uses {
		a := n.Parent
		if !a.Is("attribute") || a.Field("object") != n || !a.Parent.Is("call") || a.FieldName != "function" {
			continue
		}
		for _, name := range methods {
			if a.Field("attribute").Text() == name {
				found = append(found, a.Parent)
			}
		}
	}
	return found
}

// Handed lists the mentions by which something else gets hold of the object or of
// one of its methods: all that are no call of a method.
func (h *Held) Handed() []*syntax.Node {
	var found []*syntax.Node
	for _, n := range h.Uses {
		a := n.Parent
		if a.Is("attribute") && a.Field("object") == n && a.Parent.Is("call") && a.FieldName == "function" {
			continue
		}
		found = append(found, n)
	}
	return found
}
