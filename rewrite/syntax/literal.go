package syntax

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// StringValue returns the value of a string or bytes literal: prefixes r, b
// and u, escapes decoded, adjacent literals joined, parentheses stripped; for
// bytes the bytes. Not ok for anything else: f- and t-strings, Python 2's ur""
// and backquotes, str mixed with bytes, \N{name} escapes, lone surrogates, and
// damaged literals. Rules: Python Language Reference, "String and Bytes
// literals".
func StringValue(n *Node) (value string, ok bool) {
	n = Unparen(n)
	if n.Is("string") {
		value, _, ok = stringPart(n)
		return value, ok
	}
	if !n.Is("concatenated_string") {
		return "", false
	}
	var joined strings.Builder
	var bytes, some bool
	for _, c := range n.Children {
		if c.Kind == "comment" || c.Kind == "line_continuation" {
			continue
		}
		s, b, ok := stringPart(c)
		if !ok || some && b != bytes {
			return "", false
		}
		bytes, some = b, true
		joined.WriteString(s)
	}
	return joined.String(), some
}

// stringPart reads one string node.
func stringPart(n *Node) (value string, bytes, ok bool) {
	prefix, body, ok := stringBody(n)
	if !ok {
		return "", false, false
	}
	var raw bool
	switch prefix {
	case "", "u":
	case "r":
		raw = true
	case "b":
		bytes = true
	case "br", "rb":
		raw, bytes = true, true
	default:
		return "", false, false
	}
	// The tokenizer reads every line ending as \n.
	body = strings.ReplaceAll(body, "\r\n", "\n")
	body = strings.ReplaceAll(body, "\r", "\n")
	if !raw {
		body, ok = unescape(body, bytes)
	}
	return body, bytes, ok
}

// stringBody splits an undamaged string node into its prefix in lower case and
// the text between the quotes.
func stringBody(n *Node) (prefix, body string, ok bool) {
	if !n.Is("string") || len(n.Children) < 2 || n.afterError() {
		return "", "", false
	}
	for _, c := range n.Children {
		if c.Error || c.Missing {
			return "", "", false
		}
	}
	start, end := n.Children[0], n.Children[len(n.Children)-1]
	if start.Kind != "string_start" || end.Kind != "string_end" {
		return "", "", false
	}
	prefix = strings.TrimRight(start.Text(), `'"`)
	return strings.ToLower(prefix), n.Tree.File.Text[start.End:end.Start], true
}

// afterError reports whether an ERROR node touches n from the left, as the "t"
// of a t-string does, which the grammar does not know.
func (n *Node) afterError() bool {
	for m := n; m.Parent != nil; m = m.Parent {
		i := m.index()
		if i > 0 {
			before := m.Parent.Children[i-1]
			return before.Error && before.End == n.Start
		}
		if m.Parent.Start != n.Start {
			return false
		}
	}
	return false
}

// unescape decodes backslash escapes of a str or bytes literal.
func unescape(s string, bytes bool) (string, bool) {
	if !strings.Contains(s, `\`) {
		return s, true
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			i++
			continue
		}
		c := s[i+1]
		i += 2
		if at := strings.IndexByte(`\'"abfnrtv`, c); at >= 0 {
			b.WriteByte("\\'\"\a\b\f\n\r\t\v"[at])
			continue
		}
		digits, base := 0, 16
		switch {
		case c == '\n':
			continue
		case c >= '0' && c <= '7':
			i--
			for digits, base = 1, 8; digits < 3 && i+digits < len(s) && s[i+digits] >= '0' && s[i+digits] <= '7'; {
				digits++
			}
		case c == 'x':
			digits = 2
		case c == 'u' && !bytes:
			digits = 4
		case c == 'U' && !bytes:
			digits = 8
		case c == 'N' && !bytes:
			return "", false
		default: // an unknown escape stands for itself
			b.WriteByte('\\')
			b.WriteByte(c)
			continue
		}
		if i+digits > len(s) {
			return "", false
		}
		code, err := strconv.ParseUint(s[i:i+digits], base, 32)
		if err != nil {
			return "", false
		}
		i += digits
		switch {
		case bytes:
			b.WriteByte(byte(code))
		case code <= utf8.MaxRune && utf8.ValidRune(rune(code)):
			b.WriteRune(rune(code))
		default:
			return "", false
		}
	}
	return b.String(), true
}

// IntValue returns the value of an integer literal, with signs and parentheses
// around it. Not ok for anything else: numbers beyond int64, complex numbers,
// Python 2's 0777 and 10L.
func IntValue(n *Node) (value int64, ok bool) {
	sign := ""
	for n = Unparen(n); n.Is("unary_operator"); n = Unparen(n.Field("argument")) {
		switch n.Field("operator").Text() {
		case "-":
			if sign == "" {
				sign = "-"
			} else {
				sign = ""
			}
		case "+":
		default:
			return 0, false
		}
	}
	if !n.Is("integer") || legacyInteger(n.Text()) {
		return 0, false
	}
	value, err := strconv.ParseInt(sign+n.Text(), 0, 64)
	return value, err == nil
}

// legacyInteger reports whether an integer token is one only Python 2 reads:
// an octal with a bare leading zero, or a long.
func legacyInteger(s string) bool {
	if strings.HasSuffix(s, "l") || strings.HasSuffix(s, "L") {
		return true
	}
	digits := strings.ReplaceAll(s, "_", "")
	return len(digits) > 1 && digits[0] == '0' &&
		strings.Trim(digits, "0123456789") == "" && strings.Trim(digits, "0") != ""
}
