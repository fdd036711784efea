package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/mpfix/mpfix/cmd/internal/disk"
	"github.com/mpfix/mpfix/cmd/internal/report"
	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/patch"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// summaryBudget is the most bytes written to a job's summary. GitHub drops the
// whole summary of a step when it has more than 1 MiB.
const summaryBudget = 900 << 10

const githubCheckLong = `Check in a job of GitHub Actions: print annotations, write the findings and the
changes to the job's summary (the file that GITHUB_STEP_SUMMARY names), the safe
fixes to a patch for the top of the checkout, and the outputs findings, fixable,
patch-file and conclusion to the file that GITHUB_OUTPUT names. Python files are
not changed.

The conclusion is failure when there are findings of the level that --fail-on
names or a graver one, neutral when there are none but something could not be
read or judged, else success.

Exit codes: 0 no such findings; 1 findings; 2 wrong usage, or a path that cannot
be read or written; 3 a fault of mpfix.`

// githubFlags are those of "mpfix github check".
type githubFlags struct {
	failOn *choice
	patch  string
}

func (a *App) githubCommand(color *choice) *cobra.Command {
	parent := &cobra.Command{
		Use:   "github COMMAND",
		Short: "What a job of GitHub Actions runs",
		Long:  "What a job of GitHub Actions runs.",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			return errors.New("github needs a command (see mpfix github --help)")
		},

		DisableFlagsInUseLine: true,
	}
	f := &flags{color: color, format: newChoice("github")}
	g := &githubFlags{failOn: newChoice("error", "warning", "never")}
	check := &cobra.Command{
		Use:   "check [flags] [PATH...]",
		Short: "Check: annotations, job summary, patch file, outputs",
		Long:  githubCheckLong,
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.githubCheck(cmd.Context(), f, g, args)
		},
		DisableFlagsInUseLine: true,
	}
	check.Flags().SortFlags = false
	check.Flags().StringVar(&g.patch, "patch", "", "write the fixes to `FILE` if there are any")
	check.Flags().Var(g.failOn, "fail-on", "the lowest level of findings that fail")
	f.registerUnsafe(check)
	f.registerRules(a, check)
	f.registerJobs(check)
	completeChoice(check, "fail-on", g.failOn)
	parent.AddCommand(check)
	return parent
}

func (a *App) githubCheck(ctx context.Context, f *flags, g *githubFlags, args []string) error {
	if slices.Contains(args, "-") {
		return errors.New("github check reads no standard input")
	}
	o, in, err := a.look(ctx, f, args)
	if err != nil {
		return err
	}
	if err := a.printFindings(f, in, o.found, o.Rejected); err != nil {
		return err
	}
	a.tellProblems(f, in, o)
	a.summarize(f, in, o)
	written, err := a.putPatch(in, o, g.patch)
	if err != nil {
		return err
	}
	if err := a.putSummary(f, in, o); err != nil {
		return err
	}
	conclusion := "success"
	switch {
	case fails(g.failOn.value, o.found):
		conclusion = "failure"
		a.raise(exitFindings)
	case a.code != exitClean:
		conclusion = "neutral"
	}
	return a.putOutputs(o, written, conclusion)
}

// fails says whether there are findings of the named level or a graver one.
func fails(level string, findings []*rule.Finding) bool {
	for _, f := range findings {
		switch level {
		case "error":
			if f.Rule.Level == rule.Error {
				return true
			}
		case "warning":
			if f.Rule.Level == rule.Error || f.Rule.Level == rule.Warning {
				return true
			}
		}
	}
	return false
}

// putPatch writes the patch and returns its path, "" when there is nothing to fix
// or no path.
func (a *App) putPatch(in *input, o *outcome, path string) (string, error) {
	if path == "" || len(o.Changed) == 0 {
		return "", nil
	}
	if !filepath.IsAbs(path) {
		path = filepath.Join(a.Dir, path)
	}
	base := a.workspaceBase(in, o)
	var all bytes.Buffer
	for _, c := range o.Changed {
		text, err := patch.Unified(c.Before, c.After, nameFrom(base, in.tree.Abs(c.Path)))
		if err != nil {
			return "", err
		}
		all.Write(text)
	}
	return path, disk.Put(path, all.Bytes())
}

// workspaceBase is the folder that the names in a patch are relative to: the top of
// the checkout when it holds all changed files, as with annotations.
func (a *App) workspaceBase(in *input, o *outcome) string {
	top := a.Getenv("GITHUB_WORKSPACE")
	if top != "" && !slices.ContainsFunc(o.Changed, func(c engine.Change) bool { return !holds(top, in.tree.Abs(c.Path)) }) {
		return top
	}
	base := a.patchBase(in, o.Changed)
	if base != a.Dir {
		a.complain("the names in the patch are relative to %s; apply it there", filepath.ToSlash(base))
	}
	return base
}

func (a *App) putSummary(f *flags, in *input, o *outcome) error {
	file := a.Getenv("GITHUB_STEP_SUMMARY")
	if file == "" {
		return nil
	}
	page := report.Page{
		Headline: headline(f, in, o),
		Findings: o.found,
		Refused:  o.Rejected,
		Changes:  o.Changed,
		Locate:   func(path string) string { return a.inWorkspace(in, path) },
		Budget:   summaryBudget,
	}
	var text bytes.Buffer
	if _, err := page.WriteTo(&text); err != nil {
		return err
	}
	return disk.Append(file, text.Bytes())
}

// headline is the closing line of the run, with what went wrong.
func headline(f *flags, in *input, o *outcome) string {
	text := closing(f, in, o).String()
	if n := len(in.tree.Problems()); n > 0 {
		text += fmt.Sprintf(" Paths that could not be read: %d; the log names them.", n)
	}
	faults := 0
	for _, fault := range o.Faults {
		if fault.Path == "" || in.asked[fault.Path] {
			faults++
		}
	}
	if faults > 0 {
		text += fmt.Sprintf(" Faults of mpfix: %d; the log names them.", faults)
	}
	return text
}

// putOutputs writes the outputs. A path may hold a line end, so its value stands
// between lines that nobody can guess (GitHub Docs, "Workflow commands").
func (a *App) putOutputs(o *outcome, patchFile, conclusion string) error {
	file := a.Getenv("GITHUB_OUTPUT")
	if file == "" {
		return nil
	}
	mark := "end-" + rand.Text()
	text := fmt.Sprintf("findings=%d\nfixable=%d\nconclusion=%s\npatch-file<<%s\n%s\n%s\n",
		len(o.found), fixable(o), conclusion, mark, strings.ReplaceAll(patchFile, "\r", ""), mark)
	return disk.Append(file, []byte(text))
}

// fixable counts the findings that the fixes mend.
func fixable(o *outcome) int { return report.Summarize(o.found, o.left, 0, false).Fixed }
