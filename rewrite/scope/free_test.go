package scope_test

import (
	"maps"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

func freeNames(list []scope.Free) string {
	var names []string
	for _, f := range list {
		where := "-"
		if f.Binding != nil {
			where = f.Binding.Scope.Kind.String()
		}
		names = append(names, f.Name+":"+where)
	}
	return strings.Join(names, " ")
}

func boundNames(list []*scope.Binding) string {
	var names []string
	for _, b := range list {
		names = append(names, b.Name)
	}
	return strings.Join(names, " ")
}

func TestFreeNames(t *testing.T) {
	tests := []struct{ text, kind, want string }{
		{"x = 1\ndef f(a, b=x):\n  c = a\n  return b, c, x, len, y", "function_definition", "x:module len:- y:-"},
		{"def f():\n  return f()", "function_definition", ""}, // its own name goes with it
		{"def f():\n  global n\n  n += 1", "function_definition", "n:module"},
		{"def f():\n  x = 1\n  return lambda y: x + y + z\nz = 1", "lambda", "x:function z:module"},
		{"x = [1]\n[x for x in x]", "list_comprehension", "x:module"},
		{"def f(a):\n  if a:\n    b = a\n    print(b)\n  return b", "if_statement", "a:function print:-"},
		{"def f(a):\n  b = 0\n  if a:\n    b = b + 1", "if_statement", "a:function b:function"},
		{"class A(B):\n  x = 1\n  def m(self): return self.x, x, A", "class_definition", "B:- x:-"},
		{"x = 1\nprint(x.y, f(x=x))", "call", "print:- x:module f:-"},
		{"import os\nfor i in os.environ: print(i)", "for_statement", "os:module print:-"},
		{"import os\nprint(os)", "module", "print:-"},
	}
	for _, test := range tests {
		m := module(t, test.text+"\n")
		if got := freeNames(m.FreeNames(kind(t, m, test.kind))); got != test.want {
			t.Errorf("%s\ngot %q, want %q", test.text, got, test.want)
		}
	}
	m := module(t, "def f(a):\n  return a, a\n")
	if free := m.FreeNames(kind(t, m, "return_statement")); len(free) != 1 || len(free[0].Uses) != 2 {
		t.Errorf("uses: %v", free)
	}
	if m.FreeNames(nil) != nil {
		t.Error("nil")
	}
}

func TestBoundIn(t *testing.T) {
	tests := []struct{ text, kind, want string }{
		{"for i, j in x:\n  k = i\n  def f(): l = 1", "for_statement", "i j k f"},
		{"def f(a):\n  b = 1", "function_definition", "f"},
		{"def f(a):\n  global g\n  b, g = 1, 2\n  c: int\n  del b", "block", "b g"},
		{"with a as b: [c := d for d in e]", "with_statement", "b c"},
		{"def f():\n  x = 0\n  def g():\n    nonlocal x\n    x = 1", "block", "x g"},
		{"x = 1", "expression_statement", "x"},
		{"x.y = 1", "expression_statement", ""},
	}
	for _, test := range tests {
		m := module(t, test.text+"\n")
		if got := boundNames(m.BoundIn(kind(t, m, test.kind))); got != test.want {
			t.Errorf("%s\ngot %q, want %q", test.text, got, test.want)
		}
	}
}

func TestAssignedIn(t *testing.T) {
	m := module(t, "def f(a, *b):\n  global g\n  g = c = 1\n  d: int\n  def e(): h = 1\n  c = 2\n")
	if got := boundNames(m.AssignedIn(m.ScopeFor(kind(t, m, "function_definition")))); got != "a b g c e" {
		t.Error(got)
	}
	if got := boundNames(m.AssignedIn(m.Top)); got != "f" {
		t.Error(got)
	}
	if m.AssignedIn(nil) != nil {
		t.Error("nil")
	}
}

func TestFreshName(t *testing.T) {
	m := module(t, `from multiprocessing import *
top = 1
def f(arg):
    local = loose
    def g():
        inner = local
    def h():
        global late
        late = 2
def other():
    elsewhere = 1
`, stars)
	f := m.ScopeFor(kind(t, m, "function_definition"))
	tests := []struct {
		scope      *scope.Scope
		name, want string
	}{
		{f, "new", "new"},
		{f, "top", "top_2"},
		{f, "arg", "arg_2"},
		{f, "inner", "inner_2"},       // in a function inside
		{f, "late", "late_2"},         // bound in the module
		{f, "loose", "loose_2"},       // read, bound nowhere
		{f, "elsewhere", "elsewhere"}, // not in sight
		{m.Top, "elsewhere", "elsewhere_2"},
		{f, "list", "list_2"},
		{f, "class", "class_2"},
		{f, "await", "await_2"},
		{f, "Queue", "Queue_2"}, // of the star import
		{nil, "top", "top_2"},
		{f, "", "name"},
	}
	for _, test := range tests {
		if got := m.FreshName(test.scope, test.name); got != test.want {
			t.Errorf("%q: got %s, want %s", test.name, got, test.want)
		}
	}
	m = module(t, "x = x_2 = 1\n")
	if got := m.FreshName(m.Top, "x"); got != "x_3" {
		t.Error(got)
	}
}

// TestBuiltins compares the builtins known here with those of the Python at hand.
func TestBuiltins(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	out, err := exec.Command(python, "-c", "import builtins; print(*dir(builtins))").Output()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{"__name__": true, "__doc__": true, "__package__": true, "__loader__": true, "__spec__": true}
	for _, name := range strings.Fields(string(out)) {
		m := module(t, name+"\n")
		n := m.Tree.Root.NamedChildren()[0]
		n = n.NamedChildren()[0]
		if n.Kind == "identifier" && !known[name] && m.Qualified(n) != "builtins."+name {
			t.Errorf("%s is not known", name)
		}
	}
}

// TestParallel reads one module from many goroutines; run with -race it finds
// hidden writes.
func TestParallel(t *testing.T) {
	m := module(t, ruleSources, stars)
	var ids []*syntax.Node
	m.Tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Kind == "identifier" {
			ids = append(ids, n)
		}
		return true
	})
	ask := func() map[string]string {
		answers := map[string]string{}
		for _, id := range ids {
			answers[id.Text()] += m.Qualified(id) + m.ScopeOf(id).QualName()
		}
		answers["fresh name"] = m.FreshName(m.Top, "x")
		return answers
	}
	want := ask()
	done := make(chan map[string]string)
	for range 4 {
		go func() { done <- ask() }()
	}
	for range 4 {
		if got := <-done; !maps.Equal(got, want) {
			t.Error("answers differ")
		}
	}
	if !slices.ContainsFunc(ids, m.IsLoad) {
		t.Error("nothing is read")
	}
}

func BenchmarkNew(b *testing.B) {
	m := module(b, strings.Repeat(strings.ReplaceAll(ruleSources, "---\n", ""), 8))
	for b.Loop() {
		scope.New(m.Tree, "", "")
	}
	b.ReportMetric(float64(m.Tree.File.LineCount()), "lines")
}
