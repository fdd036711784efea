package refactor

import (
	"fmt"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// AddParameter adds a positional parameter to a function_definition, which may
// be decorated, or lambda: with a default behind the positional ones, without
// one before the first that has a default; always before *args, keyword-only
// parameters and **kwargs. name may carry an annotation. Where a parameter with a
// default follows, positional callers have to change; see AddParameterAt. An
// error, which Set returns too, wraps ErrShape.
func (r *Rewrite) AddParameter(def *syntax.Node, name, dflt string) error {
	_, elements := parameters(def)
	at := len(elements)
	for i, p := range elements {
		if p.Is("list_splat_pattern", "dictionary_splat_pattern", "keyword_separator") || splat(p) ||
			dflt == "" && p.Is("default_parameter", "typed_default_parameter") {
			at = i
			break
		}
	}
	return r.AddParameterAt(def, at, name, dflt)
}

// AddParameterAt adds a parameter before the one at the index, counted with
// self and with "/" and "*"; behind all when there are fewer. The error wraps
// ErrShape: def is no function, has such a parameter, or is damaged.
func (r *Rewrite) AddParameterAt(def *syntax.Node, index int, name, dflt string) error {
	return r.addParameter(def, index, name, dflt, false)
}

// AddKeywordOnly adds a parameter that callers pass by name: behind the
// keyword-only ones that are there, before **kwargs, with a "*" put in where the
// function takes neither *args nor keyword-only parameters yet. The error wraps
// ErrShape, as that of AddParameterAt.
func (r *Rewrite) AddKeywordOnly(def *syntax.Node, name string) error {
	_, elements := parameters(def)
	at := len(elements)
	for i, p := range elements {
		if p.Is("dictionary_splat_pattern") || splat(p) && p.Children[0].Is("dictionary_splat_pattern") {
			at = i
		}
	}
	return r.addParameter(def, at, name, "", true)
}

func (r *Rewrite) addParameter(def *syntax.Node, index int, name, dflt string, byName bool) error {
	fn := function(def)
	if fn == nil {
		r.fail(ErrShape, def, "not a function")
		return r.err
	}
	list, elements := parameters(fn)
	plain := parameterName(name)
	star := false
	for _, p := range elements {
		if paramName(p) == plain {
			r.fail(ErrShape, p, "there is a parameter %s", plain)
			return r.err
		}
		star = star || p.Is("list_splat_pattern", "keyword_separator") || splat(p) && p.Children[0].Is("list_splat_pattern")
	}
	d, own := r.of(fn)
	key := func(name string) string { return fmt.Sprint(own.Start, " ", name) }
	if d.given[key(plain)] {
		r.fail(ErrShape, def, "there is a parameter %s", plain)
		return r.err
	}
	if d.given == nil {
		d.given = map[string]bool{}
	}
	d.given[key(plain)] = true
	text := name
	if dflt != "" {
		text = name + "=" + dflt
		if plain != name {
			text = name + " = " + dflt
		}
	}
	texts := []string{text}
	if byName && !star && !d.given[key("*")] {
		d.given[key("*")] = true
		texts = []string{"*", text}
	}
	if list == nil {
		// A lambda without parameters.
		d.lambdas = append(d.lambdas, &bareLambda{own, texts, byName})
		return r.err
	}
	if c := r.commasOf(list); c != nil {
		index = min(max(index, 0), len(c.elements))
		if byName {
			c.keywords[index] = append(c.keywords[index], texts...)
		} else {
			c.added[index] = append(c.added[index], texts...)
		}
	}
	return r.err
}

// bareLambda is parameters for a lambda that has none.
type bareLambda struct {
	node   *syntax.Node
	texts  []string
	byName bool
}

// writeLambdas turns these into inlines.
func (d *document) writeLambdas() {
	all := map[*syntax.Node][]string{}
	var order []*syntax.Node
	for _, byName := range []bool{false, true} {
		for _, l := range d.lambdas {
			if l.byName != byName {
				continue
			}
			if all[l.node] == nil {
				order = append(order, l.node)
			}
			all[l.node] = append(all[l.node], l.texts...)
		}
	}
	for _, n := range order {
		d.r.InsertAfter(n.Children[0], " "+strings.Join(all[n], ", "))
	}
}

// RemoveParameter takes the parameter of that name from a function.
func (r *Rewrite) RemoveParameter(def *syntax.Node, name string) {
	list, elements := parameters(def)
	for i, p := range elements {
		if paramName(p) != name {
			continue
		}
		r.removeFrom(list, p)
		// A "*" needs a name behind it, a "/" one before it.
		last := i+1 == len(elements) || elements[i+1].Is("dictionary_splat_pattern")
		if i > 0 && elements[i-1].Text() == "*" && last {
			r.removeFrom(list, elements[i-1])
		}
		if i == 0 && !last && elements[1].Text() == "/" {
			r.removeFrom(list, elements[1])
		}
		return
	}
	r.fail(ErrShape, def, "there is no parameter %s", name)
}

// function returns the function_definition or lambda that n is or decorates.
func function(n *syntax.Node) *syntax.Node {
	if n.Is("decorated_definition") {
		n = n.Field("definition")
	}
	if n.Is("function_definition", "lambda") {
		return n
	}
	return nil
}

// parameters returns the parameter list of a function, nil for a lambda without
// one, and what stands in it.
func parameters(def *syntax.Node) (list *syntax.Node, elements []*syntax.Node) {
	list = function(def).Field("parameters")
	return list, list.NamedChildren()
}

// splat reports whether p is *args or **kwargs with an annotation.
func splat(p *syntax.Node) bool {
	return p.Is("typed_parameter") && len(p.Children) > 0 && p.Children[0].Is("list_splat_pattern", "dictionary_splat_pattern")
}

// paramName is the name of a parameter without stars, "" for "/" and "*".
func paramName(p *syntax.Node) string {
	switch {
	case p.Is("identifier"):
		return p.Text()
	case p.Is("default_parameter", "typed_default_parameter"):
		return p.Field("name").Text()
	case p.Is("typed_parameter", "list_splat_pattern", "dictionary_splat_pattern"):
		for _, c := range p.Children {
			if name := paramName(c); name != "" {
				return name
			}
		}
	}
	return ""
}

// parameterName is the name in front of an annotation.
func parameterName(text string) string {
	for i, c := range text {
		if c == ':' || c == ' ' {
			return text[:i]
		}
	}
	return text
}
