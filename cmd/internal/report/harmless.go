package report

import (
	"strings"
	"unicode"
)

// Harmless returns text as lines that GitHub's runner does not take for commands,
// with control characters as escapes. Line ends within text stay line ends.
func Harmless(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = tame(visible(line))
	}
	return strings.Join(lines, "\n")
}

// ForLog returns text that holds colours or source lines, as Text writes it, so
// that GitHub's runner takes no line for a command.
func ForLog(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		lines[i] = tame(line)
	}
	return strings.Join(lines, "\n")
}

// tame changes a line in which the runner would find a command: it looks for "::"
// behind leading blanks, and for "##[" anywhere (actions/runner,
// src/Runner.Common/ActionCommand.cs).
func tame(line string) string {
	line = breakLegacy(line)
	if strings.HasPrefix(strings.TrimLeftFunc(line, unicode.IsSpace), "::") {
		line = "| " + line
	}
	return line
}

// Visible returns text on one line with control characters as escapes.
func Visible(text string) string { return visible(text) }
