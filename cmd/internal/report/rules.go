package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/rule"
)

// families are the titles of the catalogue's groups.
var families = map[string]string{
	"MPF1": "Start-up: what the child sees when it imports the main module",
	"MPF2": "Shared state: changes that never reach the parent",
	"MPF3": "Pickling: what cannot cross into the child, or back",
	"MPF4": "Queues and pipes: the shutdown protocol",
	"MPF5": "Processes, pools and locks: life and death",
}

// Rules writes a table of rules in the order of their IDs, grouped by family.
// The error is that of w.
func Rules(w io.Writer, rules []*rule.Rule, colored bool) error {
	out := bufio.NewWriter(w)
	p := newPalette(colored)
	rules = slices.Clone(rules)
	slices.SortFunc(rules, func(a, b *rule.Rule) int { return strings.Compare(a.ID, b.ID) })
	widths := []int{len("ID"), len("Name"), len("Level"), len("Fix")}
	for _, r := range rules {
		for i, cell := range []string{r.ID, r.Name, r.Level.String(), FixKind(r)} {
			widths[i] = max(widths[i], len(cell))
		}
	}
	pad := func(i int, cell string) string { return fmt.Sprintf("%-*s", widths[i], cell) }
	family := ""
	for _, r := range rules {
		if f := r.Family(); f != family {
			if family != "" {
				fmt.Fprintln(out)
			}
			family = f
			p.heading.Fprint(out, strings.TrimSpace(f+"  "+families[f]))
			fmt.Fprintln(out)
		}
		fmt.Fprintf(out, "%s  %s  %s  %s  %s\n", p.bold.Sprint(pad(0, r.ID)), pad(1, r.Name),
			p.level(r.Level).Sprint(pad(2, r.Level.String())), pad(3, FixKind(r)), r.Title)
	}
	return out.Flush()
}

// FixKind is the safety of a rule's fixes as its README states it: which of the
// words "safe", "unsafe" and "manual" the section "Fix and its safety" uses.
func FixKind(r *rule.Rule) string {
	_, section, _ := strings.Cut(r.Doc, "\n## Fix and its safety\n")
	section, _, _ = strings.Cut(section, "\n## ")
	words := strings.FieldsFunc(strings.ToLower(section), func(c rune) bool { return c < 'a' || c > 'z' })
	var kinds []string
	for _, kind := range []rule.Safety{rule.Safe, rule.Unsafe, rule.Manual} {
		if slices.Contains(words, kind.String()) {
			kinds = append(kinds, kind.String())
		}
	}
	if len(kinds) == 0 {
		return "-"
	}
	return strings.Join(kinds, ", ")
}
