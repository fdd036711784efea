package process_test

import (
	"sort"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// traces lists what breaks at all calls of a program: "What → self.attr → type".
func traces(t *testing.T, files ...*source.File) []string {
	t.Helper()
	snap := source.Memory(files...)
	p := project.New(snap, snap.Paths(), project.Options{Indirect: process.Indirect})
	m := process.New(p)
	found := map[string]bool{}
	for _, mod := range p.Modules() {
		mod.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Kind == "call" {
				for _, s := range m.SentAt(n) {
					for _, v := range s.Values {
						for _, b := range m.Breaks(v, s) {
							from := syntax.Head(s.Expr)
							if s.Situation == process.AsTask {
								from = "task " + from
							}
							found[b.Trace(from, "self")] = true
						}
					}
				}
			}
			return true
		})
	}
	var all []string
	for f := range found {
		all = append(all, f)
	}
	sort.Strings(all)
	return all
}

const head = `import csv, io, logging, os, re, socket, sqlite3, subprocess, threading, weakref, queue, zipfile, tempfile
import multiprocessing as mp
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import partial

`

func TestBreaks(t *testing.T) {
	tests := []struct {
		name, program string
		want          []string
	}{
		{"file in the constructor", `
class Job:
    def __init__(self, path):
        self.f = open(path)
    def run(self): pass
job = Job("x")
p = mp.Process(target=job.run)
p.start()
`, []string{"job.run → self.f → file"}},
		{"opened in the child", `
class Job:
    def __init__(self, path):
        self.f = None
    def run(self):
        self.f = open("x")
job = Job("x")
p = mp.Process(target=job.run)
p.start()
`, nil},
		{"closed and forgotten before the start", `
class Job:
    def __init__(self):
        self.f = open("x")
    def go(self):
        self.f.close()
        self.f = None
        mp.Process(target=self.run).start()
    def run(self): pass
Job().go()
`, nil},
		{"opened before the start by another method", `
class Job:
    def __init__(self):
        self.f = None
    def open(self):
        self.f = open("x")
    def go(self):
        mp.Process(target=self.run).start()
    def run(self): pass
def main():
    job = Job()
    job.open()
    job.go()
main()
`, []string{"self.run → self.f → file"}},
		{"opened after the start by another method", `
class Job:
    def open(self):
        self.f = open("x")
    def go(self):
        mp.Process(target=self.run).start()
    def run(self): pass
def main():
    job = Job()
    job.go()
    job.open()
main()
`, nil},
		{"one object deeper, and a container", `
class Store:
    def __init__(self):
        self.connection = sqlite3.connect("a")
class Service:
    def __init__(self):
        self.store = Store()
        self.locks = [threading.Lock() for _ in range(3)]
    def ask(self, x): return x
s = Service()
with mp.Pool(2) as pool:
    pool.map(s.ask, [1])
`, []string{"task s.ask → self.locks[…] → threading.Lock", "task s.ask → self.store.connection → sqlite3.Connection"}},
		{"what pickles", `
class Job:
    shared = threading.Lock()
    def __init__(self):
        self.log = logging.getLogger("x")
        self.pattern = re.compile("x")
        self.out = io.StringIO()
        self.sock = socket.socket()
        self.queue = mp.Queue()
        self.lock = mp.Lock()
        self.ends = mp.Pipe()
        self.call = partial(print, 1)
        self.pairs = zip([1], [2])
    def run(self): pass
p = mp.Process(target=Job().run)
p.start()
`, nil},
		{"inherited objects as tasks", `
class Job:
    def __init__(self):
        self.queue = mp.Queue()
        self.lock = mp.Lock()
        self.shared = mp.Manager().list()
    def run(self, x): pass
with ProcessPoolExecutor() as ex:
    ex.submit(Job().run, 1)
`, []string{"task Job().run → self.lock → multiprocessing.Lock", "task Job().run → self.queue → multiprocessing.Queue"}},
		{"left out of the state", `
class Base:
    def __getstate__(self):
        state = self.__dict__.copy()
        del state["db"]
        return state
class Job(Base):
    def __init__(self):
        self.db = sqlite3.connect("a")
        self.f = open("a")
        self.g = open("b")
    def __getstate__(self):
        state = super().__getstate__()
        state.pop("f", None)
        return state
    def run(self, x): pass
class Opaque(Job):
    def __reduce__(self):
        return Opaque, ()
with mp.Pool() as pool:
    pool.map(Job().run, [1])
    pool.map(Opaque().run, [1])
`, []string{"task Job().run → self.g → file"}},
		{"subclass of Process", `
class Worker(mp.Process):
    def __init__(self, path):
        super().__init__()
        self.out = open(path, "w")
        self.lock = mp.Lock()
    def run(self): self.out.write("x")
w = Worker("x")
w.start()
`, []string{"Worker(\"x\") → self.out → file"}},
		{"started processes in a list", `
class Farm:
    def __init__(self):
        self.procs = []
        self.one = mp.Process(target=print)
    def start(self):
        for i in range(3):
            p = mp.Process(target=self.work)
            self.procs.append(p)
            p.start()
    def work(self): pass
Farm().start()
`, []string{"self.work → self.procs[…] → started multiprocessing.Process"}},
		{"its own process", `
class Farm:
    def start(self):
        self.p = mp.Process(target=self.work)
        self.p.start()
    def work(self): pass
Farm().start()
`, nil},
		{"dataclass field", `
@dataclass
class Job:
    name: str
    done: threading.Event = field(default_factory=threading.Event)
    def run(self): pass
with ProcessPoolExecutor() as ex:
    for job in [Job("a"), Job("b")]:
        ex.submit(job.run)
`, []string{"task job.run → self.done → threading.Event"}},
		{"objects as tasks", `
class Node:
    def __init__(self, parent=None):
        self.children = []
        self._parent = None
        if parent is not None:
            self._parent = weakref.ref(parent)
            parent.children.append(self)
def total(node): return 1
root = Node()
Node(root), Node(root)
with mp.Pool() as pool:
    pool.map(total, root.children)
`, []string{"task root.children → self._parent → weakref.ref"}},
		{"one of several, by a setting", `
class Off:
    def note(self, text): pass
class On:
    def __init__(self):
        self.out = open("log", "a")
class Job:
    def __init__(self, log=None):
        self.history = On() if os.environ.get("LOG") else Off()
        self.log = open(log) if log else None
    def run(self): pass
p = mp.Process(target=Job().run)
p.start()
`, []string{"Job().run → self.log → file"}},
		{"pinned to fork", `
class Job:
    def __init__(self):
        self.f = open("x")
    def run(self): pass
ctx = mp.get_context("fork")
p = ctx.Process(target=Job().run)
p.start()
`, nil},
		{"static and class methods, module functions", `
class Job:
    def __init__(self):
        self.f = open("x")
        self.pool = mp.Pool()
    @staticmethod
    def a(x): pass
    @classmethod
    def b(cls, x): pass
    def go(self):
        self.pool.map(self.a, [1])
        self.pool.map(Job.a, [1])
        self.pool.map(self.b, [1])
Job().go()
`, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := traces(t, source.New("main.py", head+test.program))
			if strings.Join(got, "\n") != strings.Join(test.want, "\n") {
				t.Errorf("got\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(test.want, "\n\t"))
			}
		})
	}
}
