package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// groupAnnotation is the key under which a flag carries its group in help.
const groupAnnotation = "mpfix_group"

// otherFlags is the group of flags that carry none.
const otherFlags = "Other flags"

// usageText is what follows the description in help: synopsis, examples, commands
// and the flags by group.
func usageText(cmd *cobra.Command) string {
	var b strings.Builder
	b.WriteString("Usage:\n")
	if cmd.HasAvailableSubCommands() {
		fmt.Fprintf(&b, "  %s\n  %s COMMAND\n", cmd.UseLine(), cmd.CommandPath())
	} else {
		fmt.Fprintf(&b, "  %s\n", cmd.UseLine())
	}
	if cmd.Example != "" {
		fmt.Fprintf(&b, "\nExamples:\n%s\n", strings.Trim(cmd.Example, "\n"))
	}
	if cmd.HasAvailableSubCommands() {
		b.WriteString("\nCommands:\n")
		for _, sub := range cmd.Commands() {
			if sub.IsAvailableCommand() || sub.Name() == "help" {
				fmt.Fprintf(&b, "  %-12s %s\n", sub.Name(), sub.Short)
			}
		}
	}
	for _, g := range flagGroups(cmd) {
		fmt.Fprintf(&b, "\n%s:\n%s", g.name, g.set.FlagUsages())
	}
	return b.String()
}

type flagGroup struct {
	name string
	set  *pflag.FlagSet
}

// flagGroups sorts a command's flags into groups, those without one last.
func flagGroups(cmd *cobra.Command) []flagGroup {
	var list []flagGroup
	for _, name := range []string{groupFix, groupRules, groupInput, groupOutput, otherFlags} {
		set := pflag.NewFlagSet(name, pflag.ContinueOnError)
		set.SortFlags = false
		visit := func(f *pflag.Flag) {
			group := otherFlags
			if a := f.Annotations[groupAnnotation]; len(a) > 0 {
				group = a[0]
			}
			if group == name && set.Lookup(f.Name) == nil {
				set.AddFlag(f)
			}
		}
		cmd.Flags().VisitAll(visit)
		cmd.InheritedFlags().VisitAll(visit)
		if set.HasAvailableFlags() {
			list = append(list, flagGroup{name, set})
		}
	}
	return slices.Clip(list)
}

func setUsage(cmd *cobra.Command) {
	cmd.SetUsageFunc(func(c *cobra.Command) error {
		_, err := fmt.Fprint(c.OutOrStdout(), usageText(c))
		return err
	})
	cmd.SetHelpFunc(func(c *cobra.Command, _ []string) {
		text := c.Long
		if text == "" {
			text = c.Short
		}
		fmt.Fprintf(c.OutOrStdout(), "%s\n\n%s", strings.TrimSpace(text), usageText(c))
	})
}
