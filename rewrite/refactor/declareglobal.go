package refactor

import "github.com/mpfix/mpfix/rewrite/syntax"

// DeclareGlobal names a global in a function: in the global statement that
// begins its body, or in a new one.
func (r *Rewrite) DeclareGlobal(fn *syntax.Node, name string) {
	def := function(fn)
	if def == nil {
		r.fail(ErrShape, fn, "not a function")
		return
	}
	for _, s := range def.Field("body").NamedChildren() {
		if s.Kind == "global_statement" {
			names := s.NamedChildren()
			r.InsertAfter(names[len(names)-1], ", "+name)
			return
		}
	}
	r.LinesAtTop(def, "global "+name)
}
