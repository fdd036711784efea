package process_test

import (
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/process"
	"github.com/mpfix/mpfix/rewrite/scope"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// TestConditions judges conditions of an if statement by what a child that
// imports the main module makes of them.
func TestConditions(t *testing.T) {
	const head = "import multiprocessing as mp, threading\nfrom multiprocessing import parent_process\nme = mp.current_process()\n"
	for _, c := range []struct {
		cond string
		want process.GuardKind
		not  string // a word of why it is no guard although it looks like one
	}{
		{`__name__ == "__main__"`, process.MainGuard, ""},
		{`('__main__') == (__name__)`, process.MainGuard, ""},
		{`__name__ != "__main__"`, process.ChildBranch, ""},
		{`not (__name__ == "__main__")`, process.ChildBranch, ""},
		{`__name__ in {"__main__"}`, process.MainGuard, ""},
		{`__name__ not in ("__main__", "app")`, process.ChildBranch, ""},
		{`__name__ == "__mp_main__"`, process.ChildBranch, ""},
		{`__name__ != "__mp_main__"`, process.MainGuard, ""},
		{`__name__ == "app"`, process.NoGuard, ""},
		{`__name__ in NAMES`, process.NoGuard, ""},
		{`"__main__" in __name__`, process.MainGuard, ""},
		{`__name__.endswith("__main__")`, process.MainGuard, ""},
		{`__name__ == "__main__" and x`, process.MainGuard, ""},
		{`x and (y and __name__ == "__main__")`, process.MainGuard, ""},
		{`__name__ == "__main__" or x`, process.NoGuard, ""},
		{`__name__ != "__main__" or x`, process.ChildBranch, ""},
		{`mp.current_process().name == "MainProcess"`, process.MainGuard, ""},
		{`me.name != "MainProcess"`, process.ChildBranch, ""},
		{`me.name == "worker"`, process.NoGuard, ""},
		{`parent_process() is None`, process.NoGuard, "parent_process"},
		{`x and None is mp.parent_process()`, process.NoGuard, "parent_process"},
		{`not parent_process()`, process.NoGuard, "parent_process"},
		{`parent_process() is not None`, process.NoGuard, ""},
		{`parent_process() is None and __name__ == "__main__"`, process.MainGuard, ""},
		{`me._parent_pid is None`, process.NoGuard, "parent"},
		{`not mp.current_process().daemon`, process.NoGuard, "daemon"},
		{`threading.current_thread() is threading.main_thread()`, process.NoGuard, "thread"},
		{`__name__ in ("__main__", "__mp_main__")`, process.NoGuard, "__mp_main__"},
		{`"main" in __name__`, process.NoGuard, "__mp_main__"},
		{`__name__.endswith("main__")`, process.NoGuard, "__mp_main__"},
		{`x == 1`, process.NoGuard, ""},
	} {
		tree, err := syntax.Parse(source.New("main.py", head+"if "+c.cond+":\n    pass\n"), nil)
		if err != nil {
			t.Fatal(err)
		}
		mod := scope.New(tree, "main", "")
		stmts := tree.Root.NamedChildren()
		cond := stmts[len(stmts)-1].Field("condition")
		if got := process.GuardCondition(mod, cond); got != c.want {
			t.Errorf("GuardCondition(%s) = %d, want %d", c.cond, got, c.want)
		}
		why, found := process.FalseGuard(mod, cond)
		if found != (c.not != "") || !strings.Contains(why, c.not) {
			t.Errorf("FalseGuard(%s) = %q, %v, want %q", c.cond, why, found, c.not)
		}
	}
}
