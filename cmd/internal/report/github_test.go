package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

func TestNoMoreAnnotationsThanGitHubKeeps(t *testing.T) {
	file := source.New("a.py", "x\n")
	for _, n := range []int{0, 1, 10, 11, 40} {
		var findings []*rule.Finding
		for i := range n {
			for _, level := range []rule.Level{rule.Error, rule.Hygiene} {
				findings = append(findings, &rule.Finding{
					Rule:    &rule.Rule{ID: "MPF101", Name: "n", Level: level},
					Span:    source.Span{File: file, Start: 0, End: 1},
					Message: fmt.Sprint("number ", i),
				})
			}
		}
		var out strings.Builder
		if err := GitHub(&out, findings, nil); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"::error ", "::notice "} {
			if got := strings.Count(out.String(), name); got != min(n, 10) {
				t.Errorf("%d findings: %d times %s", n, got, name)
			}
		}
		if n > 10 {
			want := fmt.Sprintf("::error title=mpfix::%d more error findings not shown here; run mpfix for all\n", n-9)
			if !strings.Contains(out.String(), want) {
				t.Errorf("no %q in %s", want, out.String())
			}
		} else if strings.Contains(out.String(), "more") {
			t.Error(out.String())
		}
	}
}
