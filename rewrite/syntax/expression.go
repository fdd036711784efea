package syntax

// Unparen strips the parentheses around an expression, comments inside them
// included; n itself when there are none or they hold an error.
func Unparen(n *Node) *Node {
	for n.Is("parenthesized_expression") {
		inner := n.NamedChildren()
		if len(inner) != 1 || inner[0].Error {
			return n
		}
		n = inner[0]
	}
	return n
}

// Args are the arguments of a call as written.
type Args struct {
	// Positional are those whose place is known: before any *star.
	Positional []*Node
	// Later are positional arguments after a *star: their place depends on
	// how many values the star holds.
	Later []*Node
	// Keywords maps names to value expressions. The keyword_argument node is
	// the value's parent.
	Keywords map[string]*Node
	// Names are the keys of Keywords in source order.
	Names []string
	// Stars and DoubleStars are the *a (list_splat) and **k
	// (dictionary_splat) arguments.
	Stars, DoubleStars []*Node
	// Broken is set when the list holds a syntax error or names a keyword
	// twice; the rest is then a guess.
	Broken bool
}

// CallArgs sorts the arguments of a call, or the bases and keywords of a
// class_definition. A bare generator, f(x for x in y), is one positional
// argument. For other nodes, and nil, everything is empty.
func CallArgs(call *Node) Args {
	a := Args{Keywords: map[string]*Node{}}
	var list *Node
	switch {
	case call.Is("call"):
		list = call.Field("arguments")
	case call.Is("class_definition"):
		list = call.Field("superclasses")
	}
	if list.Is("generator_expression") {
		a.Positional = []*Node{list}
		return a
	}
	if list == nil {
		return a
	}
	for _, n := range list.Children {
		if n.Error || n.Missing {
			a.Broken = true
		}
		if n.Error || !n.substantial() {
			continue
		}
		switch n.Kind {
		case "list_splat":
			a.Stars = append(a.Stars, n)
		case "dictionary_splat":
			a.DoubleStars = append(a.DoubleStars, n)
		case "keyword_argument":
			name, value := n.Field("name").Text(), n.Field("value")
			if a.Keywords[name] != nil || value == nil {
				a.Broken = true
				continue
			}
			a.Keywords[name] = value
			a.Names = append(a.Names, name)
		default:
			if len(a.Stars) > 0 {
				a.Later = append(a.Later, n)
			} else {
				a.Positional = append(a.Positional, n)
			}
		}
	}
	return a
}
