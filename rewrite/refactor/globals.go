package refactor

import "github.com/mpfix/mpfix/rewrite/syntax"

// DropGlobal takes the name out of the global and nonlocal statements of the
// function, not of those nested in it; a statement left without names goes.
func (r *Rewrite) DropGlobal(fn *syntax.Node, name string) {
	def := function(fn)
	if def == nil {
		r.fail(ErrShape, fn, "not a function")
		return
	}
	d, def := r.of(def)
	def.Field("body").Walk(func(n *syntax.Node) bool {
		if n.Is("function_definition", "class_definition", "lambda") {
			return false
		}
		if !n.Is("global_statement", "nonlocal_statement") {
			return true
		}
		c := r.commasOf(n)
		if c == nil {
			return false
		}
		for _, e := range c.elements {
			if e.Text() == name {
				c.gone[e] = true
			}
		}
		if len(c.gone) == len(c.elements) {
			if it := d.item(n); it != nil && it.fate == kept {
				r.Delete(n)
			}
		}
		return false
	})
}
