package ruletest

import (
	"slices"

	"github.com/mpfix/mpfix/rewrite/source"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// survivors checks law 7 on comments and strings: each one of before/ is still
// there in after/, in any file, as often as it was, unless a "loses:" line of the
// case names it.
func (k *checker) survivors() {
	left := map[string]int{}
	for _, text := range k.Loses {
		left[text]++
	}
	after := k.Program("after")
	for _, name := range sortedNames(after) {
		for _, text := range atoms(name, after[name]) {
			left[text]++
		}
	}
	before := k.Program("before")
	for _, name := range sortedNames(before) {
		for _, text := range atoms(name, before[name]) {
			if left[text] == 0 {
				k.problem("%s: %q is lost; if that is right, say \"loses: %s\" in the case", name, text, text)
				continue
			}
			left[text]--
		}
	}
}

// atoms lists the comments and string literals of a Python file.
func atoms(name, text string) []string {
	if !isPython(name) {
		return nil
	}
	t, err := syntax.Parse(source.New(name, text), nil)
	if err != nil {
		return nil
	}
	var list []string
	for _, c := range t.Comments {
		list = append(list, c.Text())
	}
	t.Root.Walk(func(n *syntax.Node) bool {
		if n.Is("string") && n.Named {
			list = append(list, n.Text())
			return false
		}
		return true
	})
	slices.Sort(list)
	return list
}
