package refactor

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os/exec"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/syntax"
)

// program writes random Python of odd layout.
type program struct {
	rand  *rand.Rand
	out   strings.Builder
	unit  string
	count int
}

func (p *program) one(choices ...string) string { return choices[p.rand.IntN(len(choices))] }

func (p *program) chance(percent int) bool { return p.rand.IntN(100) < percent }

func (p *program) number() int {
	p.count++
	return p.count
}

// simple returns a statement that may stand beside others on a line.
func (p *program) simple() string {
	n := p.number()
	return p.one(
		fmt.Sprintf("v%d = f(%d)", n, n),
		fmt.Sprintf("f(a, b%d)", n),
		fmt.Sprintf("v%d = 'x%d' \"y\"", n, n),
		fmt.Sprintf("v%d += 1", n),
		fmt.Sprintf("del v%d", n),
		fmt.Sprintf("assert v%d", n),
	)
}

// long returns a statement over several lines, which may end any line.
func (p *program) long(lead string) string {
	n := p.number()
	return p.one(
		fmt.Sprintf("v%d = '''a%d\n  b\n\tc\n\n%sd'''", n, n, lead),
		fmt.Sprintf("v%d = f(\n%s   a,  # note %d\n\n%s  b)", n, lead, n, lead),
		fmt.Sprintf("v%d = 1 + \\\n %d", n, n),
		fmt.Sprintf("v%d = f\"\"\"{a\n}\n%s text %d\n\"\"\"", n, lead, n),
		fmt.Sprintf("v%d = 'a\\\nb%d'", n, n),
		fmt.Sprintf("v%d = [\n%d,\n# inside %d\n]", n, n, n),
	)
}

func (p *program) blank() {
	for p.chance(30) {
		p.out.WriteString(p.one("\n", "\n", "  \n"))
	}
}

func (p *program) comment(lead string) {
	for p.chance(15) {
		fmt.Fprintf(&p.out, "%s# comment %d\n", lead, p.number())
		p.blank()
	}
}

func (p *program) line(lead string) {
	p.out.WriteString(lead)
	p.tail(lead)
}

// tail writes statements to the end of the line.
func (p *program) tail(lead string) {
	for p.chance(20) {
		p.out.WriteString(p.simple() + p.one("; ", ";", " ; "))
	}
	if p.chance(30) {
		p.out.WriteString(p.long(lead))
	} else {
		p.out.WriteString(p.simple() + p.one("", "", "", ";"))
	}
	if p.chance(20) {
		fmt.Fprintf(&p.out, "  # trailing %d", p.number())
	}
	p.out.WriteString("\n")
}

func (p *program) suite(lead string, depth int) {
	if p.chance(20) {
		p.out.WriteString(p.one(" ", "  "))
		p.tail(lead)
		return
	}
	if p.chance(15) {
		fmt.Fprintf(&p.out, "  # head %d", p.number())
	}
	p.out.WriteString("\n")
	p.statements(lead+p.unit, depth+1, 1+p.rand.IntN(3))
}

func (p *program) statements(lead string, depth, n int) {
	for range n {
		p.blank()
		p.comment(lead)
		if depth > 3 || p.chance(45) {
			p.line(lead)
			continue
		}
		switch p.rand.IntN(6) {
		case 0, 1:
			for p.chance(30) {
				fmt.Fprintf(&p.out, "%s@deco%s\n", lead, p.one("", "(1)", "  # why"))
			}
			fmt.Fprintf(&p.out, "%s%sdef f%d(a, b=1):", lead, p.one("", "async "), p.number())
			p.suite(lead, depth)
		case 2:
			fmt.Fprintf(&p.out, "%sclass C%d:", lead, p.number())
			p.suite(lead, depth)
		case 3:
			fmt.Fprintf(&p.out, "%sif v%d:", lead, p.number())
			p.suite(lead, depth)
			if p.chance(50) {
				p.comment(lead)
				p.out.WriteString(lead + "else:")
				p.suite(lead, depth)
			}
		case 4:
			p.out.WriteString(lead + "try:")
			p.suite(lead, depth)
			p.out.WriteString(lead + p.one("finally:", "except E:"))
			p.suite(lead, depth)
		case 5:
			fmt.Fprintf(&p.out, "%sfor v%d in a:", lead, p.number())
			p.suite(lead, depth)
		}
	}
}

func random(seed uint64) string {
	p := &program{rand: rand.New(rand.NewPCG(seed, 1))}
	p.unit = p.one("    ", "    ", "\t", "  ")
	if p.chance(30) {
		p.out.WriteString("#!/usr/bin/python\n")
	}
	p.statements("", 0, 2+p.rand.IntN(7))
	p.comment("")
	text := p.out.String()
	if p.chance(20) {
		text = strings.TrimRight(text, "\n")
	}
	if p.chance(20) {
		text = strings.ReplaceAll(text, "\n", "\r\n")
	}
	return text
}

// disturb plans random changes that keep all statements and comments.
func disturb(p *program, c *code, r *Rewrite) []string {
	var all []*syntax.Node
	var calls []*syntax.Node
	c.tree.Root.Walk(func(n *syntax.Node) bool {
		if n.Statement() == n {
			all = append(all, n)
		}
		if n.Is("argument_list") && len(n.NamedChildren()) > 0 {
			calls = append(calls, n)
		}
		return true
	})
	var done []string
	note := func(format string, args ...any) { done = append(done, fmt.Sprintf(format, args...)) }
	some := func() *syntax.Node { return all[p.rand.IntN(len(all))] }
	later := func(n *syntax.Node) *syntax.Node {
		for p.chance(60) && n.Next() != nil && n.Next().Statement() == n.Next() {
			n = n.Next()
		}
		return n
	}
	at := func(n *syntax.Node) string {
		line, column := c.tree.File.Position(n.Start)
		return fmt.Sprintf("%d:%d", line, column)
	}
	for range 1 + p.rand.IntN(4) {
		n := some()
		switch p.rand.IntN(6) {
		case 0:
			r.LinesBefore(n, "added = 0", "if added:", "\tadded = 1")
			note("before %s", at(n))
		case 1:
			r.LinesAfter(n, "added = 2")
			note("after %s", at(n))
		case 2:
			last := later(n)
			r.WrapWith(n, last, "with added:")
			note("wrap %s to %s", at(n), at(last))
		case 3:
			before := some()
			if before.Within(n) || n.Parent == before.Parent && n.Next() == before {
				continue
			}
			r.Move([]*syntax.Node{n}, before)
			note("move %s to %s", at(n), at(before))
		case 4:
			if n.Parent.Parent == nil {
				last := later(n)
				r.GuardMain(c.mod, n, last)
				note("guard %s to %s", at(n), at(last))
			}
		case 5:
			if len(calls) > 0 {
				call := calls[p.rand.IntN(len(calls))]
				r.InsertBefore(call.Parent, "")
				r.Replace(call.NamedChildren()[0], call.NamedChildren()[0].Text())
				note("replace %s", at(call))
			}
		}
	}
	return done
}

type pair struct {
	Before string `json:"before"`
	After  string `json:"after"`
}

// TestLaws puts random changes to random programs: what comes out is Python, and
// has the same statements, strings and comments.
func TestLaws(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("no python3")
	}
	runs := 500
	if testing.Short() {
		runs = 200
	}
	var pairs []pair
	var notes []string
	refusals := 0
	for seed := range uint64(runs) {
		c := parse(t, random(seed))
		if len(c.tree.Errors) > 0 {
			continue
		}
		p := &program{rand: rand.New(rand.NewPCG(seed, 2))}
		r := New()
		done := disturb(p, c, r)
		got, err := r.result(c)
		if err != nil {
			refusals++
			continue
		}
		pairs = append(pairs, pair{c.tree.File.Text, got})
		notes = append(notes, fmt.Sprintf("seed %d: %s", seed, strings.Join(done, ", ")))
	}
	if refusals > runs/3 {
		t.Errorf("%d of %d refused", refusals, runs)
	}
	input, err := json.Marshal(pairs)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(python, "testdata/laws.py")
	cmd.Stdin = bytes.NewReader(input)
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	var wrong [][]string
	if err := json.Unmarshal(out, &wrong); err != nil {
		t.Fatal(err)
	}
	if len(wrong) < runs/2 {
		t.Errorf("only %d programs", len(wrong))
	}
	failures := 0
	for i, w := range wrong {
		if len(w) > 0 {
			if failures++; failures <= 3 {
				t.Errorf("%s\n%s\nbefore:\n%s\nafter:\n%s", notes[i], strings.Join(w, "\n"), show(pairs[i].Before), show(pairs[i].After))
			}
		}
	}
	if failures > 0 {
		t.Errorf("%d of %d programs", failures, len(pairs))
	}
}
