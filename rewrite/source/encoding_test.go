package source

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestDecode(t *testing.T) {
	cases := []struct{ title, raw, text, encoding string }{
		{"empty", "", "", "utf-8"},
		{"utf-8", "x = 'ä'\n", "x = 'ä'\n", "utf-8"},
		{"bom", "\xef\xbb\xbfx = 1\n", "x = 1\n", "utf-8"},
		{"bom and comment", "\xef\xbb\xbf# coding: UTF8\n", "# coding: UTF8\n", "utf-8"},
		{"editor's utf-8", "# -*- coding: utf-8-unix -*-\n'ä'\n", "# -*- coding: utf-8-unix -*-\n'ä'\n", "utf-8"},
		{"latin-1", "# -*- coding: latin-1 -*-\n'\xe4\x80'\n", "# -*- coding: latin-1 -*-\n'ä\u0080'\n", "iso-8859-1"},
		{"latin-1 of an editor", "# coding=Latin_1-unix\n'\xe4'\n", "# coding=Latin_1-unix\n'ä'\n", "iso-8859-1"},
		{"second line", "#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\n'\xa4'\n", "#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\n'€'\n", "iso-8859-15"},
		{"second line, crlf", "\r\n# coding: cp1252\r\n'\x80'\r\n", "\r\n# coding: cp1252\r\n'€'\r\n", "cp1252"},
		{"not behind code", "import os\n# coding: latin-1\n'ä'\n", "import os\n# coding: latin-1\n'ä'\n", "utf-8"},
		{"not in line 3", "\n\n# coding: latin-1\n'ä'\n", "\n\n# coding: latin-1\n'ä'\n", "utf-8"},
		{"not in a string", "x = '# coding: latin-1'\n'ä'\n", "x = '# coding: latin-1'\n'ä'\n", "utf-8"},
		{"windows name", "# coding: windows-1251\n'\xcf'\n", "# coding: windows-1251\n'П'\n", "windows-1251"},
		{"japanese", "# coding: Shift_JIS\n'\x93\xfa'\n", "# coding: Shift_JIS\n'日'\n", "shift-jis"},
		{"euc-kr", "# coding: euc-kr\n'\xb0\xa1'\n", "# coding: euc-kr\n'가'\n", "euc-kr"},
		{"ascii", "# coding: us-ascii\nx\n", "# coding: us-ascii\nx\n", "us-ascii"},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			f, err := Decode("m.py", []byte(c.raw))
			if err != nil {
				t.Fatal(err)
			}
			if f.Text != c.text || f.Encoding() != c.encoding || f.Path != "m.py" {
				t.Errorf("got %q in %q", f.Text, f.Encoding())
			}
			again, err := f.Encode()
			if err != nil || string(again) != c.raw {
				t.Errorf("Encode gives %q, %v", again, err)
			}
			more, err := f.With(f.Text + "y = 2\n").Encode()
			if err != nil || string(more) != c.raw+"y = 2\n" {
				t.Errorf("Encode of a changed text gives %q, %v", more, err)
			}
		})
	}
}

func TestDecodeErrors(t *testing.T) {
	cases := []struct{ raw, want string }{
		{"x = 1\ny = '\xe4'\n", "m.py:2: byte 0xe4 is not valid UTF-8"},
		{"# coding: klingon\n", `m.py:1: unknown encoding "klingon"`},
		{"#!x\n# coding: utf-16\n", `m.py:2: unknown encoding "utf-16"`},
		{"# coding: rot13\n", "unknown encoding"},
		{"\xef\xbb\xbf# coding: latin-1\n", "byte order mark"},
		{"# coding: ascii\n'\xe4'\n", "not text in the encoding \"ascii\""},
		{"# coding: cp1252\n'\x81'\n", "not text in the encoding \"cp1252\""},
		{"# coding: shift_jis\n'\x93'\n", "not text"},
		{"\xff\xfex\x00", "not Python text"},
		{"x = 1\x00\n", "m.py: not Python text"},
	}
	for _, c := range cases {
		f, err := Decode("m.py", []byte(c.raw))
		if err == nil {
			t.Errorf("%q: no error, text %q", c.raw, f.Text)
		} else if !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "m.py") {
			t.Errorf("%q: error %q lacks %q", c.raw, err, c.want)
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	f, err := Decode("m.py", []byte("# coding: latin-1\n"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.With(f.Text + "x\ny = '中'\n").Encode()
	if err == nil || !strings.Contains(err.Error(), "m.py:3: character '中'") {
		t.Errorf("got %v", err)
	}
	if _, err := New("m.py", "a\n\xff").Encode(); err == nil || !strings.Contains(err.Error(), "m.py:2") {
		t.Errorf("got %v", err)
	}
}

// TestCodecs decodes each byte above 0x7f by itself: it comes back or is refused.
func TestCodecs(t *testing.T) {
	for _, codec := range codecs {
		for name := range strings.FieldsSeq(codec.names) {
			raw := []byte("# coding: " + name + "\nx = 'abc'  # ~!\"$%&/()=?`'\n")
			f, err := Decode("m.py", raw)
			if name == "hz" || strings.HasPrefix(name, "hz_") || name == "hzgb" {
				continue // "~" starts an escape there
			}
			if err != nil {
				t.Errorf("%s: %v", name, err)
			} else if f.Text != string(raw) {
				t.Errorf("%s does not extend ASCII: %q", name, f.Text)
			}
		}
	}
}

func FuzzDecode(f *testing.F) {
	for _, seed := range []string{"", "x\r\n", "\xef\xbb\xbf#", "# coding: cp1252\n\x80\x81", "# coding: gbk\n\xb0\xa1\x80", "#\n# coding: iso2022_jp\n\x1b$B8l\x1b(B", "# coding: big5\n\xa4\xe9\xff", "# coding: hz\n~{VP~}~~"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := Decode("m.py", raw)
		if err != nil {
			return
		}
		again, err := file.Encode()
		if err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("Encode gives %q, %v for %q", again, err, raw)
		}
		if !slices.Contains([]string{"\n", "\r\n", "\r"}, file.Newline) || file.Indent == "" {
			t.Fatalf("newline %q, indent %q", file.Newline, file.Indent)
		}
		for offset := range len(file.Text) + 1 {
			line, column := file.Position(offset)
			if line < 1 || column < 1 || file.LineStart(line) > offset {
				t.Fatalf("offset %d is at %d:%d", offset, line, column)
			}
		}
	})
}
