package ruletest

import (
	"context"
	"maps"
	"path/filepath"
	"slices"
	"testing"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// Together holds all rules at once against the cases of many patterns, given by
// the folders that hold their testdata: no rule fails, the result is a fixed
// point, its diff applies, a clean program is not changed, and where the rules
// together make something else of a program than the pattern alone, what comes
// out still runs as the case's row "after" says.
func Together(t *testing.T, rules []*rule.Rule, dirs ...string) {
	t.Helper()
	for _, dir := range dirs {
		cases, err := Load(filepath.Join(dir, "testdata"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, c := range cases {
			t.Run(filepath.Base(dir)+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				c.together(t, rules)
			})
		}
	}
}

func (c *Case) together(t *testing.T, rules []*rule.Rule) {
	k := &checker{Case: c, ctx: t.Context(), rules: rules}
	res, err := engine.Run(k.ctx, snapshot(k.Program(k.start())), k.options())
	if err != nil {
		t.Fatal(err)
	}
	k.faults(k.start(), res)
	if c.Clean != nil {
		for _, change := range res.Changed {
			for _, a := range change.Fixes {
				k.problem("%s is changed by %s %s: %s", change.Path, a.Finding.Rule.ID, a.Finding.Rule.Name, a.Fix.Title)
			}
		}
	}
	if err := k.applies(res); err != nil {
		t.Fatal(err)
	}
	out := maps.Clone(k.Program(k.start()))
	for _, change := range res.Changed {
		out[change.Path] = change.After.Text
	}
	again, err := engine.Run(k.ctx, snapshot(out), k.options())
	if err != nil {
		t.Fatal(err)
	}
	k.faults("after", again)
	for _, change := range again.Changed {
		k.problem("mpfix changes its own output in %s", change.Path)
	}
	for _, p := range k.problems {
		t.Error(p)
	}
	if len(k.problems) > 0 || len(res.Changed) == 0 || maps.Equal(out, k.Program("after")) {
		return
	}
	other := *c
	other.Before, other.After = out, nil
	for _, r := range c.runs() {
		if r.program != "after" && !(r.program == "before" && c.After == nil && r.word == "ok") {
			continue
		}
		t.Run(string(r.method), func(t *testing.T) {
			if testing.Short() {
				t.Skip("programs are not run")
			}
			t.Parallel()
			acquire(t)
			problem, err := other.execute(context.WithoutCancel(t.Context()), run{"before", r.method, r.word})
			if err != nil {
				t.Fatal(err)
			}
			if problem != "" {
				var by []string
				for _, a := range res.Applied {
					by = append(by, a.Finding.Rule.Name)
				}
				t.Errorf("what all rules together make of it (%q): %s", slices.Compact(by), problem)
				for _, name := range sortedNames(out) {
					t.Logf("%s:\n%s", name, indent(out[name]))
				}
			}
		})
	}
}
