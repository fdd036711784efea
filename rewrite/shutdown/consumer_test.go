package shutdown_test

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/shutdown"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// model builds the model of a program whose worker has the given loop and whose
// parent makes the given puts before it joins.
func model(loop, puts string) (*process.Model, *syntax.Tree) {
	text := "import multiprocessing as mp\nimport queue\nimport sys\n\n\ndef worker(q, stop):\n" + indent(loop) +
		"\n\nif __name__ == \"__main__\":\n    q = mp.Queue()\n    stop = mp.Event()\n    ps = [mp.Process(target=worker, args=(q, stop)) for _ in range(2)]\n" +
		"    for p in ps:\n        p.start()\n" + indent(puts) + "    for p in ps:\n        p.join()\n"
	p := project.New(source.Memory(source.New("main.py", text)), []string{"main.py"}, project.Options{Indirect: process.Indirect})
	return process.New(p), p.Modules()[0].Tree
}

func indent(text string) string {
	var b strings.Builder
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		b.WriteString("    " + line + "\n")
	}
	return b.String()
}

func find(t *syntax.Tree, wanted func(*syntax.Node) bool) *syntax.Node {
	var found *syntax.Node
	t.Root.Walk(func(n *syntax.Node) bool {
		if found == nil && wanted(n) {
			found = n
		}
		return found == nil
	})
	return found
}

func TestEndless(t *testing.T) {
	tests := []struct {
		name, loop, puts string
		endless          bool
	}{
		{"nothing ends it", "while True:\n    print(q.get())", "q.put(1)", true},
		{"break on None", "while True:\n    x = q.get()\n    if x is None:\n        break\n    print(x)", "for _ in ps:\n    q.put(None)", false},
		{"iter to a sentinel that nobody puts", "for x in iter(q.get, None):\n    print(x)", "q.put(1)", true},
		{"iter to a sentinel", "for x in iter(q.get, None):\n    print(x)", "q.put(1)\nfor _ in ps:\n    q.put(None)", false},
		{"a time limit", "while True:\n    try:\n        print(q.get(timeout=1))\n    except queue.Empty:\n        break", "q.put(1)", false},
		{"an event", "while not stop.is_set():\n    print(q.get())", "q.put(1)\nstop.set()", false},
		{"leaves the program", "while True:\n    if q.get() == \"end\":\n        sys.exit()", "for _ in ps:\n    q.put(\"end\")", false},
		{"a bounded loop", "for _ in range(3):\n    print(q.get())", "q.put(1)", false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, tree := model(test.loop, test.puts)
			loop := find(tree, func(n *syntax.Node) bool { return n.Is("while_statement", "for_statement") })
			c := shutdown.At(m, loop)
			if got := c != nil && c.Endless(m); got != test.endless {
				t.Errorf("endless: %v", got)
			}
			if test.endless && c != nil && c.Awaited(m) != shutdown.JoinWait {
				t.Error("not seen to be joined")
			}
		})
	}
}

// TestShortOf counts the sentinels for two consumers.
func TestShortOf(t *testing.T) {
	const loop = "while True:\n    x = q.get()\n    if x is None:\n        break\n    print(x)"
	tests := []struct {
		puts  string
		short bool
	}{
		{"q.put(1)\nq.put(None)", true},
		{"q.put(1)\nq.put(None)\nq.put(None)", false},
		{"for _ in ps:\n    q.put(None)", false},
		{"for _ in range(2):\n    q.put(None)", false},
		{"for _ in range(len(sys.argv)):\n    q.put(None)", false},
	}
	for _, test := range tests {
		m, tree := model(loop, test.puts)
		put := find(tree, func(n *syntax.Node) bool { return n.Is("call") && n.Text() == "q.put(None)" })
		if got := shutdown.ShortOf(m, put) != nil; got != test.short {
			t.Errorf("%q: short %v", test.puts, got)
		}
	}
}
