package process

import (
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Receipt is one occasion on which a child is sent the value of an expression as
// an argument.
type Receipt struct {
	Sending
	Call   *syntax.Node // the call that makes the process or pool, or that gives the task
	Object *Object      // the process or pool, nil if it is not known
	Launch *Launch      // of a process, else nil
	Task   *Task        // else nil
}

// Receipts lists every argument that a child is sent, in order of place: those of
// processes, of initializers, of tasks.
func (m *Model) Receipts() []Receipt {
	var all []Receipt
	add := func(found []Sending, r Receipt) {
		for _, s := range found {
			if s.Role == SentArgument {
				r.Sending = s
				all = append(all, r)
			}
		}
	}
	for _, l := range m.Launches {
		add(m.Sent(l), Receipt{Call: l.Call, Object: l.Object, Launch: l})
	}
	for _, pu := range m.Pools {
		add(m.SentInit(pu), Receipt{Call: pu.Object.Made, Object: pu.Object})
	}
	for _, t := range m.Tasks {
		r := Receipt{Call: t.Call, Task: t}
		if t.Pool != nil {
			r.Object = t.Pool.Object
		}
		add(m.SentTask(t), r)
	}
	return all
}

// ReceiptsOf lists the occasions on which an expression is sent.
func (m *Model) ReceiptsOf(expr *syntax.Node) []Receipt {
	var found []Receipt
	for _, r := range m.Receipts() {
		if r.Expr == expr {
			found = append(found, r)
		}
	}
	return found
}

// Copier returns the builtin that makes a copy of an unpicklable thing which
// pickles and can be read in its place, "" when there is none.
func (b *Break) Copier() string {
	switch b.Type {
	case "generator", "dict view", "csv.reader", "csv.DictReader":
		return "list"
	case "mappingproxy":
		return "dict"
	case "memoryview":
		return "bytes"
	}
	return ""
}

// Endless says whether a generator is known to go on for ever: it loops on a
// constant condition without a way out, or over an endless iterator.
func (m *Model) Endless(v project.Value) bool {
	if v.Kind == project.Literal && v.Node.Is("generator_expression") {
		for _, c := range v.Node.NamedChildren() {
			if c.Is("for_in_clause") && m.endlessIterator(c.Field("right")) {
				return true
			}
		}
		return false
	}
	if v.Def == nil {
		return false
	}
	endless := false
	v.Def.Walk(func(n *syntax.Node) {
		switch {
		case n.Is("while_statement"):
			cond := syntax.Unparen(n.Field("condition"))
			endless = endless || cond.Is("true", "integer") && cond.Text() != "0" && !hasExit(n)
		case n.Is("for_statement"):
			endless = endless || m.endlessIterator(n.Field("right")) && !hasExit(n)
		}
	})
	return endless
}

// hasExit says whether a loop has a break of its own, or a return or raise.
func hasExit(loop *syntax.Node) bool {
	found := false
	loop.Field("body").Walk(func(n *syntax.Node) bool {
		switch {
		case n.Is("function_definition", "lambda", "class_definition"):
			return false
		case n.Is("return_statement", "raise_statement"):
			found = true
		case n.Is("break_statement"):
			found = found || n.Ancestor("while_statement", "for_statement") == loop
		}
		return !found
	})
	return found
}

func (m *Model) endlessIterator(expr *syntax.Node) bool {
	v, ok := m.Project.Only(expr)
	if !ok || v.Kind != project.External {
		return false
	}
	switch v.ResultOf() {
	case "itertools.count", "itertools.cycle":
		return true
	case "itertools.repeat":
		return v.Node != nil && len(syntax.CallArgs(v.Node).Positional) == 1
	}
	return false
}
