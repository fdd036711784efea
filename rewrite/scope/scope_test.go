package scope_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

func module(t testing.TB, text string, exports ...scope.StarExports) *scope.Module {
	t.Helper()
	tree, err := syntax.Parse(source.New("m.py", text), nil)
	if err != nil {
		t.Fatal(err)
	}
	return scope.New(tree, "pkg.sub.m", "pkg.sub", exports...)
}

// find returns the n-th identifier with the text, counted from 0; from the end
// when n is negative.
func find(t testing.TB, m *scope.Module, name string, n int) *syntax.Node {
	t.Helper()
	var list []*syntax.Node
	m.Tree.Root.Walk(func(k *syntax.Node) bool {
		if k.Kind == "identifier" && k.Text() == name {
			list = append(list, k)
		}
		return true
	})
	if n < 0 {
		n += len(list)
	}
	if n < 0 || n >= len(list) {
		t.Fatalf("no identifier %s number %d", name, n)
	}
	return list[n]
}

// kind returns the first node of a kind.
func kind(t testing.TB, m *scope.Module, kind string) *syntax.Node {
	t.Helper()
	var found *syntax.Node
	m.Tree.Root.Walk(func(k *syntax.Node) bool {
		if found == nil && k.Named && k.Kind == kind {
			found = k
		}
		return found == nil
	})
	if found == nil {
		t.Fatalf("no %s", kind)
	}
	return found
}

// shape writes the definitions of a binding: kind, path, node kind and value.
func shape(b *scope.Binding) string {
	var list []string
	for _, d := range b.Defs {
		s := d.Kind.String()
		if d.Path != nil {
			s += strings.ReplaceAll(fmt.Sprint(d.Path), " ", ",")
		}
		s += " " + d.Node.Kind
		if d.Value != nil {
			s += " " + d.Value.Text()
		}
		list = append(list, s)
	}
	return strings.Join(list, "; ")
}

func TestDefinitions(t *testing.T) {
	tests := []struct{ text, want string }{ // all of the name x
		{"x = 1", "assign assignment 1"},
		{"x: int = 1", "assign assignment 1"},
		{"x: int", "annonly assignment"},
		{"(x) = 1", "assign assignment 1"},
		{"a = x = b = v", "assign assignment v"},
		{"a, x = v", "assign[1] assignment v"},
		{"a, (b, x) = v", "assign[1,1] assignment v"},
		{"a, *x = v", "assign[-1] assignment v"},
		{"*a, b, x = v", "assign[-2] assignment v"},
		{"*a, x, b = v", "assign[-3] assignment v"},
		{"x, = v", "assign[0] assignment v"},
		{"[x] = v", "assign[0] assignment v"},
		{"x = y = 1; x += 2", "assign assignment 1; augassign augmented_assignment 2"},
		{"for x in v: pass", "for for_statement v"},
		{"for i, x in v: pass", "for[1] for_statement v"},
		{"for (x) in v: pass", "for for_statement v"},
		{"with v as x: pass", "with with_item v"},
		{"with (v as x): pass", "with with_item v"},
		{"with v() as (a, x): pass", "with[1] with_item v()"},
		{"try: pass\nexcept E as x: pass", "except except_clause E"},
		{"try: pass\nexcept (E, F) as x: pass", "except except_clause (E, F)"},
		{"try: pass\nexcept* E as x: pass", "except except_group_clause E"},
		{"try: pass\nexcept E, x: pass", "except except_clause E"},
		{"import x", "import import_statement"},
		{"import x.y", "import import_statement"},
		{"import y as x", "import import_statement"},
		{"from y import x", "import import_from_statement"},
		{"def x(): pass", "def function_definition"},
		{"@d\nclass x: pass", "class class_definition"},
		{"if (x := v): pass", "walrus named_expression v"},
		{"[x := v for v in w]", "walrus named_expression v"},
		{"match v:\n  case x: pass", "match case_clause v"},
		{"match v:\n  case (x): pass", "match case_clause v"},
		{"match v:\n  case x,: pass", "match case_clause"},
		{"match v:\n  case [x]: pass", "match case_clause"},
		{"match v:\n  case A() as x: pass", "match case_clause v"},
		{"match v:\n  case A(x): pass", "match case_clause"},
		{"match v, w:\n  case x: pass", "match case_clause"},
		{"match v:\n  case {1: a, **x}: pass", "match case_clause"},
		{"match v:\n  case [*x]: pass", "match case_clause"},
		{"x = 1\ndel x", "assign assignment 1; del delete_statement"},
		{"def f():\n  global x\n  x = 1", "global global_statement; assign assignment 1"},
		{"type x = int", "assign type_alias_statement"},
		{"x = 1\nif a:\n  def x(): pass", "assign assignment 1; def function_definition"},
	}
	for _, test := range tests {
		m := module(t, test.text+"\n")
		b := m.Globals()["x"]
		if b == nil {
			t.Errorf("%s: not bound", test.text)
		} else if got := shape(b); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestLocalDefinitions(t *testing.T) {
	tests := []struct{ text, node, want string }{
		{"def f(x): pass", "function_definition", "param identifier"},
		{"def f(x=v): pass", "function_definition", "param default_parameter v"},
		{"def f(x: t): pass", "function_definition", "param typed_parameter"},
		{"def f(x: t = v): pass", "function_definition", "param typed_default_parameter v"},
		{"def f(*x): pass", "function_definition", "param list_splat_pattern"},
		{"def f(**x): pass", "function_definition", "param dictionary_splat_pattern"},
		{"def f(*x: t): pass", "function_definition", "param typed_parameter"},
		{"def f(**x: t): pass", "function_definition", "param typed_parameter"},
		{"def f(a, (b, x)): pass", "function_definition", "param[1] tuple_pattern"},
		{"lambda x=v: x", "lambda", "param default_parameter v"},
		{"[x for a, x in v]", "list_comprehension", "comp[1] for_in_clause v"},
		{"def f():\n  x = 1", "function_definition", "assign assignment 1"},
		{"class C:\n  x = 1", "class_definition", "assign assignment 1"},
		{"def f[x](): pass", "type_parameter", "typeparam type_parameter"},
		{"def f[x: int](): pass", "type_parameter", "typeparam type_parameter"},
		{"class C[*x]: pass", "type_parameter", "typeparam type_parameter"},
		{"class C[**x]: pass", "type_parameter", "typeparam type_parameter"},
		{"class C[x = int]: pass", "type_parameter", "typeparam type_parameter"},
		{"type A[x] = list[x]", "type_parameter", "typeparam type_parameter"},
	}
	for _, test := range tests {
		m := module(t, test.text+"\n")
		n := kind(t, m, test.node)
		s := m.ScopeFor(n)
		if s == nil {
			s = m.Binding(find(t, m, "x", 0)).Scope
		}
		if s.Node != n {
			t.Errorf("%s: scope of another node %s", test.text, s.Node.Kind)
		}
		b := s.Names["x"]
		if b == nil {
			t.Errorf("%s: not bound", test.text)
		} else if got := shape(b); got != test.want {
			t.Errorf("%s: got %s, want %s", test.text, got, test.want)
		}
	}
}

func TestTypeParameters(t *testing.T) {
	m := module(t, `T = 0
class C[T: B](Base[T]):
    inner = 1
    def m[U](self, a: T = T, b: inner = inner) -> U:
        return T, U, inner
def f[V: (V, int)](x: V = V): return V
type A[W] = dict[W, T]
`)
	where := func(name string, n int) string {
		b := m.Binding(find(t, m, name, n))
		if b == nil {
			return "none"
		}
		return b.Scope.Kind.String() + " " + b.Scope.Name
	}
	tests := []struct {
		name string
		n    int
		want string
	}{
		{"T", 0, "module pkg.sub.m"},
		{"T", 1, "type parameters C"}, // its definition
		{"T", 2, "type parameters C"}, // base
		{"T", 3, "type parameters C"}, // annotation in a method
		{"T", 4, "type parameters C"}, // default in a method
		{"T", 5, "type parameters C"}, // body of a method
		{"T", 6, "module pkg.sub.m"},  // in the alias
		{"U", 1, "type parameters m"},
		{"U", 2, "type parameters m"},
		{"inner", 1, "class C"}, // annotation: type parameters directly in a class see it
		{"inner", 2, "class C"}, // default
		{"inner", 3, "none"},    // body of the method does not
		{"V", 1, "type parameters f"},
		{"V", 2, "type parameters f"},
		{"V", 3, "none"}, // default runs outside
		{"V", 4, "type parameters f"},
		{"W", 1, "type parameters A"},
		{"C", 0, "module pkg.sub.m"},
		{"m", 0, "class C"},
	}
	for _, test := range tests {
		if got := where(test.name, test.n); got != test.want {
			t.Errorf("%s number %d: %s, want %s", test.name, test.n, got, test.want)
		}
	}
	if got := m.ScopeFor(find(t, m, "m", 0).Parent).QualName(); got != "C.m" {
		t.Errorf("QualName %s", got)
	}
}

func TestReferences(t *testing.T) {
	m := module(t, `x = 0
def f():
    global x
    x += 1
def g():
    y = x
    def h():
        nonlocal y
        y = 2
    obj.x = call(x=y).x
`)
	b := m.Globals()["x"]
	if got := shape(b); got != "assign assignment 0; global global_statement; augassign augmented_assignment 1" {
		t.Error(got)
	}
	if len(b.Uses) != 2 || len(b.GlobalIn) != 1 || b.GlobalIn[0].Name != "f" || b.Single() != nil {
		t.Errorf("uses %d, global in %v", len(b.Uses), b.GlobalIn)
	}
	if d := b.Defs[2]; d.Scope.Name != "f" || !m.IsLoad(d.Name) || !m.IsStore(d.Name) {
		t.Error("augmented assignment")
	}
	if d := b.Defs[1]; m.IsLoad(d.Name) || m.IsStore(d.Name) || m.Binding(d.Name) != b {
		t.Error("declaration")
	}
	g := m.ScopeFor(m.Globals()["g"].Single().Node)
	y := g.Names["y"]
	if len(y.NonlocalIn) != 1 || y.NonlocalIn[0].QualName() != "g.<locals>.h" || len(y.Uses) != 1 {
		t.Errorf("y: %v", y)
	}
	if y.NonlocalIn[0].Lookup("y") != y || y.NonlocalIn[0].Function().Parent.Function() != g {
		t.Error("lookup")
	}
	// Attribute and keyword names refer to nothing.
	for n := range 3 {
		if id := find(t, m, "x", -1-n); m.Binding(id) != nil || m.IsLoad(id) || m.IsStore(id) {
			t.Errorf("x number %d from the end", n)
		}
	}
	if m.Binding(find(t, m, "call", 0)) != nil || !m.IsLoad(find(t, m, "call", 0)) {
		t.Error("unbound name")
	}
	if m.Binding(nil) != nil || m.Binding(m.Tree.Root) != nil {
		t.Error("no identifier")
	}
}

func TestSingle(t *testing.T) {
	tests := []struct {
		text string
		one  bool
	}{
		{"x = 1", true},
		{"x: int\nx = 1", true},
		{"x = 1\ndel x", true},
		{"x = 1\nx = 2", false},
		{"x: int", false},
		{"x = 1\ndef f():\n  global x", true},
		{"x = 1\nx += 1", false},
	}
	for _, test := range tests {
		if got := module(t, test.text+"\n").Globals()["x"].Single() != nil; got != test.one {
			t.Errorf("%q: %v", test.text, got)
		}
	}
}

func TestScopeOf(t *testing.T) {
	m := module(t, `@deco(d1)
def f(p, q: ann = dflt, r=lambda lp=ldef: lbody) -> ret:
    inside
    return [elt for tgt in first.attr if cond for b in second]
class C(base, metaclass=meta):
    @deco2
    def m(self, s=mdflt): mbody
    cls = [celt for _ in cfirst]
tail = "text"
`)
	tests := map[string]string{
		"f": "", "deco": "", "d1": "", "ann": "", "dflt": "", "ldef": "", "ret": "",
		"p": "f", "q": "f", "r": "f", "inside": "f", "lp": "<lambda>", "lbody": "<lambda>",
		"first": "f", "attr": "f",
		"elt": "f.<locals>.<listcomp>", "tgt": "f.<locals>.<listcomp>", "cond": "f.<locals>.<listcomp>", "second": "f.<locals>.<listcomp>",
		"base": "", "meta": "", "metaclass": "", "C": "", "deco2": "C", "mdflt": "C", "m": "C", "mbody": "C.m", "self": "C.m",
		"celt": "C.<listcomp>", "cfirst": "C", "tail": "",
	}
	for name, want := range tests {
		n := find(t, m, name, 0)
		if got := m.ScopeOf(n); got.QualName() != want {
			t.Errorf("%s: %q, want %q", name, got.QualName(), want)
		}
	}
	for node, want := range map[string]string{
		"decorated_definition": "", "function_definition": "", "class_definition": "", "parameters": "",
		"for_in_clause": "f.<locals>.<listcomp>", "if_clause": "f.<locals>.<listcomp>", "list_comprehension": "f",
		"return_statement": "f", "lambda": "", "string": "", "module": "", "attribute": "f", "block": "f",
	} {
		if got := m.ScopeOf(kind(t, m, node)); got.QualName() != want {
			t.Errorf("%s: %q, want %q", node, got.QualName(), want)
		}
	}
	if m.ScopeOf(nil) != nil || m.ScopeOf(module(t, "x\n").Tree.Root) != nil {
		t.Error("a foreign node has no scope")
	}
	if m.ScopeFor(kind(t, m, "decorated_definition")) != m.ScopeFor(kind(t, m, "function_definition")) {
		t.Error("ScopeFor a decorated definition")
	}
}

func TestQualName(t *testing.T) {
	m := module(t, `class Outer:
    class Inner:
        def method(self):
            def local(): pass
            class C:
                def deep(self): pass
            return lambda: [0 for _ in ()]
def f():
    global g
    def g():
        def h(): pass
`)
	var got []string
	var walk func(s *scope.Scope)
	walk = func(s *scope.Scope) {
		got = append(got, s.QualName())
		for _, c := range s.Children {
			walk(c)
		}
	}
	walk(m.Top)
	want := []string{"", "Outer", "Outer.Inner", "Outer.Inner.method", "Outer.Inner.method.<locals>.local",
		"Outer.Inner.method.<locals>.C", "Outer.Inner.method.<locals>.C.deep",
		"Outer.Inner.method.<locals>.<lambda>", "Outer.Inner.method.<locals>.<lambda>.<locals>.<listcomp>",
		"f", "g", "g.<locals>.h"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q\nwant %q", got, want)
	}
}

func TestPython2(t *testing.T) {
	m := module(t, "import Queue\ndef f(a, (b, c)):\n    print a, b\n    print >>err, c\n    exec code in ns\n"+
		"    try:\n        raise E, 'x'\n    except E, e:\n        print e\n    return `a`, 0777, lambda (x, y): x\n")
	f := m.ScopeFor(m.Globals()["f"].Single().Node)
	for _, name := range []string{"a", "b", "c", "e"} {
		if f.Names[name] == nil {
			t.Errorf("%s is not bound", name)
		}
	}
	if len(f.Names["e"].Uses) != 1 || f.Names["E"] != nil || len(f.Names["c"].Uses) != 1 {
		t.Error("uses")
	}
	// PEP 758: two types, nothing bound.
	m = module(t, "try: pass\nexcept ValueError, KeyError: pass\nexcept A, B: pass\nexcept c, OSError: pass\n")
	if len(m.Globals()) != 0 {
		t.Errorf("bound: %v", m.Globals())
	}
}

func TestBrokenCode(t *testing.T) {
	m := module(t, "def f(x:\n  y = \nclass A\n   def g(self) return y\nfor in z:\nimport\nfrom a import\nx = (1,\nimport q\n")
	check(t, m)
	m = module(t, "a = 1\nb = a $ c\ndef ok():\n    return a, b\n")
	check(t, m)
	if b := m.Globals()["a"]; b == nil || len(b.Uses) != 2 {
		t.Errorf("a: %v", b)
	}
	check(t, module(t, ""))
	check(t, module(t, strings.Repeat("(", 3000)))
	check(t, module(t, "x = "+strings.Repeat("a + ", 4000)+"a\n"))
}

// TestDamaged cuts and splices a source at many places and checks that nothing
// breaks.
func TestDamaged(t *testing.T) {
	texts := strings.Split(ruleSources, "\n---\n")
	for i, text := range texts {
		for cut := 1; cut < len(text); cut += 7 {
			check(t, module(t, text[:cut]))
			check(t, module(t, text[cut:]))
			other := texts[(i*7+cut)%len(texts)]
			check(t, module(t, text[:cut]+other[len(other)/2:]))
		}
		if testing.Short() && i > 10 {
			break
		}
	}
}

// check verifies what holds for every module.
func check(t *testing.T, m *scope.Module) {
	t.Helper()
	fail := func(format string, args ...any) {
		t.Errorf("%s\n%s", fmt.Sprintf(format, args...), m.Tree.File.Text)
	}
	uses := 0
	var walk func(s *scope.Scope)
	walk = func(s *scope.Scope) {
		for name, b := range s.Names {
			if b.Name != name || b.Scope != s || len(b.Defs) == 0 {
				fail("binding %s of %s", b.Name, s.Name)
			}
			if !slices.IsSortedFunc(b.Defs, func(x, y *scope.Def) int { return x.Name.Start - y.Name.Start }) ||
				!slices.IsSortedFunc(b.Uses, func(x, y *syntax.Node) int { return x.Start - y.Start }) {
				fail("%s is not in source order", name)
			}
			for _, d := range b.Defs {
				if m.Binding(d.Name) != b || d.Scope == nil || !d.Name.Within(d.Node) {
					fail("definition of %s as %s", name, d.Kind)
				}
				// Python refuses a walrus in a class's comprehension.
				if d.Scope.Lookup(name) == nil && !(d.Kind == scope.Walrus && s.Kind == scope.Class) {
					fail("definition of %s as %s is not found", name, d.Kind)
				}
			}
			for _, u := range b.Uses {
				if m.Binding(u) != b || !m.IsLoad(u) || !m.ScopeOf(u).Within(s) && s != m.Top {
					fail("use of %s", name)
				}
			}
			uses += len(b.Uses)
		}
		for _, c := range s.Children {
			if c.Parent != s {
				fail("parent of %s", c.Name)
			}
			walk(c)
		}
	}
	walk(m.Top)
	m.Tree.Root.Walk(func(n *syntax.Node) bool {
		s := m.ScopeOf(n)
		if s == nil {
			fail("no scope for %s", n.Kind)
		}
		if n.Is("identifier", "attribute") {
			if q := m.Qualified(n); q != "" && !slices.Equal(m.QualifiedAll(n), []string{q}) {
				fail("Qualified %s", q)
			}
		}
		if b := m.Binding(n); b != nil && m.IsLoad(n) {
			uses--
		}
		return true
	})
	if uses != 0 {
		fail("%d uses are not reads", uses)
	}
	m.FreeNames(m.Tree.Root)
}
