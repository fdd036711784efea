package patterns_test

import (
	"path/filepath"
	"testing"

	"github.com/mpfix/mpfix/patterns"
	"github.com/mpfix/mpfix/rewrite/ruletest"
)

// FuzzFixes starts from the programs of all cases.
func FuzzFixes(f *testing.F) {
	folders, err := filepath.Glob("*/testdata")
	if err != nil {
		f.Fatal(err)
	}
	for i := range folders {
		folders[i] = filepath.Dir(folders[i])
	}
	ruletest.Fuzz(f, patterns.All(), folders...)
}
