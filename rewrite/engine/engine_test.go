package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

func TestFindings(t *testing.T) {
	snap := program("b.py", "old()\nolder()\n", "a.py", "older(old())\n")
	res := find(t, snap, renaming("MPF902", "old", "new"), renaming("MPF901", "older", "new"))
	var got []string
	for _, f := range res.Findings {
		got = append(got, fmt.Sprintf("%s:%d:%s", f.Span.File.Path, f.Span.Start, f.Rule.ID))
	}
	want := []string{"a.py:23:MPF901", "a.py:29:MPF902", "b.py:23:MPF902", "b.py:29:MPF901"}
	if !slices.Equal(got, want) {
		t.Errorf("findings %q, want %q", got, want)
	}
	if len(res.Changed) != 0 || res.Rounds != 0 || res.Files != 2 || res.Parsed != 2 {
		t.Errorf("result %+v", res)
	}
}

func TestFix(t *testing.T) {
	snap := program("a.py", "old(1)\nkeep()\nold(2)\n", "b.py", "keep()\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}})
	expectText(t, snap, res, "a.py", "new(1)\nkeep()\nnew(2)\n")
	if len(res.Findings) != 2 || len(res.Remaining) != 0 || len(res.Applied) != 2 || res.Rounds != 1 {
		t.Errorf("findings %d, remaining %d, applied %d, rounds %d", len(res.Findings), len(res.Remaining), len(res.Applied), res.Rounds)
	}
	if len(res.Changed) != 1 || len(res.Changed[0].Fixes) != 2 {
		t.Errorf("changed %+v", res.Changed)
	}
	expectRejected(t, res)
}

func TestOneFixEditsTwoFiles(t *testing.T) {
	both := onCall("MPF901", "start", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		other := p.Project.Module("other.py")
		f.Fixes = []rule.Fix{fixOf("both",
			replaced(call.Field("function"), "begin"),
			edit.Edit{Span: source.Span{File: other.Tree.File, Start: len(other.Tree.File.Text), End: len(other.Tree.File.Text)}, New: "y = 2\n"},
		)}
	})
	snap := program("main.py", "import other\nstart()\n", "other.py", "x = 1\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{both}})
	expectText(t, snap, res, "main.py", "import other\nbegin()\n")
	expectText(t, snap, res, "other.py", "x = 1\ny = 2\n")
	if len(res.Changed) != 2 || len(res.Changed[0].Fixes) != 1 || len(res.Changed[1].Fixes) != 1 {
		t.Errorf("changed %+v", res.Changed)
	}

	// All of a fix lands or nothing.
	only := func(path string) bool { return path == "main.py" }
	res = fix(t, snap, Options{Rules: []*rule.Rule{both}, Editable: only})
	if len(res.Changed) != 0 {
		t.Errorf("half a fix landed: %+v", res.Changed)
	}
	expectRejected(t, res, "other.py, which is not among the files to change")
}

func TestSafety(t *testing.T) {
	graded := onCall("MPF901", "old", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
		name := call.Field("function")
		manual, unsafe, safe := fixOf("m", replaced(name, "manual")), fixOf("u", replaced(name, "unsafe")), fixOf("s", replaced(name, "safe"))
		manual.Safety, unsafe.Safety = rule.Manual, rule.Unsafe
		f.Fixes = []rule.Fix{manual, unsafe, safe}
	})
	snap := program("a.py", "old()\n")
	expectText(t, snap, fix(t, snap, Options{Rules: []*rule.Rule{graded}}), "a.py", "safe()\n")
	expectText(t, snap, fix(t, snap, Options{Rules: []*rule.Rule{graded}, Unsafe: true}), "a.py", "unsafe()\n")

	manual := onCall("MPF901", "old", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
		f.Fixes = []rule.Fix{{Title: "m", Safety: rule.Manual, Edits: edit.Set{Edits: []edit.Edit{replaced(call, "x")}}}}
	})
	res := fix(t, snap, Options{Rules: []*rule.Rule{manual}, Unsafe: true})
	if len(res.Changed) != 0 || len(res.Remaining) != 1 {
		t.Errorf("a manual fix was applied")
	}
	expectRejected(t, res)
}

func TestOverlapWaits(t *testing.T) {
	wrap := func(id, name string) *rule.Rule {
		return onCall(id, name, func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
			f.Fixes = []rule.Fix{fixOf("take out", replaced(call, call.Field("arguments").Text()))}
		})
	}
	snap := program("a.py", "f(g(h(1)))\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{wrap("MPF901", "h"), wrap("MPF902", "g"), wrap("MPF903", "f")}})
	expectText(t, snap, res, "a.py", "(((1)))\n")
	var order []string
	for _, a := range res.Applied {
		order = append(order, fmt.Sprint(a.Finding.Rule.ID, a.Round))
	}
	if want := []string{"MPF9031", "MPF9022", "MPF9013"}; !slices.Equal(order, want) {
		t.Errorf("applied %q, want %q", order, want)
	}
}

func TestEqualEditsFallTogether(t *testing.T) {
	header := onCall("MPF901", "old", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		// Every finding of the file has the same fix, which mends all.
		var edits []edit.Edit
		p.Module.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Is("identifier") && n.Text() == "old" {
				edits = append(edits, replaced(n, "new"))
			}
			return true
		})
		f.Fixes = []rule.Fix{fixOf("all", edits...)}
	})
	snap := program("a.py", "old(1)\nold(2)\nold(3)\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{header}})
	expectText(t, snap, res, "a.py", "new(1)\nnew(2)\nnew(3)\n")
	if res.Rounds != 1 {
		t.Errorf("%d rounds", res.Rounds)
	}
}

func TestGate(t *testing.T) {
	setTo := func(id, name, text string) *rule.Rule {
		return onCall(id, name, func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
			f.Fixes = []rule.Fix{fixOf(text, replaced(call, text))}
		})
	}
	panics := onCall("MPF950", "explode", func(*rule.Pass, *syntax.Node, *rule.Finding) { panic("boom") })
	tests := []struct {
		name   string
		rules  []*rule.Rule
		watch  []*rule.Rule
		before string
		after  string
		reject []string
	}{
		{"a syntax error", []*rule.Rule{setTo("MPF901", "bad", "bad((")}, nil, "ok()\nbad()\n", "ok()\nbad()\n", []string{"syntax error at a.py:3"}},
		{"among good ones", []*rule.Rule{setTo("MPF901", "bad", "bad(("), renaming("MPF902", "old", "new")}, nil,
			"old(1)\nbad()\nold(2)\n", "new(1)\nbad()\nnew(2)\n", []string{"syntax error"}},
		{"still there", []*rule.Rule{setTo("MPF901", "bad", "bad(1)"), renaming("MPF902", "old", "new")}, nil,
			"bad()\nold()\n", "bad()\nnew()\n", []string{"still there after the fix: bad is called"}},
		{"a new finding", []*rule.Rule{setTo("MPF901", "one", "two()"), onCall("MPF902", "two", nil)}, nil,
			"two()\none()\n", "two()\none()\n", []string{"new finding at a.py:3: MPF902"}},
		{"a new finding of a watched rule", []*rule.Rule{setTo("MPF901", "one", "two()")}, []*rule.Rule{onCall("MPF902", "two", nil)},
			"two()\none()\n", "two()\none()\n", []string{"new finding at a.py:3: MPF902"}},
		{"rules that undo each other", []*rule.Rule{renaming("MPF901", "one", "two"), renaming("MPF902", "two", "one")}, nil,
			"one()\ntwo()\n", "one()\ntwo()\n", []string{"new finding", "new finding"}},
		{"a rule that panics afterwards", []*rule.Rule{setTo("MPF901", "one", "explode()"), panics, renaming("MPF902", "old", "new")}, nil,
			"one()\nold()\n", "one()\nnew()\n", []string{"rule MPF950 fails in a.py: panic: boom (engine_test.go:"}},
		{"no change", []*rule.Rule{setTo("MPF901", "one", "one()")}, nil, "one()\n", "one()\n", []string{"changes nothing"}},
		{"edits that overlap", []*rule.Rule{onCall("MPF901", "one", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
			f.Fixes = []rule.Fix{fixOf("twice", replaced(call, "x"), replaced(call.Field("function"), "y"))}
		})}, nil, "one()\n", "one()\n", []string{"not whole"}},
		{"the finding beside it stays the same one", []*rule.Rule{setTo("MPF901", "one", "wrapped(1)"), onCall("MPF902", "f", nil)}, nil,
			"f(one())\nf(2)\n", "f(wrapped(1))\nf(2)\n", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			snap := program("a.py", test.before)
			res := fix(t, snap, Options{Rules: test.rules, Watch: test.watch})
			expectText(t, snap, res, "a.py", test.after)
			expectRejected(t, res, test.reject...)
			for _, w := range test.watch {
				for _, f := range append(res.Findings, res.Remaining...) {
					if f.Rule == w {
						t.Errorf("a watched rule is reported")
					}
				}
			}
		})
	}
}

// TestTogether: two fixes that stand alone but not with one another land in two
// rounds.
func TestTogether(t *testing.T) {
	// The second rule complains when both names are new in one go, unless "old"
	// was renamed before: it looks for the pair as long as a marker is missing.
	pair := &rule.Rule{ID: "MPF903", Name: "pair", Query: `(module) @m`, Check: func(p *rule.Pass, m syntax.Match) {
		text := m.Node.Text()
		if strings.Contains(text, "a2()") && strings.Contains(text, "b2()") && !strings.Contains(text, "after") {
			p.Report(&rule.Finding{Span: source.Span{File: p.Module.Tree.File, Start: 0, End: 1}, Message: "both"})
		}
	}}
	b := onCall("MPF902", "b", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		name := "b2"
		if strings.Contains(p.Module.Tree.File.Text, "a2()") {
			name = "after or b2"
		}
		f.Fixes = []rule.Fix{fixOf("b2", replaced(call.Field("function"), name))}
	})
	snap := program("a.py", "a()\nb()\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "a", "a2"), b}, Watch: []*rule.Rule{pair}})
	expectText(t, snap, res, "a.py", "a2()\nafter or b2()\n")
	expectRejected(t, res)
	if res.Rounds != 2 {
		t.Errorf("%d rounds", res.Rounds)
	}
}

func TestNextBestFix(t *testing.T) {
	two := onCall("MPF901", "old", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
		f.Fixes = []rule.Fix{fixOf("broken", replaced(call, "((")), fixOf("good", replaced(call, "new()"))}
	})
	snap := program("a.py", "old()\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{two}})
	expectText(t, snap, res, "a.py", "new()\n")
	if len(res.Applied) != 1 || res.Applied[0].Fix.Title != "good" {
		t.Errorf("applied %+v", res.Applied)
	}
}

// TestRejectedAgain: what was refused in one round may stand in a later one, and
// is then not listed as rejected.
func TestRejectedAgain(t *testing.T) {
	// "first" may go only when "second" is gone.
	first := onCall("MPF901", "first", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		text := "new()"
		if strings.Contains(p.Module.Tree.File.Text, "second") {
			text = "(("
		}
		f.Fixes = []rule.Fix{fixOf("first", replaced(call, text))}
	})
	snap := program("a.py", "first()\nsecond()\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{first, renaming("MPF902", "second", "other")}})
	expectText(t, snap, res, "a.py", "new()\nother()\n")
	expectRejected(t, res)
}

func TestRoundsLimit(t *testing.T) {
	unwrap := onCall("MPF901", "f", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
		f.Fixes = []rule.Fix{fixOf("unwrap", replaced(call, call.Field("arguments").Text()))}
	})
	snap := program("a.py", "f(f(f(f(1))))\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{unwrap}, MaxRounds: 2})
	expectText(t, snap, res, "a.py", "((f(f(1))))\n")
	if res.Rounds != 2 || len(res.Remaining) != 2 {
		t.Errorf("%d rounds, %d remaining", res.Rounds, len(res.Remaining))
	}
}

func TestPanicIsAFault(t *testing.T) {
	panics := onCall("MPF901", "old", func(*rule.Pass, *syntax.Node, *rule.Finding) {
		var list []int
		_ = list[len(list)]
	})
	snap := program("a.py", "old()\n", "b.py", "fine()\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{panics, renaming("MPF902", "old", "new"), renaming("MPF903", "fine", "better")}})
	if len(res.Faults) != 1 || res.Faults[0].Path != "a.py" || res.Faults[0].Rule != "MPF901" ||
		!strings.Contains(res.Faults[0].Reason, "index out of range") || !strings.Contains(res.Faults[0].Reason, "(engine_test.go:") {
		t.Errorf("faults %+v", res.Faults)
	}
	expectText(t, snap, res, "a.py", "new()\n")
	expectText(t, snap, res, "b.py", "better()\n")
}

func TestBadReports(t *testing.T) {
	stale := &rule.Rule{ID: "MPF901", Name: "stale", Query: calls, Check: func(p *rule.Pass, m syntax.Match) {
		p.Report(&rule.Finding{Span: source.Span{File: source.New("a.py", "other()"), Start: 0, End: 5}, Message: "m"})
	}}
	outside := &rule.Rule{ID: "MPF902", Name: "outside", Query: calls, Check: func(p *rule.Pass, m syntax.Match) {
		p.Report(&rule.Finding{Span: source.Span{File: p.Module.Tree.File, Start: 5, End: 10000}, Message: "m"})
	}}
	res := find(t, program("a.py", "f()\n"), stale, outside)
	if len(res.Findings) != 0 || len(res.Faults) != 2 ||
		!strings.Contains(res.Faults[0].Reason, "another version") || !strings.Contains(res.Faults[1].Reason, "outside its file") {
		t.Errorf("findings %v, faults %+v", res.Findings, res.Faults)
	}
	elsewhere := onCall("MPF903", "f", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
		f.Fixes = []rule.Fix{fixOf("stale", edit.Edit{Span: source.Span{File: source.New("a.py", "x"), Start: 0, End: 1}, New: "y"})}
	})
	expectRejected(t, fix(t, program("a.py", "f()\n"), Options{Rules: []*rule.Rule{elsewhere}}), "another version of a.py")
}

func TestDamaged(t *testing.T) {
	r := renaming("MPF901", "old", "new")
	snap := program("a.py", "old(1)\n\ndef f():\n    old(2)\n    x = ((1 + )\n\ndef g():\n    pass\n\nold(3)\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{r}})
	if len(res.Damaged) == 0 {
		t.Error("no damage told")
	}
	got := text(t, snap, res, "a.py")
	if !strings.HasPrefix(got, "new(1)\n") || !strings.Contains(got, "    old(2)\n    x = ((1 + )") {
		t.Errorf("came out:\n%s", got)
	}
	for _, f := range res.Findings {
		if f.Span.File.LineOf(f.Span.Start) == 5 {
			t.Error("a finding in the damaged statement")
		}
	}

	// A fix from outside may not reach in.
	reach := onCall("MPF901", "old", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		var edits []edit.Edit
		p.Module.Tree.Root.Walk(func(n *syntax.Node) bool {
			if n.Is("identifier") && n.Text() == "old" {
				edits = append(edits, replaced(n, "new"))
			}
			return true
		})
		f.Fixes = []rule.Fix{fixOf("all", edits...)}
	})
	res = fix(t, snap, Options{Rules: []*rule.Rule{reach}})
	if len(res.Changed) != 0 || len(res.Rejected) == 0 || !strings.Contains(res.Rejected[0].Reason, "syntax error") {
		t.Errorf("changed %v, rejected %q", res.Changed, rejections(res))
	}
}

func TestPython2(t *testing.T) {
	res := fix(t, program("a.py", "print 'x'\nold()\n"), Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}})
	if len(res.Findings) != 0 || len(res.Changed) != 0 {
		t.Errorf("findings %d, changed %d", len(res.Findings), len(res.Changed))
	}
}

func TestTraits(t *testing.T) {
	tests := []struct {
		name     string
		text     string
		findings []int // lines after the first
		fixed    bool
	}{
		{"ignored", "old()  # mpfix: ignore\n", nil, false},
		{"another line", "old()\n# mpfix: ignore\n", []int{1}, true},
		{"by id", "old()  # mpfix: ignore[MPF901]\n", nil, false},
		{"by name", "old()  # noqa # mpfix: ignore[MPF777, mpf901]\n", nil, false},
		{"by family", "old()  # mpfix:ignore[MPF9]\n", nil, false},
		{"another rule", "old()  # mpfix: ignore[MPF902]\n", []int{1}, true},
		{"no rule", "old()  # mpfix: ignore[]\n", []int{1}, true},
		{"noqa says nothing", "old()  # noqa\n", []int{1}, true},
		{"in a string", "old('# mpfix: ignore')\n", []int{1}, true},
		{"the statement's last line", "x = [\n    old(),\n]  # mpfix: ignore\n", nil, false},
		{"the block's last line", "if x:\n    old()\n    y()  # mpfix: ignore\n", []int{2}, true},
		{"whole file", "old()\n\n\nx = 1  # mpfix: skip-file\n", nil, false},
		{"not whole file", "s = '# mpfix: skip-file'\nold()\n", []int{2}, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			snap := program("a.py", test.text)
			res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}})
			if got := lines(res.Findings); !slices.Equal(got, test.findings) {
				t.Errorf("findings on %v, want %v", got, test.findings)
			}
			if (len(res.Changed) > 0) != test.fixed {
				t.Errorf("changed %v, want %v", res.Changed, test.fixed)
			}
		})
	}
}

func TestGenerated(t *testing.T) {
	for _, header := range []string{
		"# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
		"#!/usr/bin/env python\n# -*- coding: utf-8 -*-\n# Code generated by gen.\n# Do not modify.\n",
		"# @generated by a tool\n",
	} {
		snap := source.Memory(source.New("a.py", header+"import multiprocessing\nold()\n"))
		res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}})
		if len(res.Findings) != 1 || res.Findings[0].Why == "" || len(res.Changed) != 0 {
			t.Errorf("%q: findings %d, changed %d", header, len(res.Findings), len(res.Changed))
		}
	}
	snap := source.Memory(source.New("a.py", "# The id is generated here.\nimport multiprocessing\nold()\n"))
	if res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}}); len(res.Changed) != 1 {
		t.Error("a comment that only says generated")
	}
	snap = program("a.py", "old()\n# Code generated by hand. Do not edit.\n")
	if res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}}); len(res.Changed) != 1 {
		t.Error("a comment that is no header")
	}
}

func TestFixReachesClosedFiles(t *testing.T) {
	reach := onCall("MPF901", "start", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		other := p.Project.Module("other.py")
		f.Fixes = []rule.Fix{fixOf("both",
			replaced(call.Field("function"), "begin"),
			edit.Edit{Span: source.Span{File: other.Tree.File, Start: 0, End: 0}, New: "y = 2\n"},
		)}
	})
	for other, reason := range map[string]string{
		"# Generated. Do not edit.\nx = 1\n": "generated",
		"# mpfix: skip-file\nx = 1\n":        "skip-file",
		"print 'x'\n":                        "Python 2",
	} {
		snap := source.Memory(
			source.New("main.py", "import multiprocessing, other\nstart()\n"),
			source.New("other.py", other))
		res := fix(t, snap, Options{Rules: []*rule.Rule{reach}})
		if len(res.Changed) != 0 {
			t.Errorf("%s: changed %v", reason, res.Changed)
		}
		expectRejected(t, res, reason)
	}
}

// shuffled lists the paths in another order.
type shuffled struct {
	source.Snapshot
	by int
}

func (s shuffled) Paths() []string {
	paths := s.Snapshot.Paths()
	n := s.by % len(paths)
	paths = append(paths[n:], paths[:n]...)
	if s.by%2 == 1 {
		slices.Reverse(paths)
	}
	return paths
}

func TestDeterministic(t *testing.T) {
	rules := []*rule.Rule{
		renaming("MPF901", "a", "b"), renaming("MPF902", "c", "d"), renaming("MPF903", "d", "e"),
		onCall("MPF904", "bad", func(_ *rule.Pass, call *syntax.Node, f *rule.Finding) {
			f.Fixes = []rule.Fix{fixOf("bad", replaced(call, "(("))}
		}),
		onCall("MPF905", "boom", func(*rule.Pass, *syntax.Node, *rule.Finding) { panic("x") }),
	}
	var pairs []string
	for i := range 4 {
		pairs = append(pairs, fmt.Sprintf("f%d.py", i), fmt.Sprintf("import f%d\na(c(d(1)))\nd()\nbad()\nboom()\na()\n", (i+1)%4))
	}
	dump := func(res *Result) string {
		var b strings.Builder
		for _, f := range res.Findings {
			fmt.Fprintln(&b, f.Span.File.Path, f.Span.Start, f.Rule.ID)
		}
		for _, c := range res.Changed {
			fmt.Fprintln(&b, c.Path, c.After.Text)
		}
		for _, a := range res.Applied {
			fmt.Fprintln(&b, a.Round, a.Finding.Span.File.Path, a.Finding.Span.Start, a.Fix.Title)
		}
		fmt.Fprintln(&b, rejections(res), res.Faults, res.Rounds)
		return b.String()
	}
	want := ""
	for by := range 4 {
		for _, workers := range []int{1, 8} {
			got := dump(fix(t, shuffled{program(pairs...), by}, Options{Rules: rules, Workers: workers}))
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("%d workers, order %d: another result:\n%s\nwas:\n%s", workers, by, got, want)
			}
		}
	}
	if !strings.Contains(want, "b(d(e(1)))") && !strings.Contains(want, "new finding") {
		t.Errorf("nothing was done:\n%s", want)
	}
}

func TestPrefilter(t *testing.T) {
	const old = "\nold()\n"
	files := map[string]struct {
		text   string
		picked bool
	}{
		"main.py":               {"import work\nwork.go()" + old, true},
		"work.py":               {"from pkg import (\n    pool,  # the pool\n)" + old, true},
		"pkg/__init__.py":       {"", false},
		"pkg/pool.py":           {"from multiprocessing import Pool" + old, true},
		"pkg/beside.py":         {"from . import pool as p" + old, true},
		"pkg/sub/deep.py":       {"    from ..pool import Pool" + old, true},
		"continued.py":          {"from pkg \\\n    import pool" + old, true},
		"several.py":            {"import os, pkg.pool as p; x = 1" + old, true},
		"tests/test_lib.py":     {"import lib.tool" + old, true},
		"src/lib/tool.py":       {"import billiard" + old, true},
		"alone.py":              {"import os" + old, false},
		"other/pool_like.py":    {"import pool" + old, false},
		"important.py":          {"important = 1\nfrom_x = 2" + old, false},
		"words.py":              {"# import pkg.pool" + old, false},
		"elsewhere/importer.py": {"from .pool import x" + old, false},
		"pkg2/__init__.py":      {"import concurrent.futures" + old, true},
		"pkg2/user.py":          {"from . import x" + old, true},
		"uses_pkg2.py":          {"from pkg2 import x" + old, true},
		"open_to_the_end.py":    {"import x\nfrom pkg import (a,\nold()\n", false},
	}
	var list []*source.File
	var want []string
	for path, f := range files {
		list = append(list, source.New(path, f.text))
		if f.picked {
			want = append(want, path)
		}
	}
	res := find(t, source.Memory(list...), renaming("MPF901", "old", "new"))
	var got []string
	for _, f := range res.Findings {
		got = append(got, f.Span.File.Path)
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("findings in %q, want %q", got, want)
	}
	if res.Files != len(files) {
		t.Errorf("%d files", res.Files)
	}
}

// partial lists only some of its files; the others can be read.
type partial struct {
	source.Snapshot
	paths []string
}

func (p partial) Paths() []string { return slices.Clone(p.paths) }

func TestImportedFilesAreNotAskedFor(t *testing.T) {
	snap := partial{program("main.py", "import other\nold()\n", "other.py", "old()\n"), []string{"main.py"}}
	res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}})
	if len(res.Findings) != 1 || len(res.Changed) != 1 || res.Changed[0].Path != "main.py" {
		t.Errorf("findings %d, changed %v", len(res.Findings), res.Changed)
	}
}

type unreadable struct{ source.Snapshot }

func (u unreadable) File(path string) (*source.File, error) {
	if path == "bad.py" {
		return nil, fs.ErrPermission
	}
	return u.Snapshot.File(path)
}

func TestUnreadable(t *testing.T) {
	snap := unreadable{program("bad.py", "old()\n", "good.py", "old()\n")}
	res := fix(t, snap, Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}})
	if len(res.Unreadable) != 1 || res.Unreadable[0].Path != "bad.py" || !errors.Is(res.Unreadable[0].Err, fs.ErrPermission) {
		t.Errorf("unreadable %+v", res.Unreadable)
	}
	if len(res.Changed) != 1 || len(res.Faults) != 0 {
		t.Errorf("changed %d, faults %v", len(res.Changed), res.Faults)
	}
}

func TestContextAndQueries(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Run(ctx, program("a.py", "old()\n"), Options{Rules: []*rule.Rule{renaming("MPF901", "old", "new")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("ended context: %v", err)
	}
	bad := renaming("MPF901", "old", "new")
	bad.Query = "(no_such_node) @x"
	if _, err := Run(context.Background(), program("a.py", "old()\n"), Options{Rules: []*rule.Rule{bad}}); err == nil {
		t.Error("a bad query passes")
	}
	res := find(t, program("a.py", "old()\n"))
	if len(res.Findings) != 0 {
		t.Error("findings without a rule")
	}
}

func TestImportsAreUnited(t *testing.T) {
	importing := onCall("MPF901", "old", func(p *rule.Pass, call *syntax.Node, f *rule.Finding) {
		set := edit.Set{
			Edits:   []edit.Edit{replaced(call.Field("function"), "dumps")},
			Imports: []edit.Import{{File: p.Module.Tree.File, Module: "json", Name: "dumps"}},
		}
		f.Fixes = []rule.Fix{{Title: "dumps", Edits: set}}
	})
	snap := program("a.py", "old(1)\nold(2)\n")
	res := fix(t, snap, Options{Rules: []*rule.Rule{importing}})
	if len(res.Changed) != 1 {
		t.Fatalf("changed %v, rejected %q", res.Changed, rejections(res))
	}
	if got := res.Changed[0].After.Text; strings.Count(got, "from json import dumps") != 1 || strings.Count(got, "dumps(") != 2 || res.Rounds != 1 {
		t.Errorf("after %d rounds:\n%s", res.Rounds, got)
	}
}

func TestCarry(t *testing.T) {
	f := source.New("a.py", "0123456789")
	at := func(start, end int, text string) edit.Edit {
		return edit.Edit{Span: source.Span{File: f, Start: start, End: end}, New: text}
	}
	tests := []struct {
		edits    []edit.Edit
		from, to int
	}{
		{nil, 4, 6},
		{[]edit.Edit{at(0, 0, "xx")}, 6, 8},
		{[]edit.Edit{at(4, 4, "xx")}, 6, 8},
		{[]edit.Edit{at(6, 6, "xx")}, 4, 6},
		{[]edit.Edit{at(5, 5, "xx")}, 4, 8},
		{[]edit.Edit{at(0, 2, ""), at(4, 6, "abc")}, 2, 5},
		{[]edit.Edit{at(3, 7, "")}, 3, 3},
		{[]edit.Edit{at(2, 5, "x"), at(8, 8, "y")}, 2, 4},
		{[]edit.Edit{at(5, 9, "abcdefg")}, 4, 12},
	}
	for i, test := range tests {
		if from, to := newShift(test.edits).carry(4, 6); from != test.from || to != test.to {
			t.Errorf("%d: [4,6) goes to [%d,%d), want [%d,%d)", i, from, to, test.from, test.to)
		}
	}
}
