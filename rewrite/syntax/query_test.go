package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/source"
)

// match runs the sources over text.
func match(t testing.TB, text string, sources ...string) []Match {
	t.Helper()
	q, err := Compile(sources)
	if err != nil {
		t.Fatal(err)
	}
	tree, err := Parse(source.New("x.py", text), q)
	if err != nil {
		t.Fatal(err)
	}
	return tree.Matches
}

// texts lists what the matches' nodes say.
func texts(list []Match) string {
	var all []string
	for _, m := range list {
		all = append(all, m.Node.Text())
	}
	return strings.Join(all, " ")
}

func TestMatchesAreSortedAndNumbered(t *testing.T) {
	list := match(t, "f(a)\ng(b)\n",
		"(call function: (identifier) @f) @call\n(argument_list) @args",
		"; nothing but a comment",
		"(identifier) @id")
	var got []string
	for _, m := range list {
		got = append(got, fmt.Sprintf("%d.%d %s", m.Query, m.Pattern, m.Node.Text()))
	}
	want := "0.0 f(a);2.0 f;0.1 (a);2.0 a;0.0 g(b);2.0 g;0.1 (b);2.0 b"
	if s := strings.Join(got, ";"); s != want {
		t.Errorf("got %s\nwant %s", s, want)
	}
	m := list[0]
	if f := m.Captures["f"]; len(f) != 1 || f[0].Text() != "f" || f[0].Parent != m.Node || m.Captures["call"][0] != m.Node {
		t.Errorf("captures %v", m.Captures)
	}
}

func TestCapturesAreNodesOfTheTree(t *testing.T) {
	list := match(t, "class A:\n    def f(self): return [x, [x]]\n", "(_) @any")
	tree := list[0].Node.Tree
	count := 0
	tree.Root.Walk(func(n *Node) bool {
		if n.Named {
			count++
		}
		return true
	})
	seen := map[*Node]bool{}
	for _, m := range list {
		if !m.Node.Within(tree.Root) || seen[m.Node] {
			t.Errorf("%s is foreign or twice", m.Node.Kind)
		}
		seen[m.Node] = true
	}
	if len(seen) != count {
		t.Errorf("%d of %d named nodes matched", len(seen), count)
	}
}

func TestRepeatedCapture(t *testing.T) {
	for query, want := range map[string]int{
		`(argument_list ((integer) @n ","?)+) @a`: 3,
		`(argument_list (integer)+ @n) @a`:        1, // ends at the comma
	} {
		list := match(t, "f(1, 2, 3)\n", query)
		if len(list) != 1 || len(list[0].Captures["n"]) != want {
			t.Errorf("%s: %v, want one match with %d captures", query, list, want)
		}
	}
}

func TestPredicates(t *testing.T) {
	const text = "aa\nab\nba\nf(x, x)\nf(x, y)\n"
	const pair = "((argument_list . (identifier) @a (identifier) @b .) @l "
	for _, c := range []struct{ query, want string }{
		{`((expression_statement (identifier) @i) (#eq? @i "ab"))`, "ab"},
		{`((expression_statement (identifier) @i) (#not-eq? @i "ab"))`, "aa ba"},
		{`((expression_statement (identifier) @i) (#match? @i "^a"))`, "aa ab"},
		{`((expression_statement (identifier) @i) (#not-match? @i "^a"))`, "ba"},
		{`((expression_statement (identifier) @i) (#any-of? @i "aa" "ba"))`, "aa ba"},
		{`((expression_statement (identifier) @i) (#not-any-of? @i "aa" "ba"))`, "ab"},
		{`((expression_statement (identifier) @i) (#match? @i "^a") (#not-eq? @i "aa"))`, "ab"},
		{pair + "(#eq? @a @b))", "(x, x)"},
		{pair + "(#not-eq? @a @b))", "(x, y)"},
		// One predicate must not leak into the next pattern.
		{`((identifier) @i (#eq? @i "ab")) ((identifier) @i (#eq? @i "ba"))`, "ab ba"},
		// An absent capture satisfies.
		{`((expression_statement (identifier) @i (integer)? @n) (#eq? @n "1") (#match? @i "^b"))`, "ba"},
	} {
		if got := texts(match(t, text, c.query)); got != c.want {
			t.Errorf("%s: %q, want %q", c.query, got, c.want)
		}
	}
	if got := texts(match(t, "f(1, 1)\ng(1, 2)\n", `((call function: (identifier) @f arguments: (argument_list ((integer) @n ","?)+)) (#eq? @n "1"))`)); got != "f" {
		t.Errorf("eq? of several nodes: %q", got)
	}
}

func TestCompileRefuses(t *testing.T) {
	good := "(call) @c"
	for _, c := range []struct{ query, want string }{
		{"(call", "query 1: "},
		{"(no_such_kind) @x", "no_such_kind"},
		{"(call nofield: (identifier) @x)", "nofield"},
		{"((call) @c (#eq? @d \"x\"))", "query 1: "},
		{"((call) @c (#set! kind \"x\"))", "#set!: unknown predicate"},
		{"((call) @c (#has-parent? @c \"x\"))", "#has-parent?: unknown predicate"},
		{"((call) @c (#any-eq? @c \"x\"))", "#any-eq?: unknown predicate"},
		{"((call) @c (#match? @c \"(\"))", "#match?: error parsing regexp"},
		{"((call) @c (#eq? @c))", "wrong number"},
		{"((call) @c (#any-of? @c))", "#any-of?: wrong number"},
		{"((call) @c (#any-of? @c @c))", "argument 2 must be a text"},
		{"((call) @c (#any-of? \"x\" \"y\"))", "first argument must be a capture"},
		{"(identifier) @i (call)", "query 1: pattern 1 captures nothing"},
	} {
		_, err := Compile([]string{good, c.query})
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "query 1: ") {
			t.Errorf("%s: %v, want %q", c.query, err, c.want)
		}
	}
	q, err := Compile(nil)
	if err != nil {
		t.Fatal(err)
	}
	if tree, err := Parse(source.New("x.py", "f()\n"), q); err != nil || len(tree.Matches) != 0 {
		t.Errorf("an empty query: %v, %v", tree.Matches, err)
	}
}

// tree-sitter can drop matches when too many are open at a time: here every
// statement opens some that only the end of the block closes.
func TestManyMatches(t *testing.T) {
	block := func(lines int) string {
		var b strings.Builder
		b.WriteString("def g():\n")
		for i := range lines {
			fmt.Fprintf(&b, "    f%d(x, [y for y in (1, %d)])\n", i, i)
		}
		return b.String() + "    last\n"
	}
	check := func(lines int, sources ...string) {
		count := map[int]int{}
		for _, m := range match(t, block(lines), sources...) {
			count[m.Query]++
		}
		for q, text := range sources {
			if count[q] != lines {
				t.Errorf("%s: %d matches, want %d", text, count[q], lines)
			}
		}
	}
	check(4000,
		"(call function: (identifier) @f) @c",
		"((tuple (integer) @one (integer) @n) @t (#eq? @one \"1\"))",
		"(function_definition body: (block (expression_statement (call function: (identifier) @f)))) @d")
	// Siblings at a distance cost the cube of their number, but none is lost.
	check(120, "(block (expression_statement (call) @c) (expression_statement (identifier) @last))")
}
