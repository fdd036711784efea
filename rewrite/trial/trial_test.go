package trial

import (
	"context"
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// The programs are kept small; each shows one way to end or not to end.
const (
	okProgram = `
import multiprocessing as mp

def double(n):
    return 2 * n

if __name__ == "__main__":
    print(mp.get_start_method(allow_none=True))
    with mp.Pool(2) as pool:
        print(mp.get_start_method(), pool.map(double, [1, 2, 3]))
`
	raisesProgram = `
import multiprocessing as mp

def fail():
    raise ValueError("no such town")

if __name__ == "__main__":
    p = mp.Process(target=fail)
    p.start()
    p.join()
    print("joined")
`
	endlessLoop = `
import multiprocessing as mp

def work(tasks):
    while True:
        tasks.get()

if __name__ == "__main__":
    tasks = mp.Queue()
    p = mp.Process(target=work, args=(tasks,))
    p.start()
    tasks.put(1)
    print("waiting", flush=True)
    p.join()
`
	largeJoin = `
import multiprocessing as mp

def work(results):
    results.put("x" * 1000000)

if __name__ == "__main__":
    results = mp.Queue()
    p = mp.Process(target=work, args=(results,))
    p.start()
    p.join()
    print(len(results.get()))
`
	sleeper = `
import multiprocessing as mp, time

def work(results):
    time.sleep(2.5)
    results.put("late")

if __name__ == "__main__":
    results = mp.Queue()
    p = mp.Process(target=work, args=(results,))
    p.start()
    print(results.get())
    p.join()
`
	unguardedPool = `
import multiprocessing as mp

def double(n):
    return 2 * n

with mp.Pool(2) as pool:
    print(pool.map(double, [1, 2, 3]))
`
	unguardedProcess = `
import multiprocessing as mp

def work():
    print("at work")

p = mp.Process(target=work)
p.start()
p.join()
`
	managerLoop = `
import multiprocessing as mp

def work(tasks):
    while True:
        tasks.get()

if __name__ == "__main__":
    with mp.Manager() as manager:
        tasks = manager.Queue()
        p = mp.Process(target=work, args=(tasks,))
        p.start()
        p.join()
`
	leftBehind = `
import os, multiprocessing as mp

def work(tasks):
    tasks.get()

if __name__ == "__main__":
    tasks = mp.Queue()
    p = mp.Process(target=work, args=(tasks,))
    p.start()
    print("leaving", flush=True)
    os._exit(0)
`
	leftSleeping = `
import os, multiprocessing as mp, time

if __name__ == "__main__":
    p = mp.Process(target=time.sleep, args=(60,))
    p.start()
    os._exit(0)
`
	alarmed = `
import signal

class Late(Exception):
    pass

def on_alarm(number, frame):
    raise Late

signal.signal(signal.SIGALRM, on_alarm)
signal.alarm(2)
try:
    signal.pause()
except Late:
    print("woken")
`
	busy = `
import time
end = time.process_time() + 1.5
while time.process_time() < end:
    pass
print("done")
`
	polling = `
import multiprocessing as mp, queue

if __name__ == "__main__":
    q = mp.Queue()
    try:
        q.get(timeout=2)
    except queue.Empty:
        print("empty")
`
	oneTaskEach = `
import multiprocessing as mp, traceback

def work(n):
    try:
        raise ValueError(n)
    except ValueError:
        return len(traceback.format_exc()) > 0

if __name__ == "__main__":
    with mp.Pool(2, maxtasksperchild=1) as pool:
        print(sum(pool.map(work, range(24), chunksize=1)))
`
	badInitializer = `
import multiprocessing as mp

def prepare():
    raise OSError("no licence")

if __name__ == "__main__":
    with mp.Pool(2, initializer=prepare) as pool:
        print(pool.map(abs, [1, 2]))
`
	lostResult = `
import multiprocessing as mp, time

class Refused(Exception):
    def __init__(self, town, code):
        super().__init__("%s: %d" % (town, code))

def ask(town):
    if town == "Rome":
        raise Refused(town, 7)
    time.sleep(0.2)
    return town

if __name__ == "__main__":
    with mp.Pool(2) as pool:
        print(pool.map(ask, ["Rome", "Oslo", "Kyiv"], chunksize=1))
`
	threadBusy = `
import threading, time

def work():
    end = time.thread_time() + 2
    while time.thread_time() < end:
        pass

t = threading.Thread(target=work)
t.start()
t.join()
print("done")
`
	chatterbox = `
while True:
    print("x" * 1000)
`
	detached = `
import subprocess, sys
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"],
                 start_new_session=True)
`
)

func one(source string) Program {
	return Program{Files: map[string][]byte{"main.py": []byte(source)}, Entry: "main.py"}
}

func needPython(t *testing.T) {
	t.Helper()
	if err := Available(""); err != nil {
		t.Skip(err)
	}
}

func needProc(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("processes are observed on Linux only")
	}
}

func mustRun(t *testing.T, p Program, m Method, o Options) Result {
	t.Helper()
	res, err := Run(context.Background(), p, m, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func TestOutcomes(t *testing.T) {
	needPython(t)
	needProc(t)
	all := Methods
	cases := []struct {
		name    string
		source  string
		methods []Method
		slow    bool
		outcome Outcome
		code    int
		hung    bool
		leaked  int
		stdout  string
	}{
		{name: "ok", source: okProgram, methods: all, outcome: OK, stdout: "None\nMETHOD [2, 4, 6]\n"},
		{name: "raises in the parent", source: "raise SystemExit(3)", methods: all[:1], outcome: Raises, code: 3},
		{name: "raises in a child", source: raisesProgram, methods: all, outcome: Raises, stdout: "joined\n"},
		{name: "endless worker", source: endlessLoop, methods: all, outcome: Hangs, code: -1, hung: true, stdout: "waiting\n"},
		{name: "endless worker, manager", source: managerLoop, methods: all, slow: true, outcome: Hangs, code: -1, hung: true},
		{name: "large item joined first", source: largeJoin, methods: all, slow: true, outcome: Hangs, code: -1, hung: true},
		{name: "sleeper", source: sleeper, methods: all, slow: true, outcome: OK, stdout: "late\n"},
		{name: "polling", source: polling, methods: all[:1], slow: true, outcome: OK, stdout: "empty\n"},
		{name: "busy", source: busy, methods: all[:1], slow: true, outcome: OK, stdout: "done\n"},
		{name: "busy thread", source: threadBusy, methods: all[:1], slow: true, outcome: OK, stdout: "done\n"},
		{name: "result that cannot be unpickled", source: lostResult, methods: all, slow: true, outcome: Hangs, code: -1, hung: true},
		{name: "alarm", source: alarmed, methods: all[:1], slow: true, outcome: OK, stdout: "woken\n"},
		{name: "pool without guard", source: unguardedPool, methods: []Method{Spawn, Forkserver}, outcome: Hangs, code: -1, hung: true},
		{name: "pool without guard, fork", source: unguardedPool, methods: []Method{Fork}, outcome: OK, stdout: "[2, 4, 6]\n"},
		{name: "process without guard", source: unguardedProcess, methods: []Method{Spawn, Forkserver}, outcome: Raises},
		{name: "initializer that raises", source: badInitializer, methods: all, slow: true, outcome: Hangs, code: -1, hung: true},
		{name: "one task for each child", source: oneTaskEach, methods: all, slow: true, outcome: OK, stdout: "24\n"},
		{name: "child left behind, blocked", source: leftBehind, methods: all[:1], outcome: Hangs, leaked: 1, stdout: "leaving\n"},
		{name: "child left behind, asleep", source: leftSleeping, methods: all, slow: true, outcome: Hangs, leaked: 1},
		{name: "runaway output", source: chatterbox, methods: all[:1], outcome: Hangs, code: -1, hung: true, stdout: "*"},
		{name: "child in a session of its own", source: detached, methods: all[:1], slow: true, outcome: Hangs, leaked: 1},
	}
	for _, c := range cases {
		for _, m := range c.methods {
			t.Run(c.name+"/"+string(m), func(t *testing.T) {
				if c.slow && testing.Short() {
					t.Skip("slow")
				}
				t.Parallel()
				res := mustRun(t, one(c.source), m, Options{Limit: 30 * time.Second, MaxOutput: 1 << 20})
				want := strings.ReplaceAll(c.stdout, "METHOD", string(m))
				switch {
				case res.Outcome != c.outcome, res.ExitCode != c.code, res.Hung != c.hung,
					res.Leaked != c.leaked, want != "*" && res.Stdout != want:
					t.Errorf("got %+v", res)
				case (res.Blocked != "") != (c.outcome == Hangs):
					t.Errorf("blocked: %q", res.Blocked)
				case strings.Contains(res.Blocked, "still running"):
					t.Errorf("recognised by the limit only: %+v", res)
				}
				t.Logf("%v: %s", res.Elapsed.Round(10*time.Millisecond), res.Blocked)
			})
		}
	}
}

func TestLimit(t *testing.T) {
	needPython(t)
	res := mustRun(t, one("import time; time.sleep(60)"), Fork, Options{Limit: 300 * time.Millisecond})
	if res.Outcome != Hangs || !res.Hung || !strings.Contains(res.Blocked, "300ms") {
		t.Errorf("got %+v", res)
	}
}

func TestContextEnds(t *testing.T) {
	needPython(t)
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := Run(ctx, one("import time; time.sleep(60)"), Fork, Options{})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestProgramShapes(t *testing.T) {
	needPython(t)
	if testing.Short() {
		t.Skip("slow")
	}
	source := []byte(`
import sys, multiprocessing as mp
from pkg.work import double

def main():
    with mp.Pool(1) as pool:
        print(sys.argv[1:], pool.map(double, [4]))

if __name__ == "__main__":
    main()
`)
	files := map[string][]byte{
		"pkg/__init__.py": nil,
		"pkg/__main__.py": source,
		"pkg/work.py":     []byte("def double(n):\n    return 2 * n\n"),
		"pkg/tool.py":     source,
		"run.py":          source,
	}
	for _, entry := range []string{"-m pkg", "-mpkg.tool", "run.py"} {
		res := mustRun(t, Program{Files: files, Entry: entry, Args: []string{"a b", "-c"}}, Spawn, Options{})
		if res.Outcome != OK || res.Stdout != "['a b', '-c'] [8]\n" {
			t.Errorf("%s: %+v", entry, res)
		}
	}
}

func TestSurroundings(t *testing.T) {
	needPython(t)
	t.Setenv("PYTHONWARNINGS", "error")
	t.Setenv("PYTHONSTARTUP", "nowhere.py")
	res := mustRun(t, one(`
import os, sys
print(sorted(k for k in os.environ if k in ("PYTHONWARNINGS", "PYTHONSTARTUP")))
print("multiprocessing" in sys.modules, sys.stdin.read() == "", os.path.expanduser("~") in os.getcwd())
print(os.path.realpath("data"), os.getcwd(), "\u00e9")
print(len(os.environ.get("TMPDIR", "")) < 40)
raise OSError
`), Spawn, Options{})
	if want := "[]\nFalse True False\ndata . \u00e9\nTrue\n"; res.Stdout != want {
		t.Errorf("stdout %q, want %q", res.Stdout, want)
	}
	if !strings.Contains(res.Stderr, `File "main.py", line 7`) || res.Outcome != Raises {
		t.Errorf("got %+v", res)
	}
}

func TestStartMethodIsOnlyTheDefault(t *testing.T) {
	needPython(t)
	res := mustRun(t, one(`
import multiprocessing as mp
print(mp.get_all_start_methods()[0])
mp.set_start_method("fork")
print(mp.get_start_method(), type(mp.get_context("spawn")).__name__)
try:
    mp.set_start_method("fork")
except RuntimeError as e:
    print(e)
`), Forkserver, Options{})
	want := "forkserver\nfork SpawnContext\ncontext has already been set\n"
	if res.Stdout != want || res.Outcome != OK {
		t.Errorf("got %+v", res)
	}
}

func TestRunRefuses(t *testing.T) {
	needPython(t)
	for name, c := range map[string]struct {
		p Program
		m Method
		o Options
	}{
		"no such entry":       {p: Program{Files: map[string][]byte{"a.py": nil}, Entry: "b.py"}, m: Fork},
		"no entry":            {p: Program{Files: map[string][]byte{"a.py": nil}}, m: Fork},
		"no module":           {p: Program{Entry: "-m "}, m: Fork},
		"file outside":        {p: Program{Files: map[string][]byte{"../a.py": nil, "b.py": nil}, Entry: "b.py"}, m: Fork},
		"unknown method":      {p: one(""), m: "thread"},
		"no such interpreter": {p: one(""), m: Fork, o: Options{Python: "python-that-is-not-there"}},
	} {
		if res, err := Run(context.Background(), c.p, c.m, c.o); err == nil {
			t.Errorf("%s: no error, %+v", name, res)
		}
	}
	if Available("python-that-is-not-there") == nil {
		t.Error("an interpreter that is not there is available")
	}
}

// TestNothingIsLeft runs programs that leave processes behind and looks for
// these in the whole system by the mark they print.
func TestNothingIsLeft(t *testing.T) {
	needPython(t)
	needProc(t)
	const printMark = "import os; print(os.environ['" + markVariable + "'], flush=True)\n"
	for _, source := range []string{endlessLoop, leftSleeping, unguardedPool} {
		res := mustRun(t, one(printMark+source), Spawn, Options{})
		mark, _, _ := strings.Cut(res.Stdout, "\n")
		if res.Outcome != Hangs || len(mark) != 32 {
			t.Errorf("got %+v", res)
		}
		if left := marked(t, markVariable+"="+mark); len(left) > 0 {
			t.Errorf("left over: %v", left)
		}
	}
}

// marked finds processes, other than zombies, by their environment, with means
// other than those of Run.
func marked(t *testing.T, mark string) []string {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, e := range entries {
		env, err := os.ReadFile("/proc/" + e.Name() + "/environ")
		if err == nil && strings.Contains(string(env), mark) {
			found = append(found, e.Name())
		}
	}
	return found
}

func TestParallelRuns(t *testing.T) {
	needPython(t)
	needProc(t)
	n := 6
	if testing.Short() {
		n = 3
	}
	programs := []struct {
		source string
		want   Outcome
	}{{okProgram, OK}, {endlessLoop, Hangs}, {raisesProgram, Raises}}
	var wg sync.WaitGroup
	for i := range n {
		p, m := programs[i%3], Methods[(i/3+i)%3]
		wg.Go(func() {
			res, err := Run(context.Background(), one(p.source), m, Options{})
			if err != nil || res.Outcome != p.want {
				t.Errorf("run %d, %s: want %s, got %+v, %v", i, m, p.want, res, err)
			}
		})
	}
	wg.Wait()
}
