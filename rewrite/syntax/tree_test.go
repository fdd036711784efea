package syntax

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mpfix/mpfix/rewrite/source"
)

// parse reads text without a query.
func parse(t testing.TB, text string) *Tree {
	t.Helper()
	tree, err := Parse(source.New("x.py", text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// show writes the named nodes as an S-expression, errors and fields included.
func show(n *Node) string {
	var b strings.Builder
	if n.FieldName != "" {
		b.WriteString(n.FieldName + ": ")
	}
	b.WriteString("(" + n.Kind)
	for _, c := range n.Children {
		if c.Named || c.Missing {
			b.WriteString(" " + show(c))
		}
	}
	b.WriteString(")")
	return b.String()
}

// first returns the first node of a kind.
func first(t testing.TB, tree *Tree, kind string) *Node {
	t.Helper()
	var hit *Node
	tree.Root.Walk(func(n *Node) bool {
		if hit == nil && n.Kind == kind {
			hit = n
		}
		return hit == nil
	})
	if hit == nil {
		t.Fatalf("no %s in %s", kind, show(tree.Root))
	}
	return hit
}

func TestKindsAndFields(t *testing.T) {
	cases := []struct{ text, want string }{
		{"f(1, *a, k=2, **d)\n", `(module (expression_statement (call function: (identifier) arguments: (argument_list (integer) (list_splat (identifier)) (keyword_argument name: (identifier) value: (integer)) (dictionary_splat (identifier))))))`},
		{"f(x for x in y)\n", `(module (expression_statement (call function: (identifier) arguments: (generator_expression body: (identifier) (for_in_clause left: (identifier) right: (identifier))))))`},
		{"x = 'a\\n'\n", `(module (expression_statement (assignment left: (identifier) right: (string (string_start) (string_content (escape_sequence)) (string_end)))))`},
		{"f'{x}'\n", `(module (expression_statement (string (string_start) (interpolation expression: (identifier)) (string_end))))`},
		{"a = b = c\n", `(module (expression_statement (assignment left: (identifier) right: (assignment left: (identifier) right: (identifier)))))`},
		{"with a as b:\n    pass\n", `(module (with_statement (with_clause (with_item value: (as_pattern (identifier) alias: (as_pattern_target (identifier))))) body: (block (pass_statement))))`},
		{"@d\ndef f(): pass\n", `(module (decorated_definition (decorator (identifier)) definition: (function_definition name: (identifier) parameters: (parameters) body: (block (pass_statement)))))`},
		{"class A(B, m=C): pass\n", `(module (class_definition name: (identifier) superclasses: (argument_list (identifier) (keyword_argument name: (identifier) value: (identifier))) body: (block (pass_statement))))`},
		{"from ..a import b as c\n", `(module (import_from_statement module_name: (relative_import (import_prefix) (dotted_name (identifier))) name: (aliased_import name: (dotted_name (identifier)) alias: (identifier))))`},
		{"try: a\nexcept B as e: c\nfinally: d\n", `(module (try_statement body: (block (expression_statement (identifier))) (except_clause (as_pattern (identifier) alias: (as_pattern_target (identifier))) (block (expression_statement (identifier)))) (finally_clause (block (expression_statement (identifier))))))`},
		{"match x:\n    case 1: y\n", `(module (match_statement subject: (identifier) body: (block alternative: (case_clause (case_pattern (integer)) consequence: (block (expression_statement (identifier)))))))`},
	}
	for _, c := range cases {
		tree := parse(t, c.text)
		if got := show(tree.Root); got != c.want {
			t.Errorf("%q\n got %s\nwant %s", c.text, got, c.want)
		}
		if len(tree.Errors) != 0 {
			t.Errorf("%q: errors %v", c.text, tree.Errors)
		}
	}
}

func TestAsyncIsAnonymous(t *testing.T) {
	tree := parse(t, "async def f():\n    async with a:\n        pass\n    async for x in y:\n        pass\n")
	for _, kind := range []string{"function_definition", "with_statement", "for_statement"} {
		if c := first(t, tree, kind).Children[0]; c.Kind != "async" || c.Named {
			t.Errorf("%s begins with %q", kind, c.Kind)
		}
	}
}

func TestNodeMethods(t *testing.T) {
	tree := parse(t, "if x:  # c\n    f(a, b)\n")
	call := first(t, tree, "call")
	if got := call.Field("function").Text(); got != "f" {
		t.Errorf("function %q", got)
	}
	if s := call.Span(); s.File != tree.File || s.Text() != "f(a, b)" {
		t.Errorf("span %v", s)
	}
	if !call.Is("x", "call") || call.Is() || (*Node)(nil).Is("call") {
		t.Error("Is")
	}
	if a := call.Ancestor("module", "if_statement"); !a.Is("if_statement") {
		t.Errorf("ancestor %v", a)
	}
	if !call.Within(call) || !call.Within(tree.Root) || tree.Root.Within(call) || call.Within(nil) {
		t.Error("Within")
	}
	if list := first(t, tree, "if_statement").NamedChildren(); len(list) != 2 {
		t.Errorf("%d named children, want condition and block", len(list))
	}
	imports := parse(t, "import a, b\n").Root.Children[0]
	if list := imports.Fields("name"); len(list) != 2 || list[1].Text() != "b" {
		t.Errorf("names %v", list)
	}
	var none *Node
	none.Walk(func(*Node) bool { t.Error("visited nil"); return true })
	if none.Field("x") != nil || none.Fields("x") != nil || none.Text() != "" || none.Span() != (source.Span{}) ||
		none.Within(call) || none.Ancestor("x") != nil || none.NamedChildren() != nil || none.At(0, 0) != nil ||
		none.Statement() != nil || none.Block() != nil || none.Body() != nil || none.Next() != nil || none.Prev() != nil {
		t.Error("a nil node is not empty")
	}
	var seen []string
	first(t, tree, "call").Walk(func(n *Node) bool {
		if n.Named {
			seen = append(seen, n.Text())
		}
		return n.Kind != "argument_list"
	})
	if got := strings.Join(seen, "|"); got != "f(a, b)|f|(a, b)" {
		t.Errorf("walk %s", got)
	}
}

func TestNodeAt(t *testing.T) {
	text := "\n\nx = f(a, b)\n"
	tree := parse(t, text)
	for _, c := range []struct{ part, kind string }{
		{"a", "identifier"}, {"a, b", "argument_list"}, {"(", "argument_list"}, {"f(", "call"}, {"=", "assignment"}, {"\n\n", "module"},
	} {
		at := strings.Index(text, c.part)
		if got := tree.NodeAt(at, at+len(c.part)); !got.Is(c.kind) {
			t.Errorf("%q: %s, want %s", c.part, got.Kind, c.kind)
		}
	}
	at := strings.Index(text, "b")
	if got := tree.NodeAt(at, at); got.Text() != "b" {
		t.Errorf("empty range at b: %q", got.Text())
	}
	if tree.NodeAt(-1, 0) != nil || tree.NodeAt(2, 1) != nil || tree.NodeAt(0, len(text)+1) != nil {
		t.Error("a range outside the file has a node")
	}
	if r := tree.Root; r.Start != 0 || r.End != len(text) {
		t.Errorf("root %d-%d", r.Start, r.End)
	}
}

func TestComments(t *testing.T) {
	text := `# top
if x:
    # first
    a()
    # last
# between
else:  # head
    b()
# end
`
	tree := parse(t, text)
	want := []string{"# top module", "# first if_statement", "# last block", "# between if_statement", "# head else_clause", "# end module"}
	var got []string
	for _, c := range tree.Comments {
		got = append(got, c.Text()+" "+c.Parent.Kind)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
	if n := len(tree.Root.NamedChildren()); n != 1 {
		t.Errorf("%d statements", n)
	}
}

func TestStatements(t *testing.T) {
	tree := parse(t, `a; b
@d
# c
def f(x=z):
    for i in y:
        p
    q  # r
match m:
    case n:
        o
`)
	statement := func(name string) *Node {
		var hit *Node
		tree.Root.Walk(func(n *Node) bool {
			if n.Kind == "identifier" && n.Text() == name {
				hit = n
			}
			return true
		})
		return hit.Statement()
	}
	for name, want := range map[string]string{
		"a": "a", "b": "b", "p": "p", "q": "q", "o": "o",
	} {
		if got := statement(name).Text(); got != want {
			t.Errorf("%s: %q", name, got)
		}
	}
	for name, want := range map[string]string{
		"z": "decorated_definition", "y": "for_statement", "n": "match_statement", "d": "decorated_definition",
	} {
		if got := statement(name); !got.Is(want) {
			t.Errorf("%s: %s, want %s", name, got.Kind, want)
		}
	}
	if s := first(t, tree, "function_definition").Statement(); !s.Is("decorated_definition") {
		t.Errorf("statement of a decorated function is %s", s.Kind)
	}
	if tree.Root.Statement() != nil || tree.Root.Block() != nil {
		t.Error("the module is in a statement")
	}
	if b := statement("p").Block(); !b.Parent.Is("for_statement") {
		t.Errorf("block %s", show(b))
	}
	if b := first(t, tree, "case_pattern").Block(); b != tree.Root {
		t.Errorf("a case pattern lies in %s", show(b))
	}
	a := statement("a")
	if a.Prev() != nil || a.Next().Text() != "b" || a.Next().Prev() != a {
		t.Error("Prev or Next")
	}
	if d := first(t, tree, "decorator"); !d.Next().Is("function_definition") || tree.Root.Next() != nil {
		t.Error("Next does not pass over the comment")
	}
	if b := first(t, tree, "decorated_definition").Body(); b == nil || !b.Parent.Is("function_definition") {
		t.Error("no body of a decorated definition")
	}
}

func TestErrors(t *testing.T) {
	for _, c := range []struct {
		text  string
		count int
	}{
		{"x = 1\n", 0},
		{"", 0},
		{"\n\n", 0},
		{"def f(:\n    pass\n", 1},
		{"if x:\nb()\n", 1},
		{"if x:\n    # only\nb()\n", 1},
		{"class A:\n", 1},
		{"x = (1,\n", 1},
		{"x = '''abc\n", 1},
		{"\x00\xff\xfe", 1},
	} {
		tree := parse(t, c.text)
		if (len(tree.Errors) > 0) != (c.count > 0) {
			t.Errorf("%q: errors %v, %s", c.text, tree.Errors, show(tree.Root))
		}
		lawful(t, tree)
	}
	tree := parse(t, "a()\nx = = 2\nb()\n")
	if len(tree.Errors) != 1 || !strings.Contains(tree.Errors[0].Text(), "=") || tree.Errors[0].Start < 4 || tree.Errors[0].End > 11 {
		t.Errorf("errors %v", tree.Errors)
	}
}

// lawful checks what holds of every tree.
func lawful(t testing.TB, tree *Tree) {
	t.Helper()
	if tree.Root == nil || tree.Root.Parent != nil || tree.Root.Start != 0 || tree.Root.End != len(tree.File.Text) {
		t.Fatal("bad root")
	}
	errors, comments := 0, 0
	tree.Root.Walk(func(n *Node) bool {
		if n.Tree != tree || n.Kind == "" && n.Named {
			t.Fatalf("%v: no tree or kind", n)
		}
		if n.Start > n.End || n.End > len(tree.File.Text) {
			t.Fatalf("%s: range %d-%d", n.Kind, n.Start, n.End)
		}
		if n.Error || n.Missing {
			errors++
		}
		if n.Is("comment") {
			comments++
		}
		at := n.Start
		for i, c := range n.Children {
			if c.Parent != n || c.index() != i {
				t.Fatalf("%s: child %d has another parent or place", n.Kind, i)
			}
			if c.Start < at || c.End > n.End {
				t.Fatalf("%s %d-%d: child %s %d-%d out of order", n.Kind, n.Start, n.End, c.Kind, c.Start, c.End)
			}
			at = c.End
		}
		return true
	})
	if comments != len(tree.Comments) {
		t.Fatalf("%d comments, %d listed", comments, len(tree.Comments))
	}
	if errors > 0 && len(tree.Errors) == 0 {
		t.Fatal("errors not listed")
	}
	at := 0
	for _, s := range tree.Errors {
		if s.File != tree.File || s.Start < at || s.End < s.Start {
			t.Fatalf("errors out of order: %v", tree.Errors)
		}
		at = s.End
	}
}

func TestDeepNesting(t *testing.T) {
	const deep = 20000
	for _, text := range []string{
		"x = " + strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep) + "\n",
		"x = " + strings.Repeat("[", deep),
		"x = " + strings.Repeat("-", deep) + "1\n",
		"x = a" + strings.Repeat(".b", deep) + "\n",
		"x = 1" + strings.Repeat(" + 1", deep) + "\n",
	} {
		tree := parse(t, text)
		lawful(t, tree)
		tree.Python2()
		for n := range []int{0, 1} {
			StringValue(tree.NodeAt(4+n, 5+n))
			IntValue(tree.NodeAt(4+n, 5+n))
		}
	}
}

func TestSharedTree(t *testing.T) {
	q, err := Compile([]string{"(call function: (identifier) @f) @c"})
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Repeat("print('a', f(1), k=x)\nif x:\n    g(1)\n", 50)
	f := source.New("x.py", text)
	tree, err := Parse(f, q)
	if err != nil {
		t.Fatal(err)
	}
	want := show(tree.Root)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if show(tree.Root) != want || tree.Python2() || len(tree.Matches) != 150 {
				t.Error("the tree changed")
			}
			for _, m := range tree.Matches {
				CallArgs(m.Node)
				m.Node.Statement().Next()
			}
			again, err := Parse(f, q)
			if err != nil || show(again.Root) != want || len(again.Matches) != 150 {
				t.Error("another parse differs")
			}
		})
	}
	wg.Wait()
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{
		"", "\n", "x = 1\n", "if x:\n    # c\n    a()\nelse:\n  b\n", "def f(a, *b: int, c=1, **d) -> e:\n\treturn `a`\n",
		"print >>f, 'x'\r\nexec 'a' in b\r\n", "f'{x!r:>{w}}' \"\\x41\" rb'\\'\n", "try:\n  a\nexcept X, e:\n  print e\n",
		"class A(\n", "'''", "(((((", "é = 'ü'\n", "match x:\n  case [1, *_]: pass\n", "x = \\\n 1\n", "\ufeffx\x00y\xff",
	} {
		f.Add(s)
	}
	q, err := Compile([]string{"(call) @c", "((identifier) @i (#match? @i \"^f\"))", "(_ (string)+ @s)"})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tree, err := Parse(&source.File{Path: "x.py", Text: text}, q)
		if err != nil {
			t.Fatal(err)
		}
		lawful(t, tree)
		tree.Python2()
		for _, m := range tree.Matches {
			if m.Node == nil || m.Node.Tree != tree {
				t.Fatal("a match without node")
			}
		}
		tree.Root.Walk(func(n *Node) bool {
			StringValue(n)
			IntValue(n)
			CallArgs(n)
			if s := n.Statement(); s != nil && !n.Within(s) {
				t.Fatal("outside its statement")
			}
			if at := tree.NodeAt(n.Start, n.End); at == nil || at.Start > n.Start || at.End < n.End {
				t.Fatal("NodeAt does not cover")
			}
			return true
		})
	})
}

func BenchmarkParse(b *testing.B) {
	f := source.New("x.py", strings.Repeat(`def work(queue, items=()):
    """Put the squares of items into queue."""
    for item in items:
        queue.put({'item': item, 'square': item * item})  # a dict each
    return len(items)

`, 400))
	q, err := Compile([]string{"(call function: (attribute attribute: (identifier) @n)) @c"})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(f.Text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(f, q); err != nil {
			b.Fatal(err)
		}
	}
}
