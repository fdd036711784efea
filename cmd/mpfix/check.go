package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/cmd/internal/report"
	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// outcome is what a run found and would do, for the files that were asked for.
type outcome struct {
	*engine.Result
	found, left []*rule.Finding
}

// check finds, and as the flags say, prints, shows as a patch, or mends.
func (a *App) check(ctx context.Context, f *flags, args []string) error {
	o, in, err := a.look(ctx, f, args)
	if err != nil {
		return err
	}
	verdict := o.found
	switch {
	case f.diff:
		err = a.printPatch(f, in, o)
	case f.write:
		err = a.write(f, in, o)
		verdict = o.left
	default:
		err = a.printFindings(f, in, o.found, o.Rejected)
	}
	if err != nil {
		return err
	}
	if len(verdict) > 0 && !f.exitZero {
		a.raise(exitFindings)
	}
	a.tellProblems(f, in, o)
	a.summarize(f, in, o)
	return nil
}

// look reads what was asked for and finds the faults and their fixes.
func (a *App) look(ctx context.Context, f *flags, args []string) (*outcome, *input, error) {
	rules, err := selectRules(a.Rules, f.chosen, f.ignored)
	if err != nil {
		return nil, nil, err
	}
	var in *input
	if slices.Equal(args, []string{"-"}) {
		if in, err = a.openStdin(f.stdinName); err != nil {
			return nil, nil, err
		}
	} else {
		in = a.openFiles(args)
	}
	result, err := engine.Run(ctx, in.snap, engine.Options{
		Rules:    rules,
		Watch:    a.watched(rules),
		Fix:      true, // also to find: what is fixable is known when it was tried
		Unsafe:   f.unsafe,
		Editable: func(path string) bool { return in.asked[path] },
		Workers:  f.jobs,
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, nil, context.Canceled
		}
		return nil, nil, faultError{err}
	}
	return &outcome{Result: result, found: in.of(result.Findings), left: in.of(result.Remaining)}, in, nil
}

// watched are the rules that are on by default and not selected: no fix may bring
// about what they find.
func (a *App) watched(selected []*rule.Rule) []*rule.Rule {
	var list []*rule.Rule
	for _, r := range a.Rules {
		if r.Level != rule.Hygiene && !slices.Contains(selected, r) {
			list = append(list, r)
		}
	}
	return list
}

// of keeps the findings in files that were asked for.
func (in *input) of(findings []*rule.Finding) []*rule.Finding {
	return slices.DeleteFunc(slices.Clone(findings), func(f *rule.Finding) bool {
		return f.Span.File == nil || !in.asked[f.Span.File.Path]
	})
}

func (a *App) printFindings(f *flags, in *input, findings []*rule.Finding, refused []engine.Rejected) error {
	if f.format.value == "github" {
		return report.GitHub(a.out, findings, func(path string) string { return a.inWorkspace(in, path) })
	}
	if a.Getenv("GITHUB_ACTIONS") != "true" {
		return report.Text(a.out, findings, refused, a.colored(f.color.value))
	}
	var text strings.Builder
	if err := report.Text(&text, findings, refused, a.colored(f.color.value)); err != nil {
		return err
	}
	_, err := io.WriteString(a.out, report.ForLog(text.String()))
	return err
}

// inWorkspace is the path of a file from the top of the repository that a job of
// GitHub Actions checked out, to which annotations are relative.
func (a *App) inWorkspace(in *input, path string) string {
	top := a.Getenv("GITHUB_WORKSPACE")
	if top == "" {
		return path
	}
	rel, err := filepath.Rel(top, in.tree.Abs(path))
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return path
	}
	return filepath.ToSlash(rel)
}

// tellProblems writes a line for each path that could not be taken, and for each
// rule that failed.
func (a *App) tellProblems(f *flags, in *input, o *outcome) {
	for _, p := range in.tree.Problems() {
		a.complain("%v", p)
		a.raise(exitUsage)
	}
	for _, fault := range o.Faults {
		if fault.Path != "" && !in.asked[fault.Path] {
			continue
		}
		where := strings.TrimSpace(fault.Rule + " " + fault.Path)
		a.complain("fault of mpfix: %s: %s; please report it", where, fault.Reason)
		a.raise(exitFault)
	}
	if f.quiet {
		return
	}
	damaged := map[*source.File]bool{}
	for _, s := range o.Damaged {
		if s.File != nil && in.asked[s.File.Path] && !damaged[s.File] {
			damaged[s.File] = true
			a.complain("%s:%d: cannot read this statement; it is left alone", s.File.Path, s.File.LineOf(s.Start))
		}
	}
	if len(in.asked) == 0 && len(in.tree.Problems()) == 0 {
		a.complain("no Python files there")
	}
}

// summarize writes the closing line: behind findings on standard output, to
// standard error when that holds a patch or a program.
func (a *App) summarize(f *flags, in *input, o *outcome) {
	if f.quiet || len(in.asked) == 0 {
		return
	}
	var w io.Writer = a.out
	if f.diff || f.write && in.stdin != nil {
		w = a.Stderr
	}
	fmt.Fprintln(w, closing(f, in, o))
}

// closing is the closing line.
func closing(f *flags, in *input, o *outcome) report.Summary {
	s := report.Summarize(o.found, o.left, len(in.asked), f.write)
	if f.unsafe {
		s.Unsafe = 0
	}
	return s
}
