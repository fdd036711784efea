package project

import (
	"strconv"
	"strings"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

func itoa(i int) string { return strconv.Itoa(i) }

// elementsOf joins what iterating over the values of a result gives.
func (p *Project) elementsOf(r result) result {
	out := result{known: r.known}
	for _, v := range r.values {
		if isDict(v) {
			out.join(p.keys(v))
		} else {
			out.join(p.elements(v))
		}
	}
	return out
}

// dicts are the callables that make dictionaries.
var dicts = map[string]bool{
	"builtins.dict": true, "collections.defaultdict": true, "collections.OrderedDict": true, "collections.Counter": true,
}

// isDict says whether iterating over a value gives keys.
func isDict(v Value) bool {
	return v.Kind == Literal && v.Node.Is("dictionary", "dictionary_comprehension") || v.Kind == External && dicts[v.ResultOf()]
}

// passing lists the builtins whose result has the elements of their first
// argument.
var passing = map[string]bool{
	"builtins.list": true, "builtins.tuple": true, "builtins.set": true, "builtins.frozenset": true,
	"builtins.sorted": true, "builtins.reversed": true, "builtins.iter": true, "collections.deque": true,
	"copy.copy": true, "tqdm.tqdm": true, "itertools.cycle": true, "concurrent.futures.as_completed": true,
	"concurrent.futures.wait()[0]": true, "concurrent.futures.wait()[1]": true,
}

// elements returns what iterating over a value gives.
func (p *Project) elements(v Value) result {
	type elementsKey struct{ valueKey }
	return p.eval.ask(elementsKey{v.key()}, func() result { return p.elementsNow(v) })
}

func (p *Project) elementsNow(v Value) result {
	r := nothing()
	if len(v.Items) > 0 {
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
					r.join(p.elementsOf(p.values(c)))
				} else {
					r.join(p.values(c))
				}
			}
		case "dictionary":
			for _, c := range v.Node.NamedChildren() {
				if c.Kind == "pair" {
					r.join(p.values(c.Field("value")))
				} else {
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
			r.join(p.elementsOf(p.values(v.Node.Field("left"))))
			if right := p.values(v.Node.Field("right")); right.known {
				for _, rv := range right.values {
					if rv.Kind == Literal && rv.Node.Is("list", "list_comprehension", "tuple") {
						r.join(p.elements(rv))
					}
				}
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
	name := v.ResultOf()
	switch {
	case v.Node != nil && (passing[name] || passing[v.Name]):
		args := syntax.CallArgs(v.Node)
		r := nothing()
		if len(args.Positional) > 0 {
			r.join(p.elementsOf(p.values(args.Positional[0])))
		}
		r.join(p.stored(v))
		return r
	case dicts[name]:
		return p.stored(v)
	case name == "builtins.range":
		return just(Value{Kind: External, Name: "builtins.int()"})
	case v.Node != nil && (name == "builtins.zip" || name == "builtins.enumerate"):
		return just(Value{Kind: External, Name: "item:" + name, Node: v.Node})
	case strings.HasPrefix(name, "builtins.dict.") || strings.HasPrefix(name, "collections."):
		if v.Recv == nil {
			return unknown
		}
		switch {
		case strings.HasSuffix(name, ".values"):
			return p.elements(*v.Recv)
		case strings.HasSuffix(name, ".items"):
			return just(Value{Kind: External, Name: "item:items", Node: v.Node, Recv: v.Recv})
		case strings.HasSuffix(name, ".keys"):
			return p.keys(*v.Recv)
		}
	case strings.HasPrefix(v.Name, "generator:"):
		return p.yielded(v)
	}
	return unknown
}

// pairItem returns one side of the pairs that zip, enumerate and dict.items
// give.
func (p *Project) pairItem(v Value, i int) result {
	switch v.Name {
	case "item:builtins.zip":
		args := syntax.CallArgs(v.Node)
		if i >= 0 && i < len(args.Positional) && len(args.Stars) == 0 {
			return p.elementsOf(p.values(args.Positional[i]))
		}
	case "item:builtins.enumerate":
		if i == 0 {
			return just(Value{Kind: External, Name: "builtins.int()"})
		}
		if args := syntax.CallArgs(v.Node); i == 1 && len(args.Positional) > 0 {
			return p.elementsOf(p.values(args.Positional[0]))
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

// keys returns the keys of a dict display or of a dict made by keywords, and
// those stored later.
func (p *Project) keys(v Value) result {
	if !isDict(v) {
		return unknown
	}
	r := nothing()
	if v.Kind == External {
		args := syntax.CallArgs(v.Node)
		factory := 0
		if v.ResultOf() == "collections.defaultdict" {
			factory = 1
		}
		if v.Node == nil || len(args.Positional) > factory || len(args.Stars)+len(args.DoubleStars) > 0 {
			return unknown
		}
		if len(args.Names) > 0 {
			r.join(just(Value{Kind: External, Name: "builtins.str()"}))
		}
		r.join(p.storedKeys(v))
		return r
	}
	switch v.Node.Kind {
	case "dictionary":
		for _, c := range v.Node.NamedChildren() {
			if c.Kind == "pair" {
				r.join(p.values(c.Field("key")))
			} else {
				r.known = false
			}
		}
	case "dictionary_comprehension":
		r.join(p.values(v.Node.Field("body").Field("key")))
	}
	r.join(p.storedKeys(v))
	return r
}

// storedKeys returns the keys under which the program adds to a dict after it
// was made.
func (p *Project) storedKeys(v Value) result {
	r := nothing()
	for _, s := range p.idx().storesOf(p, v) {
		if s.key != nil {
			r.join(p.values(s.key))
		} else {
			r.known = false
		}
	}
	return r
}

// stored returns what the program adds to a container after it was made.
func (p *Project) stored(v Value) result {
	r := nothing()
	for _, s := range p.idx().storesOf(p, v) {
		switch {
		case s.whole && isDict(v): // update()
			from := p.values(s.value)
			r.known = r.known && from.known
			for _, v := range from.values {
				r.join(p.elements(v))
			}
		case s.whole:
			r.join(p.elementsOf(p.values(s.value)))
		default:
			r.join(p.values(s.value))
		}
	}
	return r
}

// subscript returns an element of a container: the one at a constant position
// of a tuple or list, or any.
func (p *Project) subscript(n *syntax.Node) result {
	base := p.values(n.Field("value"))
	index := n.Field("subscript")
	out := result{known: base.known}
	for _, v := range base.values {
		if i, ok := syntax.IntValue(index); ok && v.Kind == Literal && v.Node.Is("tuple") {
			out.join(p.item(v, int(i)))
			continue
		}
		if i, ok := syntax.IntValue(index); ok && v.Kind == External && v.ResultOf() != "" && !strings.HasPrefix(v.Name, "builtins.") {
			v.Name += "[" + itoa(int(i)) + "]"
			out.add(v)
			continue
		}
		if index.Is("slice") {
			out.add(v)
			continue
		}
		if key, ok := syntax.StringValue(index); ok && v.Kind == Literal && v.Node.Is("dictionary") {
			if r, found := p.entry(v, key); found {
				out.join(r)
				continue
			}
		}
		out.join(p.elements(v))
	}
	return out
}

// entry returns the value behind a constant string key of a dict display to
// which nothing else is stored under an unknown key.
func (p *Project) entry(v Value, key string) (result, bool) {
	r := nothing()
	found := false
	for _, c := range v.Node.NamedChildren() {
		if c.Kind != "pair" {
			return unknown, false
		}
		k, ok := syntax.StringValue(c.Field("key"))
		if !ok {
			return unknown, false
		}
		if k == key {
			r = p.values(c.Field("value"))
			found = true
		}
	}
	for _, s := range p.idx().storesOf(p, v) {
		if s.key == nil {
			return unknown, false
		}
		k, ok := syntax.StringValue(s.key)
		if !ok {
			return unknown, false
		}
		if k == key {
			r.join(p.values(s.value))
			found = true
		}
	}
	return r, found
}
