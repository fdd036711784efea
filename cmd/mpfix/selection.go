package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/mpfix/mpfix/rewrite/rule"
)

// selectRules returns the rules that the selectors in chosen name, without those
// that the ones in ignored name; nothing chosen means the rules that are on by
// default. A selector is an ID, the start of one ("MPF1"), a name, a level,
// "default" or "all". The error names a selector that fits no rule.
func selectRules(all []*rule.Rule, chosen, ignored []string) ([]*rule.Rule, error) {
	if len(chosen) == 0 {
		chosen = []string{"default"}
	}
	wanted, err := matchRules(all, "--select", chosen)
	if err != nil {
		return nil, err
	}
	unwanted, err := matchRules(all, "--ignore", ignored)
	if err != nil {
		return nil, err
	}
	var list []*rule.Rule
	for _, r := range all {
		if wanted[r] && !unwanted[r] {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("--select and --ignore leave no rule to check")
	}
	return list, nil
}

func matchRules(all []*rule.Rule, flag string, selectors []string) (map[*rule.Rule]bool, error) {
	set := map[*rule.Rule]bool{}
	for _, s := range selectors {
		s = strings.TrimSpace(s)
		if s == "" {
			return nil, fmt.Errorf("%s: an empty rule name", flag)
		}
		known := isGroup(s)
		for _, r := range all {
			if selects(s, r) {
				set[r], known = true, true
			}
		}
		if !known {
			return nil, fmt.Errorf("%s: %w", flag, unknownRule(all, s))
		}
	}
	return set, nil
}

var groups = []string{"all", "default", "error", "warning", "hygiene"}

func isGroup(s string) bool { return slices.Contains(groups, strings.ToLower(s)) }

func selects(selector string, r *rule.Rule) bool {
	switch s := strings.ToLower(selector); s {
	case "all":
		return true
	case "default":
		return r.Level != rule.Hygiene
	case "error", "warning", "hygiene":
		return r.Level.String() == s
	}
	return strings.EqualFold(selector, r.Name) ||
		len(selector) >= len("MPF") && strings.HasPrefix(r.ID, strings.ToUpper(selector))
}

// findRule returns the rule of an ID or a name.
func findRule(all []*rule.Rule, name string) (*rule.Rule, error) {
	for _, r := range all {
		if strings.EqualFold(name, r.ID) || strings.EqualFold(name, r.Name) {
			return r, nil
		}
	}
	return nil, unknownRule(all, name)
}

// unknownRule is the error for a name that fits no rule, with the nearest ones.
func unknownRule(all []*rule.Rule, name string) error {
	type candidate struct {
		text     string
		distance int
	}
	var near []candidate
	limit := max(2, len(name)/3)
	consider := func(text, shown string) {
		d := levenshtein.Distance(strings.ToLower(name), strings.ToLower(text), nil)
		if strings.Contains(strings.ToLower(text), strings.ToLower(name)) {
			d = min(d, 1)
		}
		if d <= limit {
			near = append(near, candidate{shown, d})
		}
	}
	for _, r := range all {
		consider(r.ID, r.ID+" "+r.Name)
		consider(r.Name, r.ID+" "+r.Name)
	}
	for _, g := range groups {
		consider(g, g)
	}
	slices.SortStableFunc(near, func(a, b candidate) int { return a.distance - b.distance })
	var texts []string
	for _, c := range near {
		if c.distance == near[0].distance && len(texts) < 3 && !slices.Contains(texts, c.text) {
			texts = append(texts, c.text)
		}
	}
	if len(texts) == 0 {
		return fmt.Errorf("there is no rule %q; mpfix rules lists them", name)
	}
	return fmt.Errorf("there is no rule %q; did you mean %s?", name, strings.Join(texts, " or "))
}
