package source

import "strings"

// defaultIndent is the unit of PEP 8, for a file without any block.
const defaultIndent = "    "

// detectNewline returns the line end that is used most, the first one met among
// equals, "\n" when there is none.
func detectNewline(text string) string {
	counts := map[string]int{}
	var order []string
	for i := 0; i < len(text); i++ {
		var end string
		switch {
		case text[i] == '\n':
			end = "\n"
		case text[i] != '\r':
			continue
		case i+1 < len(text) && text[i+1] == '\n':
			end = "\r\n"
			i++
		default:
			end = "\r"
		}
		if counts[end] == 0 {
			order = append(order, end)
		}
		counts[end]++
	}
	if len(order) == 0 {
		return "\n"
	}
	best := order[0]
	for _, end := range order[1:] {
		if counts[end] > counts[best] {
			best = end
		}
	}
	return best
}

// detectIndent returns the step of indentation that opens most blocks, the
// narrower one among equals. Only a line after a ":" opens a block, and lines
// inside brackets, strings and after a backslash belong to the line they
// continue.
func detectIndent(text string) string {
	counts := map[string]int{}
	s := scanner{text: text}
	previous, opens := "", false
	for {
		indent, colon, ok := s.logicalLine()
		if !ok {
			break
		}
		if step, deeper := strings.CutPrefix(indent, previous); opens && deeper && step != "" {
			switch {
			case strings.Trim(step, " ") == "":
				counts[step]++
			case strings.Trim(step, "\t") == "":
				counts["\t"]++
			}
		}
		previous, opens = indent, colon
	}
	best := ""
	for step, n := range counts {
		if best == "" || n > counts[best] || n == counts[best] && narrower(step, best) {
			best = step
		}
	}
	if best == "" {
		return defaultIndent
	}
	return best
}

// narrower orders units of indentation; a tab counts as eight blanks, as in
// Python's tokenizer.
func narrower(a, b string) bool {
	width := func(s string) int { return len(s) + 7*strings.Count(s, "\t") }
	return width(a) < width(b) || width(a) == width(b) && a < b
}

// scanner reads just enough of Python's tokens to tell logical lines apart.
type scanner struct {
	text string
	pos  int
}

// logicalLine reads the next logical line that holds a token. It returns its
// indentation and whether its last token is a colon; ok is false at the end.
func (s *scanner) logicalLine() (indent string, colon, ok bool) {
	start := s.pos
	depth := 0
	fresh := true // no token met yet
	for s.pos < len(s.text) {
		c := s.text[s.pos]
		switch c {
		case ' ', '\t', '\f':
			s.pos++
			if c == '\f' && fresh {
				start = s.pos // a form feed resets the column
			}
			continue
		case '\n', '\r':
			s.pos++
			if depth > 0 {
				continue
			}
			if fresh {
				start = s.pos
				continue
			}
			return indent, colon, true
		case '#':
			s.skipComment()
			continue
		case '\\':
			s.skipContinuation()
			continue
		}
		if fresh {
			fresh, indent = false, s.text[start:s.pos]
		}
		colon = c == ':'
		switch c {
		case '"', '\'':
			s.skipString()
			continue
		case '(', '[', '{':
			depth++
		case ')', ']', '}':
			depth = max(depth-1, 0)
		}
		s.pos++
	}
	return indent, colon, !fresh
}

func (s *scanner) skipComment() {
	if n := strings.IndexAny(s.text[s.pos:], "\r\n"); n >= 0 {
		s.pos += n
	} else {
		s.pos = len(s.text)
	}
}

// skipContinuation skips a backslash and the newline behind it.
func (s *scanner) skipContinuation() {
	s.pos++
	if strings.HasPrefix(s.text[s.pos:], "\r\n") {
		s.pos += 2
	} else if s.pos < len(s.text) {
		s.pos++
	}
}

// skipString skips a string literal; one in single quotes ends at its line's end
// at the latest, so that a stray quote spoils one line only.
func (s *scanner) skipString() {
	quote := s.text[s.pos : s.pos+1]
	triple := strings.Repeat(quote, 3)
	long := strings.HasPrefix(s.text[s.pos:], triple)
	if long {
		quote = triple
	}
	s.pos += len(quote)
	for s.pos < len(s.text) {
		switch c := s.text[s.pos]; {
		case c == '\\':
			s.skipContinuation()
		case strings.HasPrefix(s.text[s.pos:], quote):
			s.pos += len(quote)
			return
		case !long && (c == '\n' || c == '\r'):
			return
		default:
			s.pos++
		}
	}
}
