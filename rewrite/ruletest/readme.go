package ruletest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/mpfix/mpfix/rewrite/patch"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/source"
)

// The markers of a README between which its example stands.
const (
	ExampleBegin = "<!-- example -->"
	ExampleEnd   = "<!-- /example -->"
)

// Example returns what a pattern's README shows between the markers: the first
// case, by name, that has a before/, as its story, its program, the diff and the
// outcome. The error says that there is no such case or that its diff fails.
func Example(cases []*Case) (string, error) {
	for _, c := range cases {
		if c.Before != nil {
			return c.example()
		}
	}
	return "", fmt.Errorf("no case has a before/ to make the example of")
}

func (c *Case) example() (string, error) {
	var b strings.Builder
	b.WriteString("\n" + c.Story + "\n")
	var diff strings.Builder
	for _, name := range sortedNames(c.Before) {
		language := "text"
		if isPython(name) {
			language = "python"
		}
		fmt.Fprintf(&b, "\n`%s`:\n\n%s", name, fence(language, c.Before[name]))
		after, changed := c.After[name]
		if !changed {
			continue
		}
		one, err := patch.Unified(source.New(name, c.Before[name]), source.New(name, after), name)
		if err != nil {
			return "", err
		}
		_, one2, _ := strings.Cut(string(one), "\n") // without "diff --git"
		diff.WriteString(one2)
	}
	if diff.Len() > 0 {
		with := ""
		if c.Unsafe {
			with = " with `--unsafe-fixes`"
		}
		fmt.Fprintf(&b, "\nWhat mpfix makes of it%s:\n\n%s", with, fence("diff", diff.String()))
	}
	if c.Outcome != nil {
		b.WriteString("\nWhat happens when it is run:\n\n" + c.Outcome.markdown())
	}
	return b.String() + "\n", nil
}

// fence puts text between fences longer than any in it.
func fence(language, text string) string {
	bars := "```"
	for strings.Contains(text, bars) {
		bars += "`"
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	return bars + language + "\n" + text + bars + "\n"
}

// Refresh returns a README with the example put between its markers. The error
// says that a marker is missing.
func Refresh(readme, example string) (string, error) {
	begin := strings.Index(readme, ExampleBegin)
	end := strings.Index(readme, ExampleEnd)
	if begin < 0 || end < begin {
		return "", fmt.Errorf("no %s and %s below the heading Example", ExampleBegin, ExampleEnd)
	}
	return readme[:begin+len(ExampleBegin)] + "\n" + example + readme[end:], nil
}

// checkReadme says what is wrong with the README of the pattern in dir.
func checkReadme(dir string, r *rule.Rule, cases []*Case) error {
	raw, err := os.ReadFile(filepath.Join(dir, "README.md"))
	if err != nil {
		return err
	}
	if r.Doc != string(raw) {
		return fmt.Errorf("the rule's Doc is not README.md")
	}
	example, err := Example(cases)
	if err != nil {
		return err
	}
	fresh, err := Refresh(string(raw), example)
	if err != nil {
		return fmt.Errorf("README.md: %w", err)
	}
	if fresh != string(raw) {
		return fmt.Errorf("README.md: the example is not that of the first case: run go generate ./patterns")
	}
	return nil
}
