package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/mpfix/mpfix/rewrite/rule"
)

// Summary is the closing line of a run.
type Summary struct {
	Findings int // found, or left after fixing
	Fixed    int // mended, when Done; would be, otherwise
	Unsafe   int // further ones that an unsafe fix would mend
	Files    int // files looked at
	Done     bool
}

// Summarize counts. found are the findings before fixing, left those after it.
func Summarize(found, left []*rule.Finding, files int, done bool) Summary {
	s := Summary{Findings: len(found), Fixed: max(len(found)-len(left), 0), Files: files, Done: done}
	for _, f := range left {
		if slices.ContainsFunc(f.Fixes, func(x rule.Fix) bool { return x.Safety == rule.Unsafe }) {
			s.Unsafe++
		}
	}
	if done {
		s.Findings = len(left)
	}
	return s
}

// String is one sentence.
func (s Summary) String() string {
	if s.Findings == 0 && s.Fixed == 0 {
		return fmt.Sprintf("No findings in %s.", count(s.Files, "file"))
	}
	var parts []string
	if s.Done {
		parts = append(parts, fmt.Sprintf("%d fixed", s.Fixed), fmt.Sprintf("%s left", count(s.Findings, "finding")))
	} else {
		parts = append(parts, count(s.Findings, "finding"), fmt.Sprintf("%d fixable with --write", s.Fixed))
	}
	if s.Unsafe > 0 {
		parts = append(parts, fmt.Sprintf("%d more with --unsafe-fixes", s.Unsafe))
	}
	return strings.Join(parts, ", ") + "."
}

func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
