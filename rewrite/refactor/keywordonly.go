package refactor

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// AddKeywordOnly adds a parameter that callers pass by name: behind the
// keyword-only ones that are there, before **kwargs, with a "*" put in where the
// function takes neither *args nor keyword-only parameters yet. The error wraps
// ErrShape, as that of AddParameterAt.
func (r *Rewrite) AddKeywordOnly(def *syntax.Node, name string) error {
	_, elements := parameters(def)
	at, star := len(elements), false
	for i, p := range elements {
		switch {
		case p.Is("dictionary_splat_pattern"), p.Is("typed_parameter") && p.NamedChildren()[0].Is("dictionary_splat_pattern"):
			at = min(at, i)
		case p.Is("list_splat_pattern", "keyword_separator"), splat(p):
			star = true
		}
	}
	if !star {
		if list, _ := parameters(def); list != nil {
			if c := r.commasOf(list); c != nil && !slices.Contains(c.added[at], "*") {
				c.added[at] = append(c.added[at], "*")
			}
		}
	}
	return r.AddParameterAt(def, at, name, "")
}
