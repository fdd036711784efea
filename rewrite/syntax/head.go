package syntax

import "strings"

// Head returns the node's text for use in a message: its first line, cut to 60
// bytes, with "…" where something is left out.
func Head(n *Node) string {
	text, _, more := strings.Cut(n.Text(), "\n")
	text = strings.TrimSuffix(text, "\r")
	if len(text) > 60 {
		cut := 57
		for cut > 0 && text[cut]&0xC0 == 0x80 {
			cut--
		}
		text, more = text[:cut], true
	}
	if more {
		text = strings.TrimRight(text, " ") + "…"
	}
	return text
}
