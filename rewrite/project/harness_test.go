package project_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// archive splits text at lines of the form "-- path --" into files; text before
// the first is main.py.
func archive(text string) map[string]string {
	files := map[string]string{}
	name := "main.py"
	for line := range strings.Lines(text) {
		if n, ok := strings.CutPrefix(strings.TrimSpace(line), "-- "); ok && strings.HasSuffix(n, " --") {
			name = strings.TrimSuffix(n, " --")
			files[name] = ""
			continue
		}
		files[name] += line
	}
	if strings.TrimSpace(files["main.py"]) == "" {
		delete(files, "main.py")
	}
	return files
}

func snapshot(text string) source.Snapshot {
	var files []*source.File
	for name, text := range archive(text) {
		files = append(files, source.New(name, text))
	}
	return source.Memory(files...)
}

// load makes a project of an archive; all its files are entries.
func load(text string) *project.Project {
	snap := snapshot(text)
	return project.New(snap, snap.Paths(), project.Options{Indirect: indirect})
}

// indirect knows two ways to call a function: a thread's target, and map() of a
// multiprocessing pool.
func indirect(look project.Lookup, call *syntax.Node, callee string) []project.Indirect {
	args := syntax.CallArgs(call)
	switch strings.TrimSuffix(callee, "().__init__") {
	case "threading.Thread":
		ind := project.Indirect{Func: args.Keywords["target"], Mapping: args.Keywords["kwargs"]}
		if rest := args.Keywords["args"]; rest != nil {
			ind.Rest = &project.Arg{Expr: rest}
		}
		return []project.Indirect{ind}
	case "multiprocessing.Pool().map":
		if len(args.Positional) == 2 {
			return []project.Indirect{{Func: args.Positional[0], Args: []project.Arg{{Expr: args.Positional[1], Element: true}}}}
		}
	}
	return nil
}

// show writes a value in one word or so.
func show(v project.Value) string {
	switch v.Kind {
	case project.Function:
		return v.Def.QualName()
	case project.Class:
		return v.Def.QualName()
	case project.Instance:
		if v.Node == nil {
			return "any " + v.Def.QualName()
		}
		return v.Def.QualName() + "()"
	case project.Method:
		return "bound " + v.Def.QualName()
	case project.Module:
		return "module " + v.Mod.Tree.File.Path
	case project.Literal:
		if v.Name != "" {
			var items []string
			for _, e := range v.Items {
				items = append(items, e.Text())
			}
			return "*(" + strings.Join(items, ", ") + ")"
		}
		return strings.Join(strings.Fields(v.Node.Text()), " ")
	}
	return v.Name
}

func showAll(values []project.Value, known bool) string {
	var list []string
	for _, v := range values {
		list = append(list, show(v))
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if !known {
		list = append(list, "?")
	}
	if len(list) == 0 {
		return "nothing"
	}
	return strings.Join(list, " | ")
}

// question is a comment "#? expression = values" about an expression of its line.
type question struct {
	node *syntax.Node
	want string
	at   string
}

func questions(t *testing.T, p *project.Project) []question {
	t.Helper()
	var all []question
	for _, m := range p.Modules() {
		for _, c := range m.Tree.Comments {
			text, ok := strings.CutPrefix(c.Text(), "#? ")
			if !ok {
				continue
			}
			f := m.Tree.File
			line := f.LineOf(c.Start)
			at := fmt.Sprintf("%s:%d", f.Path, line)
			expr, want, ok := strings.Cut(text, " = ")
			if !ok {
				t.Fatalf("%s: %q is no question", at, text)
			}
			code := f.Text[f.LineStart(line):c.Start]
			i := strings.LastIndex(code, expr)
			if i < 0 {
				t.Fatalf("%s: no %q in this line", at, expr)
			}
			i += f.LineStart(line)
			n := m.Tree.NodeAt(i, i+len(expr))
			if n == nil || n.Text() != expr {
				t.Fatalf("%s: %q is no expression", at, expr)
			}
			all = append(all, question{n, want, at})
		}
	}
	if len(all) == 0 {
		t.Fatal("no questions")
	}
	return all
}

// ask checks all questions of an archive.
func ask(t *testing.T, text string) {
	t.Helper()
	p := load(text)
	for _, q := range questions(t, p) {
		if got := showAll(p.Values(q.node)); got != q.want {
			t.Errorf("%s: %s = %s, want %s", q.at, q.node.Text(), got, q.want)
		}
	}
}

// expressions lists the nodes of a project that have a value.
func expressions(p *project.Project) []*syntax.Node {
	var all []*syntax.Node
	for _, m := range p.Modules() {
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Named && n.Is("identifier", "attribute", "call", "subscript", "conditional_expression", "boolean_operator", "binary_operator", "lambda", "list", "tuple", "await", "parenthesized_expression", "named_expression") {
				all = append(all, n)
			}
			return true
		})
	}
	return all
}
