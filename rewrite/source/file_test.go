package source

import (
	"errors"
	"io/fs"
	"slices"
	"testing"
)

func TestLines(t *testing.T) {
	f := New("m.py", "a\r\nbü\rc\f\n\nd")
	want := []string{"a", "bü", "c\f", "", "d"}
	if f.LineCount() != len(want) {
		t.Fatalf("%d lines", f.LineCount())
	}
	for i, text := range want {
		if got := f.Line(i + 1); got != text {
			t.Errorf("line %d is %q, want %q", i+1, got, text)
		}
	}
	for offset, want := range map[int][2]int{
		-5: {1, 1}, 0: {1, 1}, 1: {1, 2}, 2: {1, 3}, 3: {2, 1}, 4: {2, 2}, 5: {2, 2}, 6: {2, 3}, 7: {3, 1},
		9: {3, 3}, 10: {4, 1}, 11: {5, 1}, 12: {5, 2}, 99: {5, 2},
	} {
		line, column := f.Position(offset)
		if line != want[0] || column != want[1] || f.LineOf(offset) != line {
			t.Errorf("offset %d is at %d:%d, want %v", offset, line, column, want)
		}
	}
	if f.Line(0) != "" || f.Line(6) != "" || f.LineStart(6) != 12 || f.LineEnd(99) != 12 || f.LineStart(-1) != 0 {
		t.Error("lines outside the file")
	}
}

func TestLineCount(t *testing.T) {
	for text, want := range map[string]int{"": 0, "a": 1, "a\n": 1, "\n": 1, "a\n\n": 2, "a\r": 1, "a\r\nb": 2} {
		f := New("m.py", text)
		if got := f.LineCount(); got != want {
			t.Errorf("%q has %d lines, want %d", text, got, want)
		}
	}
	f := New("m.py", "a\n")
	if f.LineOf(2) != 2 || f.LineStart(2) != 2 || f.LineEnd(2) != 2 || f.LineOf(1) != 1 {
		t.Error("the end of the text is on the line after the last")
	}
}

func TestNewline(t *testing.T) {
	for text, want := range map[string]string{
		"": "\n", "a": "\n", "a\n": "\n", "a\r\nb": "\r\n", "a\rb\r": "\r",
		"a\r\nb\nc\n": "\n", "a\nb\r\nc\r\n": "\r\n", "a\r\nb\n": "\r\n",
	} {
		if got := New("m.py", text).Newline; got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestIndent(t *testing.T) {
	cases := []struct{ title, text, want string }{
		{"none", "x = 1\n", "    "},
		{"two", "if x:\n  y\n", "  "},
		{"tab", "if x:\n\ty\n\tif z:\n\t\tw\n", "\t"},
		{"nested", "def f():\n   if x:\n      y\n   return\n", "   "},
		{"call arguments", "f(a,\n  b)\ng({\n  'x':\n    1})\nif x:\n    y\n", "    "},
		{"doc string", "'''\nif x:\n  y\nif x:\n  y\n'''\ndef f():\n    '''a:\n  b\n    '''\n", "    "},
		{"backslash", "if x and \\\n  y:\n    z\n", "    "},
		{"comments", "if x:\n  # odd\n    y\n", "    "},
		{"comment behind the colon", "if x:  # why\n  y\n", "  "},
		{"string with quotes", "if x == \"it's\":\n  y\n", "  "},
		{"most used", "if a:\n  b\nif a:\n    b\nif c:\n    d\n", "    "},
		{"tie", "if a:\n        b\nif c:\n  d\n", "  "},
		{"stray quote", "x = 'oops\nif a:\n  b\n", "  "},
		{"blank lines", "if x:\n\n   \n\n  y\n", "  "},
		{"crlf", "if x:\r\n  y\r\n", "  "},
		{"cr", "if x:\r  y\r", "  "},
		{"form feed", "if x:\n  y\n\f\nif z:\n  w\n", "  "},
		{"dictionary", "x = {1:\n          2}\n", "    "},
	}
	for _, c := range cases {
		if got := New("m.py", c.text).Indent; got != c.want {
			t.Errorf("%s: %q, want %q", c.title, got, c.want)
		}
	}
}

func TestWithKeepsStyle(t *testing.T) {
	f := New("m.py", "if x:\r\n  y\r\n")
	g := f.With("z")
	if g == f || g.Path != f.Path || g.Newline != "\r\n" || g.Indent != "  " || g.Text != "z" || g.LineCount() != 1 || f.LineCount() != 2 {
		t.Errorf("got %+v", g)
	}
}

func TestSpan(t *testing.T) {
	f, g := New("m.py", "0123456789"), New("m.py", "0123456789")
	span := func(a, b int) Span { return Span{f, a, b} }
	if got := span(2, 5).Text(); got != "234" {
		t.Errorf("text %q", got)
	}
	for _, s := range []Span{{f, -1, 2}, {f, 3, 2}, {f, 0, 11}, {nil, 0, 0}} {
		if s.Valid() || s.Text() != "" {
			t.Errorf("%d to %d is valid", s.Start, s.End)
		}
	}
	cases := []struct {
		a, b               Span
		contains, overlaps bool
	}{
		{span(2, 6), span(2, 6), true, true},
		{span(2, 6), span(3, 4), true, true},
		{span(2, 6), span(1, 4), false, true},
		{span(2, 6), span(6, 8), false, false},
		{span(2, 6), span(6, 6), true, false},
		{span(2, 6), span(4, 4), true, true},
		{span(4, 4), span(4, 4), true, false},
		{span(2, 6), Span{g, 3, 4}, false, false},
	}
	for _, c := range cases {
		if c.a.Contains(c.b) != c.contains || c.a.Overlaps(c.b) != c.overlaps || c.b.Overlaps(c.a) != c.overlaps {
			t.Errorf("%d-%d and %d-%d: contains %v, overlaps %v", c.a.Start, c.a.End, c.b.Start, c.b.End, c.a.Contains(c.b), c.a.Overlaps(c.b))
		}
	}
}

// lazy is a Snapshot that has a file it does not list.
type lazy struct {
	Snapshot
	hidden *File
}

func (l lazy) File(path string) (*File, error) {
	if path == l.hidden.Path {
		return l.hidden, nil
	}
	return l.Snapshot.File(path)
}

func TestSnapshots(t *testing.T) {
	a, b, h := New("a.py", "1"), New("b.py", "2"), New("h.py", "3")
	base := lazy{Memory(b, a), h}
	if got := base.Paths(); !slices.Equal(got, []string{"a.py", "b.py"}) {
		t.Errorf("paths %v", got)
	}
	a2, c, h2 := a.With("4"), New("0.py", "5"), h.With("6")
	changed := map[string]*File{"a.py": a2, "0.py": c, "b.py": nil, "h.py": h2}
	over := Overlay(base, changed)
	delete(changed, "a.py") // the overlay does not change
	if got := over.Paths(); !slices.Equal(got, []string{"0.py", "a.py"}) {
		t.Errorf("paths %v", got)
	}
	for path, want := range map[string]*File{"a.py": a2, "0.py": c, "h.py": h2} {
		if got, err := over.File(path); got != want || err != nil {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
	for _, path := range []string{"b.py", "none.py"} {
		if _, err := over.File(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: %v", path, err)
		}
	}
	if got, err := base.File("a.py"); got != a || err != nil {
		t.Error("the base changed")
	}
}
