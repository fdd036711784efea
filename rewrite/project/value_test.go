package project_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

var valueCases = map[string]string{
	"assignments": `
a = b = [1]
c, (d, *e) = 1, ("x", 2, 3)
*f, g = [4, 5, 6]
if (h := 7): pass
a  #? a = [1]
b  #? b = [1]
c  #? c = 1
d  #? d = "x"
g  #? g = 6
h  #? h = 7
i = 1 if a else 2
i  #? i = 1 | 2
j = i or 3
j  #? j = 1 | 2 | 3
k = 0
k += 1
k  #? k = 0 | ?
l = [1]
l += [2]
l  #? l = [1]
l[0]  #? l[0] = 1 | 2
m = undefined
m  #? m = ?
n = 2 * 3
n  #? n = 2 * 3
n = n - unknown
n  #? n = ?
`,
	"lists": `
from multiprocessing import Process
procs = []
for i in range(4):
    p = Process()
    procs.append(p)
for q in procs:
    q  #? q = multiprocessing.Process()
more = [Process() for _ in range(3)]
more.extend(procs)
more += [1]
for q in more:
    q  #? q = 1 | multiprocessing.Process()
for i, q in enumerate(procs):
    i  #? i = builtins.int()
    q  #? q = multiprocessing.Process()
for q, n in zip(procs, ["a", "b"]):
    q  #? q = multiprocessing.Process()
    n  #? n = "a" | "b"
for q in reversed(sorted(procs)):
    q  #? q = multiprocessing.Process()
[q for q in procs]  #? q = multiprocessing.Process()
procs[0]  #? procs[0] = multiprocessing.Process()
procs[-1]  #? procs[-1] = multiprocessing.Process()
procs[1:]  #? procs[1:] = []
both = [1] + [2] * 3
for q in both:
    q  #? q = 1 | 2
deep = [[1], [2]]
for row in deep:
    for q in row:
        q  #? q = 1 | 2 | 3
deep[0].append(3)
pair = (1, "x")
pair[1]  #? pair[1] = "x"
pair[-2]  #? pair[-2] = 1
procs.pop()  #? procs.pop() = multiprocessing.Process()
`,
	"filled elsewhere": `
def fill(where, what):
    where.append(what)
    keep(where)
def keep(lst):
    lst.extend(["y"])
def make():
    return []
a = []
fill(a, "x")
b = make()
b.append("z")
class Box:
    def __init__(self, items):
        self.items = items
        self.items.append("w")
Box(a)
for s in a:
    s  #? s = "w" | "x" | "y"
for s in b:
    s  #? s = "z"
`,
	"dicts": `
d = {"a": 1, "b": 2}
d["a"]  #? d["a"] = 1
d["c"] = 3
d["c"]  #? d["c"] = 3
for k in d:
    k  #? k = "a" | "b" | "c"
for v in d.values():
    v  #? v = 1 | 2 | 3
for k, v in d.items():
    k  #? k = "a" | "b" | "c"
    v  #? v = 1 | 2 | 3
d.get("a")  #? d.get("a") = 1
def name(): return "n"
e = dict(x=1)
e[name()] = 2
e["x"]  #? e["x"] = 1 | 2
from collections import defaultdict
g = defaultdict(list)
g["k"].append("v")
for key, lst in g.items():
    key  #? key = nothing
    for x in lst:
        x  #? x = "v"
h = {}
h.setdefault(1, []).append(2)
for lst in h.values():
    for x in lst:
        x  #? x = 2
i = {k: k for k in ("p", "q")}
i["p"]  #? i["p"] = "p" | "q"
j = {**d}
j["a"]  #? j["a"] = 1 | 2 | 3
for k, v in dict(a=1).items():
    v  #? v = 1
`,
	"attributes": `
from multiprocessing import Queue
class Base:
    limit = 5
    def __init__(self, q):
        self.q = q
        self.late = None
        self.n = 0
    def setup(self):
        self.late = "set"
        self.n += 1
        with open("f") as self.file:
            pass
        for self.each in [1, 2]:
            pass
    def use(self):
        self.q  #? self.q = multiprocessing.Queue()
        self.late  #? self.late = "set" | None
        self.limit  #? self.limit = 5 | 6
        self.n  #? self.n = 0 | ?
        self.file  #? self.file = builtins.open()
        self.each  #? self.each = 1 | 2
        self.extra  #? self.extra = "x"
        self.gone  #? self.gone = ?
class Sub(Base):
    limit = 6
    def use(self):
        self.limit  #? self.limit = 6
        self.q  #? self.q = multiprocessing.Queue()
b = Base(Queue())
b.extra = "x"
b.limit  #? b.limit = 5
s = Sub(q=Queue())
s.limit  #? s.limit = 6
b.q  #? b.q = multiprocessing.Queue()
Sub.limit  #? Sub.limit = 6
`,
	"generated constructors": `
from dataclasses import dataclass, field
from typing import NamedTuple
@dataclass
class Job:
    name: str
    size: int = 1
    items: list = field(default_factory=list)
@dataclass
class Big(Job):
    tag: str = "t"
class Pair(NamedTuple):
    left: int
    right: int = 9
class Plain:
    x: int
    def __init__(self, y, z):
        pass
j = Job("a", size=2)
k = Job("b")
k.items.append("i")
j.name  #? j.name = "a"
j.size  #? j.size = 1 | 2
k.size  #? k.size = 1
for i in k.items:
    i  #? i = "i"
big = Big("c", 3, [], "u")
big.tag  #? big.tag = "t" | "u"
big.name  #? big.name = "c"
p = Pair(1, 2)
p.left  #? p.left = 1
Plain(1, 2).x  #? Plain(1, 2).x = ?
`,
	"parameters": `
def f(a, b=2, *rest, c, d=4, **kw):
    a  #? a = 1 | 10
    b  #? b = 2 | 20
    rest  #? rest = *() | *(30, 40)
    for r in rest:
        r  #? r = 30 | 40
    c  #? c = 3 | 5
    d  #? d = 4
    kw  #? kw = ?
    g(*rest)
f(1, c=3)
f(10, 20, 30, 40, c=5)
def g(x, y=None):
    x  #? x = 30
    y  #? y = 40 | None
args = (1, 2)
opts = {"b": "bee"}
def h(a, b):
    a  #? a = 1 | 7
    b  #? b = "bee" | 2
h(*args)
h(7, **opts)
def uncalled(x):
    x  #? x = ?
lambda_ = lambda z: z  #? z = 5
lambda_(5)
class C:
    def m(self, v): v  #? v = 1 | 2
    @classmethod
    def cm(cls, v):
        v  #? v = 3
        cls  #? cls = C
    @staticmethod
    def sm(v): v  #? v = 4
c = C()
c.m(1)
C.m(c, 2)
c.cm(3)
C.sm(4)
`,
	"functions": `
def one(): return 1
def two(flag):
    if flag:
        return one()
    return one
def outer(n):
    def inner():
        return n  #? n = "n"
    return inner
one()  #? one() = 1
two(1)  #? two(1) = 1 | one
outer("n")  #? outer("n") = outer.<locals>.inner
outer("n")()  #? outer("n")() = "n"
table = {"a": one, "b": lambda: 2}
table["a"]()  #? table["a"]() = 1
for f in table.values():
    f()  #? f() = 1 | 2
g = one
g  #? g = one
from functools import partial
h = partial(one, 1)
h  #? h = functools.partial()
def gen():
    yield 1
    yield from [2, 3]
for x in gen():
    x  #? x = 1 | 2 | 3
next(gen())  #? next(gen()) = 1 | 2 | 3
list(gen())[0]  #? list(gen())[0] = 1 | 2 | 3
for x in map(lambda v: "m", [1]):
    x  #? x = "m"
max([1, 2])  #? max([1, 2]) = 1 | 2
`,
	"with": `
import contextlib
from contextlib import contextmanager, closing, ExitStack
from multiprocessing import Pool, Queue
class Me:
    def __enter__(self): return self
    def __exit__(self, *a): pass
class Other:
    def __enter__(self): return "in"
    def __exit__(self, *a): pass
class MyPool(Pool): pass
@contextmanager
def managed():
    yield Queue()
with open("f") as f, Me() as me, Other() as other, managed() as q:
    f  #? f = builtins.open()
    me  #? me = Me()
    other  #? other = "in"
    q  #? q = multiprocessing.Queue()
with closing(Queue()) as c, ExitStack() as stack:
    c  #? c = multiprocessing.Queue()
    e = stack.enter_context(Pool())
    e  #? e = multiprocessing.Pool()
with contextlib.nullcontext(1) as n, MyPool() as mp:
    n  #? n = 1
    mp  #? mp = MyPool()
with Pool() as pool:
    pool.map  #? pool.map = multiprocessing.Pool().map
`,
	"classes": `
import threading
class A:
    def run(self): return "A"
    def me(self): return self
    @property
    def prop(self): return "p"
    @prop.setter
    def prop(self, v): pass
class B(A):
    def run(self):
        super().run  #? super().run = bound A.run
        return super().run() + "B"
    def only(self): pass
a, b = A(), B()
a.run  #? a.run = bound A.run
b.run  #? b.run = bound B.run
A.run  #? A.run = A.run
b.prop  #? b.prop = "p"
b.me()  #? b.me() = B()
b.me().only  #? b.me().only = bound B.only
b.gone  #? b.gone = ?
class T(threading.Thread):
    def __init__(self):
        super().__init__  #? super().__init__ = threading.Thread().__init__
T().start  #? T().start = threading.Thread().start
class Call:
    def __call__(self): return 3
Call()()  #? Call()() = 3
class D(unknown): pass
D().x  #? D().x = ?
getattr(a, "run")  #? getattr(a, "run") = bound A.run
kind = B if a else A
kind()  #? kind() = A() | B()
class Wild:
    x = 1
    def load(self, d):
        for k, v in d.items():
            setattr(self, k, v)
Wild().x  #? Wild().x = 1 | ?
`,
	"circles": `
def f(n):
    return f(n - 1) if n else 0
f(3)  #? f(3) = 0
def even(n): return odd(n)
def odd(n): return even(n) or True
even(1)  #? even(1) = True
x = y
y = x
y = 1
x  #? x = 1
node = start()
node = node.next
class L:
    def __init__(self, next):
        self.next = next
    def walk(self):
        while self:
            self = self.next
        return self
h = L(L(None))
h = h.next
h  #? h = L() | None
a = [1]
a.append(a)
for e in a:
    e  #? e = 1 | [1]
import ext
n = ext.root()
while n:
    n = n.parent
n  #? n = ext.root() | ext.root().parent | ?
`,
}

func TestValues(t *testing.T) {
	for name, text := range valueCases {
		t.Run(name, func(t *testing.T) { ask(t, text) })
	}
}

// Answers do not depend on the order of the questions.
func TestOrderOfQuestions(t *testing.T) {
	for name, text := range valueCases {
		t.Run(name, func(t *testing.T) {
			var first map[string]string
			for seed := range int64(6) {
				p := load(text)
				all := expressions(p)
				rand.New(rand.NewSource(seed)).Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
				got := map[string]string{}
				for _, n := range all {
					values, known := p.Values(n)
					got[place(n)] = showInOrder(values, known)
				}
				if first == nil {
					first = got
				}
				for at, v := range got {
					if first[at] != v {
						t.Errorf("%s: %s or %s", at, first[at], v)
					}
				}
			}
		})
	}
}

func showInOrder(values []project.Value, known bool) string {
	var all []string
	for _, v := range values {
		all = append(all, show(v))
		if v.Node != nil {
			all = append(all, place(v.Node))
		}
		if v.Recv != nil {
			all = append(all, "of "+show(*v.Recv))
		}
	}
	return fmt.Sprint(all, known)
}

func place(n *syntax.Node) string {
	line, column := n.Tree.File.Position(n.Start)
	return fmt.Sprintf("%s:%d:%d %s %s", n.Tree.File.Path, line, column, n.Kind, n.Text())
}
