package main

import (
	"github.com/spf13/cobra"

	"github.com/mpfix/mpfix/cmd/internal/report"
)

func (a *App) explainCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:     "explain ID|NAME",
		Short:   "Explain a rule: what it finds, why it hurts, what the fix does",
		Example: "  mpfix explain MPF101\n  mpfix explain unguarded-start",
		Args:    cobra.ExactArgs(1),
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
