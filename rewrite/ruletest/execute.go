package ruletest

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/trial"
)

// run is one program under one start method, and what is expected.
type run struct {
	program string
	method  trial.Method
	word    string
}

// runs lists what a case says of its programs. A clean program without a table
// has to be ok everywhere.
func (c *Case) runs() []run {
	if c.NoRun != "" {
		return nil
	}
	var list []run
	switch {
	case c.Outcome != nil:
		for _, row := range c.Outcome.Rows {
			for i, m := range c.Outcome.Methods {
				if row.Words[i] != "varies" {
					list = append(list, run{row.Program, m, row.Words[i]})
				}
			}
		}
	case c.Clean != nil:
		for _, m := range trial.Methods {
			list = append(list, run{"clean", m, "ok"})
		}
	}
	return list
}

// tries is how often a program with a fault is run for the fault to show: some
// show under a certain overlap of processes only. A program after its fix, and a
// clean one, has to be right at once.
const tries = 4

// execute runs one program and returns what differs from what is expected, ""
// when nothing does. The error is for a run that could not be made.
func (c *Case) execute(ctx context.Context, r run) (problem string, err error) {
	n := 1
	if r.program == "before" && r.word != "ok" {
		n = tries
	}
	for range n {
		if problem, err = c.executeOnce(ctx, r); problem == "" || err != nil {
			break
		}
	}
	return problem, err
}

func (c *Case) executeOnce(ctx context.Context, r run) (string, error) {
	p := trial.Program{Files: map[string][]byte{}, Entry: c.Entry, Args: c.Args}
	for name, text := range c.Program(r.program) {
		p.Files[name] = []byte(text)
	}
	res, err := trial.Run(ctx, p, r.method, trial.Options{})
	if err != nil {
		return "", err
	}
	got := string(res.Outcome)
	if res.Outcome == trial.OK && c.Stdout != nil && !c.sameOutput(res.Stdout) {
		got = "wrong"
	}
	if got == r.word {
		return "", nil
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s under %s: %s, expected %s (exit status %d", r.program, r.method, got, r.word, res.ExitCode)
	if res.Blocked != "" {
		b.WriteString(", " + res.Blocked)
	}
	b.WriteString(")\n")
	if c.Stdout != nil {
		b.WriteString("expected stdout:\n" + indent(*c.Stdout))
	}
	b.WriteString("stdout:\n" + indent(shorten(res.Stdout)) + "stderr:\n" + indent(shorten(res.Stderr)))
	return b.String(), nil
}

func (c *Case) sameOutput(got string) bool {
	return slices.Equal(c.outputLines(got), c.outputLines(*c.Stdout))
}

func (c *Case) outputLines(text string) []string {
	text = strings.TrimSuffix(strings.ReplaceAll(text, "\r\n", "\n"), "\n")
	lines := strings.Split(text, "\n")
	if c.Sorted {
		slices.Sort(lines)
	}
	return lines
}

func indent(text string) string {
	if text == "" {
		return "    (nothing)\n"
	}
	return "    " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n    ") + "\n"
}

// shorten keeps the beginning and the end of a long output.
func shorten(text string) string {
	const most = 4000
	if len(text) <= most {
		return text
	}
	return text[:most/2] + "\n[...]\n" + text[len(text)-most/2:]
}
