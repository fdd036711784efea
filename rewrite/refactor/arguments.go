package refactor

import (
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// AddArgument adds a positional argument to a call, behind its positional ones
// and before its keywords. The list keeps its layout: one per line where that is
// its way, with or without a trailing comma.
func (r *Rewrite) AddArgument(call *syntax.Node, text string) {
	c := r.arguments(call, text)
	if c == nil {
		return
	}
	at := len(c.elements)
	for i, e := range c.elements {
		if e.Is("keyword_argument", "dictionary_splat") {
			at = i
			break
		}
	}
	c.added[at] = append(c.added[at], text)
}

// AddKeyword adds name=text to a call, behind its other arguments and before a
// **mapping. A call that has the keyword already is an error.
func (r *Rewrite) AddKeyword(call *syntax.Node, name, text string) {
	c := r.arguments(call, name+"="+text)
	if c == nil {
		return
	}
	at := len(c.elements)
	for i, e := range c.elements {
		if e.Is("keyword_argument") && e.Field("name").Text() == name && !c.gone[e] {
			r.fail(ErrShape, e, "the call has the argument %s", name)
			return
		}
		if e.Is("dictionary_splat") {
			at = min(at, i)
		}
	}
	c.keywords[at] = append(c.keywords[at], name+"="+text)
}

// arguments returns the plan of a call's arguments; nil when an error was noted.
// A bare generator, the only argument, is given parentheses.
func (r *Rewrite) arguments(call *syntax.Node, text string) *commas {
	if call.Is("argument_list") {
		call = call.Parent
	}
	list := call.Field("arguments")
	switch {
	case list.Is("argument_list"):
		return r.commasOf(list)
	case list.Is("generator_expression"):
		if d, own := r.of(list); d.bareGenerator[own] {
			r.fail(ErrShape, call, "two arguments behind a bare generator")
		} else {
			if d.bareGenerator == nil {
				d.bareGenerator = map[*syntax.Node]bool{}
			}
			d.bareGenerator[own] = true
			r.InsertBefore(list, "(")
			r.InsertAfter(list, ", "+text+")")
		}
		return nil
	}
	r.fail(ErrShape, call, "not a call")
	return nil
}

// RemoveArgument takes an argument out of a call. arg is the argument, or the
// value of a keyword argument. Comments in the list stay.
func (r *Rewrite) RemoveArgument(call, arg *syntax.Node) {
	if call.Is("argument_list") {
		call = call.Parent
	}
	list := call.Field("arguments")
	if !list.Is("argument_list") {
		r.fail(ErrShape, call, "not a call with arguments")
		return
	}
	r.removeFrom(list, arg)
}

func (r *Rewrite) removeFrom(list, element *syntax.Node) {
	for element != nil && element.Parent != list {
		element = element.Parent
	}
	if element == nil {
		r.fail(ErrShape, list, "not in the list")
		return
	}
	if c := r.commasOf(list); c != nil {
		_, own := r.of(element)
		c.gone[own] = true
	}
}

// AddElement adds an element at the end of a tuple, list or set; a tuple may be
// written without parentheses.
func (r *Rewrite) AddElement(seq *syntax.Node, text string) {
	if !seq.Is("tuple", "list", "set", "expression_list") {
		r.fail(ErrShape, seq, "not a tuple, list or set")
		return
	}
	if c := r.commasOf(seq); c != nil {
		n := len(c.elements)
		c.added[n] = append(c.added[n], text)
	}
}

// RemoveElement takes an element out of a tuple, list or set. A tuple of one
// element keeps a comma.
func (r *Rewrite) RemoveElement(seq, element *syntax.Node) {
	if !seq.Is("tuple", "list", "set", "expression_list") {
		r.fail(ErrShape, seq, "not a tuple, list or set")
		return
	}
	r.removeFrom(seq, element)
}
