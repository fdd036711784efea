package shutdown

import "github.com/mpfix/mpfix/rewrite/syntax"

// counts is a set of numbers of calls: 1 for none, 2 for one, 4 for more.
type counts int

// more adds one call to each number of the set.
func (c counts) more() counts { return c<<1&7 | c&4 }

// wayOut says how code is left.
type wayOut int

const (
	fallsOn wayOut = iota
	continues
	breaks
	returns
	fails
	wayOuts
)

// ways follows all ways through the body of a loop and counts the calls of
// task_done on each.
type ways struct {
	u       *Uncounted
	loop    *syntax.Node
	unknown bool
	skipped *syntax.Node // a continue on a way without a call
	twice   *syntax.Node // a call that is one too many
}

type outs [wayOuts]counts

func (o *outs) join(other outs) {
	for i := range o {
		o[i] |= other[i]
	}
}

func (w *ways) block(stmts []*syntax.Node, in counts) (out outs) {
	out[fallsOn] = in
	for _, s := range stmts {
		if out[fallsOn] == 0 {
			break
		}
		next := w.stmt(s, out[fallsOn])
		out[fallsOn] = 0
		out.join(next)
	}
	return out
}

func (w *ways) body(n *syntax.Node, in counts) outs {
	b := n.Body()
	if b == nil {
		w.unknown = true
		return outs{}
	}
	return w.block(b.NamedChildren(), in)
}

func (w *ways) stmt(s *syntax.Node, in counts) (out outs) {
	if w.u.isDone(s) {
		out[fallsOn] = in.more()
		if in&6 != 0 && w.twice == nil {
			w.twice = s
		}
		return out
	}
	switch s.Kind {
	case "continue_statement":
		out[continues] = in
		if in&1 != 0 && w.skipped == nil {
			w.skipped = s
		}
	case "break_statement":
		out[breaks] = in
	case "return_statement":
		out[returns] = in
		if mayRaise(s) {
			out[fails] = in
		}
	case "raise_statement":
		out[fails] = in
	case "if_statement":
		if mayRaise(s.Field("condition")) {
			out[fails] = in
		}
		out.join(w.block(s.Field("consequence").NamedChildren(), in))
		complete := false
		for _, a := range s.Fields("alternative") {
			out.join(w.body(a, in))
			complete = complete || a.Is("else_clause")
		}
		if !complete {
			out[fallsOn] |= in
		}
	case "with_statement":
		out.join(w.body(s, in))
		out[fails] |= in
	case "try_statement":
		return w.try(s, in)
	case "for_statement", "while_statement", "match_statement", "function_definition", "class_definition", "decorated_definition":
		return w.compound(s, in)
	default:
		out[fallsOn] = in
		if mayRaise(s) {
			out[fails] = in
		}
	}
	return out
}

// compound takes a statement with a life of its own as one that changes nothing,
// if it neither counts nor leaves the loop.
func (w *ways) compound(s *syntax.Node, in counts) (out outs) {
	for _, d := range w.u.Done {
		w.unknown = w.unknown || d.Within(s)
	}
	if !s.Is("function_definition", "class_definition", "decorated_definition") {
		s.Walk(func(n *syntax.Node) bool {
			switch n.Kind {
			case "function_definition", "lambda", "class_definition":
				return false
			case "return_statement":
				out[returns] = in
			case "break_statement", "continue_statement":
				if n.Ancestor("for_statement", "while_statement") == w.loop {
					w.unknown = true
				}
			}
			return true
		})
	}
	out[fallsOn], out[fails] = in, in
	return out
}

func (w *ways) try(s *syntax.Node, in counts) (out outs) {
	tried := w.block(s.Field("body").NamedChildren(), in)
	failed := tried[fails]
	tried[fails] = 0
	all := false
	var last *syntax.Node
	for _, c := range s.NamedChildren() {
		switch c.Kind {
		case "except_clause":
			out.join(w.body(c, failed))
			kinds := c.NamedChildren()
			all = all || len(kinds) == 1 || kinds[0].Is("identifier", "as_pattern") && (headName(kinds[0]) == "Exception" || headName(kinds[0]) == "BaseException")
		case "except_group_clause":
			w.unknown = true
		case "else_clause":
			after := w.body(c, tried[fallsOn])
			tried[fallsOn] = 0
			out.join(after)
		case "finally_clause":
			last = c
		}
	}
	out.join(tried)
	if !all {
		out[fails] |= failed
	}
	if last == nil {
		return out
	}
	var end outs
	for i := range out {
		if out[i] == 0 {
			continue
		}
		after := w.body(last, out[i])
		end[i] |= after[fallsOn]
		after[fallsOn] = 0
		end.join(after)
	}
	return end
}

// headName returns the name of the class that an except clause catches.
func headName(n *syntax.Node) string {
	if n.Is("as_pattern") {
		n = n.NamedChildren()[0]
	}
	return n.Text()
}

// mayRaise says whether evaluating code may raise: it calls, looks up, computes.
func mayRaise(n *syntax.Node) bool {
	found := false
	n.Walk(func(c *syntax.Node) bool {
		switch c.Kind {
		case "lambda", "function_definition":
			return false
		case "call", "subscript", "attribute", "binary_operator", "await", "augmented_assignment", "pattern_list", "tuple_pattern":
			found = true
		}
		return !found
	})
	return found
}
