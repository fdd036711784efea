// Package patch writes the difference of two versions of a file: as a unified
// diff that git apply and patch -p1 take as it is, and as lines with their
// changed words for display.
package patch

import (
	"bytes"
	"errors"
	"fmt"
	"path"
	"strings"

	"github.com/mpfix/mpfix/rewrite/source"
)

// Unified returns the change from before to after as a unified diff in git's
// format, with three lines of context; nil when their bytes are equal. name is
// the slash-separated path from the root at which the patch will be applied; it
// is cleaned, and loses a leading "/". The lines are the bytes on disk, in the
// file's encoding and with its byte order mark and newlines.
//
// The error says that a file is nil, that the name is empty, or what source.File's
// Encode has to say.
func Unified(before, after *source.File, name string) ([]byte, error) {
	if before == nil || after == nil {
		return nil, errors.New("patch: file missing")
	}
	clean := strings.TrimLeft(path.Clean(name), "/")
	if name == "" || clean == "" || clean == "." {
		return nil, fmt.Errorf("patch: %q is no name of a file", name)
	}
	old, err := before.Encode()
	if err != nil {
		return nil, err
	}
	changed, err := after.Encode()
	if err != nil {
		return nil, err
	}
	if bytes.Equal(old, changed) {
		return nil, nil
	}
	a, b := quote("a/"+clean), quote("b/"+clean)
	var out bytes.Buffer
	fmt.Fprintf(&out, "diff --git %s %s\n--- %s\n+++ %s\n", a, b, ended(a), ended(b))
	for _, h := range hunks(split(string(old)), split(string(changed))) {
		out.WriteString(h.Header() + "\n")
		for _, line := range h.Lines {
			out.WriteByte(line.Kind)
			out.WriteString(line.Text + "\n")
			if line.NoNewline {
				out.WriteString("\\ No newline at end of file\n")
			}
		}
	}
	return out.Bytes(), nil
}

// quote writes a name as git does with core.quotePath (git-config(1)): as it is,
// or as a C string when it holds a control character, a quote, a backslash or a
// byte above 0x7f.
func quote(name string) string {
	const letters = "abtnvfr" // \a is 7, the others follow
	var b strings.Builder
	b.WriteByte('"')
	plain := true
	for i := range len(name) {
		switch c := name[i]; {
		case c == '"' || c == '\\':
			b.WriteString(`\` + string(c))
		case '\a' <= c && c <= '\r':
			b.WriteString(`\` + letters[c-'\a':c-'\a'+1])
		case c < ' ' || c >= 0x7f:
			fmt.Fprintf(&b, `\%03o`, c)
		default:
			b.WriteByte(c)
			continue
		}
		plain = false
	}
	if plain {
		return name
	}
	b.WriteByte('"')
	return b.String()
}

// ended adds the tab with which git ends a name that holds a blank, so that
// patch does not take what follows the blank for a date.
func ended(name string) string {
	if strings.Contains(name, " ") {
		return name + "\t"
	}
	return name
}
