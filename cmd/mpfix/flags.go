package main

import (
	"errors"

	"github.com/spf13/cobra"
)

// flags are those of the check itself.
type flags struct {
	diff, write, unsafe bool
	chosen, ignored     []string
	exitZero, quiet     bool
	stdinName           string
	format, color       *choice
	jobs                int
}

// The groups in which help lists the flags.
const (
	groupFix    = "Fixing"
	groupRules  = "Choosing rules"
	groupInput  = "Input"
	groupOutput = "Output"
)

func (f *flags) register(a *App, cmd *cobra.Command) {
	set := cmd.Flags()
	set.BoolVar(&f.diff, "diff", false, "print the fixes as one patch for git apply or patch -p1")
	set.BoolVar(&f.write, "write", false, "fix the files in place and report what is left")
	inGroup(cmd, groupFix, "diff", "write")
	f.registerUnsafe(cmd)
	f.registerRules(a, cmd)

	set.StringVar(&f.stdinName, "stdin-filename", "", "the `NAME` of the file that is read from standard input")
	inGroup(cmd, groupInput, "stdin-filename")
	f.registerJobs(cmd)

	f.format = newChoice("text", "github")
	set.Var(f.format, "output-format", "how findings are printed")
	set.BoolVarP(&f.quiet, "quiet", "q", false, "print findings and errors only, no summary")
	set.BoolVar(&f.exitZero, "exit-zero", false, "exit with 0 even when there are findings")
	inGroup(cmd, groupOutput, "output-format", "quiet", "exit-zero")

	completeChoice(cmd, "output-format", f.format)
}

func (f *flags) registerUnsafe(cmd *cobra.Command) {
	cmd.Flags().BoolVar(&f.unsafe, "unsafe-fixes", false, "apply also fixes that need a look")
	inGroup(cmd, groupFix, "unsafe-fixes")
}

func (f *flags) registerRules(a *App, cmd *cobra.Command) {
	cmd.Flags().StringSliceVar(&f.chosen, "select", nil, "check only these `RULES`: IDs, starts of IDs, names, error, warning,\nhygiene, default, all")
	cmd.Flags().StringSliceVar(&f.ignored, "ignore", nil, "do not check these `RULES`")
	inGroup(cmd, groupRules, "select", "ignore")
	complete := func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return append(ruleCompletions(a.Rules), groups...), cobra.ShellCompDirectiveNoFileComp
	}
	for _, name := range []string{"select", "ignore"} {
		_ = cmd.RegisterFlagCompletionFunc(name, complete)
	}
}

func (f *flags) registerJobs(cmd *cobra.Command) {
	cmd.Flags().IntVarP(&f.jobs, "jobs", "j", 0, "work on `N` files at once (0: as many as there are processors)")
	inGroup(cmd, groupInput, "jobs")
}

// validate refuses what does not go together.
func (f *flags) validate(args []string) error {
	stdin := false
	for _, arg := range args {
		stdin = stdin || arg == "-"
	}
	switch {
	case f.diff && f.write:
		return errors.New("--diff and --write exclude each other")
	case stdin && len(args) > 1:
		return errors.New("- (standard input) goes with no other path")
	case f.stdinName != "" && !stdin:
		return errors.New("--stdin-filename needs - as the path")
	case f.format.value == "github" && f.diff:
		return errors.New("--output-format github does not go with --diff: a patch holds source text, which could inject workflow commands")
	case f.format.value == "github" && f.write && stdin:
		return errors.New("--output-format github does not go with --write -: the fixed text could inject workflow commands")
	case f.jobs < 0:
		return errors.New("--jobs: must not be negative")
	}
	return nil
}

func inGroup(cmd *cobra.Command, group string, names ...string) {
	for _, name := range names {
		_ = cmd.Flags().SetAnnotation(name, groupAnnotation, []string{group})
	}
}

func completeChoice(cmd *cobra.Command, name string, c *choice) {
	_ = cmd.RegisterFlagCompletionFunc(name, cobra.FixedCompletions(c.allowed, cobra.ShellCompDirectiveNoFileComp))
}
