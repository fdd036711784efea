package refactor

import (
	"testing"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

type syntaxNode = syntax.Node

func TestAddArgument(t *testing.T) {
	add := func(text string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) { r.AddArgument(c.stmt("f(").Children[0], text) }
	}
	key := func(text string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) { r.AddKeyword(c.stmt("f(").Children[0], "k", text) }
	}
	tell(t, []story{
		{"none", "f()\n", add("x"), "f(x)\n"},
		{"one", "f(a)\n", add("x"), "f(a, x)\n"},
		{"trailing comma", "f(a, b,)\n", add("x"), "f(a, b, x,)\n"},
		{"before keywords", "f(a, b=1)\n", add("x"), "f(a, x, b=1)\n"},
		{"before keyword alone", "f(b=1)\n", add("x"), "f(x, b=1)\n"},
		{"behind a star", "f(*a, **b)\n", add("x"), "f(*a, x, **b)\n"},
		{"generator", "f(i for i in s)\n", add("x"), "f((i for i in s), x)\n"},
		{"keyword", "f(a, *b)\n", key("1"), "f(a, *b, k=1)\n"},
		{"keyword before mapping", "f(**b)\n", key("1"), "f(k=1, **b)\n"},
		{"keyword again", "f(k=0)\n", key("1"), refused},
		{"lines", "f(\n    a,\n    b=1,  # one\n)\n", key("1"), "f(\n    a,\n    b=1,  # one\n    k=1,\n)\n"},
		{"lines without last comma", "f(\n    a,\n    b=1  # one\n)\n", key("1"), "f(\n    a,\n    b=1,  # one\n    k=1\n)\n"},
		{"aligned", "f(a,\n  b=1)\n", key("1"), "f(a,\n  b=1,\n  k=1)\n"},
		{"aligned, positional", "f(a,\n  b=1)\n", add("x"), "f(a,\n  x,\n  b=1)\n"},
		{"block of one", "f(\n    a\n)\n", add("x"), "f(\n    a,\n    x\n)\n"},
		{"filled lines", "f(a, b,\n  c, d)\n", add("x"), "f(a, b,\n  c, d, x)\n"},
		{"empty with comment", "f(  # nothing\n)\n", add("x"), "f(x  # nothing\n)\n"},
		{"several", "f(a)\n", func(c *code, r *Rewrite) {
			call := c.at("f(a)")
			r.AddArgument(call, "x")
			r.AddKeyword(call, "k", "1")
			r.AddArgument(call, "y")
			r.RemoveArgument(call, c.at("a"))
		}, "f(x, y, k=1)\n"},
	})
}

func TestRemove(t *testing.T) {
	remove := func(names ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, n := range names {
				r.RemoveArgument(c.stmt("f(").Children[0], c.at(n))
			}
		}
	}
	tell(t, []story{
		{"only", "f(a)\n", remove("a"), "f()\n"},
		{"first", "f(a, b)\n", remove("a"), "f(b)\n"},
		{"last", "f(a, b)\n", remove("b"), "f(a)\n"},
		{"last with comma", "f(a, b,)\n", remove("b"), "f(a,)\n"},
		{"middle", "f(a, b, c)\n", remove("b"), "f(a, c)\n"},
		{"two", "f(a, b, c)\n", remove("b", "c"), "f(a)\n"},
		{"keyword by value", "f(a, k=bb)\n", remove("bb"), "f(a)\n"},
		{"lines", "f(\n    a,\n    b,\n    c,\n)\n", remove("b", "c"), "f(\n    a,\n)\n"},
		{"line with comment", "f(\n    a,  # one\n    b,\n)\n", remove("b"), "f(\n    a,  # one\n)\n"},
		{"line with own comment", "f(\n    a,  # one\n    b,\n)\n", remove("a"), "f(\n    # one\n    b,\n)\n"},
		{"last line without comma", "f(\n    a,  # one\n    b\n)\n", remove("b"), "f(\n    a  # one\n)\n"},
		{"all, lines", "f(\n    a,\n    b\n)\n", remove("a", "b"), "f()\n"},
	})
}

func TestElements(t *testing.T) {
	add := func(seq string, texts ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, x := range texts {
				r.AddElement(c.at(seq), x)
			}
		}
	}
	tell(t, []story{
		{"empty tuple", "t = ()\n", add("()", "x"), "t = (x,)\n"},
		{"empty tuple, two", "t = ()\n", add("()", "x", "y"), "t = (x, y)\n"},
		{"one", "t = (a,)\n", add("(a,)", "x"), "t = (a, x)\n"},
		{"two", "t = (a, b)\n", add("(a, b)", "x"), "t = (a, b, x)\n"},
		{"bare", "t = a, b\n", add("a, b", "x"), "t = a, b, x\n"},
		{"bare one", "t = a,\n", add("a,", "x"), "t = a, x\n"},
		{"list", "t = [a]\n", add("[a]", "x"), "t = [a, x]\n"},
		{"empty list", "t = []\n", add("[]", "x"), "t = [x]\n"},
		{"lines", "t = [\n    a,\n]\n", add("[\n    a,\n]", "x"), "t = [\n    a,\n    x,\n]\n"},
		{"lines, tuple", "t = (\n    a,\n)\n", add("(\n    a,\n)", "x"), "t = (\n    a,\n    x,\n)\n"},
		{"down to one", "t = (a, b)\n", func(c *code, r *Rewrite) { r.RemoveElement(c.at("(a, b)"), c.at("b")) }, "t = (a,)\n"},
		{"not a tuple", "t = (a)\n", add("(a)", "x"), refused},
	})
}

func TestParameters(t *testing.T) {
	add := func(name, dflt string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			c.tree.Root.Walk(func(n *syntaxNode) bool {
				if n.Named && n.Is("function_definition", "lambda") {
					_ = r.AddParameter(n, name, dflt)
					return false
				}
				return true
			})
		}
	}
	tell(t, []story{
		{"none", "def f(): pass\n", add("x", ""), "def f(x): pass\n"},
		{"one", "def f(a): pass\n", add("x", ""), "def f(a, x): pass\n"},
		{"annotated", "def f(a: int) -> int: pass\n", add("x: int", "1"), "def f(a: int, x: int = 1) -> int: pass\n"},
		{"before default", "def f(a, b=1): pass\n", add("x", ""), "def f(a, x, b=1): pass\n"},
		{"default", "def f(a, b=1, *c): pass\n", add("x", "2"), "def f(a, b=1, x=2, *c): pass\n"},
		{"before keyword-only", "def f(a, *, b): pass\n", add("x", "2"), "def f(a, x=2, *, b): pass\n"},
		{"before annotated star", "def f(*a: int, **b): pass\n", add("x", ""), "def f(x, *a: int, **b): pass\n"},
		{"slash", "def f(a, /, **b): pass\n", add("x", ""), "def f(a, /, x, **b): pass\n"},
		{"lines", "def f(\n    a,\n    b,\n):\n    pass\n", add("x", ""), "def f(\n    a,\n    b,\n    x,\n):\n    pass\n"},
		{"lambda", "f = lambda a: a\n", add("x", ""), "f = lambda a, x: a\n"},
		{"bare lambda", "f = lambda: 0\n", add("x", ""), "f = lambda x: 0\n"},
		{"taken", "def f(a, *x): pass\n", add("x", ""), refused},
		{"at", "def f(self, a): pass\n", func(c *code, r *Rewrite) { _ = r.AddParameterAt(c.stmt("def"), 1, "x", "") }, "def f(self, x, a): pass\n"},
		{"removed", "def f(a, *b): pass\n", func(c *code, r *Rewrite) { r.RemoveParameter(c.stmt("def"), "b") }, "def f(a): pass\n"},
		{"keyword-only removed", "def f(a, *, b, **c): pass\n", func(c *code, r *Rewrite) { r.RemoveParameter(c.stmt("def"), "b") }, "def f(a, **c): pass\n"},
		{"positional-only removed", "def f(a, /, b): pass\n", func(c *code, r *Rewrite) { r.RemoveParameter(c.stmt("def"), "a") }, "def f(b): pass\n"},
	})
}

func TestDropGlobal(t *testing.T) {
	drop := func(names ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, n := range names {
				r.DropGlobal(c.stmt("def f"), n)
			}
		}
	}
	tell(t, []story{
		{"one of two", "def f():\n    global a, b\n    a = b = 1\n", drop("a"), "def f():\n    global b\n    a = b = 1\n"},
		{"all", "def f():\n    global a, b\n    a = b = 1\n", drop("b", "a"), "def f():\n    a = b = 1\n"},
		{"only statement", "def f():\n    global a\n", drop("a"), "def f():\n    pass\n"},
		{"joined", "def f():\n    global a; a = 1\n", drop("a"), "def f():\n    a = 1\n"},
		{"not in nested", "def f():\n    if x:\n        nonlocal a\n        a = 1\n    def g():\n        global a\n", drop("a"),
			"def f():\n    if x:\n        a = 1\n    def g():\n        global a\n"},
	})
}

func TestKeywordElements(t *testing.T) {
	element := func(texts ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, x := range texts {
				r.AddKeywordElement(c.stmt("f(").Children[0], "args", x)
			}
		}
	}
	item := func(keys ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, k := range keys {
				r.AddKeywordItem(c.stmt("f(").Children[0], "kwargs", k, k)
			}
		}
	}
	tell(t, []story{
		{"new", "f(a)\n", element("x"), "f(a, args=(x,))\n"},
		{"new, two", "f(a)\n", element("x", "y"), "f(a, args=(x, y))\n"},
		{"literal", "f(args=(a,))\n", element("x", "y"), "f(args=(a, x, y))\n"},
		{"list", "f(args=[a])\n", element("x"), "f(args=[a, x])\n"},
		{"unpacked", "f(args=a)\n", element("x", "y"), "f(args=(*a, x, y))\n"},
		{"item", "f('a')\n", item("k", "l"), "f('a', kwargs={'k': k, 'l': l})\n"},
		{"item of a literal", "f(kwargs={\"a\": 1})\n", item("k"), "f(kwargs={\"a\": 1, \"k\": k})\n"},
		{"item of an empty literal", "f(kwargs={})\n", item("k"), "f(kwargs={\"k\": k})\n"},
		{"item unpacked", "f(kwargs=a)\n", item("k"), "f(kwargs={**a, \"k\": k})\n"},
		{"twice", "f()\n", func(c *code, r *Rewrite) {
			r.AddKeyword(c.at("f()"), "k", "1")
			r.AddKeyword(c.at("f()"), "k", "2")
		}, refused},
		{"generator", "f(i for i in s)\n", func(c *code, r *Rewrite) {
			call := c.stmt("f(").Children[0]
			r.AddKeyword(call, "k", "1")
			r.AddArgument(call, "x")
		}, "f((i for i in s), x, k=1)\n"},
	})
}

func TestKeywordOnly(t *testing.T) {
	add := func(names ...string) func(*code, *Rewrite) {
		return func(c *code, r *Rewrite) {
			for _, n := range names {
				_ = r.AddKeywordOnly(c.stmt("def f"), n)
			}
			_ = r.AddParameter(c.stmt("def f"), "p", "")
		}
	}
	tell(t, []story{
		{"none", "def f(): pass\n", add("x", "y"), "def f(p, *, x, y): pass\n"},
		{"defaults", "def f(a=1): pass\n", add("x"), "def f(p, a=1, *, x): pass\n"},
		{"star", "def f(*a, **k): pass\n", add("x"), "def f(p, *a, x, **k): pass\n"},
		{"there", "def f(a, *, b): pass\n", add("x"), "def f(a, p, *, b, x): pass\n"},
		{"taken", "def f(a): pass\n", add("x", "x"), refused},
	})
}
