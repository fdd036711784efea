package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/cmd/internal/report"
	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// write mends the files in place, says what became of each, and prints the
// findings that are left. Standard input is mended to standard output.
func (a *App) write(f *flags, in *input, o *outcome) error {
	if in.stdin != nil {
		return a.writeStdin(in, o)
	}
	failed := map[string]bool{}
	for _, c := range o.Changed {
		if err := in.tree.Write(c.After); err != nil {
			a.complain("%v", err)
			a.raise(exitUsage)
			failed[c.Path] = true
			continue
		}
		if !f.quiet {
			fmt.Fprintln(a.out, report.Harmless(report.Visible(c.Path+": fixed "+fixedRules(c))))
		}
	}
	o.restore(failed)
	return a.printFindings(f, in, o.left, o.Rejected)
}

// restore counts the findings of files that could not be written as left.
func (o *outcome) restore(failed map[string]bool) {
	if len(failed) == 0 {
		return
	}
	var left []*rule.Finding
	for _, f := range o.left {
		if !failed[f.Span.File.Path] {
			left = append(left, f)
		}
	}
	for _, f := range o.found {
		if failed[f.Span.File.Path] {
			left = append(left, f)
		}
	}
	slices.SortStableFunc(left, func(a, b *rule.Finding) int { return strings.Compare(a.Span.File.Path, b.Span.File.Path) })
	o.left = left
}

func (a *App) writeStdin(in *input, o *outcome) error {
	text := in.stdin
	for _, c := range o.Changed {
		if c.Before == in.stdin || c.Path == in.stdin.Path {
			text = c.After
		}
	}
	raw, err := text.Encode()
	if err != nil {
		return err
	}
	_, err = a.out.Write(raw)
	return err
}

// fixedRules names the rules whose findings were mended in a file.
func fixedRules(c engine.Change) string {
	times := map[string]int{}
	var names []string
	for _, applied := range c.Fixes {
		name := applied.Finding.Rule.ID + " " + applied.Finding.Rule.Name
		if times[name]++; times[name] == 1 {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for i, name := range names {
		if times[name] > 1 {
			names[i] = fmt.Sprintf("%s (%d times)", name, times[name])
		}
	}
	return strings.Join(names, ", ")
}
