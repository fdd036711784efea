package scope

import "github.com/mpfix/mpfix/rewrite/syntax"

// BindKind says how code binds a name.
type BindKind int

// The kinds of definition.
const (
	Assign    BindKind = iota // name = value, name: type = value, type name = ...
	AugAssign                 // name += value
	AnnOnly                   // name: type, without a value
	For                       // target of a for statement
	With                      // with value as name
	Except                    // except value as name
	Imported                  // import or from ... import
	FuncDef                   // def name
	ClassDef                  // class name
	Param                     // parameter of a function or lambda
	Global                    // declaration: global name
	Nonlocal                  // declaration: nonlocal name
	Walrus                    // name := value
	Match                     // capture in a case pattern
	Del                       // del name
	TypeParam                 // type parameter (PEP 695)
	Comp                      // target of a for clause in a comprehension
)

var bindKinds = [...]string{"assign", "augassign", "annonly", "for", "with", "except", "import", "def", "class",
	"param", "global", "nonlocal", "walrus", "match", "del", "typeparam", "comp"}

func (k BindKind) String() string {
	if k < 0 || int(k) >= len(bindKinds) {
		return "unknown"
	}
	return bindKinds[k]
}

// Def is one place that binds or declares a name.
type Def struct {
	Kind BindKind
	Name *syntax.Node // the identifier
	// Node is the statement or clause: assignment, augmented_assignment,
	// type_alias_statement, for_statement, for_in_clause, with_item,
	// except_clause, except_group_clause, import statement, function_definition, class_definition,
	// the parameter, global_statement, nonlocal_statement, named_expression,
	// case_clause, delete_statement or type_parameter list. In a = b = value it
	// is the inner assignment that has the name on its left.
	Node *syntax.Node
	// Value is the right side, the iterable (For, Comp), the context manager
	// (With), the exception type (Except), the default (Param), or the matched
	// subject when the capture stands for the whole of it; nil if none. In
	// a = b = value it is the rightmost value.
	Value *syntax.Node
	// Path is the place inside tuple targets, outermost first: 0 is the first
	// element, -1 a starred one. Elements behind a starred one are counted from
	// the end: -2 is the last, -3 the one before. Nil means the whole value.
	Path []int
	// Scope is where the code stands. With global x; x = 1 in f the binding is
	// the module's and Scope is f; for a walrus in a comprehension it is the
	// comprehension.
	Scope  *Scope
	Import *Import // of an Imported definition
}

// Binds says whether the definition gives the name a value: all do but
// annotations without a value, del, and global and nonlocal declarations.
func (d *Def) Binds() bool {
	switch d.Kind {
	case AnnOnly, Del, Global, Nonlocal:
		return false
	}
	return true
}

// Binding is one name in one scope, with all that binds and reads it.
type Binding struct {
	Name  string
	Scope *Scope // the scope whose Names holds it
	Defs  []*Def // in source order
	// Uses are the identifiers that read it, in source order, from any scope of
	// the module. The target of an augmented assignment is in Defs and in Uses.
	Uses []*syntax.Node
	// GlobalIn and NonlocalIn are the scopes that declare it global or nonlocal.
	GlobalIn, NonlocalIn []*Scope
}

// Single returns the only definition that gives the name a value, nil when
// there is none or several.
func (b *Binding) Single() *Def {
	if b == nil {
		return nil
	}
	var only *Def
	for _, d := range b.Defs {
		if d.Binds() {
			if only != nil {
				return nil
			}
			only = d
		}
	}
	return only
}
