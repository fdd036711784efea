package main

import (
	"fmt"

	"github.com/spf13/cobra"
)

const rootLong = `mpfix finds the ways in which Python programs misuse multiprocessing, and
rewrites them. A fix is right under every start method: fork, spawn and
forkserver.

PATH is a file or a folder, by default the current folder. In folders, files
ending in .py and .pyw are checked, except those that .gitignore names and those
of virtual environments and tools; a file that is named is always checked. Only
files under the named paths are changed, but the whole project is read. A path
called like a command is written ./rules.

--write and --diff take the safe fixes: mpfix has seen every use of what they
change. --unsafe-fixes adds those that an expert would make but look at first.

The names in a patch are relative to the current folder. When a changed file lies
outside it, they are relative to the top of its project, or to the folder that
holds all the changed files, and mpfix says which.

Exit codes: 0 nothing found, or everything mended by --write; 1 findings;
2 wrong usage, or a path that cannot be read or written; 3 a fault of mpfix.`

const rootExample = `  mpfix                         check the current folder
  mpfix src tests/run.py        check a folder and a file
  mpfix --diff . | git apply    apply the safe fixes as a patch
  mpfix --write src             fix in place
  mpfix --select MPF1,unlocked-update --ignore MPF107 .
  mpfix - --stdin-filename app/main.py < app/main.py
  mpfix explain unguarded-start`

// rootCommand is the whole command line. The root itself runs the check.
func (a *App) rootCommand() *cobra.Command {
	f := &flags{color: newChoice("auto", "always", "never")}
	cmd := &cobra.Command{
		Use:           "mpfix [flags] [PATH...]",
		Short:         "Find and fix misuse of multiprocessing in Python programs",
		Long:          rootLong,
		Example:       rootExample,
		Version:       versionText(),
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
		DisableFlagsInUseLine: true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := f.validate(args); err != nil {
				return err
			}
			return a.check(cmd.Context(), f, args)
		},
	}
	cmd.SetVersionTemplate("mpfix {{.Version}}\n")
	cmd.Flags().SortFlags = false
	f.register(a, cmd)
	cmd.PersistentFlags().Var(f.color, "color", "colour on standard output")
	_ = cmd.PersistentFlags().SetAnnotation("color", groupAnnotation, []string{groupOutput})
	completeChoice(cmd, "color", f.color)
	cmd.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return fmt.Errorf("%w (see mpfix --help)", err) })
	setUsage(cmd)
	cmd.AddCommand(a.rulesCommand(f), a.explainCommand(f), a.githubCommand(f.color))
	cmd.InitDefaultHelpCmd()
	cmd.InitDefaultHelpFlag()
	cmd.InitDefaultVersionFlag()
	return cmd
}
