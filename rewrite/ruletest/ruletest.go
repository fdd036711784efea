// Package ruletest is the harness that every pattern's test calls. It holds a
// rule against its cases: what it reports, what its fixes make of the program,
// the laws of the engine, and what happens when the program is run before and
// after under each start method.
//
// # Cases
//
// A case is a txtar archive in testdata. Its comment tells the story in a
// sentence; lines "name: value" in it are settings. Its files are
//
//	before/...   the program with the fault. "# want unguarded-start" at the end
//	             of a line says that the rule reports there; several names are
//	             parted by commas. Want comments are taken out before mpfix reads
//	             the file. Files that are not Python are there for the run.
//	after/...    the files that the fixes change, as they come out. Want comments
//	             say what is still reported. Without after/ nothing may change.
//	clean/...    instead of these: a program in which nothing is reported.
//	stdout       what the program prints when all is well.
//	outcome      a table: start methods in the first line (fork, spawn,
//	             forkserver, or some of them), then a row for each program (before
//	             and after, or clean) with the words ok, raises, hangs, wrong (it
//	             ends, but prints something else than stdout) or varies (not
//	             checked). A fault that shows under a certain overlap of
//	             processes only is given a few runs of before/ to show. Blank lines and "#" comments are allowed.
//
// The settings are
//
//	entry: tools/run.py   what is run, main.py otherwise; "-m pkg" for a package
//	args: 3 fast          the program's arguments
//	unsafe: yes           unsafe fixes are applied too
//	stdout: any order     the lines of stdout come in any order
//	loses: # a comment    a comment or string of before/ that the fix rightly drops
//	run: no, REASON       the program is not run; a case that rewrites has an
//	                      outcome otherwise
//
// A clean program without an outcome has to be ok under all three methods. A file
// that is meant to be damaged says "syntax error" in a comment.
//
// # Flags
//
// go test -short skips the runs. go test -update writes the after/ sections anew
// from what comes out; read the difference before you keep it.
package ruletest

import (
	"context"
	"flag"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/rule"
)

var updateFlag = flag.Bool("update", false, "write the after/ sections of the cases from what comes out")

// slots bounds the programs and checks that are worked on at once.
var slots = make(chan struct{}, runtime.NumCPU())

// Run holds the rule against the cases in testdata of the caller's folder, and
// its README against its form and its first case. The others run beside it, and
// their findings are wanted like its own.
func Run(t *testing.T, r *rule.Rule, others ...*rule.Rule) {
	t.Helper()
	runIn(t, ".", r, others)
}

func runIn(t *testing.T, dir string, r *rule.Rule, others []*rule.Rule) {
	t.Helper()
	rules := append([]*rule.Rule{r}, others...)
	testdata := filepath.Join(dir, "testdata")
	if *updateFlag {
		if err := update(t.Context(), testdata, rules); err != nil {
			t.Fatal(err)
		}
	}
	cases, err := Load(testdata)
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) == 0 {
		t.Fatal("no case in testdata")
	}
	if err := rule.Validate([]*rule.Rule{r}); err != nil {
		t.Error(err)
	}
	if err := checkReadme(dir, r, cases); err != nil {
		t.Error(err)
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			c.test(t, rules)
		})
	}
}

func (c *Case) test(t *testing.T, rules []*rule.Rule) {
	if strings.HasPrefix(c.Story, "TODO") {
		t.Error("the story still says TODO")
	}
	t.Run("text", func(t *testing.T) {
		t.Parallel()
		acquire(t)
		problems, err := c.verify(t.Context(), rules)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range problems {
			t.Error(p)
		}
	})
	for _, r := range c.runs() {
		t.Run(r.program+"-"+string(r.method), func(t *testing.T) {
			if testing.Short() {
				t.Skip("programs are not run")
			}
			t.Parallel()
			acquire(t)
			problem, err := c.execute(context.WithoutCancel(t.Context()), r)
			if err != nil {
				t.Fatal(err)
			}
			if problem != "" {
				t.Error(problem)
			}
		})
	}
}

// acquire takes a slot until the test ends.
func acquire(t *testing.T) {
	slots <- struct{}{}
	t.Cleanup(func() { <-slots })
}
