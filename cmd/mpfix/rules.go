package main

import (
	"github.com/spf13/cobra"

	"github.com/mpfix/mpfix/cmd/internal/report"
	"github.com/mpfix/mpfix/rewrite/rule"
)

func (a *App) rulesCommand(f *flags) *cobra.Command {
	return &cobra.Command{
		Use:   "rules",
		Short: "List the rules with their levels and fixes",
		Long: `List the rules: ID, name, level, how safe their fixes are, and what they find.

error: fails, hangs or loses data under some start method. warning: does so under
load or timing. hygiene: leaks until exit; checked only when selected.`,
		Example:           "  mpfix rules",
		Args:              cobra.NoArgs,
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return report.Rules(cmd.OutOrStdout(), a.Rules, a.colored(f.color.value))
		},
	}
}

// ruleCompletions are the names and IDs of the rules, with their titles.
func ruleCompletions(rules []*rule.Rule) []cobra.Completion {
	var list []cobra.Completion
	for _, r := range rules {
		list = append(list, cobra.CompletionWithDesc(r.Name, r.Title), cobra.CompletionWithDesc(r.ID, r.Title))
	}
	return list
}
