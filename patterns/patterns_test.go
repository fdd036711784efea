package patterns_test

import (
	"testing"

	"github.com/mpfix/mpfix/patterns"
	"github.com/mpfix/mpfix/rewrite/rule"
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
