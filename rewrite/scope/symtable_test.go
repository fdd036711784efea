package scope_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// table is one block of CPython's symbol table.
type table struct {
	Type, Name string
	Line       int
	Names      map[string]symbol
	Children   []*table
}

type symbol struct {
	Where       string // "local", "free" or "global"; at module level always "global"
	Read, Bound bool
}

type answer struct {
	Name, Text string
	Table      *table
}

// symtables asks CPython.
func symtables(t *testing.T, sources []string, library int) []answer {
	t.Helper()
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	request, err := json.Marshal(map[string]any{"sources": append([]string{}, sources...), "library": library})
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/symtable_dump.py")
	cmd.Stdin = bytes.NewReader(request)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr.String())
	}
	var answers []answer
	if err := json.Unmarshal(out, &answers); err != nil {
		t.Fatal(err)
	}
	return answers
}

// TestSymtableRules compares small sources, one or more for every rule.
func TestSymtableRules(t *testing.T) {
	sources := strings.Split(ruleSources, "\n---\n")
	for _, a := range symtables(t, sources, 0) {
		if a.Table == nil {
			t.Errorf("does not compile:\n%s", a.Text)
			continue
		}
		if diff := compare(t, a); len(diff) > 0 {
			t.Errorf("%s\n%s", a.Text, strings.Join(diff, "\n"))
		}
	}
}

// TestSymtableLibrary compares files of the standard library. Files the grammar
// does not read whole are passed over.
func TestSymtableLibrary(t *testing.T) {
	count := 60
	if testing.Short() {
		count = 12
	}
	compared := 0
	for _, a := range symtables(t, nil, count) {
		if a.Table == nil {
			continue
		}
		diff := compare(t, a)
		if diff == nil {
			continue
		}
		compared++
		if len(diff) > 0 {
			t.Errorf("%s:\n%s", a.Name, strings.Join(diff[:min(len(diff), 8)], "\n"))
		}
	}
	t.Logf("%d files compared", compared)
	if compared < count/2 {
		t.Errorf("only %d of %d files compared", compared, count)
	}
}

// compare lists the differences; nil when the file has syntax errors.
func compare(t *testing.T, a answer) []string {
	t.Helper()
	tree, err := syntax.Parse(source.New(a.Name, a.Text), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(tree.Errors) > 0 {
		return nil
	}
	m := scope.New(tree, "", "")
	ours, theirs := render(describe(m), nil), render(a.Table, nil)
	// Names in annotations under this import are in no table.
	lazy := strings.Contains(a.Text, "from __future__ import annotations")
	if lazy {
		for _, list := range [][]string{ours, theirs} {
			for i := range list {
				list[i] = strings.Replace(list[i], " read", "", 1)
			}
		}
	}
	// CPython normalizes identifiers (NFKC); the grammar reads type(x).y = z as a
	// type alias, so that type is no identifier.
	odd := func(line string) bool {
		return strings.ContainsFunc(line, func(r rune) bool { return r > 127 }) || strings.HasSuffix(line, ": type global read")
	}
	diff := []string{}
	for _, line := range theirs {
		if !odd(line) && !slices.Contains(ours, line) {
			diff = append(diff, "missing: "+line)
		}
	}
	for _, line := range ours {
		if !odd(line) && !slices.Contains(theirs, line) && (!lazy || strings.HasSuffix(line, " bound")) {
			diff = append(diff, "too much: "+line)
		}
	}
	return diff
}

// render writes a table as lines that do not depend on the order of blocks.
func render(tb *table, around []string) []string {
	if tb == nil {
		return nil
	}
	path := append(slices.Clip(around), fmt.Sprintf("%s %s:%d", tb.Type, tb.Name, tb.Line))
	head := strings.Join(path, " > ")
	lines := []string{head}
	for name, s := range tb.Names {
		if strings.HasPrefix(name, ".") || name == "__class__" {
			continue
		}
		if !s.Read && !s.Bound { // handed through, or declared only
			continue
		}
		text := head + ": " + name + " " + s.Where
		if s.Read {
			text += " read"
		}
		if s.Bound {
			text += " bound"
		}
		lines = append(lines, text)
	}
	for _, c := range tb.Children {
		lines = append(lines, render(c, path)...)
	}
	sort.Strings(lines)
	return lines
}

// describe turns a module into tables as CPython 3.11 makes them.
func describe(m *scope.Module) *table {
	tables := map[*scope.Scope]*table{}
	var build func(s *scope.Scope) *table
	build = func(s *scope.Scope) *table {
		tb := &table{Type: "function", Name: strings.Trim(s.Name, "<>"), Names: map[string]symbol{}}
		tb.Line = m.Tree.File.LineOf(s.Node.Start)
		switch s.Kind {
		case scope.TopLevel:
			tb.Type, tb.Name, tb.Line = "module", "top", 0
		case scope.Class:
			tb.Type = "class"
		}
		tables[s] = tb
		for _, c := range s.Children {
			tb.Children = append(tb.Children, build(c))
		}
		return tb
	}
	top := build(m.Top)
	note := func(id *syntax.Node, at *scope.Scope, read, bound bool) {
		b := m.Binding(id)
		where := "global"
		if b != nil && b.Scope != m.Top {
			where = "free"
			if b.Scope == at {
				where = "local"
			}
		}
		name := mangle(id.Text(), at)
		s := tables[at].Names[name]
		tables[at].Names[name] = symbol{where, s.Read || read, s.Bound || bound}
	}
	m.Tree.Root.Walk(func(id *syntax.Node) bool {
		if id.Kind != "identifier" {
			return true
		}
		at := m.ScopeOf(id)
		read := m.IsLoad(id) && !m.IsStore(id) // CPython: x += 1 does not read x
		if read || m.IsStore(id) {
			note(id, at, read, m.IsStore(id))
		}
		if m.IsStore(id) && id.Parent.Is("named_expression") && at.Kind == scope.Comprehension {
			for at.Kind == scope.Comprehension {
				at = at.Parent
			}
			if at.Kind != scope.TopLevel {
				note(id, at, false, true)
			}
		}
		return true
	})
	return top
}

// mangle gives private names in a class the name CPython gives them.
func mangle(name string, s *scope.Scope) string {
	if !strings.HasPrefix(name, "__") || strings.HasSuffix(name, "__") {
		return name
	}
	for ; s != nil; s = s.Parent {
		if class := strings.TrimLeft(s.Name, "_"); s.Kind == scope.Class && class != "" {
			return "_" + class + name
		}
	}
	return name
}

const ruleSources = `x = 1
print(x, y)
---
def f(a, b=d, *args: t1, c: t2 = e, **kw) -> t3:
    return a, b, args, c, kw, g
---
def f(a, /, b, *, c):
    def g():
        return a + b + c
    return g
---
x = 1
class A(Base, metaclass=Meta):
    x = x
    y = x
    def m(self):
        return x, y, A
    z = [x for _ in y]
    w = lambda self: x
---
def f():
    x = 1
    class A:
        y = x
        def m(self):
            return x, y
---
def f():
    global x, y
    x = 1
    def g():
        return x
    def h():
        x = 2
        return x
    return y
---
def f():
    x = 1
    def g():
        nonlocal x
        x += 1
        def h():
            nonlocal x
            del x
        return h
    return g
---
def f():
    x = 0
    class A:
        global x
        x = 1
        def m(self):
            return x
---
def f():
    x = 0
    class A:
        nonlocal x
        x = 1
---
def outer():
    x = 0
    def f():
        global x
        def g():
            return x
---
class A:
    global q
    def q(self): pass
    class B:
        q = 1
---
def f(xs):
    return [x + k for x in xs if x for k in x]
---
def f(xs):
    return {k: v for k, v in xs}, {a for a in xs}, (b for b in xs)
---
class A:
    items = [1]
    out = [i for i in items]
    bad = [items for i in items for j in items]
---
x = [x for x in x]
---
def f(xs):
    any((hit := x) for x in xs)
    return hit
---
any([(deep := y) for y in x if (hit := y)] for x in z)
---
def f(xs):
    global hit
    return [hit := x for x in xs]
---
def f():
    y = 0
    def g(xs):
        nonlocal y
        return [y := x for x in xs]
---
f = lambda a, b=a, *c, d=e, **g: (a, b, c, d, g, h, (w := 1))
---
def f():
    lam = lambda: lam
    return lambda q=lam: [q for _ in lam]
---
import a.b.c, d as e, x.y as z
from m import n, o as p
from . import q
from ..r.s import (t as u, v)
from os import *
from __future__ import division
---
def f():
    import a.b
    from c import d
    def g():
        return a.b, d
---
try:
    pass
except (A, B) as e:
    print(e)
except C:
    pass
else:
    x = 1
finally:
    y = 2
---
def f():
    try:
        pass
    except* E as group:
        return group
---
def f():
    with open(a) as x, open(b) as (y, z), c: pass
    with (open(d) as u, open(e) as v.attr[w]): pass
    with (g) as [h, *i]: pass
    with (j, k) as l: pass
---
async def f():
    async with a as b: pass
    async for c, (d, *e) in g: pass
    return [x async for x in h]
---
for i, (j, *k) in a: pass
for (o.attr), p[q] in w: pass
for r in *s, t: pass
---
a, (b, *c), [d, e] = f = g[h] = i.j = k
(l) = 1
[m] = n
---
x: int
y: str = z
a.b: c = d
e[f]: g
---
def f():
    x: int
    return x
---
def f():
    (x): int = 1
    y: "later" = x
---
x += y
a.b += c
d[e] *= f
def g():
    h -= 1
---
del a, b.c, d[e], (f, [g])
def h():
    del i
---
def f(v):
    match v:
        case [a, *b, 3]: pass
        case {"k": c, K.d: e, **rest}: pass
        case Point(x=0, y=g) as p if p: pass
        case Color.RED | mod.sub.BLUE: pass
        case (h, i): pass
        case str(j) | int(j): pass
        case -1 | 1+2j | "s" "t" | None: pass
        case k, l: pass
        case *m, n: pass
        case [Q(o), (1|2) as q, *_]: pass
        case {A.B: {"z": r}}: pass
        case (s): pass
---
match = case = type = _ = print = exec = 1
match.x, type(match), print(case), exec(_)
f(match=1, type=2, print=3)
def g(match, type=type, *, print): return match, type, print
---
@deco(a)
@b.c
def f(x=d): pass
@e
class A(f): pass
---
f"{x!r:{w}} {y=} {[i for i in z]} {(v := u)}" "plain {no}"
---
f(a=b, *c, **d).e(g=h).i[j:k, l:m:n]
---
class A:
    def f(self):
        return __class__, super().f()
    __private = 1
    def g(self):
        return __private
---
def f():
    def g():
        return g, f
    class B:
        def m(self): return B
---
def f(x):
    def x(): pass
    for x in y: pass
    return x
---
if a:
    b = 1
elif c:
    d = 2
while (e := f()):
    g = 3
else:
    h = 4
---
x = a if b else c
y = not d and e or g
z = -h ** i @ j
assert k, l
raise m from n
---
def f():
    yield a
    x = yield b
    y = yield from c
    return await_
---
def f(a, b=lambda: a, c=[a for a in d]):
    pass
---
class A:
    x: int = 1
    def f(self, y: x = x) -> x: pass
---
global top
top = 1
---
def f():
    global late
    late = 1
def g():
    return late
---
def f():
    return [[y for y in x] for x in [z for z in w]]
---
def f(self):
    x = 1
    return [lambda: x + i for i in self]
---
class A:
    class B:
        c = 1
    def f(self):
        return B, c
---
a = b = c = d, e = f
a[b], c.d = e
---
print(*args, sep=sep, **kw)
x = *a, *b
y = {**c, "d": e}
z = {*f, g}
`
