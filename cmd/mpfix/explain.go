package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/mpfix/mpfix/cmd/internal/report"
)

func (a *App) explainCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:     "explain ID|NAME",
		Short:   "Explain a rule: what it finds, why it hurts, what the fix does",
		Example: "  mpfix explain MPF101\n  mpfix explain unguarded-start",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) != 1 {
				return errors.New("explain takes one rule, by its ID or name; mpfix rules lists them")
			}
			return nil
		},
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return ruleCompletions(a.Rules), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := findRule(a.Rules, args[0])
			if err != nil {
				return err
			}
			return report.Markdown(cmd.OutOrStdout(), r.Doc, a.colored(f.color.value))
		},
	}
}
