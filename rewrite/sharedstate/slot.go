package sharedstate

import (
	"strings"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// partial are the builtins that keep what belongs to one process apart from what
// belongs to others.
var partial = map[string]bool{"range": true, "enumerate": true, "int": true, "str": true, "sorted": true, "list": true, "tuple": true, "reversed": true}

// OwnSlot says whether each process that runs the code at a key seems to use a
// key of its own: what it was given as an argument, its identity, or its part of
// a range. counting says that the code expects to find keys taken, as one with
// get(key, default) does.
func OwnSlot(m *process.Model, key *syntax.Node, array, counting bool) bool {
	names, own := 0, true
	key.Walk(func(n *syntax.Node) bool {
		switch n.Kind {
		case "call":
			text := n.Field("function").Text()
			if strings.HasSuffix(text, "getpid") || strings.HasSuffix(text, "current_process") {
				names, own = 1000, true
				return false
			}
			own = own && n.Field("function").Is("identifier") && partial[text]
		case "binary_operator":
			own = own && n.Field("operator").Text() != "%" // of several keys one
		case "attribute":
			if d := m.Project.Enclosing(n); d != nil && d.Class != nil && n.Field("object").Text() == d.Self() {
				names++ // its object is its own
				return false
			}
		case "identifier":
			if n.FieldName == "attribute" || n.Parent.Is("keyword_argument") && n.FieldName == "name" {
				return false
			}
			if n.FieldName == "function" {
				return false
			}
			names++
			own = own && ownName(m, n, array, counting, 0)
		}
		return true
	})
	return names >= 1000 || names > 0 && own
}

func ownName(m *process.Model, n *syntax.Node, array, counting bool, depth int) bool {
	b := m.Project.ModuleOf(n).Binding(n)
	if b == nil || len(b.Defs) == 0 || depth > 4 {
		return false
	}
	for _, d := range b.Defs {
		switch d.Kind {
		case scope.Param:
			fn := m.Project.DefAt(b.Scope.Node)
			if fn == nil {
				return false
			}
			for _, w := range m.WorkersOf(fn) {
				if len(w.Tasks) > 0 && counting {
					return false
				}
			}
			return true
		case scope.Assign:
			if d.Value == nil || !ownValue(m, d.Value, array, counting, depth+1) {
				return false
			}
		case scope.For, scope.Comp:
			ranged := d.Value.Is("call") && d.Value.Field("function").Text() == "range"
			if !ranged && !array || !ownValue(m, d.Value, array, counting, depth+1) {
				return false
			}
			if strings.Contains(d.Value.Text(), "len(") {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// ownValue says whether a value comes from an argument, or the identity, of the
// process alone.
func ownValue(m *process.Model, value *syntax.Node, array, counting bool, depth int) bool {
	found, own := false, true
	value.Walk(func(n *syntax.Node) bool {
		if n.Is("call") {
			text := n.Field("function").Text()
			if strings.HasSuffix(text, "getpid") || strings.HasSuffix(text, "current_process") {
				found = true
				return false
			}
			own = own && n.Field("function").Is("identifier") && partial[text]
		}
		if n.Is("attribute") {
			if d := m.Project.Enclosing(n); d != nil && d.Class != nil && n.Field("object").Text() == d.Self() {
				found = true
				return false
			}
		}
		if n.Is("identifier") && n.FieldName != "attribute" && n.FieldName != "function" {
			if ownName(m, n, array, counting, depth) {
				found = true
			} else if b := m.Project.ModuleOf(n).Binding(n); b != nil && b.Scope != b.Scope.Module.Top {
				own = false
			}
		}
		return true
	})
	return found && own
}
