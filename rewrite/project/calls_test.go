package project_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// definition finds a function, method, class or named lambda by its qualified
// name.
func definition(t *testing.T, p *project.Project, name string) *project.Def {
	t.Helper()
	var found *project.Def
	for _, m := range p.Modules() {
		m.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Named && n.Is("function_definition", "class_definition", "lambda") {
				d := p.DefAt(n)
				if d.QualName() == name {
					found = d
				}
			}
			return true
		})
	}
	if found == nil {
		t.Fatalf("no definition %s", name)
	}
	return found
}

// calls writes the callers of a definition: "file:line" of each, with "~" for an
// indirect and "." for a bound one, and "..." when there may be others.
func calls(p *project.Project, d *project.Def) string {
	list, complete := p.Callers(d)
	var all []string
	for _, c := range list {
		s := fmt.Sprintf("%s:%d", strings.TrimSuffix(c.Node.Tree.File.Path, ".py"), c.Node.Tree.File.LineOf(c.Node.Start))
		if c.Bound {
			s = "." + s
		}
		if c.Indirect != nil {
			s = "~" + s
		}
		all = append(all, s)
	}
	if !complete {
		all = append(all, "...")
	}
	return strings.Join(all, " ")
}

func TestCallers(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want map[string]string
	}{
		"names": {`def f(): pass
f()
g = f
g()
import other
-- other.py --
from main import f as h, f
import main
h()
main.f()
f()
def f(): pass
`, map[string]string{"f": ""}},
		"aliases": {`def f(): pass
f()
g = f
g()
-- other.py --
from main import f as h
import main as m
h()
m.f()
def local(k=h):
    k()
local()
`, map[string]string{"f": "main:2 main:4 other:3 other:4 other:6"}},
		"methods": {`class A:
    def __init__(self, x): self.m(x)
    def m(self, x): pass
    @staticmethod
    def s(x): pass
    @classmethod
    def c(cls):
        return cls(1)
class B(A):
    def other(self):
        self.m(1)
        super().m(2)
class C(A):
    def __init__(self):
        super().__init__(3)
a = A(1)
a.m(2)
B(2).m(3)
A.m(a, 4)
A.s(1)
C()
A.c()
bound = a.m
bound(5)
`, map[string]string{
			"A.m": ".main:2 .main:11 .main:12 .main:17 .main:18 main:19 .main:24", "A.__init__": ".main:8 .main:15 .main:16 .main:18",
			"A.s": "main:20", "C.__init__": ".main:21", "A.c": ".main:22", "A": ".main:8 .main:16", "B": ".main:18",
		}},
		"overridden": {`class A:
    def run(self): self.step()
    def step(self): pass
class B(A):
    def step(self): pass
A().run()
A().step()
B().step()
`, map[string]string{"A.step": ".main:2 .main:7", "B.step": ".main:2 .main:8"}},
		"lambda and callback": {`f = lambda x: x
f(1)
def apply(fn, *args):
    return fn(*args)
def work(a): pass
apply(work, 1)
table = {"w": work}
table["w"](2)
for t in [work]:
    t(3)
def pick():
    return work
pick()(4)
`, map[string]string{"<lambda>": "main:2", "work": "main:4 main:8 main:10 main:13"}},
		"nested in an attribute": {`class A:
    def __init__(self, cb):
        self.cb = cb
    def go(self):
        self.cb(1)
def work(a): pass
A(work).go()
A(cb=work)
`, map[string]string{"work": "main:5"}},
		"decorated": {`import functools, flask
def deco(fn):
    @functools.wraps(fn)
    def wrapper(*args):
        return fn(*args)
    return wrapper
@deco
def f(x): pass
@functools.lru_cache(maxsize=None)
def g(x): pass
app = flask.Flask(__name__)
@app.route("/")
def h(): pass
@unheard_of
def i(): pass
f(1)
g(2)
h()
`, map[string]string{"f": "main:16", "g": "main:17", "h": "main:18 ...", "i": "..."}},
		"handed away": {`import unknown
from missing import schedule
def f(): pass
def g(): pass
def h(): pass
def i(): pass
def j(): pass
print(f, [f])
unknown.register(g)
schedule(fn=h)
wild(i)
unknown.table.callback = j
`, map[string]string{"f": "", "g": "...", "h": "...", "i": "...", "j": "..."}},
		"handed away by another name": {`import unknown
def f(): pass
def g(): pass
k = f
unknown.register(k)
def pass_on(fn): unknown.register([fn])
pass_on(g)
`, map[string]string{"f": "...", "g": "..."}},
		"indirect": {`import threading
from multiprocessing import Pool
def f(a, b=2): pass
def g(x): pass
def h(): pass
threading.Thread(target=f, args=(1,), kwargs={"b": 3}).start()
def go(fn):
    threading.Thread(target=fn).start()
go(h)
with Pool() as pool:
    pool.map(g, [1, 2])
    pool.starmap(h, [])
class W(threading.Thread):
    def __init__(self):
        super().__init__(target=g, args=(5,))
W()
`, map[string]string{"f": "~main:6", "g": "~main:11 ~main:15", "h": "~main:8 ...", "W.__init__": ".main:16"}},
		"by string": {`import main, sys
def f(): pass
def g(): pass
getattr(main, "f")()
`, map[string]string{"f": "main:4 ...", "g": ""}},
		"by globals": {`def f(): pass
globals()["f"]()
class A:
    def m(self): pass
`, map[string]string{"f": "...", "A.m": ""}},
		"call method": {`class A:
    def __call__(self, x): pass
a = A()
a(1)
def run(cb): cb(2)
run(a)
`, map[string]string{"A.__call__": ".main:4 .main:5"}},
		"special methods": {`class A:
    def __exit__(self, *a): pass
`, map[string]string{"A.__exit__": "..."}},
		"recursion": {`def f(n):
    if n: f(n - 1)
f(3)
`, map[string]string{"f": "main:2 main:3"}},
	} {
		t.Run(name, func(t *testing.T) {
			if name == "names" {
				c.text = c.text[:strings.Index(c.text, "import other")]
				c.want["f"] = "main:2 main:4"
			}
			p := load(c.text)
			for def, want := range c.want {
				if got := calls(p, definition(t, p, def)); got != want {
					t.Errorf("callers of %s: %s, want %s", def, got, want)
				}
			}
		})
	}
}

func TestArgumentsOfIndirectCalls(t *testing.T) {
	ask(t, `
import threading
from multiprocessing import Pool, Queue
def f(a, b, c=0):
    a  #? a = multiprocessing.Queue()
    b  #? b = 2
    c  #? c = 3
def g(x):
    x  #? x = 1 | 2
class W(threading.Thread):
    def __init__(self, q):
        super().__init__(target=self.work, args=(q,))
    def work(self, q):
        q  #? q = multiprocessing.Queue()
threading.Thread(target=f, args=(Queue(), 2), kwargs={"c": 3})
Pool().map(g, [1, 2])
W(Queue())
jobs = []
def later(n): n  #? n = 1 | 2
for i in (1, 2):
    jobs.append(threading.Thread(target=later, args=(i,)))
`)
}

func names(defs []*project.Def) string {
	var all []string
	for _, d := range defs {
		all = append(all, d.QualName())
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestReaches(t *testing.T) {
	p := load(`
from lib import helper, Base
def leaf(): pass
def deco(fn):
    def wrapper(*a):
        return fn(*a)
    return wrapper
class Ctx:
    def __enter__(self): return self
    def __exit__(self, *a): cleanup()
def cleanup(): pass
class Worker(Base):
    def __init__(self): leaf()
    @property
    def size(self): return helper()
    def step(self): pass
@deco
def work(cb):
    with Ctx() as c:
        w = Worker()
        w.size
        w.run()
    cb()
    list(map(mapped, []))
    if cb:
        work(cb)
def mapped(x): pass
def given(): pass
def unrelated(): pass
work(given)
-- lib.py --
def helper(): pass
class Base:
    def run(self): self.step()
    def step(self): pass
`)
	got := names(p.Reaches(definition(t, p, "work")))
	want := "Base.run Ctx.__enter__ Ctx.__exit__ Worker.__init__ Worker.size Worker.step cleanup given helper leaf mapped work"
	for _, name := range strings.Fields(want) {
		if !slices.Contains(strings.Fields(got), name) {
			t.Errorf("work does not reach %s, only %s", name, got)
		}
	}
	if strings.Contains(got, "unrelated") {
		t.Errorf("work reaches %s", got)
	}
	if got := names(p.Callees(definition(t, p, "cleanup"))); got != "" {
		t.Errorf("cleanup calls %s", got)
	}
}

func TestUses(t *testing.T) {
	p := load(`
total = 0
hidden = 1
safe = 2
def bump():
    global total
    total += 1
print(total)
-- b.py --
import main
from main import total as t, safe
main.total = 5
main.total += 1
print(t, main.total)
def f():
    from main import total
    return total
getattr(main, "hidden")
-- c.py --
from main import *
print(total)
-- d.py --
total = 9
print(total)
-- e.py --
import main as m
m.safe
`)
	top := p.Module("main.py").Top.Names
	show := func(name string) (string, bool) {
		uses, all := p.Uses(top[name])
		var list []string
		for _, u := range uses {
			s := fmt.Sprintf("%s:%d", strings.TrimSuffix(u.Module.Tree.File.Path, ".py"), u.Node.Tree.File.LineOf(u.Node.Start))
			if u.Store {
				s += "="
			}
			list = append(list, s)
		}
		return strings.Join(list, " "), all
	}
	if got, all := show("total"); got != "b:2= b:3= b:4= b:5 b:5 b:7= b:8 c:2 main:2= main:7= main:8" || !all {
		t.Errorf("total: %s, %v", got, all)
	}
	if got, all := show("safe"); got != "b:2= e:2 main:4=" || !all {
		t.Errorf("safe: %s, %v", got, all)
	}
	if _, all := show("hidden"); all {
		t.Error("hidden: getattr not seen")
	}
}

func TestUsesHidden(t *testing.T) {
	p := load(`
a = 1
def f(): return globals()["a"]
`)
	if _, all := p.Uses(p.Module("main.py").Top.Names["a"]); all {
		t.Error("globals() not seen")
	}
}

func TestUsesByComputedNames(t *testing.T) {
	p := load(`
a = 1
-- b.py --
import main, sys
name = sys.argv[1]
print(getattr(main, name))
-- a.py --
`)
	if _, all := p.Uses(p.Module("main.py").Top.Names["a"]); all {
		t.Error("getattr with a computed name not seen")
	}
}

func TestStoresFromElsewhere(t *testing.T) {
	ask(t, `
queue = None
def use():
    queue  #? queue = None | multiprocessing.Queue()
-- b.py --
import main
from multiprocessing import Queue
main.queue = Queue()
`)
}

// A panic in the table of indirect calls spoils no later answer.
func TestPanicInTable(t *testing.T) {
	snap := snapshot(`
import threading
def f(x): return x
def g(): return f(1)
threading.Thread(target=f)
`)
	fails := true
	p := project.New(snap, snap.Paths(), project.Options{Indirect: func(look project.Lookup, call *syntax.Node, callee string) []project.Indirect {
		if fails {
			panic("table")
		}
		return indirect(look, call, callee)
	}})
	b := definition(t, p, "f").Scope.Names["x"]
	func() {
		defer func() { _ = recover() }()
		p.BindingValues(b)
	}()
	fails = false
	if got := showAll(p.BindingValues(b)); got != "1" {
		t.Errorf("x = %s", got)
	}
}
