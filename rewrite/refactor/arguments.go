package refactor

import (
	"slices"
	"strconv"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// AddArgument adds a positional argument to a call, behind its positional ones
// and before its keywords. The list keeps its layout: one per line where that is
// its way, with or without a trailing comma.
func (r *Rewrite) AddArgument(call *syntax.Node, text string) {
	c := r.arguments(call)
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
	if c := r.arguments(call); c != nil {
		r.addKeyword(c, call, &keyword{name: name, text: text})
	}
}

// keyword is an argument to be added; its text is the parts in brackets where
// there are any.
type keyword struct {
	name, text string
	open       string   // "(", "{" or ""
	parts      []string // what stands inside
}

func (k *keyword) String() string {
	switch {
	case k.open == "(" && len(k.parts) == 1:
		return k.name + "=(" + k.parts[0] + ",)"
	case k.open == "(":
		return k.name + "=(" + strings.Join(k.parts, ", ") + ")"
	case k.open == "{":
		return k.name + "={" + strings.Join(k.parts, ", ") + "}"
	}
	return k.name + "=" + k.text
}

func (r *Rewrite) addKeyword(c *commas, call *syntax.Node, k *keyword) {
	if e := c.keyword(k.name); e != nil || slices.ContainsFunc(c.calls, func(o *keyword) bool { return o.name == k.name }) {
		r.fail(ErrShape, call, "the call has the argument %s", k.name)
		return
	}
	c.calls = append(c.calls, k)
}

// keyword returns the value of a keyword argument that stays.
func (c *commas) keyword(name string) *syntax.Node {
	for _, e := range c.elements {
		if e.Is("keyword_argument") && e.Field("name").Text() == name && !c.gone[e] {
			return e.Field("value")
		}
	}
	return nil
}

// AddKeywordElement adds an element to the tuple that a call passes as a keyword
// argument: args=(a,) becomes args=(a, text), and a call without the keyword gets
// args=(text,). A value that is no literal is unpacked: args=(*value, text). Calls
// for the same argument add up.
func (r *Rewrite) AddKeywordElement(call *syntax.Node, name, text string) {
	r.addInto(call, name, "(", "*", text, "tuple", "list")
}

// AddKeywordItem is AddKeywordElement for a dictionary: kwargs={"key": text}.
func (r *Rewrite) AddKeywordItem(call *syntax.Node, name, key, text string) {
	if list := call.Field("arguments"); list != nil {
		d, _ := r.of(list)
		quoted := strconv.Quote(key)
		if !strings.ContainsAny(key, "\"\\'") {
			quoted = d.quoted(key)
		}
		r.addInto(call, name, "{", "**", quoted+": "+text, "dictionary")
		return
	}
	r.fail(ErrShape, call, "not a call")
}

func (r *Rewrite) addInto(call *syntax.Node, name, open, star, text string, literals ...string) {
	c := r.arguments(call)
	if c == nil {
		return
	}
	value := c.keyword(name)
	if value.Is(literals...) {
		r.AddElement(value, text)
		return
	}
	for _, k := range c.calls {
		if k.name == name {
			if k.open != open {
				r.fail(ErrShape, call, "the call has the argument %s", name)
				return
			}
			k.parts = append(k.parts, text)
			return
		}
	}
	k := &keyword{name: name, open: open, parts: []string{text}}
	if value != nil {
		k.parts = []string{star + value.Text(), text}
		k.name = ""
		for _, o := range c.values {
			if o.value == value {
				o.parts = append(o.parts, text)
				return
			}
		}
		c.values = append(c.values, &unpacked{keyword: k, value: value})
		return
	}
	c.calls = append(c.calls, k)
}

// unpacked replaces the value of a keyword argument.
type unpacked struct {
	*keyword
	value *syntax.Node
}

// writeKeywords puts the keyword arguments into the plan of the call.
func (c *commas) writeKeywords() {
	at := len(c.elements)
	for i, e := range c.elements {
		if e.Is("dictionary_splat") {
			at = i
			break
		}
	}
	for _, k := range c.calls {
		c.keywords[at] = append(c.keywords[at], k.String())
	}
	for _, u := range c.values {
		c.doc.r.Replace(u.value, strings.TrimPrefix(u.String(), "="))
	}
}

// arguments returns the plan of a call's arguments; nil when an error was noted.
func (r *Rewrite) arguments(call *syntax.Node) *commas {
	if call.Is("argument_list", "generator_expression") && call.Parent.Is("call") {
		call = call.Parent
	}
	list := call.Field("arguments")
	switch {
	case list.Is("argument_list"):
		return r.commasOf(list)
	case list.Is("generator_expression"):
		return r.generatorOf(list)
	}
	r.fail(ErrShape, call, "not a call")
	return nil
}

// generatorOf returns the plan of f(x for x in y): the generator is the only
// argument and gets parentheses of its own.
func (r *Rewrite) generatorOf(generator *syntax.Node) *commas {
	d, own := r.of(generator)
	if c := d.commas[own]; c != nil {
		return c
	}
	c := &commas{doc: d, node: own, gone: map[*syntax.Node]bool{}, added: map[int][]string{}, keywords: map[int][]string{},
		open: own.Start, close: own.End, bare: true, generator: true, elements: []*syntax.Node{own}}
	d.keep(c)
	return c
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

// AddElement adds an element at the end of a tuple, list, set or dictionary
// ("key: value"); a tuple may be written without parentheses.
func (r *Rewrite) AddElement(seq *syntax.Node, text string) {
	if !seq.Is("tuple", "list", "set", "dictionary", "expression_list") {
		r.fail(ErrShape, seq, "not a tuple, list, set or dictionary")
		return
	}
	if c := r.commasOf(seq); c != nil {
		n := len(c.elements)
		c.added[n] = append(c.added[n], text)
	}
}

// RemoveElement takes an element out of a tuple, list, set or dictionary. A tuple of one
// element keeps a comma.
func (r *Rewrite) RemoveElement(seq, element *syntax.Node) {
	if !seq.Is("tuple", "list", "set", "dictionary", "expression_list") {
		r.fail(ErrShape, seq, "not a tuple, list, set or dictionary")
		return
	}
	r.removeFrom(seq, element)
}
