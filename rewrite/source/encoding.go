package source

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
)

const (
	utf8Name = "utf-8"
	utf8BOM  = "\xef\xbb\xbf"
)

// Decode returns the File whose bytes on disk are raw. The encoding is found as
// by CPython's tokenize.detect_encoding (PEP 263): a UTF-8 byte order mark, else
// a coding comment in the first two lines, else UTF-8. Encode gives raw back.
// Looser than CPython: any name of UTF-8 may stand behind a byte order mark.
//
// The error names the file, what is wrong with it, and what to do: raw is not
// text, its encoding is unknown, or bytes do not fit the encoding.
func Decode(path string, raw []byte) (*File, error) {
	if i := bytes.IndexByte(raw, 0); i >= 0 {
		return nil, fmt.Errorf("%s: not Python text: NUL byte at offset %d; leave the file out, or save it as UTF-8", path, i)
	}
	body, bom := bytes.CutPrefix(raw, []byte(utf8BOM))
	name, line := cookie(body)
	codec := encoding.Nop
	if name != "" {
		var ok bool
		if codec, ok = codecByName[codecKey(name)]; !ok {
			return nil, fmt.Errorf("%s:%d: unknown encoding %q in the coding comment; correct its name, or save the file as UTF-8 without the comment", path, line, name)
		}
		if bom && codec != encoding.Nop {
			return nil, fmt.Errorf("%s:%d: the coding comment says %q but the file starts with a UTF-8 byte order mark; remove one of them", path, line, name)
		}
	}
	if codec == encoding.Nop {
		text := string(body)
		if !utf8.ValidString(text) {
			return nil, fmt.Errorf("%s:%d: byte %#02x is not valid UTF-8; save the file as UTF-8, or name its encoding in line 1 (# -*- coding: latin-1 -*-)", path, invalidLine(text), invalidByte(text))
		}
		return newFile(path, text, utf8Name, bom), nil
	}
	decoded, err := codec.NewDecoder().Bytes(body)
	text := string(decoded)
	if err == nil {
		var again []byte
		if again, err = encode(codec, text); err == nil && !bytes.Equal(again, body) {
			err = errUndecodable
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: some bytes are not text in the encoding %q of the coding comment (line %d); correct the comment, or save the file as UTF-8 without it", path, name, line)
	}
	return newFile(path, text, name, false), nil
}

// Encode returns the bytes of the file on disk. The error names the file, and
// the line and character that do not fit its encoding.
func (f *File) Encode() ([]byte, error) {
	if f.encoding == utf8Name || f.encoding == "" {
		if !utf8.ValidString(f.Text) {
			return nil, fmt.Errorf("%s:%d: byte %#02x is not valid UTF-8", f.Path, invalidLine(f.Text), invalidByte(f.Text))
		}
		if f.bom {
			return []byte(utf8BOM + f.Text), nil
		}
		return []byte(f.Text), nil
	}
	codec := codecByName[codecKey(f.encoding)]
	raw, err := encode(codec, f.Text)
	if err == nil {
		return raw, nil
	}
	for i, r := range f.Text {
		if r < utf8.RuneSelf {
			continue
		}
		if _, err := encode(codec, string(r)); err != nil {
			return nil, fmt.Errorf("%s:%d: character %q does not fit the file's encoding %q; save the file as UTF-8 first", f.Path, f.LineOf(i), r, f.encoding)
		}
	}
	return nil, fmt.Errorf("%s: the text does not fit the file's encoding %q: %w", f.Path, f.encoding, err)
}

func encode(codec encoding.Encoding, text string) ([]byte, error) {
	if windows(codec) && strings.ContainsFunc(text, isC1) {
		return nil, errUndecodable
	}
	return codec.NewEncoder().Bytes([]byte(text))
}

func isC1(r rune) bool { return 0x80 <= r && r <= 0x9f }

func invalidByte(text string) byte { return text[invalidOffset(text)] }

func invalidLine(text string) int {
	return len(lineStarts(text[:invalidOffset(text)]))
}

// invalidOffset finds the first byte that is not UTF-8 in text that has one.
func invalidOffset(text string) int {
	for i, r := range text {
		if r == utf8.RuneError {
			if _, size := utf8.DecodeRuneInString(text[i:]); size == 1 {
				return i
			}
		}
	}
	return len(text) - 1
}

// cookieComment and blankLine are cookie_re and blank_re of CPython's
// Lib/tokenize.py.
var (
	cookieComment = regexp.MustCompile(`^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)`)
	blankLine     = regexp.MustCompile(`^[ \t\f]*(?:[#\r\n]|$)`)
)

// cookie returns the encoding that a comment in line 1 or 2 names, and that
// line; "" when there is none. A comment in line 2 counts only when line 1 is
// blank or a comment.
func cookie(raw []byte) (name string, line int) {
	for line = 1; line <= 2; line++ {
		text := raw
		raw = nil
		if i := bytes.IndexAny(text, "\r\n"); i >= 0 {
			rest := text[i+1:]
			if text[i] == '\r' {
				rest = bytes.TrimPrefix(rest, []byte("\n"))
			}
			text, raw = text[:i], rest
		}
		if m := cookieComment.FindSubmatch(text); m != nil {
			return normalName(string(m[1])), line
		}
		if !blankLine.Match(text) {
			break
		}
	}
	return "", 0
}

// normalName is _get_normal_name of CPython's Lib/tokenize.py: it shortens the
// names of UTF-8 and Latin-1, which editors lengthen ("utf-8-unix"). Other names
// come back in lower case with hyphens.
func normalName(name string) string {
	enc := strings.ReplaceAll(strings.ToLower(name), "_", "-")
	head := enc[:min(len(enc), 12)]
	if head == utf8Name || strings.HasPrefix(head, "utf-8-") {
		return utf8Name
	}
	for _, latin := range []string{"latin-1", "iso-8859-1", "iso-latin-1"} {
		if head == latin || strings.HasPrefix(head, latin+"-") {
			return "iso-8859-1"
		}
	}
	return enc
}
