package shutdown

import (
	"fmt"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// Fleet is a number of processes, and how the parent writes it.
type Fleet struct {
	Count int    // 0 when it is only known to be made in a loop
	Over  string // what a loop over one step each goes over: "workers", "range(4)"
	List  string // the name of a list of exactly these processes, "" if there is none
	Var   string // the variable by which the program goes over the list, or ""
	Name  string // the name of the only process, "" if there is none
}

// One says whether there is one process.
func (f Fleet) One() bool { return f.Count == 1 }

// Each returns the lines that do something once for each process.
func (f Fleet) Each(line string) []string {
	if f.One() {
		return []string{line}
	}
	return []string{fmt.Sprintf("for _ in %s:", f.Over), "\t" + line}
}

// Join returns the lines that join all processes, nil when they have no name.
func (f Fleet) Join(loopName string) []string {
	if f.Var != "" {
		loopName = f.Var
	}
	switch {
	case f.Name != "":
		return []string{f.Name + ".join()"}
	case f.List != "":
		return []string{fmt.Sprintf("for %s in %s:", loopName, f.List), "\t" + loopName + ".join()"}
	}
	return nil
}

// many says that a launch stands for several processes, or may.
func many(l *process.Launch) bool { return len(process.Loops(l.Call)) > 0 }

// fleetOf says how many processes the launches make and how the code of a
// function writes their number, for each object shared that they use. ok is
// false when there is no way to write it.
func fleetOf(m *process.Model, launches []*process.Launch, shared *process.Object, fn *project.Def, top *syntax.Node) (f Fleet, ok bool) {
	looped := 0
	for _, l := range launches {
		if many(l) {
			looped++
			continue
		}
		if l.Object.In != nil && l.Object.In != shared.In {
			// made by a function: once for each call of it
			calls, complete := m.Project.Callers(l.Object.In)
			if len(calls) > 1 || len(calls) == 1 && len(process.Loops(calls[0].Node)) > 0 || !complete && len(calls) > 0 && l.Object.In.Class == nil {
				return f, false
			}
		}
	}
	if looped == 0 {
		f.Count = len(launches)
		if f.Count == 1 {
			f.Name, _ = nameOf(m, launches[0], fn, top)
		} else {
			f.Over = fmt.Sprintf("range(%d)", f.Count)
		}
	} else if len(launches) > 1 {
		return f, false
	}
	if f.One() {
		return f, true
	}
	if list, found := listFor(m, launches, fn, top); found {
		f.List, f.Over, f.Var = list, list, loopVar(fn, top, list)
		return f, true
	}
	if looped == 1 {
		f.Over, _ = rangeOf(m, launches[0], fn, top)
	}
	return f, f.Over != ""
}

// loopVar returns the variable of a loop over a list in a function.
func loopVar(fn *project.Def, top *syntax.Node, list string) string {
	if fn != nil {
		top = fn.Node
	}
	name := ""
	top.Walk(func(n *syntax.Node) bool {
		if n.Kind == "for_statement" && name == "" && n.Field("right").Text() == list && n.Field("left").Is("identifier") && n.Field("left").Text() != "_" {
			name = n.Field("left").Text()
		}
		return true
	})
	return name
}

// nameOf returns the name of the process of a launch in a function.
func nameOf(m *process.Model, l *process.Launch, fn *project.Def, top *syntax.Node) (string, bool) {
	if len(l.Joins) > 0 {
		o := l.Joins[0].Node.Field("object")
		if m.Project.Enclosing(o) == fn && o.Tree == top.Tree && l.Joins[0].Sole && plainName(m, o) {
			return o.Text(), true
		}
	}
	return textFor(m, l.Object, fn, top)
}

// listFor returns the name of a list in a function that holds exactly the
// processes of the launches.
func listFor(m *process.Model, launches []*process.Launch, fn *project.Def, top *syntax.Node) (text string, ok bool) {
	consider := func(n *syntax.Node) {
		if ok || !n.Is("identifier", "attribute") || n.Parent.Is("attribute") && n.Parent.Field("object") != n || m.Project.Enclosing(n) != fn || !plainName(m, n) {
			return
		}
		values, known := m.Project.Values(n)
		if !known || len(values) != 1 || values[0].Kind != project.Literal || !values[0].Node.Is("list", "tuple", "list_comprehension") {
			return
		}
		elements, known := m.Project.Elements(values[0])
		if !known {
			return
		}
		have := map[*syntax.Node]bool{}
		for _, e := range elements {
			have[e.Node] = e.Node != nil
		}
		if len(have) != len(launches) {
			return
		}
		for _, l := range launches {
			if !have[l.Call] {
				return
			}
		}
		text, ok = n.Text(), true
	}
	if fn != nil {
		fn.Walk(consider)
	} else {
		top.Walk(func(n *syntax.Node) bool { consider(n); return !ok })
	}
	return text, ok
}

// rangeOf returns the range() that the loop around a launch goes over, when the
// code of the function can write it too.
func rangeOf(m *process.Model, l *process.Launch, fn *project.Def, top *syntax.Node) (string, bool) {
	loops := process.Loops(l.Call)
	if len(loops) != 1 || l.Object.In != fn || l.Call.Tree != top.Tree {
		return "", false
	}
	right := loops[0].Field("right")
	if c := clauseOf(loops[0]); c != nil {
		right = c.Field("right")
	}
	if !right.Is("call") || m.Project.ModuleOf(right).Qualified(right.Field("function")) != "builtins.range" {
		return "", false
	}
	args := syntax.CallArgs(right)
	for _, a := range args.Positional {
		if a.Is("integer") {
			continue
		}
		if !a.Is("identifier") {
			return "", false
		}
		b := m.Project.ModuleOf(a).Binding(a)
		if b == nil || b.Single() == nil || b.Single().Kind != scope.Assign && b.Single().Kind != scope.Param {
			return "", false
		}
	}
	return right.Text(), true
}

// clauseOf returns the only for clause of a comprehension, nil for other loops
// and for comprehensions that filter.
func clauseOf(loop *syntax.Node) *syntax.Node {
	var clause *syntax.Node
	for _, c := range loop.NamedChildren() {
		switch c.Kind {
		case "for_in_clause":
			if clause != nil {
				return nil
			}
			clause = c
		case "if_clause":
			return nil
		}
	}
	return clause
}
