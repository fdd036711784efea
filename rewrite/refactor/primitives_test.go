package refactor

import (
	"errors"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

func TestLines(t *testing.T) {
	tell(t, []story{
		{"above and below", `
def f():
    a = 1

    # about b
    b = 2  # trailing
    c = 3
`, func(c *code, r *Rewrite) {
			r.LinesBefore(c.stmt("b = 2"), "first", "if x:", "\ty", "", "z")
			r.LinesAfter(c.stmt("b = 2"), "after")
		}, `
def f():
    a = 1

    first
    if x:
        y

    z
    # about b
    b = 2  # trailing
    after
    c = 3
`},
		{"joined statements", `
a; b; c  # note
if x: d; e
else: g
`, func(c *code, r *Rewrite) {
			r.LinesBefore(c.stmt("b"), "one")
			r.LinesAfter(c.stmt("c "), "two")
			r.LinesBefore(c.stmt("d;"), "three")
			r.LinesAfter(c.stmt("g"), "four")
		}, `
a
one
b; c  # note
two
if x:
    three
    d; e
else:
    g
    four
`},
		{"after the first of a line", `
if x: d; e
a; b
`, func(c *code, r *Rewrite) {
			r.LinesAfter(c.stmt("d;"), "one")
			r.LinesAfter(c.stmt("a;"), "two")
		}, `
if x:
    d
    one
    e
a
two
b
`},
		{"end of file", `
def f():
    a`, func(c *code, r *Rewrite) {
			r.LinesAfter(c.stmt("a"), "b")
			r.LinesAfter(c.stmt("a"), "c")
			r.LinesAfter(c.stmt("def f"), "f()")
		}, `
def f():
    a
    b
    c


f()`},
		{"decorated, tabs", `
@deco
def f(x):
	if x:
		return 1


@deco
class A:
	x = 1
`, func(c *code, r *Rewrite) {
			r.LinesBefore(c.stmt("class A"), "def g():", "\treturn 2")
			r.LinesBefore(c.stmt("x = 1"), "w = 0")
			r.LinesAfter(c.stmt("return 1"), "while 1:", "\tpass")
		}, `
@deco
def f(x):
	if x:
		return 1
		while 1:
			pass


def g():
	return 2


@deco
class A:
	w = 0
	x = 1
`},
		{"at top", `
def f():
    """Doc."""
    global a; b = 1

def g():
    '''Doc.'''

    x = 1
def h(): pass
def i():
    "only"
class C:
    # lead
    y = 1
`, func(c *code, r *Rewrite) {
			for _, n := range c.stmts("def f", "def g", "def h", "def i", "class C") {
				r.LinesAtTop(n, "top = 1")
			}
		}, `
def f():
    """Doc."""
    global a
    top = 1
    b = 1

def g():
    '''Doc.'''

    top = 1
    x = 1
def h():
    top = 1
    pass
def i():
    "only"
    top = 1
class C:
    top = 1
    # lead
    y = 1
`},
	})
}

func TestDelete(t *testing.T) {
	del := func(names ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, s := range c.stmts(names...) {
				r.Delete(s)
			}
		}
	}
	tell(t, []story{
		{"plain", "a\nb  # note\nc\n", del("b"), "a\nc\n"},
		{"between paragraphs", "a\n\nb\n\nc\n", del("b"), "a\n\nc\n"},
		{"paragraph's first", "a\n\nb\nc\n", del("b"), "a\n\nc\n"},
		{"paragraph's last", "a\nb\n\nc\n", del("b"), "a\n\nc\n"},
		{"definition", "a = 1\n\n\ndef f():\n    pass\n\n\nb = 1\n", del("def f"), "a = 1\n\nb = 1\n"},
		{"one of three definitions", "def e(): 1\n\n\ndef f():\n    pass\n\n\ndef g(): 1\n", del("def f"), "def e(): 1\n\n\ndef g(): 1\n"},
		{"between definitions", "def e(): 1\n\n\nx = 1\n\n\ndef g(): 1\n", del("x = 1"), "def e(): 1\n\n\ndef g(): 1\n"},
		{"first", "a\n\n\nb\n", del("a"), "b\n"},
		{"last", "a\n\n\nb\n", del("b"), "a\n"},
		{"last without newline", "a\nb", del("b"), "a"},
		{"only", "a\n", del("a"), ""},
		{"comment stays", "x\n# about\na  # note\nb\n", del("a "), "x\n# about\nb\n"},
		{"joined first", "a; b; c\n", del("a"), "b; c\n"},
		{"joined middle", "a; b; c\n", del("b"), "a; c\n"},
		{"joined last", "a; b; c  # note\n", del("c"), "a; b  # note\n"},
		{"joined two", "a; b; c\n", del("b", "c"), "a\n"},
		{"joined all", "x\na; b; c\ny\n", del("a", "b", "c"), "x\ny\n"},
		{"emptied block", "def f():\n    # why\n    a\n    b\nc\n", del("a\n", "b\n"), "def f():\n    # why\n    pass\nc\n"},
		{"emptied one-liner", "if x: a; b\nc\n", del("a;", "b\n"), "if x: pass\nc\n"},
		{"part of a one-liner", "if x: a; b\nc\n", del("a;"), "if x: b\nc\n"},
		{"last in a block", "def f():\n    a\n\n    b\n\n\nc\n", del("b\n"), "def f():\n    a\n\n\nc\n"},
		{"last of the file in a block", "def f():\n    a\n\n    b", del("b"), "def f():\n    a"},
		{"continued", "a\nb = 1 + \\\n  2\nc\n", del("b ="), "a\nc\n"},
	})
}

func TestReplaceTwice(t *testing.T) {
	c := parse(t, "f(a, b)\n")
	r := New()
	r.Replace(c.at("a"), "x")
	r.Replace(c.at("a"), "x")
	r.InsertBefore(c.at("a"), "<")
	r.InsertAfter(c.at("a"), ">")
	r.InsertBefore(c.at("f(a, b)"), "(")
	if got, err := r.result(c); err != nil || got != "(f(<x>, b)\n" {
		t.Errorf("%q, %v", got, err)
	}
	for name, do := range map[string]func(r *Rewrite){
		"two texts": func(r *Rewrite) { r.Replace(c.at("a"), "x"); r.Replace(c.at("a"), "y") },
		"inside":    func(r *Rewrite) { r.Replace(c.at("f(a, b)"), "x"); r.Replace(c.at("a"), "y") },
		"insertion": func(r *Rewrite) { r.Replace(c.at("f(a, b)"), "x"); r.InsertAfter(c.at("a"), "y") },
	} {
		r := New()
		do(r)
		if _, err := r.Set(); !errors.Is(err, ErrOverlap) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMove(t *testing.T) {
	tell(t, []story{
		{"definition up", `
import os

x = 1
print(x)


# helper
@deco
def f():
    # inside
    return '''
 x'''  # end
y = 2
`, func(c *code, r *Rewrite) { r.Move(c.stmts("def f"), c.stmt("x = 1")) }, `
import os


# helper
@deco
def f():
    # inside
    return '''
 x'''  # end


x = 1
print(x)

y = 2
`},
		{"out of a function", `
def main():
    a = 1

    def work(x):
        if x:
            return """
        text"""

        return [
            x,
      ]

    run(work)


if a: b
`, func(c *code, r *Rewrite) {
			r.Move(c.stmts("def work"), c.stmt("def main"))
			r.Replace(c.at("return [").Children[1].NamedChildren()[0], "x.y")
			r.LinesBefore(c.stmt("if x:"), "x += 1")
		}, `
def work(x):
    x += 1
    if x:
        return """
        text"""

    return [
        x.y,
  ]


def main():
    a = 1

    run(work)


if a: b
`},
		{"into a block", `
a = 1
b = 2
if x:
    c
else: d
`, func(c *code, r *Rewrite) {
			r.Move(c.stmts("a = 1"), c.stmt("c\n"))
			r.Move(c.stmts("b = 2"), c.stmt("d\n"))
		}, `
if x:
    a = 1
    c
else:
    b = 2
    d
`},
		{"last of a block", `
if x:
    a
else:
    b

c
`, func(c *code, r *Rewrite) { r.Move(c.stmts("b\n"), c.stmt("c\n")) }, `
if x:
    a
else:
    pass

b
c
`},
		{"joined", `
a; b; c  # note
d
`, func(c *code, r *Rewrite) { r.Move(c.stmts("c "), c.stmt("a;")); r.Move(c.stmts("b;"), c.stmt("d")) }, `
c  # note
a
b
d
`},
		{"into itself", `
if x:
    a
`, func(c *code, r *Rewrite) { r.Move(c.stmts("if x"), c.stmt("a\n")) }, refused},
		{"round in a circle", `
if x:
    a
if y:
    b
`, func(c *code, r *Rewrite) {
			r.Move(c.stmts("if x"), c.stmt("b\n"))
			r.Move(c.stmts("if y"), c.stmt("a\n"))
		}, refused},
	})
}

func TestWrapAndIndent(t *testing.T) {
	tell(t, []story{
		{"with lines inside", `
def f():
    a
    # about b
    b(
        1)

    c; d
    e
`, func(c *code, r *Rewrite) {
			r.WrapWith(c.stmt("b("), c.stmt("c;"), "with lock:")
			r.LinesBefore(c.stmt("b("), "x")
			r.LinesAfter(c.stmt("b("), "y")
			r.LinesAfter(c.stmt("c;"), "z")
			r.Replace(c.at("1"), "2")
		}, `
def f():
    a
    with lock:
        x
        # about b
        b(
            2)
        y

        c
        z
    d
    e
`},
		{"try inside with", `
if q: a
`, func(c *code, r *Rewrite) {
			r.WrapWith(c.stmt("a\n"), c.stmt("a\n"), "try:", "finally:", "\tq.close()")
			r.WrapWith(c.stmt("a\n"), c.stmt("a\n"), "with b:")
			r.LinesBefore(c.stmt("if q"), "q = 1")
		}, `
q = 1
if q:
    with b:
        try:
            a
        finally:
            q.close()
`},
		{"dedent", `
with x:
    a = '''
    b'''

    # c
    d
e
`, func(c *code, r *Rewrite) {
			r.Indent(c.stmt("a ="), c.stmt("d\n"), -1)
			f := c.tree.File
			r.ReplaceRange(f, 0, f.LineStart(2), "")
		}, `
a = '''
    b'''

# c
d
e
`},
		{"unwrap", `
if z:
    with open(x) as y:
        # c
        a
        b
    d
`, func(c *code, r *Rewrite) {
			r.Unwrap(c.stmt("with"), "y = x")
		}, `
if z:
    y = x
    # c
    a
    b
    d
`},
		{"unwrap with a comment", "with x:  # why\n    a\n", func(c *code, r *Rewrite) {
			r.Unwrap(c.stmt("with"))
		}, refused},
		{"unwrap one line", "with x: a\n", func(c *code, r *Rewrite) {
			r.Unwrap(c.stmt("with"))
		}, refused},
		{"crossing", "a\nb\nc\n", func(c *code, r *Rewrite) {
			r.WrapWith(c.stmt("a"), c.stmt("b"), "with x:")
			r.WrapWith(c.stmt("b"), c.stmt("c"), "with y:")
		}, refused},
		{"several lines put in", "def f():\n    x = 1\n    return x\n", func(c *code, r *Rewrite) {
			r.WrapWith(c.stmt("x = 1"), c.stmt("x = 1"), "if y:")
			r.Replace(c.at("1"), "g(\n        1,\n    '''\n  ''')")
		}, "def f():\n    if y:\n        x = g(\n            1,\n        '''\n  ''')\n    return x\n"},
		{"form feed", "a\n\fb\nc\n", func(c *code, r *Rewrite) { r.WrapWith(c.stmt("b"), c.stmt("c"), "if x:") }, "a\nif x:\n\f    b\n    c\n"},
	})
}

func TestGuardComposes(t *testing.T) {
	tell(t, []story{
		{"everything at once", `
import os

q = make()  # the queue


def work(n):
    q.put(n)


p = run(target=work, args=(1,))
p.start()
def local(): return 1
print("x")
del q
`, func(c *code, r *Rewrite) {
			r.GuardMain(c.mod, c.stmt("q ="), c.stmt("del q"))
			if err := r.AddParameter(c.stmt("def work"), "q", ""); err != nil {
				t.Error(err)
			}
			r.AddElement(c.at("(1,)"), "q")
			r.LinesBefore(c.stmt("p.start"), "x = 1")
			r.LinesBefore(c.stmt("p.start"), "def hoisted():", "\tpass")
			r.WrapWith(c.stmt("p.start"), c.stmt("p.start"), "with y:")
			r.Delete(c.stmt("print"))
			r.LinesAfter(c.stmt("del q"), "p.join()")
		}, `
import os


def work(n, q):
    q.put(n)


def hoisted():
    pass


def local(): return 1


if __name__ == "__main__":
    q = make()  # the queue

    p = run(target=work, args=(1, q))
    with y:
        x = 1
        p.start()
    del q
    p.join()
`},
	})
}

func TestEditsStaySmall(t *testing.T) {
	c := parse(t, strings.Repeat("a = 1\n", 5)+"b = f(x)\n"+strings.Repeat("c = 1\n", 5)+"d\n\n\ne\n")
	r := New()
	r.Replace(c.at("x"), "y")
	r.Delete(c.stmt("d"))
	r.LinesAfter(c.stmt("b ="), "new")
	set, err := r.Set()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range set.Edits {
		got = append(got, e.Span.Text()+">"+e.New)
	}
	if want := []string{"x>y", ">new\n", "d\n>"}; strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("edits %q, want %q", got, want)
	}
}

func TestTwoParses(t *testing.T) {
	c := parse(t, "a = 1\nb = 2\n")
	other, err := syntax.Parse(c.tree.File, nil)
	if err != nil {
		t.Fatal(err)
	}
	r := New()
	r.Replace(c.at("1"), "3")
	r.LinesAfter(other.NodeAt(0, 1), "x")
	if got, err := r.result(c); err != nil || got != "a = 3\nx\nb = 2\n" {
		t.Errorf("%q, %v", got, err)
	}
}
