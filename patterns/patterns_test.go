package patterns_test

import (
	"path/filepath"
	"testing"

	"github.com/mpfix/mpfix/patterns"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/ruletest"
)

func TestAll(t *testing.T) {
	list := patterns.All()
	if err := rule.Validate(list); err != nil {
		t.Error(err)
	}
	for i := 1; i < len(list); i++ {
		if list[i-1].ID >= list[i].ID {
			t.Errorf("%s before %s", list[i-1].ID, list[i].ID)
		}
	}
}

// TestTogether holds all rules that are on by default against the cases of every
// pattern.
func TestTogether(t *testing.T) {
	var on []*rule.Rule
	for _, r := range patterns.All() {
		if r.Level != rule.Hygiene {
			on = append(on, r)
		}
	}
	folders, err := filepath.Glob("*/testdata")
	if err != nil {
		t.Fatal(err)
	}
	for i := range folders {
		folders[i] = filepath.Dir(folders[i])
	}
	ruletest.Together(t, on, folders...)
}
