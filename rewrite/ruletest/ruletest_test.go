package ruletest

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// renaming reports calls of one name and calls another; the empty name: no fix.
func renaming(name, from, to string) *rule.Rule {
	return &rule.Rule{
		ID: "MPF901", Name: name, Title: "a toy", Query: `(call function: (identifier) @name) @call`,
		Check: func(p *rule.Pass, m syntax.Match) {
			function := m.Node.Field("function")
			if function.Text() != from {
				return
			}
			f := &rule.Finding{Span: m.Node.Span(), Message: from + " is called"}
			if to != "" {
				f.Fixes = []rule.Fix{{Title: "call " + to, Edits: edit.Set{Edits: []edit.Edit{{Span: function.Span(), New: to}}}}}
			}
			p.Report(f)
		},
	}
}

var toy = renaming("toy-fault", "old", "new")

const good = `A name that does not exist is called.
-- before/main.py --
import multiprocessing


def new(n):
    """Print
    it."""
    print(n)  # the number


if __name__ == "__main__":
    # Called here.
    old(1)  # want toy-fault
-- before/notes.txt --
kept
-- after/main.py --
import multiprocessing


def new(n):
    """Print
    it."""
    print(n)  # the number


if __name__ == "__main__":
    # Called here.
    new(1)
-- stdout --
1
-- outcome --
         fork     spawn
before   raises   raises   # NameError
after    ok       ok
`

func parse(t *testing.T, text string) *Case {
	t.Helper()
	c, err := Parse("testdata/good.txtar", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func problems(t *testing.T, text string, rules ...*rule.Rule) string {
	t.Helper()
	if len(rules) == 0 {
		rules = []*rule.Rule{toy}
	}
	list, err := parse(t, text).verify(context.Background(), rules)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(list, "\n")
}

func TestParse(t *testing.T) {
	c := parse(t, "A story.\nentry: -m pkg\nargs: 1  two\nunsafe: yes\nstdout: any order\nloses: # gone\n"+
		"-- clean/pkg/__main__.py --\nprint(1)\n-- outcome --\n\n# none yet\nspawn\nclean ok\n")
	if c.Story != "A story." || c.Entry != "-m pkg" || len(c.Args) != 2 || !c.Unsafe || !c.Sorted || c.Loses[0] != "# gone" {
		t.Errorf("settings %+v", c)
	}
	if runs := c.runs(); len(runs) != 1 || runs[0].word != "ok" || runs[0].method != "spawn" {
		t.Errorf("runs %v", runs)
	}
	c = parse(t, good)
	if len(c.Wants) != 1 || c.Wants[0] != (Want{"main.py", 12, "toy-fault"}) || strings.Contains(c.Before["main.py"], "want") {
		t.Errorf("wants %v in\n%s", c.Wants, c.Before["main.py"])
	}
	if c.Program("after")["notes.txt"] != "kept\n" || !strings.Contains(c.Program("after")["main.py"], "new(1)") {
		t.Errorf("after %v", c.Program("after"))
	}
	if runs := parse(t, "Clean.\n-- clean/main.py --\nx = 1\n").runs(); len(runs) != 3 {
		t.Errorf("a clean program without an outcome: %v", runs)
	}
}

func TestParseErrors(t *testing.T) {
	const before = "-- before/main.py --\nold()  # want toy-fault\n"
	for want, text := range map[string]string{
		"no sentence":           before,
		"neither":               "Story.\n-- stdout --\n1\n",
		"both before/":          "Story.\n" + before + "-- clean/main.py --\nx = 1\n",
		"after/ beside clean/":  "Story.\n-- clean/main.py --\nx = 1\n-- after/main.py --\ny = 1\n",
		"without a \"# want\"":  "Story.\n-- before/main.py --\nold()\n",
		"no outcome":            "Story.\n" + before + "-- after/main.py --\nnew()\n",
		"has no before/":        "Story.\n" + before + "-- after/other.py --\nnew()\n-- outcome --\nfork\nbefore ok\nafter ok\n",
		"leave out":             "Story.\n" + before + "-- after/main.py --\nold()\n-- outcome --\nfork\nbefore ok\nafter ok\n",
		"unknown section":       "Story.\n" + before + "-- befor/other.py --\n",
		"stands twice":          "Story.\n" + before + before,
		"file name":             "Story.\n" + before + "-- before/../x.py --\n",
		"cannot be read":        "Story.\n-- before/main.py --\nold()  # want Toy Fault\n",
		"not on one of its":     "Story.\n-- before/main.py --\n# want toy-fault\nold()\n",
		"run: \"yes\"":          "Story.\nrun: yes\n" + before,
		"and the reason":        "Story.\nrun: no\n" + before,
		"that is not run":       "Story.\nrun: no, needs a network\n" + before + "-- outcome --\nfork\nbefore ok\n",
		"start method \"fory\"": "Story.\n" + before + "-- outcome --\nfory\nbefore ok\n",
		"unknown word":          "Story.\n" + before + "-- outcome --\nfork\nbefore fine\n",
		"1 words for 2":         "Story.\n" + before + "-- outcome --\nfork spawn\nbefore ok\n",
		"no row before":         "Story.\n" + before + "-- outcome --\nfork\nafter ok\n",
		"row clean without":     "Story.\n" + before + "-- outcome --\nfork\nbefore ok\nclean ok\n",
		"wrong without":         "Story.\n" + before + "-- outcome --\nfork\nbefore wrong\n",
		"the table is empty":    "Story.\n" + before + "-- outcome --\nfork\n",
	} {
		if _, err := Parse("x.txtar", []byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func TestVerify(t *testing.T) {
	if got := problems(t, good); got != "" {
		t.Errorf("a good case:\n%s", got)
	}
	cut := func(text string, pairs ...string) string { return strings.NewReplacer(pairs...).Replace(text) }
	shout := renaming("toy-fault", "old", "new")
	check := shout.Check
	shout.Check = func(p *rule.Pass, m syntax.Match) {
		check(p, m)
		for _, f := range p.Findings() {
			f.Message = "Ends in a stop."
		}
	}
	eats := renaming("toy-fault", "old", "")
	eats.Check = func(p *rule.Pass, m syntax.Match) {
		if m.Node.Field("function").Text() == "old" {
			s := m.Node.Statement().Span()
			s.End = s.File.LineEnd(s.File.LineOf(s.End))
			p.Report(&rule.Finding{Span: m.Node.Span(), Message: "m", Fixes: []rule.Fix{{Title: "t", Edits: edit.Set{Edits: []edit.Edit{{Span: s, New: "new()"}}}}}})
		}
	}
	overlapping := renaming("toy-fault", "old", "")
	overlapping.Check = func(p *rule.Pass, m syntax.Match) {
		if m.Node.Field("function").Text() == "old" {
			e := edit.Edit{Span: m.Node.Span(), New: "new(1)"}
			p.Report(&rule.Finding{Span: e.Span, Message: "m", Fixes: []rule.Fix{{Title: "t", Edits: edit.Set{Edits: []edit.Edit{e, e}}}}})
		}
	}
	newlines := renaming("toy-fault", "old", "")
	newlines.Check = func(p *rule.Pass, m syntax.Match) {
		if m.Node.Field("function").Text() == "old" {
			p.Report(&rule.Finding{Span: m.Node.Span(), Message: "m", Fixes: []rule.Fix{{Title: "t", Edits: edit.Set{Edits: []edit.Edit{{Span: m.Node.Span(), New: "x = 1\nnew()"}}}}}})
		}
	}
	const short = "Short.\n-- before/main.py --\nimport multiprocessing\nold()  # want toy-fault\n-- after/main.py --\nimport multiprocessing\nnew()\n-- outcome --\nfork\nbefore raises\nafter raises\n"
	moody := renaming("toy-fault", "old", "new")
	moodyCheck, runs := moody.Check, 0
	moody.Check = func(p *rule.Pass, m syntax.Match) {
		if runs++; runs < 3 || m.Node.Field("function").Text() != "old" {
			moodyCheck(p, m)
		}
	}
	tests := []struct {
		name, text string
		rule       *rule.Rule
		want       string
	}{
		{"not wanted", cut(short, "import multiprocessing\nold()", "import multiprocessing\nold();old()"), toy, "before/main.py:2: toy-fault: not wanted"},
		{"not reported", cut(short, "import multiprocessing\nold()", "import multiprocessing\nolder()"), toy, "wanted, not reported"},
		{"another after", cut(short, "new()", "newer()"), toy, "is not what comes out"},
		{"no after, but a change", "S.\n-- before/main.py --\nimport multiprocessing\nold()  # want toy-fault\n", toy, "is not what comes out"},
		{"message", short, shout, "not one sentence"},
		{"a comment lost", cut(short, "old()  # want toy-fault", "old()  # note  # want toy-fault"), eats, `"# note" is lost`},
		{"a comment rightly lost", "loses: # note\n" + cut(short, "old()  # want toy-fault", "old()  # note  # want toy-fault"), eats, ""},
		{"overlapping edits", short, overlapping, "conflicting edits"},
		{"newlines", cut(short, "new()", "x = 1\nnew()"), newlines, "with CRLF and a byte order mark"},
		{"still in after", cut(short, "\nnew()", "\nnew()  # want toy-fault"), toy, "after/main.py:2: toy-fault: wanted, not reported"},
		{"its own output", cut(short, "\nnew()", "\nold()", "old()  #", "older()  #"), twoSteps(), ""},
		{"other results", short, moody, "the result is another"},
		{"not clean", "S.\n-- clean/main.py --\nimport multiprocessing\nold()\n", toy, "clean/main.py:2: toy-fault: not wanted"},
		{"clean", "S.\n-- clean/main.py --\nimport multiprocessing\nolder()\n", toy, ""},
		{"damaged", "S.\n-- clean/main.py --\nimport multiprocessing\nx = ((\n", toy, "cannot read this"},
		{"damaged on purpose", "S.\n-- clean/main.py --\nimport multiprocessing\nx = ((  # syntax error\n", toy, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := problems(t, test.text, test.rule)
			if test.want == "" && got != "" || !strings.Contains(got, test.want) {
				t.Errorf("problems %q, want %q", got, test.want)
			}
		})
	}
}

// twoSteps renames older to old and stays silent on old.
func twoSteps() *rule.Rule { return renaming("toy-fault", "older", "old") }

func TestExecute(t *testing.T) {
	if testing.Short() {
		t.Skip("programs are not run")
	}
	t.Parallel()
	c := parse(t, good)
	for _, r := range c.runs()[1:3] { // before under spawn, after under fork
		if problem, err := c.execute(context.Background(), r); err != nil || problem != "" {
			t.Errorf("%v: %v %s", r, err, problem)
		}
	}
	other := "2\n"
	c.Stdout = &other
	after := run{"after", "fork", "ok"}
	if problem, err := c.execute(context.Background(), after); err != nil || !strings.Contains(problem, "after under fork: wrong, expected ok") {
		t.Errorf("%v %q", err, problem)
	}
	after.word = "wrong"
	if problem, err := c.execute(context.Background(), after); err != nil || problem != "" {
		t.Errorf("%v %q", err, problem)
	}
}

func TestSortedOutput(t *testing.T) {
	expected := "a\nb\n"
	c := &Case{Stdout: &expected}
	if c.sameOutput("b\na\n") || !c.sameOutput("a\r\nb\r\n") {
		t.Error("lines are compared in order, whatever ends them")
	}
	if c.Sorted = true; !c.sameOutput("b\na\n") || c.sameOutput("b\nb\n") {
		t.Error("lines are compared in any order")
	}
}

func TestReadme(t *testing.T) {
	dir := t.TempDir()
	cases := []*Case{parse(t, "Clean.\n-- clean/main.py --\nx = 1\n"), parse(t, good)}
	example, err := Example(cases)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"A name that does not exist is called.\n", "`main.py`:\n\n```python\n", "    old(1)\n",
		"`notes.txt`:\n\n```text\nkept\n```\n", "```diff\n--- a/main.py\n+++ b/main.py\n", "-    old(1)\n+    new(1)\n",
		"| | fork | spawn |\n|---|---|---|\n| before | raises | raises |\n| after | ok | ok |\n"} {
		if !strings.Contains(example, want) {
			t.Errorf("the example lacks %q:\n%s", want, example)
		}
	}
	text := "# MPF901 toy-fault\n\n## Example\n\n" + ExampleBegin + "\nold\n" + ExampleEnd + "\nend\n"
	fresh, err := Refresh(text, example)
	if err != nil || !strings.HasSuffix(fresh, ExampleEnd+"\nend\n") || strings.Contains(fresh, "\nold\n"+ExampleEnd) {
		t.Errorf("%v\n%s", err, fresh)
	}
	again, err := Refresh(fresh, example)
	if err != nil || again != fresh {
		t.Errorf("refreshing twice differs: %v", err)
	}
	r := renaming("toy-fault", "old", "new")
	write := func(text string) {
		if err := os.WriteFile(filepath.Join(dir, "README.md"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		r.Doc = text
	}
	write(fresh)
	if err := checkReadme(dir, r, cases); err != nil {
		t.Error(err)
	}
	write(text)
	if err := checkReadme(dir, r, cases); err == nil || !strings.Contains(err.Error(), "go generate") {
		t.Errorf("a stale example: %v", err)
	}
	write("# no markers\n")
	if err := checkReadme(dir, r, cases); err == nil || !strings.Contains(err.Error(), ExampleBegin) {
		t.Errorf("no markers: %v", err)
	}
	r.Doc = "another"
	if err := checkReadme(dir, r, cases); err == nil {
		t.Error("a Doc that is not the README passes")
	}
	if _, err := Example(cases[:1]); err == nil {
		t.Error("an example of clean cases only")
	}
	if got := fence("text", "a\n```\nb"); got != "````text\na\n```\nb\n````\n" {
		t.Errorf("fence %q", got)
	}
}

func TestUpdate(t *testing.T) {
	begin, rest, _ := strings.Cut(good, "-- after/main.py --\n")
	after, end, _ := strings.Cut(rest, "-- stdout --\n")
	marked := "-- after/main.py --\n" + strings.Replace(after, "    new(1)\n", "    new(1)\n    rest()  # want rest-fault\n", 1)
	still := strings.Replace(begin, "    old(1)  # want toy-fault\n", "    old(1)  # want toy-fault\n    rest()  # want rest-fault\n", 1)
	tests := []struct {
		name, before, after string
	}{
		{"stale", strings.Replace(good, "    new(1)\n", "    stale()\n", 1), good},
		{"not there yet", begin + "-- stdout --\n" + end, good},
		{"what is still found is wanted", still + "-- stdout --\n" + end, still + marked + "-- stdout --\n" + end},
	}
	rules := []*rule.Rule{toy, renaming("rest-fault", "rest", "")}
	for _, test := range tests {
		dir := t.TempDir()
		name := filepath.Join(dir, "case.txtar")
		if err := os.WriteFile(name, []byte(test.before), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := update(context.Background(), dir, rules); err != nil {
			t.Fatal(err)
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if string(raw) != test.after {
			t.Errorf("%s: updated to\n%s", test.name, raw)
		}
		cases, err := Load(dir)
		if err != nil {
			t.Fatal(err)
		}
		if list, err := cases[0].verify(context.Background(), rules); err != nil || len(list) != 0 {
			t.Errorf("%s: %v %q", test.name, err, list)
		}
	}
}

// TestRun runs the harness as a pattern does.
func TestRun(t *testing.T) {
	raw, err := os.ReadFile("testdata/toy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	r := renaming("toy-fault", "old", "new")
	r.Doc = string(raw)
	runIn(t, "testdata/toy", r, nil)
}

func TestTogether(t *testing.T) {
	Together(t, []*rule.Rule{toy, renaming("other-fault", "other", "new")}, "testdata/toy")
}
