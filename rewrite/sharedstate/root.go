package sharedstate

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// RootOf returns the name at the head of what a call, assignment or del changes
// in place: d in d[k].append(x), and the attribute m.d in m.d.append(x) after
// it, longest last; nil when it is none.
func RootOf(write *syntax.Node) []*syntax.Node {
	var at *syntax.Node
	switch write.Kind {
	case "call":
		at = write.Field("function").Field("object")
	case "assignment", "augmented_assignment":
		at = write.Field("left")
	case "delete_statement":
		if named := write.NamedChildren(); len(named) == 1 {
			at = named[0]
		}
	}
	var found []*syntax.Node
	for at != nil {
		switch at.Kind {
		case "identifier":
			return append([]*syntax.Node{at}, found...)
		case "subscript":
			at = at.Field("value")
		case "attribute":
			found = append([]*syntax.Node{at}, found...)
			at = at.Field("object")
		case "call":
			at = at.Field("function")
			if !at.Is("attribute") {
				return nil
			}
			at = at.Field("object")
		default:
			return nil
		}
	}
	return nil
}

// GlobalBinding returns the module-level name that an expression in a module
// stands for, its own or one of a module it imports; nil for others.
func GlobalBinding(p *project.Project, mod *scope.Module, expr *syntax.Node) *scope.Binding {
	if expr.Is("identifier") {
		b := mod.Binding(expr)
		if b == nil || b.Scope != mod.Top {
			return nil
		}
		if d := b.Single(); d != nil && d.Import != nil {
			values, _ := p.Values(expr)
			for _, v := range values {
				if v.Kind == project.Module || v.Node == nil {
					return nil
				}
				if up := v.Node.Parent; up.Is("assignment") && up.Field("left").Is("identifier") && p.Enclosing(v.Node) == nil {
					return p.ModuleOf(v.Node).Top.Names[up.Field("left").Text()]
				}
			}
			return nil
		}
		return b
	}
	if !expr.Is("attribute") {
		return nil
	}
	values, _ := p.Values(expr.Field("object"))
	if len(values) != 1 || values[0].Kind != project.Module {
		return nil
	}
	return values[0].Mod.Top.Names[expr.Field("attribute").Text()]
}
