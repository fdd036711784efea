package scope

import (
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Kind says what opens a scope.
type Kind int

// The kinds of scope.
const (
	TopLevel      Kind = iota // the module itself
	Class                     // body of a class
	Function                  // def or async def
	Lambda                    // lambda
	Comprehension             // list, set, dict comprehension or generator expression
	TypeParams                // type parameter list of a def, class or type alias (PEP 695)
)

func (k Kind) String() string {
	switch k {
	case TopLevel:
		return "module"
	case Class:
		return "class"
	case Function:
		return "function"
	case Lambda:
		return "lambda"
	case Comprehension:
		return "comprehension"
	case TypeParams:
		return "type parameters"
	}
	return "unknown"
}

// Scope is a region of code with names of its own.
type Scope struct {
	Kind Kind
	// Node opens the scope: the root, a class_definition, function_definition,
	// lambda or comprehension; for TypeParams the type_parameter list.
	Node     *syntax.Node
	Parent   *Scope // the scope around it, nil for the module
	Children []*Scope
	Module   *Module
	// Name is the name of the class or function, "<lambda>", "<listcomp>",
	// "<setcomp>", "<dictcomp>" or "<genexpr>", or the module's name. A
	// TypeParams scope has the name of its owner.
	Name string
	// Names holds what is bound in this scope. A name that is declared global
	// or nonlocal here is held where it belongs.
	Names map[string]*Binding
	// Star holds the star imports that stand in this scope, in source order.
	Star []*Import

	globals   map[string]bool // declared global here
	nonlocals map[string]bool // declared nonlocal here
}

// Lookup returns the binding that name has for code that stands in s: bound in
// s itself, in a function around it, or in the module. A class scope around s
// is passed over (type parameters directly in a class do see it). Nil means a
// builtin, a name of a star import, or no binding at all.
func (s *Scope) Lookup(name string) *Binding {
	if s == nil {
		return nil
	}
	for c := s; c != nil; c = c.Parent {
		if c.Kind == Class && c != s && !(s.Kind == TypeParams && c == s.Parent) {
			continue
		}
		if c.globals[name] {
			return s.Module.Top.Names[name]
		}
		if b := c.Names[name]; b != nil {
			return b
		}
	}
	return nil
}

// QualName returns Python's __qualname__ of a class or function scope, as
// "Outer.method" or "f.<locals>.g"; "" for the module.
func (s *Scope) QualName() string {
	if s == nil || s.Kind == TopLevel {
		return ""
	}
	p := s.Parent
	for p != nil && p.Kind == TypeParams {
		p = p.Parent
	}
	// A definition of a name that is declared global belongs to the module.
	if p == nil || p.Kind == TopLevel || (s.Kind == Class || s.Kind == Function) && p.globals[s.Name] {
		return s.Name
	}
	if p.Kind == Class {
		return p.QualName() + "." + s.Name
	}
	return p.QualName() + ".<locals>." + s.Name
}

// Function returns s or the nearest scope around it that is a Function or
// Lambda; nil for code that runs with the module's body, class bodies and
// comprehensions at module level included.
func (s *Scope) Function() *Scope {
	for ; s != nil; s = s.Parent {
		if s.Kind == Function || s.Kind == Lambda {
			return s
		}
	}
	return nil
}

// Within says whether s is outer or lies inside it.
func (s *Scope) Within(outer *Scope) bool {
	for ; s != nil; s = s.Parent {
		if s == outer {
			return true
		}
	}
	return false
}

// DeclaresGlobal says whether a global statement in s names the name.
func (s *Scope) DeclaresGlobal(name string) bool { return s != nil && s.globals[name] }

// DeclaresNonlocal says whether a nonlocal statement in s names the name.
func (s *Scope) DeclaresNonlocal(name string) bool { return s != nil && s.nonlocals[name] }
