package project_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/source"
)

// knot is a program in which each of n functions calls all others with what it
// was given, and stores it in lists that they share.
func knot(n int) string {
	var b strings.Builder
	b.WriteString("shared = []\ntable = {}\n")
	for i := range n {
		fmt.Fprintf(&b, "def f%d(x, cb):\n    shared.append(x)\n    table[%q] = f%d\n", i, fmt.Sprint(i), i)
		for j := range n {
			fmt.Fprintf(&b, "    y = f%d(x, f%d) or cb(x, cb)\n", j, i)
		}
		b.WriteString("    for z in shared:\n        table[z](z, cb)\n    return y or x\n")
	}
	b.WriteString("f0(1, f1)\nf0('a', f1)\n")
	return b.String()
}

// Questions that all depend on each other take no more than a few rounds.
func TestKnot(t *testing.T) {
	p := load(knot(12))
	for _, n := range expressions(p) {
		p.Values(n)
	}
	x := p.Module("main.py").Top.Names["f11"]
	if got := showAll(p.BindingValues(x)); got != "f11" {
		t.Errorf("f11 = %s", got)
	}
	d := definition(t, p, "f11")
	param := d.Scope.Names["x"]
	values, _ := p.BindingValues(param)
	if got := showAll(values, true); got != "'a' | 1" {
		t.Errorf("x of f11 = %s", got)
	}
}

// A long chain of calls costs depth, not understanding.
func TestLongChain(t *testing.T) {
	var b strings.Builder
	const n = 1000
	for i := range n {
		fmt.Fprintf(&b, "def f%d(x):\n    return f%d(x)\n", i, i+1)
	}
	fmt.Fprintf(&b, "def f%d(x):\n    return x  #? x = 1\nf0(1)  #? f0(1) = 1\n", n)
	ask(t, b.String())
}

// Paths of attributes that go round have an end.
func TestRounds(t *testing.T) {
	ask(t, `
import ext
def climb(n):
    return climb(n.left) or climb(n.right) or climb(n.up()) or climb(n[0]) or n
r = climb(ext.root)
f = ext.f
while 1:
    f = f()
print(f)
other = 1  #? other = 1
`)
}

// Project may be asked from many goroutines.
func TestConcurrently(t *testing.T) {
	p := load(valueCases["attributes"])
	all := expressions(p)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for _, n := range all {
				p.Values(n)
				p.Enclosing(n)
			}
		})
	}
	wg.Wait()
}

// program makes n modules: workers that get from queues and pass what they get
// to other modules.
func program(n int) source.Snapshot {
	var files []*source.File
	for i := range n {
		next := (i + 1) % n
		files = append(files, source.New(fmt.Sprintf("pkg/m%d.py", i), fmt.Sprintf(`import multiprocessing as mp
from . import m%[2]d
from .m%[2]d import handle as other

class Worker%[1]d(mp.Process):
    def __init__(self, tasks, results):
        super().__init__()
        self.tasks, self.results = tasks, results
        self.seen = []
    def run(self):
        while True:
            task = self.tasks.get()
            self.seen.append(task)
            self.results.put(other(task, self.seen))

def handle(task, seen):
    for s in seen:
        if s == task:
            return m%[2]d.work(s)
    return {"task": task, "n": len(seen)}

def work(item):
    return [item for _ in range(3)]

def main():
    tasks, results = mp.Queue(), mp.Queue()
    workers = []
    for _ in range(4):
        w = Worker%[1]d(tasks, results)
        workers.append(w)
        w.start()
    for w in workers:
        w.join()
    with mp.Pool() as pool:
        pool.map(work, [1, 2])

if __name__ == "__main__":
    main()
`, i, next)))
	}
	files = append(files, source.New("pkg/__init__.py", ""))
	return source.Memory(files...)
}

func BenchmarkLoad(b *testing.B) {
	snap := program(300)
	for b.Loop() {
		project.New(snap, snap.Paths(), project.Options{Indirect: indirect, Workers: 2})
	}
}

func BenchmarkValuesOfEverything(b *testing.B) {
	snap := program(300)
	for b.Loop() {
		p := project.New(snap, snap.Paths(), project.Options{Indirect: indirect, Workers: 2})
		for _, n := range expressions(p) {
			p.Values(n)
		}
	}
}
