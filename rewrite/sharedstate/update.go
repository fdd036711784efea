package sharedstate

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Update is a change of what processes share that depends on the value before:
// it reads and writes in two steps.
type Update struct {
	Object *process.Object
	Holder *syntax.Node // v in v.value += 1, d in d[k] += 1
	Key    *syntax.Node // k; nil for an attribute
	Write  *syntax.Node // the assignment
	// First to Last are the statements that belong under one lock.
	First, Last *syntax.Node

	model *process.Model
}

// LookUpdate judges an assignment; nil when it is no update of a shared object,
// when one process at a time makes it, each makes it to a part of its own, or a
// lock is held. Of several updates of an object in a row the first counts.
func LookUpdate(m *process.Model, write *syntax.Node) *Update {
	u := updateAt(m, write)
	if u == nil || !u.loses(updatesOf(m, u.Object)) {
		return nil
	}
	if s := u.First.Prev(); s != nil && u.again(s) {
		return nil
	}
	for s := u.Last.Next(); s != nil && u.again(s); s = s.Next() {
		u.Last = s
	}
	return u
}

// again says whether a statement updates the same object by itself.
func (u *Update) again(stmt *syntax.Node) bool {
	if stmt.Kind != "expression_statement" || len(stmt.NamedChildren()) != 1 || !stmt.NamedChildren()[0].Is("assignment", "augmented_assignment") {
		return false
	}
	o := updateAt(u.model, stmt.NamedChildren()[0])
	return o != nil && o.Object == u.Object && o.First == stmt && o.Holder.Text() == u.Holder.Text()
}

// loses says whether the update, one of all of its object, can meet another.
func (u *Update) loses(all []*Update) bool {
	if u.own() || Locked(u.model, u.Write) {
		return false
	}
	holders := []*syntax.Node{u.Holder}
	for _, o := range all {
		if o.Write != u.Write && !o.own() {
			holders = append(holders, o.Holder)
		}
	}
	return u.model.Contended(u.Object, holders)
}

// own says whether each process updates a part of its own.
func (u *Update) own() bool {
	if u.Key == nil {
		return false
	}
	counting := strings.Contains(u.Write.Field("right").Text(), ".get(") || strings.Contains(u.First.Text(), ".get(")
	array := u.Object.Kind == process.SharedArray || u.Object.Kind == process.RawArray || u.Object.Name == "list" || u.Object.Name == "Array"
	return OwnSlot(u.model, u.Key, array, counting)
}

// updatesOf lists the updates of an object.
func updatesOf(m *process.Model, o *process.Object) []*Update {
	var found []*Update
	for _, mod := range m.Project.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Is("assignment", "augmented_assignment") && n.Field("left").Is("attribute", "subscript") {
				if u := updateAt(m, n); u != nil && u.Object == o {
					found = append(found, u)
				}
			}
			return true
		})
	}
	return found
}

// updateAt takes an assignment apart; nil when it is no update of one shared
// object.
func updateAt(m *process.Model, write *syntax.Node) *Update {
	left := write.Field("left")
	u := &Update{Write: write, model: m}
	switch left.Kind {
	case "attribute":
		u.Holder = left.Field("object")
	case "subscript":
		keys := left.Fields("subscript")
		if len(keys) != 1 {
			return nil
		}
		u.Holder, u.Key = left.Field("value"), keys[0]
	default:
		return nil
	}
	if write.Field("right") == nil || !write.Parent.Is("expression_statement") || !u.depends(left) {
		return nil
	}
	objects, sole := m.ObjectsOf(u.Holder)
	if !sole || len(objects) != 1 || !u.holds(objects[0], left) {
		return nil
	}
	u.Object = objects[0]
	u.testedBefore(left)
	return u
}

// holds says whether an object keeps a value where the assignment puts it.
func (u *Update) holds(o *process.Object, left *syntax.Node) bool {
	value := left.Is("attribute") && left.Field("attribute").Text() == "value"
	switch o.Kind {
	case process.SharedValue, process.RawValue:
		return left.Is("attribute")
	case process.SharedArray, process.RawArray:
		return u.Key != nil
	case process.Proxy:
		switch o.Name {
		case "Value":
			return value
		case "Namespace":
			return left.Is("attribute")
		case "dict", "list", "Array":
			return u.Key != nil
		}
	}
	return false
}

// depends says whether the value that is written comes from the one before, and
// finds the first statement that has a part in it.
func (u *Update) depends(left *syntax.Node) bool {
	stmt := u.Write.Statement()
	u.First, u.Last = stmt, stmt
	if u.Write.Kind == "augmented_assignment" {
		return true
	}
	right := u.Write.Field("right")
	if u.reads(right, left) {
		return true
	}
	found := false
	mod := u.model.Project.ModuleOf(right)
	right.Walk(func(n *syntax.Node) bool {
		if !n.Is("identifier") || found {
			return !found
		}
		d := u.model.Reaching(n)
		if d == nil {
			if b := mod.Binding(n); b != nil && b.Single() != nil && b.Scope == mod.ScopeOf(n) {
				d = b.Single()
			}
		}
		if d == nil || d.Kind != scope.Assign || d.Value == nil || !u.reads(d.Value, left) {
			return true
		}
		first := d.Node.Statement()
		if first.Parent == stmt.Parent && first.Start < stmt.Start {
			u.First, found = first, true
		}
		return true
	})
	return found
}

// reads says whether an expression reads what left stands for: the same text, or
// get() with the same key.
func (u *Update) reads(expr, left *syntax.Node) bool {
	found := false
	expr.Walk(func(n *syntax.Node) bool {
		if n.Is(left.Kind) && n.Text() == left.Text() {
			found = true
		}
		if u.Key != nil && n.Is("call") && n.Field("function").Text() == u.Holder.Text()+".get" {
			args := syntax.CallArgs(n)
			found = found || len(args.Positional) > 0 && args.Positional[0].Text() == u.Key.Text()
		}
		return !found
	})
	return found
}

// testedBefore takes in the if statement that does nothing but make the update
// when the old value allows it.
func (u *Update) testedBefore(left *syntax.Node) {
	block := u.First.Parent
	up := block.Parent
	if !block.Is("block") || !up.Is("if_statement") || up.Field("alternative") != nil || up.Field("consequence") != block {
		return
	}
	stmts := block.NamedChildren()
	if stmts[0] == u.First && stmts[len(stmts)-1] == u.Last && u.reads(up.Field("condition"), left) {
		u.First, u.Last = up, up
	}
}

// FixUpdate plans to put the update under a lock: that of a Value or Array, or
// one that is made beside a manager's object and handed to the workers, and then
// all updates of that object. The error says in one sentence what stands in the
// way.
func FixUpdate(u *Update) (rw *refactor.Rewrite, title string, err error) {
	rw = refactor.New()
	if u.Object.Kind != process.Proxy {
		if u.Object.Kind == process.RawValue || u.Object.Kind == process.RawArray {
			if err := withLock(rw, u.Object); err != nil {
				return nil, "", err
			}
		}
		rw.WrapWith(u.First, u.Last, "with "+u.Holder.Text()+".get_lock():")
		return rw, fmt.Sprintf("hold the lock of %s around its update", u.Holder.Text()), nil
	}
	var at []*syntax.Node
	var wraps []*Update
	all := updatesOf(u.model, u.Object)
	for _, o := range all {
		if o.loses(all) {
			if first := LookUpdate(u.model, o.Write); first != nil {
				wraps = append(wraps, first)
			}
			at = append(at, o.Write)
		}
	}
	g, err := PlanGuard(u.model, u.Object, at)
	if err != nil {
		return nil, "", err
	}
	g.Write(rw)
	for _, w := range wraps {
		rw.WrapWith(w.First, w.Last, "with "+g.Ref(w.Write)+":")
	}
	return rw, fmt.Sprintf("hold a lock around the update of %s", u.Holder.Text()), nil
}

// withLock makes a Value or Array that has no lock one that has.
func withLock(rw *refactor.Rewrite, o *process.Object) error {
	if lock := syntax.CallArgs(o.Made).Keywords["lock"]; lock != nil {
		rw.RemoveArgument(o.Made, lock)
		return nil
	}
	name, found := strings.CutPrefix(o.Name, "Raw")
	if !found {
		return fmt.Errorf("how the object is made is not known")
	}
	switch f := o.Made.Field("function"); f.Kind {
	case "attribute":
		rw.Replace(f.Field("attribute"), name)
	default:
		rw.Replace(f, rw.ImportIn(o.Module, o.Made, o.Root, name))
		rw.DropUnused(o.Module, f.Text(), f)
	}
	return nil
}

// LockCall is a call of get_lock() on an object that has none.
type LockCall struct {
	Object *process.Object
	Call   *syntax.Node

	model *process.Model
}

// LookLockCall judges a call of get_lock(); nil unless it is known to fail.
func LookLockCall(m *process.Model, call *syntax.Node) *LockCall {
	objects, sole := m.ObjectsOf(call.Field("function").Field("object"))
	if !sole || len(objects) != 1 {
		return nil
	}
	switch o := objects[0]; {
	case o.Kind == process.RawValue, o.Kind == process.RawArray:
	case o.Kind == process.Proxy && (o.Name == "Value" || o.Name == "Array" || o.Name == "dict" || o.Name == "list"):
	default:
		return nil
	}
	return &LockCall{Object: objects[0], Call: call, model: m}
}

// FixLockCall plans to give the object a lock, or to make one beside a manager's
// object. The error says in one sentence what stands in the way.
func FixLockCall(c *LockCall) (rw *refactor.Rewrite, title string, err error) {
	rw = refactor.New()
	if c.Object.Kind != process.Proxy {
		return rw, "make the object with a lock", withLock(rw, c.Object)
	}
	var at []*syntax.Node
	for _, u := range c.Object.Used("get_lock") {
		if u.Call != nil {
			if !u.Sole {
				return nil, "", fmt.Errorf("what %s holds in other places is not known", u.Node.Field("object").Text())
			}
			at = append(at, u.Call)
		}
	}
	g, err := PlanGuard(c.model, c.Object, at)
	if err != nil {
		return nil, "", err
	}
	g.Write(rw)
	for _, call := range at {
		rw.Replace(call, g.Ref(call))
	}
	return rw, "make a lock beside the manager's object", nil
}
