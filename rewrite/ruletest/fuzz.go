package ruletest

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/engine"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// Fuzz holds the rules, all together, against texts that start from the programs
// of the cases in the folders' testdata: whatever the text, no rule fails, the
// fixes bring no syntax error, and a second run changes nothing.
func Fuzz(f *testing.F, rules []*rule.Rule, dirs ...string) {
	for _, dir := range dirs {
		cases, err := Load(filepath.Join(dir, "testdata"))
		if err != nil {
			f.Fatal(err)
		}
		for _, c := range cases {
			for _, program := range []map[string]string{c.Before, c.Clean} {
				for _, name := range sortedNames(program) {
					if isPython(name) {
						f.Add(program[name])
					}
				}
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		if strings.ContainsRune(text, 0) || len(text) > 20_000 {
			return
		}
		options := engine.Options{Rules: rules, Fix: true, Unsafe: true, Workers: 1}
		first, err := engine.Run(t.Context(), snapshot(map[string]string{"main.py": text}), options)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range first.Faults {
			t.Errorf("%s: %s: %s", fault.Path, fault.Rule, fault.Reason)
		}
		after, changed := texts(first)["main.py"]
		if !changed {
			return
		}
		second, err := engine.Run(t.Context(), snapshot(map[string]string{"main.py": after}), options)
		if err != nil {
			t.Fatal(err)
		}
		if len(second.Damaged) > len(first.Damaged) {
			t.Errorf("the fixes bring a syntax error:\n%s", after)
		}
		if len(second.Changed) > 0 {
			t.Errorf("a second run changes\n%s\ninto\n%s", after, texts(second)["main.py"])
		}
	})
}
