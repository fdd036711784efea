package handleargument

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// copied lets the worker have a list, dict or bytes with the same contents.
func copied(m *process.Model, rw *refactor.Rewrite, f fault) (title, doubt string, err error) {
	if m.Endless(f.Value) {
		return "", "", errors.New("the generator may never end; make it in the worker")
	}
	place, err := where(m, f)
	if err != nil {
		return "", "", err
	}
	how, doubt := f.Copier(), ""
	receipts := f.receipts(m)
	if len(receipts) == 0 {
		doubt = "what the worker does with it is not known"
	}
	for _, r := range receipts {
		need, another := needs(m, f, r)
		doubt = cmp.Or(doubt, another)
		if need == "" {
			return "", "", fmt.Errorf("the worker does with it what only a %s can", f.Type)
		}
		if need != f.Copier() {
			how = need
		}
	}
	if once := f.Copier() == "list" && f.Type != "dict view"; once && place == f.sent.Expr && f.Node != place && !f.madeWith(m) {
		doubt = cmp.Or(doubt, "something else may take from the "+f.Type+" too")
	}
	if f.Type == "memoryview" && !f.ofBytes(m) {
		doubt = cmp.Or(doubt, "bytes() loses the format of the view")
	}
	text := f.Copier() + "(" + place.Text() + ")"
	if place.Is("generator_expression") {
		text = "[" + place.Text()[1:len(place.Text())-1] + "]"
	}
	if how == "iter" {
		text = "iter(" + text + ")"
	}
	rw.Replace(place, text)
	return fmt.Sprintf("make a %s of the %s", f.Copier(), f.Type), doubt, nil
}

// where returns the expression that is to be copied: the argument, or the thing
// where it is made when several things are sent, or one more than once.
func where(m *process.Model, f fault) (*syntax.Node, error) {
	expr := f.sent.Expr
	if f.each || f.Contained() {
		if f.Node.Within(f.sent.At) || f.Node.Within(expr) {
			return f.Node, nil
		}
		if b := m.Project.ModuleOf(expr).Binding(expr); b != nil && len(b.Uses) == 1 && b.Single() != nil && f.Node.Within(b.Single().Node) {
			return f.Node, nil
		}
		return nil, errors.New("copy it where it is made")
	}
	if f.Type == "dict view" || f.Copier() != "list" || f.Node == expr || f.madeWith(m) {
		return expr, nil
	}
	// It would be used up after the first time: made a list at once it serves all.
	b := m.Project.ModuleOf(expr).Binding(expr)
	if b == nil || b.Single() == nil || b.Single().Value != f.Node {
		if len(process.Loops(expr)) == 0 {
			return expr, nil
		}
		return nil, errors.New("it is used up by the first worker")
	}
	sent := map[*syntax.Node]bool{}
	for _, r := range m.Receipts() {
		sent[r.Expr] = true
	}
	for _, use := range b.Uses {
		if !sent[use] {
			return nil, errors.New("it is used up by the first worker")
		}
	}
	return f.Node, nil
}

// madeWith says whether a new thing is made each time that one is sent, and
// nothing but that takes it: it is bound to a local name that is sent in the
// same loops.
func (f fault) madeWith(m *process.Model) bool {
	expr := f.sent.Expr
	b := m.Project.ModuleOf(expr).Binding(expr)
	if b == nil || b.Single() == nil || b.Single().Value != f.Node || m.Project.Enclosing(expr) != m.Project.Enclosing(f.Node) {
		return false
	}
	for _, l := range process.Loops(expr) {
		if !f.Node.Within(l) {
			return false
		}
	}
	for _, use := range b.Uses {
		if use != expr && use.Start > expr.Start {
			return false
		}
	}
	return true
}

// ofBytes says whether a memoryview looks at bytes.
func (f fault) ofBytes(m *process.Model) bool {
	args := syntax.CallArgs(f.Node)
	if len(args.Positional) != 1 {
		return false
	}
	values, known := m.Project.Values(args.Positional[0])
	for _, v := range values {
		literal := v.Kind == project.Literal && v.Node.Is("string")
		known = known && (literal || v.Is("builtins.bytearray()", "builtins.bytes()"))
	}
	return known
}

// needs returns the builtin whose result serves the worker in place of the
// argument, "" when none does. doubt says what is not known of it.
func needs(m *process.Model, f fault, r process.Receipt) (how, doubt string) {
	if r.Entry == nil || r.Param == "" {
		return f.Copier(), "what the worker does with it is not known"
	}
	b := r.Entry.Scope.Names[r.Param]
	if b == nil {
		return f.Copier(), "what the worker does with it is not known"
	}
	how = f.Copier()
	once := f.Copier() == "list" && f.Type != "dict view" // used up by the first loop
	for _, use := range b.Uses {
		up := use.Parent
		switch {
		case up.Is("attribute") && up.Field("object") == use:
			if how == "dict" {
				continue
			}
			if f.Type != "memoryview" || up.Field("attribute").Text() != "tobytes" {
				return "", ""
			}
			return "", ""
		case how == "dict":
		case how == "bytes":
			if up.Is("subscript") && project.StoredTo(up) {
				return "", ""
			}
		case iterates(m, use):
			if once && (len(b.Uses) > 1 || loopsIn(use)) {
				how = "iter"
			}
		case once:
			how = "iter"
		case up.Is("comparison_operator"), up.Is("argument_list") && up.Parent.Field("function").Text() == "len":
		case up.Is("binary_operator"):
			return "", ""
		default:
			doubt = "a list has not all that a dict view has"
		}
	}
	return how, doubt
}

// loopsIn says whether a use inside its function runs more than once, not
// counting the loop that iterates over it.
func loopsIn(use *syntax.Node) bool {
	for _, l := range process.Loops(use) {
		if process.Iterable(l) != use && !(l.Is("for_statement") && use.Within(l.Field("right"))) {
			return true
		}
	}
	return false
}

// consumers are builtins that go over all of their argument and keep nothing of
// it.
var consumers = map[string]bool{
	"builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.frozenset": true, "builtins.sorted": true,
	"builtins.sum": true, "builtins.max": true, "builtins.min": true, "builtins.any": true, "builtins.all": true, "builtins.dict": true,
	"builtins.enumerate": true, "builtins.zip": true, "builtins.map": true, "builtins.filter": true, "collections.Counter": true,
}

// iterates says whether a use goes over the elements in order.
func iterates(m *process.Model, use *syntax.Node) bool {
	up := use.Parent
	switch {
	case up.Is("for_statement", "for_in_clause"):
		return up.Field("right") == use
	case up.Is("argument_list"):
		f := up.Parent.Field("function")
		if consumers[m.Project.ModuleOf(use).Qualified(f)] {
			return true
		}
		return f.Is("attribute") && f.Field("attribute").Text() == "join" && f.Field("object").Is("string")
	}
	return false
}
