package project

import (
	"strconv"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

func itoa(i int) string { return strconv.Itoa(i) }

// elementsOf joins the elements of all values of a result.
func (p *Project) elementsOf(r result) result { return r.each(p.elements) }

// iterated joins what iterating over all values of a result gives.
func (p *Project) iterated(r result) result { return r.each(p.iterate) }

// iterate returns what iterating over a value gives: the keys of a dict, the
// elements of anything else.
func (p *Project) iterate(v Value) result {
	if v.mapping() {
		return p.keys(v)
	}
	return p.elements(v)
}

// mapping says whether the value is a dict.
func (v Value) mapping() bool {
	switch v.Kind {
	case Literal:
		return v.Node.Is("dictionary", "dictionary_comprehension")
	case External:
		return dicts[v.ResultOf()]
	}
	return false
}

// dicts lists the constructors of dicts.
var dicts = map[string]bool{
	"builtins.dict": true, "collections.defaultdict": true, "collections.OrderedDict": true, "collections.Counter": true,
}

// passing lists the callables whose result has the elements of their first
// argument.
var passing = map[string]bool{
	"builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.frozenset": true,
	"builtins.sorted": true, "builtins.reversed": true, "builtins.iter": true, "collections.deque": true,
	"tqdm.tqdm": true, "tqdm.auto.tqdm": true, "itertools.cycle": true, "itertools.islice": true,
	"concurrent.futures.as_completed": true, "concurrent.futures.wait()[0]": true, "concurrent.futures.wait()[1]": true,
}

// elements returns what is in a container: the values of a dict, and what
// iterating over anything else gives.
func (p *Project) elements(v Value) result {
	type elementsKey struct{ valueKey }
	return p.eval.ask(elementsKey{v.key()}, func() result { return p.elementsNow(v) })
}

func (p *Project) elementsNow(v Value) result {
	r := nothing()
	if v.packed() {
		for _, e := range v.Items {
			r.join(p.values(e))
		}
		return r
	}
	switch v.Kind {
	case Literal:
		switch v.Node.Kind {
		case "list", "tuple", "set", "expression_list":
			for _, c := range v.Node.NamedChildren() {
				if c.Kind == "list_splat" {
					r.join(p.iterated(p.values(c)))
				} else {
					r.join(p.values(c))
				}
			}
		case "dictionary":
			for _, c := range v.Node.NamedChildren() {
				switch inner := c.NamedChildren(); {
				case c.Kind == "pair":
					r.join(p.values(c.Field("value")))
				case c.Kind == "dictionary_splat" && len(inner) == 1:
					r.join(p.elementsOf(p.values(inner[0])))
				default:
					r.known = false
				}
			}
		case "list_comprehension", "set_comprehension", "generator_expression":
			r.join(p.values(v.Node.Field("body")))
		case "dictionary_comprehension":
			if body := v.Node.Field("body"); body.Is("pair") {
				r.join(p.values(body.Field("value")))
			} else {
				r.known = false
			}
		case "binary_operator":
			if constantOperator(v.Node) {
				return unknown
			}
			r.join(p.elementsOf(p.values(v.Node.Field("left"))))
			if v.Node.Field("operator").Text() == "+" {
				r.join(p.elementsOf(p.values(v.Node.Field("right"))))
			}
		case "string", "concatenated_string":
			return just(Value{Kind: External, Name: "builtins.str()"})
		default:
			return unknown
		}
		r.join(p.stored(v))
		return r
	case External:
		return p.externalElements(v)
	}
	return unknown
}

func (p *Project) externalElements(v Value) result {
	if strings.HasPrefix(v.Name, generatorPrefix) {
		return p.yielded(v)
	}
	made := v.ResultOf()
	if made == "" && passing[v.Name] {
		made = v.Name
	}
	if made == "" {
		return unknown
	}
	if made == "builtins.range" {
		return just(Value{Kind: External, Name: "builtins.int()"})
	}
	if v.Node == nil {
		return unknown
	}
	args := syntax.CallArgs(v.Node)
	first := func() result {
		if len(args.Positional) == 0 || len(args.Stars) > 0 {
			return unknown
		}
		return p.iterated(p.values(args.Positional[0]))
	}
	switch name := plain(made); {
	case made == "dataclasses.field": // made by its default_factory
		return unknown
	case dicts[made]:
		return p.dictElements(v, made, args)
	case passing[made]:
		r := nothing()
		if len(args.Positional)+len(args.Stars) > 0 && v.factory() == nil {
			r.join(first())
		}
		r.join(p.stored(v))
		return r
	case name == "builtins.filter":
		if len(args.Positional) == 2 {
			return p.iterated(p.values(args.Positional[1]))
		}
	case name == "builtins.map":
		if len(args.Positional) > 1 {
			return p.values(args.Positional[0]).each(func(f Value) result {
				if f.Kind == Function || f.Kind == Method || f.Kind == Class {
					return p.called(f, v.Node)
				}
				return unknown
			})
		}
	case name == "itertools.chain":
		r := result{known: len(args.Stars) == 0}
		for _, e := range args.Positional {
			r.join(p.iterated(p.values(e)))
		}
		return r
	case name == "builtins.zip" || name == "builtins.enumerate":
		return just(Value{Kind: External, Name: "item:" + name, Node: v.Node})
	case v.Recv != nil && dictMethod(name, ".values"):
		return p.elements(*v.Recv)
	case v.Recv != nil && dictMethod(name, ".keys"):
		return p.keys(*v.Recv)
	case v.Recv != nil && dictMethod(name, ".items"):
		return just(Value{Kind: External, Name: "item:items", Node: v.Node, Recv: v.Recv})
	case v.Recv != nil && (dictMethod(name, ".copy") || name == "builtins.list.copy" || name == "builtins.set.copy" || name == "collections.deque.copy"):
		r := p.elements(*v.Recv)
		r.join(p.stored(v))
		return r
	}
	return unknown
}

func dictMethod(name, method string) bool {
	return strings.HasSuffix(name, method) && dicts[strings.TrimSuffix(name, method)]
}

// dictElements returns the values of what a constructor of dicts made.
func (p *Project) dictElements(v Value, made string, args syntax.Args) result {
	r := nothing()
	positional := args.Positional
	if v.factory() != nil {
		return p.stored(v)
	}
	if made == "collections.defaultdict" && len(positional) > 0 {
		factory := p.values(positional[0])
		positional = positional[1:]
		r.join(factory.each(func(f Value) result {
			if f.Kind == Literal && f.Node.Is("none") {
				return nothing()
			}
			return p.made(f, v.Node)
		}))
	}
	if made == "collections.Counter" {
		r.add(Value{Kind: External, Name: "builtins.int()"})
		positional = nil
	}
	for _, e := range positional {
		r.join(p.values(e).each(func(from Value) result {
			if from.mapping() {
				return p.elements(from)
			}
			return p.iterate(from).each(func(pair Value) result { return p.nth(pair, 1) })
		}))
	}
	if made == "builtins.dict" || made == "collections.OrderedDict" || made == "collections.defaultdict" {
		for _, name := range args.Names {
			r.join(p.values(args.Keywords[name]))
		}
	}
	for _, e := range args.DoubleStars {
		if inner := e.NamedChildren(); len(inner) == 1 {
			r.join(p.elementsOf(p.values(inner[0])))
		}
	}
	r.known = r.known && len(args.Stars) == 0
	r.join(p.stored(v))
	return r
}

// made returns what a factory called without arguments at a call of another
// function gives: one object for all calls, as a call in a loop does.
func (p *Project) made(factory Value, at *syntax.Node) result {
	if factory.Kind == External {
		return just(Value{Kind: External, Name: factory.Name + "()", Node: at, Recv: factory.Recv, viaFactory: true})
	}
	return p.called(factory, at)
}

// factory returns the call that made the value through a factory, if it did.
func (v Value) factory() *syntax.Node {
	if v.viaFactory {
		return v.Node
	}
	return nil
}

// pairItem returns one side of the pairs that zip, enumerate and dict.items
// give.
func (p *Project) pairItem(v Value, i int) result {
	switch v.Name {
	case "item:builtins.zip":
		args := syntax.CallArgs(v.Node)
		if i >= 0 && i < len(args.Positional) && len(args.Stars) == 0 {
			return p.iterated(p.values(args.Positional[i]))
		}
	case "item:builtins.enumerate":
		if i == 0 {
			return just(Value{Kind: External, Name: "builtins.int()"})
		}
		args := syntax.CallArgs(v.Node)
		if e := args.Keywords["iterable"]; i == 1 && e != nil {
			return p.iterated(p.values(e))
		}
		if i == 1 && len(args.Positional) > 0 {
			return p.iterated(p.values(args.Positional[0]))
		}
	case "item:items":
		if i == 1 && v.Recv != nil {
			return p.elements(*v.Recv)
		}
		if i == 0 && v.Recv != nil {
			return p.keys(*v.Recv)
		}
	}
	return unknown
}

// keys returns the keys of a dict display, and those stored later.
func (p *Project) keys(v Value) result {
	type keysKey struct{ valueKey }
	return p.eval.ask(keysKey{v.key()}, func() result { return p.keysNow(v) })
}

func (p *Project) keysNow(v Value) result {
	r := nothing()
	switch {
	case !v.mapping():
		return unknown
	case v.Kind == External:
		args := syntax.CallArgs(v.Node)
		first := 0
		if v.ResultOf() == "collections.defaultdict" {
			first = 1
		}
		if v.factory() == nil {
			if len(args.Positional) > first || len(args.Stars)+len(args.DoubleStars) > 0 {
				return unknown
			}
			if len(args.Names) > 0 {
				r.add(Value{Kind: External, Name: "builtins.str()"})
			}
		}
	case v.Node.Is("dictionary"):
		for _, c := range v.Node.NamedChildren() {
			switch inner := c.NamedChildren(); {
			case c.Kind == "pair":
				r.join(p.values(c.Field("key")))
			case c.Kind == "dictionary_splat" && len(inner) == 1:
				r.join(p.values(inner[0]).each(p.keys))
			default:
				r.known = false
			}
		}
	default:
		r.join(p.values(v.Node.Field("body").Field("key")))
	}
	for _, s := range p.storesOf(v) {
		switch {
		case s.key != nil:
			r.join(p.values(s.key))
		case s.whole:
			r.join(p.values(s.value).each(p.keys))
		default:
			r.known = false
		}
	}
	return r
}

// stored returns what the program adds to a container after it was made.
func (p *Project) stored(v Value) result {
	r := nothing()
	mapping := v.mapping()
	for _, s := range p.storesOf(v) {
		switch {
		case s.value == nil:
			r.known = false
		case s.augmented != nil:
			r.join(p.augmented(s.augmented, s.value))
		case s.whole && mapping:
			r.join(p.values(s.value).each(func(from Value) result {
				if from.mapping() {
					return p.elements(from)
				}
				return unknown
			}))
		case s.whole:
			r.join(p.iterated(p.values(s.value)))
		default:
			r.join(p.values(s.value))
		}
	}
	return r
}

// subscript returns an element of a container: the one at a constant position
// or key if that can be told, or any.
func (p *Project) subscript(n *syntax.Node) result {
	keys := n.Fields("subscript")
	if len(keys) != 1 {
		return unknown
	}
	key := keys[0]
	return p.values(n.Field("value")).each(func(v Value) result {
		if key.Is("slice") {
			if v.sequence() {
				return just(v)
			}
			return unknown
		}
		if v.Kind == Class { // Generic[T]
			return just(v)
		}
		if i, ok := syntax.IntValue(key); ok && !v.mapping() {
			if i < 0 {
				n, ok := p.length(v)
				if !ok {
					return p.eachElement(v)
				}
				return p.nth(v, n+int(i))
			}
			return p.nth(v, int(i))
		}
		if name, ok := syntax.StringValue(key); ok && v.mapping() {
			if r, _, ok := p.entry(v, name); ok {
				return r
			}
		}
		if v.pair() {
			return unknown
		}
		return p.elements(v)
	})
}

// entry returns the value behind a constant string key of a dict, and whether
// something stands there; ok is false when there are keys that are no constant
// strings.
func (p *Project) entry(v Value, key string) (r result, found, ok bool) {
	r = nothing()
	if v.Kind == External {
		args := syntax.CallArgs(v.Node)
		if v.ResultOf() != "builtins.dict" || len(args.Positional)+len(args.Stars)+len(args.DoubleStars) > 0 || v.factory() != nil {
			return unknown, false, false
		}
		if e := args.Keywords[key]; e != nil {
			r, found = p.values(e), true
		}
	} else {
		if !v.Node.Is("dictionary") {
			return unknown, false, false
		}
		for _, c := range v.Node.NamedChildren() {
			k, ok := syntax.StringValue(c.Field("key"))
			if c.Kind != "pair" || !ok {
				return unknown, false, false
			}
			if k == key {
				r, found = p.values(c.Field("value")), true
			}
		}
	}
	for _, s := range p.storesOf(v) {
		k, ok := syntax.StringValue(s.key)
		if s.key == nil || s.value == nil || !ok {
			return unknown, false, false
		}
		if k == key {
			found = true
			if s.augmented != nil {
				r.join(p.augmented(s.augmented, s.value))
			} else {
				r.join(p.values(s.value))
			}
		}
	}
	return r, found, true
}
