package report

import (
	"strings"
	"unicode"
)

// Harmless returns text as lines that GitHub's runner does not take for commands:
// it looks for "::" behind leading blanks, and for "##[" anywhere in a line
// (actions/runner, src/Runner.Common/ActionCommand.cs). Control characters become
// escapes. Line ends within text stay line ends.
func Harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		line = breakLegacy(visible(line))
		if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") {
			line = "| " + line
		}
		lines[i] = line
	}
	return strings.Join(lines, "\n")
}

// Visible returns text on one line with control characters as escapes.
func Visible(text string) string { return visible(text) }
