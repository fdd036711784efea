package startup_test

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/project"
	"github.com/mpfix/mpfix/rewrite/refactor"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/startup"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// guard puts the starts of main.py under a main guard; err says why it cannot.
func guard(t *testing.T, text string) (after string, handed []string, err error) {
	t.Helper()
	f := source.New("main.py", text)
	p := project.New(source.Memory(f), []string{"main.py"}, project.Options{Indirect: process.Indirect})
	m := process.New(p)
	var triggers []*syntax.Node
	for _, s := range m.Starts {
		if run := m.AtImport(s.Node); run != nil {
			triggers = append(triggers, run.Stmt)
		}
	}
	if len(triggers) == 0 {
		t.Fatal("nothing starts while the module is imported")
	}
	g, err := startup.PlanGuard(m, p.Modules()[0], triggers)
	if err != nil {
		return "", nil, err
	}
	rw := refactor.New()
	g.Write(rw)
	set, err := rw.Set()
	if err != nil {
		t.Fatal(err)
	}
	changed, err := edit.Apply(f, set.Edits)
	if err != nil {
		t.Fatal(err)
	}
	return changed.Text, g.Handed, nil
}

const (
	head = "import os\nimport random\nfrom multiprocessing import Process\n\n\ndef work(n):\n    print(n, os.environ.get(\"LEVEL\"), %s)\n\n\n"
	tail = "p = Process(target=work, args=(1,))\np.start()\np.join()\n"
)

// TestWhatGoesIn tells, for a statement before the start, whether it goes under
// the guard, stays, or is handed to the workers.
func TestWhatGoesIn(t *testing.T) {
	tests := []struct{ name, read, stmt, want string }{
		{"output goes in", "0", "print(\"hello\")", "in"},
		{"a constant stays", "LIMIT", "print(1)\nLIMIT = 3", "out"},
		{"what workers compute alike stays", "table", "print(1)\ntable = [n * n for n in range(9)]", "out"},
		{"the environment is set up in each process", "0", "print(1)\nos.environ[\"LEVEL\"] = \"1\"", "out"},
		{"what only the parent reads goes in", "0", "print(1)\ntable = [n * n for n in range(9)]", "in"},
		{"what differs each time is handed over", "seed", "print(1)\nseed = random.random()", "handed"},
		{"a loop's variable is handed over", "i", "print(1)\nfor i in [int(input())]:\n    print(i)", "handed"},
		{"what the parent fills is handed over", "table", "print(1)\ntable = []\ntable.append(4)", "handed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(head, "%s", test.read, 1) + test.stmt + "\n" + tail
			after, handed, err := guard(t, text)
			if err != nil {
				t.Fatal(err)
			}
			stmts := strings.Split(test.stmt, "\n")
			last := stmts[len(stmts)-1]
			_, inside, _ := strings.Cut(after, "if __name__")
			got := "out"
			switch {
			case len(handed) > 0:
				got = "handed"
			case strings.Contains(inside, "    "+last+"\n"):
				got = "in"
			}
			if got != test.want {
				t.Errorf("%s, handed %v:\n%s", got, handed, after)
			}
		})
	}
}

func TestNoGuard(t *testing.T) {
	tests := []struct{ name, read, stmt, want string }{
		{"a generator cannot be handed over", "lines", "print(1)\nlines = (n for n in open(\"x\"))", "generator"},
		{"workers change what the parent reads", "0", "found = []\n\n\ndef add():\n    found.append(1)\n\n\nprint(found)\nq = Process(target=add)\nq.start()", "workers change found"},
		{"a default is read while the module is imported", "0", "size = int(input())\n\n\ndef other(n=size):\n    return n\n", "imported"},
		{"an import that only the parent makes", "i", "try:\n    import x as i\nexcept ImportError:\n    print(1)\n    i = None", "no plain value"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			after, _, err := guard(t, strings.Replace(head, "%s", test.read, 1)+test.stmt+"\n"+tail)
			if err == nil {
				t.Fatalf("a guard:\n%s", after)
			}
			if !strings.Contains(err.Error(), test.want) {
				t.Error(err)
			}
		})
	}
}
