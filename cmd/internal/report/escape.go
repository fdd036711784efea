package report

import "strings"

// longest is how many characters of a sentence or a name a page shows.
const longest = 2000

// prose returns text as one line of Markdown that is read as plain text: no
// markup, no HTML, no mention of a user and no link (CommonMark, "Backslash
// escapes"; GitHub Flavored Markdown, "Autolinks").
func prose(text string) string {
	text = shortened(visible(text))
	var b strings.Builder
	for i, r := range text {
		switch {
		case strings.ContainsRune(`\`+"`"+`*_{}[]()#+-!|~^$>`, r):
			b.WriteByte('\\')
			b.WriteRune(r)
		case r == '<':
			b.WriteString("&lt;")
		case r == '&':
			b.WriteString("&amp;")
		case r == '@', r == ':' && strings.HasPrefix(text[i:], "://"), r == '.' && strings.EqualFold(text[max(i-3, 0):i], "www"):
			b.WriteRune(r)
			b.WriteString("<!-- -->")
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// code returns text as a code span (CommonMark, "Code spans"): its fence is
// longer than every run of backticks in it.
func code(text string) string {
	text = shortened(visible(text))
	if strings.TrimSpace(text) == "" {
		return "(blank)"
	}
	mark := strings.Repeat("`", run(text, '`')+1)
	if strings.HasPrefix(text, "`") || strings.HasSuffix(text, "`") || strings.HasPrefix(text, " ") && strings.HasSuffix(text, " ") {
		text = " " + text + " "
	}
	return mark + text + mark
}

// fence returns the marks around a block of code that holds text.
func fence(text string) string { return strings.Repeat("`", max(run(text, '`')+1, 3)) }

// run is the length of the longest run of a byte in text.
func run(text string, of byte) int {
	most, n := 0, 0
	for i := range len(text) {
		if n++; text[i] != of {
			n = 0
		}
		most = max(most, n)
	}
	return most
}

// tabbed is visible without touching tabs.
func tabbed(text string) string {
	parts := strings.Split(text, "\t")
	for i := range parts {
		parts[i] = visible(parts[i])
	}
	return strings.Join(parts, "\t")
}

func shortened(text string) string {
	n := 0
	for i := range text {
		if n++; n > longest {
			return text[:i] + "…"
		}
	}
	return text
}
