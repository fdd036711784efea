package handover_test

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/handover"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// hand passes the global named "shared" of main.py to every function that runs
// in a worker and reads it, and returns the program after it or the reason why
// there is no plan.
func hand(t *testing.T, text string) (after string, err error) {
	t.Helper()
	f := source.New("main.py", text)
	p := project.New(source.Memory(f), []string{"main.py"}, project.Options{Indirect: process.Indirect})
	m := process.New(p)
	mod := p.Modules()[0]
	b := mod.Top.Names["shared"]
	v := handover.Value{Name: "shared", Expr: func(site *syntax.Node) (string, bool) { return "shared", true }}
	for _, u := range b.Uses {
		d := p.Enclosing(u)
		if d == nil || len(m.WorkersOf(d)) == 0 {
			continue
		}
		seen := false
		for _, r := range v.Readers {
			seen = seen || r == d
		}
		if !seen {
			v.Readers = append(v.Readers, d)
		}
	}
	plan, err := handover.Make(m, v)
	if err != nil {
		return "", err
	}
	rw := refactor.New()
	plan.Write(rw)
	set, err := rw.Set()
	if err != nil {
		t.Fatal(err)
	}
	changed, err := edit.Apply(f, set.Edits)
	if err != nil {
		t.Fatal(err)
	}
	return changed.Text, nil
}

func TestHandover(t *testing.T) {
	const head = "import multiprocessing as mp\nfrom concurrent.futures import ProcessPoolExecutor\n\nshared = 1\n\n\n"
	tests := []struct{ name, before, after string }{
		{"argument of a process",
			"def work(n):\n    print(n, shared)\n\n\nmp.Process(target=work, args=(1,)).start()\n",
			"def work(n, shared):\n    print(n, shared)\n\n\nmp.Process(target=work, args=(1, shared)).start()\n"},
		{"no arguments yet",
			"def work():\n    print(shared)\n\n\nmp.Process(target=work).start()\n",
			"def work(shared):\n    print(shared)\n\n\nmp.Process(target=work, args=(shared,)).start()\n"},
		{"through a helper that the parent calls too",
			"def show():\n    print(shared)\n\n\ndef work():\n    show()\n\n\nmp.Process(target=work).start()\nshow()\n",
			"def show(shared):\n    print(shared)\n\n\ndef work(shared):\n    show(shared)\n\n\nmp.Process(target=work, args=(shared,)).start()\nshow(shared)\n"},
		{"behind a default, by keyword",
			"def work(n=1):\n    print(n, shared)\n\n\nmp.Process(target=work, kwargs={\"n\": 2}).start()\n",
			"def work(n=1, *, shared):\n    print(n, shared)\n\n\nmp.Process(target=work, kwargs={\"n\": 2, \"shared\": shared}).start()\n"},
		{"initializer of a pool",
			"def work(n):\n    return n + shared\n\n\nwith mp.Pool(2) as pool:\n    pool.map(work, [1])\n",
			"def init_worker(shared_shared):\n    global shared\n    shared = shared_shared\n\n\ndef work(n):\n    return n + shared\n\n\nwith mp.Pool(2, initializer=init_worker, initargs=(shared,)) as pool:\n    pool.map(work, [1])\n"},
		{"initializer that is there",
			"def setup(n):\n    print(n)\n\n\ndef work(n):\n    return n + shared\n\n\nwith ProcessPoolExecutor(initializer=setup, initargs=(3,)) as executor:\n    executor.submit(work, 1)\n",
			"def setup(n, shared_shared):\n    global shared\n    shared = shared_shared\n    print(n)\n\n\ndef work(n):\n    return n + shared\n\n\nwith ProcessPoolExecutor(initializer=setup, initargs=(3, shared)) as executor:\n    executor.submit(work, 1)\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := hand(t, head+test.before)
			if err != nil {
				t.Fatal(err)
			}
			if got != head+test.after {
				t.Errorf("got\n%s", strings.TrimPrefix(got, head))
			}
		})
	}
}

// TestNoPlan: what stands in the way is said.
func TestNoPlan(t *testing.T) {
	const head = "import multiprocessing as mp\n\nshared = 1\n\n\n"
	tests := []struct{ name, text, want string }{
		{"both ways",
			"def work(n=1):\n    print(shared)\n\n\nmp.Process(target=work).start()\nwith mp.Pool() as pool:\n    pool.map(work, [1])\n",
			"both in a Process and in a pool"},
		{"called from out of sight",
			"import somewhere\n\n\ndef work():\n    print(shared)\n\n\nsomewhere.register(work)\nmp.Process(target=work).start()\n",
			"cannot see"},
		{"lambda",
			"mp.Process(target=lambda: print(shared)).start()\n",
			"lambda"},
		{"initializer of another module",
			"import somewhere\n\n\ndef work(n):\n    return shared\n\n\nwith mp.Pool(1, somewhere.setup) as pool:\n    pool.map(work, [1])\n",
			"initializer"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := hand(t, head+test.text)
			if err == nil {
				t.Fatalf("a plan:\n%s", got)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Error(err)
			}
		})
	}
}
