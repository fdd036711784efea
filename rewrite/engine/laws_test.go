package engine

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/edit"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// wild is a rule with fixes that follow from the text alone and are often wrong:
// they break the syntax, mend nothing, make new findings, overlap, or panic.
func wild(id string, seed uint64) *rule.Rule {
	return &rule.Rule{ID: id, Name: strings.ToLower(id), Query: calls, Check: func(p *rule.Pass, m syntax.Match) {
		call := m.Node
		text := call.Text()
		h := seed
		for _, c := range []byte(text) {
			h = h*1099511628211 + uint64(c)
		}
		random := rand.New(rand.NewPCG(seed, h))
		if random.IntN(2) == 0 {
			return
		}
		f := &rule.Finding{Span: call.Span(), Message: "call " + text}
		for range random.IntN(3) {
			var edits []edit.Edit
			for range 1 + random.IntN(2) {
				nodes := []*syntax.Node{call, call.Field("function"), call.Field("arguments"), call.Statement()}
				news := []string{"a()", "b(c())", "(", "x", "pass", "[a(1), b(2)]", ""}
				n := nodes[random.IntN(len(nodes))]
				e := replaced(n, news[random.IntN(len(news))])
				if random.IntN(4) == 0 {
					e.Span.End = e.Span.Start
				}
				edits = append(edits, e)
			}
			f.Fixes = append(f.Fixes, rule.Fix{Title: "t", Safety: rule.Safety(random.IntN(3)), Edits: edit.Set{Edits: edits}})
		}
		p.Report(f)
		if random.IntN(40) == 0 {
			panic("wild")
		}
	}}
}

// TestLaws runs wild rules over random programs and checks what has to hold
// whatever they do.
func TestLaws(t *testing.T) {
	landed, refused := 0, 0
	for seed := range uint64(40) {
		random := rand.New(rand.NewPCG(7, seed))
		var pairs []string
		for i := range 2 {
			var b strings.Builder
			for range 2 + random.IntN(4) {
				name := func() string { return string(rune('a' + random.IntN(4))) }
				switch random.IntN(4) {
				case 0:
					fmt.Fprintf(&b, "if x:\n    %s(%s(%d))\n", name(), name(), random.IntN(3))
				case 1:
					fmt.Fprintf(&b, "%s(\n    %s(),\n)\n", name(), name())
				case 2:
					fmt.Fprintf(&b, "def f%d():\n    return %s()\n", random.IntN(9), name())
				default:
					fmt.Fprintf(&b, "%s(%d)\n", name(), random.IntN(3))
				}
			}
			pairs = append(pairs, fmt.Sprintf("f%d.py", i), b.String())
		}
		snap := program(pairs...)
		opts := Options{Rules: []*rule.Rule{wild("MPF901", seed), wild("MPF902", seed+1000)}, Unsafe: seed%2 == 0}
		res := fix(t, snap, opts)
		landed += len(res.Applied)
		refused += len(res.Rejected)

		if len(res.Findings) < len(res.Remaining)+len(res.Applied) {
			t.Errorf("seed %d: %d findings, %d mended, %d remain", seed, len(res.Findings), len(res.Applied), len(res.Remaining))
		}
		changed := map[string]*source.File{}
		for _, c := range res.Changed {
			changed[c.Path] = c.After
			tree, err := syntax.Parse(c.After, nil)
			if err != nil || len(tree.Errors) > 0 {
				t.Errorf("seed %d: a syntax error in\n%s", seed, c.After.Text)
			}
			if len(c.Fixes) == 0 || c.Before.Text == c.After.Text {
				t.Errorf("seed %d: %s is changed by %d fixes", seed, c.Path, len(c.Fixes))
			}
		}
		for _, a := range res.Applied {
			if a.Fix.Safety == rule.Manual || a.Fix.Safety == rule.Unsafe && !opts.Unsafe {
				t.Errorf("seed %d: a fix that is %v was applied", seed, a.Fix.Safety)
			}
		}
		after := source.Overlay(snap, changed)
		again := fix(t, after, opts)
		if len(again.Changed) != 0 {
			t.Errorf("seed %d: not idempotent", seed)
		}
		if len(again.Findings) != len(res.Remaining) {
			t.Errorf("seed %d: %d remaining, %d found anew", seed, len(res.Remaining), len(again.Findings))
		}
		opts.Workers = 1
		if other := fix(t, shuffled{snap, 1}, opts); fmt.Sprint(rejections(other)) != fmt.Sprint(rejections(res)) || len(other.Changed) != len(res.Changed) {
			t.Errorf("seed %d: another result with one worker", seed)
		}
	}
	if landed == 0 || refused == 0 {
		t.Errorf("%d fixes landed, %d were refused: the test tells nothing", landed, refused)
	}
}
