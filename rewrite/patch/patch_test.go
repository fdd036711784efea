package patch

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/mpfix/mpfix/rewrite/source"
)

func unified(t testing.TB, before, after *source.File, name string) string {
	t.Helper()
	out, err := Unified(before, after, name)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// roundTrip applies the patch to before with a tool and compares with after.
func roundTrip(t *testing.T, name string, before, after *source.File, tool ...string) {
	t.Helper()
	dir := t.TempDir()
	file := filepath.Join(dir, filepath.FromSlash(name))
	old, err := before.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want, err := after.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, old, 0o644); err != nil {
		t.Fatal(err)
	}
	diff := unified(t, before, after, name)
	if _, err := exec.LookPath(tool[0]); err != nil {
		t.Skip(err)
	}
	cmd := exec.Command(tool[0], tool[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	cmd.Stdin = strings.NewReader(diff)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %v\n%s\n%s", tool, err, out, diff)
	}
	got, err := os.ReadFile(file)
	if err != nil && len(want) > 0 { // patch may remove what became empty
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%v gives %q, want %q by\n%s", tool, got, want, diff)
	}
}

var (
	gitApply = []string{"git", "apply", "--whitespace=nowarn"}
	patchP1  = []string{"patch", "-p1", "--binary", "--no-backup-if-mismatch"}
)

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line%d()\n", i)
	}
	return b.String()
}

func TestUnifiedGolden(t *testing.T) {
	before := source.New("m.py", numbered(1, 30))
	text := strings.Replace(before.Text, "line2()\n", "two()\n", 1)
	text = strings.Replace(text, "line9()\n", "", 1)
	text = strings.Replace(text, "line25()\n", "line25()\nnew()\n", 1)
	want := `diff --git a/pkg/m.py b/pkg/m.py
--- a/pkg/m.py
+++ b/pkg/m.py
@@ -1,12 +1,11 @@
 line1()
-line2()
+two()
 line3()
 line4()
 line5()
 line6()
 line7()
 line8()
-line9()
 line10()
 line11()
 line12()
@@ -23,6 +22,7 @@
 line23()
 line24()
 line25()
+new()
 line26()
 line27()
 line28()
`
	if got := unified(t, before, before.With(text), "./pkg/m.py"); got != want {
		t.Errorf("got\n%s", got)
	}
}

func TestContextThatMeetsIsShared(t *testing.T) {
	before := source.New("m.py", numbered(1, 20))
	for gap, want := range map[int]int{6: 1, 7: 2} {
		text := strings.Replace(before.Text, "line5()", "x()", 1)
		text = strings.Replace(text, fmt.Sprintf("line%d()", 5+gap+1), "y()", 1)
		if got := len(Lines(before, before.With(text))); got != want {
			t.Errorf("%d lines between: %d hunks, want %d", gap, got, want)
		}
	}
}

func TestUnifiedEqual(t *testing.T) {
	f := source.New("m.py", "x = 1\n")
	if out, err := Unified(f, f.With(f.Text), "m.py"); out != nil || err != nil {
		t.Errorf("got %q, %v", out, err)
	}
	if hs := Lines(f, f.With(f.Text)); hs != nil {
		t.Errorf("got %v", hs)
	}
}

func TestUnifiedErrors(t *testing.T) {
	f := source.New("m.py", "x\n")
	for _, name := range []string{"", ".", "/"} {
		if _, err := Unified(f, f.With("y\n"), name); err == nil {
			t.Errorf("no error for name %q", name)
		}
	}
	if _, err := Unified(nil, f, "m.py"); err == nil {
		t.Error("no error without a file")
	}
	latin, err := source.Decode("l.py", []byte("# coding: latin-1\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Unified(latin, latin.With("# coding: latin-1\n'\u4e2d'\n"), "l.py"); err == nil {
		t.Error("no error for a character that does not fit")
	}
}

func decoded(t *testing.T, raw string) *source.File {
	t.Helper()
	f, err := source.Decode("m.py", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestToolsTakeIt(t *testing.T) {
	cases := []struct{ title, name, before, after string }{
		{"change", "m.py", "a\nb\nc\n", "a\nB\nc\n"},
		{"folder", "p/q/m.py", "a\nb\nc\n", "a\nB\nc\n"},
		{"from empty", "m.py", "", "a\nb\n"},
		{"from empty, no newline", "m.py", "", "a"},
		{"to empty", "m.py", "a\nb\n", ""},
		{"insert at start", "m.py", "a\nb\n", "x\na\nb\n"},
		{"insert at end", "m.py", "a\nb\n", "a\nb\nx\n"},
		{"delete all but one", "m.py", "a\nb\nc\n", "b\n"},
		{"newline lost", "m.py", "a\nb\n", "a\nb"},
		{"newline added", "m.py", "a\nb", "a\nb\n"},
		{"no newline in both", "m.py", "a\nb", "x\nb"},
		{"no newline, last changed", "m.py", "a\nb", "a\nc"},
		{"crlf", "m.py", "a\r\nb\r\nc\r\n", "a\r\nB\r\nc\r\n"},
		{"mixed newlines", "m.py", "a\r\nb\nc\r\nd", "a\nb\r\nc\r\nD"},
		{"lone cr", "m.py", "a\rb\rc\r", "a\rB\rc\r"},
		{"bom", "m.py", "\ufeffa\nb\n", "\ufeffx\nb\n"},
		{"form feed", "m.py", "a\n\f\nb\n", "a\n\f\nc\n"},
		{"blank in name", "my file.py", "a\n", "b\n"},
		{"umlaut in name", "größe/ü.py", "a\n", "b\n"},
		{"quotes in name", "a\"b\\c.py", "a\n", "b\n"},
		{"tab in name", "a\tb c.py", "a\n", "b\n"},
		{"dash lines", "m.py", "-- x\n++ y\n", "-- y\n++ x\n"},
	}
	for _, c := range cases {
		t.Run(c.title, func(t *testing.T) {
			before, after := decoded(t, c.before), decoded(t, c.after)
			roundTrip(t, c.name, before, after, gitApply...)
			roundTrip(t, c.name, before, after, patchP1...)
		})
	}
	t.Run("latin-1", func(t *testing.T) {
		before := decoded(t, "# -*- coding: latin-1 -*-\nx = '\xe4'\ny = 1\n")
		after := before.With(strings.Replace(before.Text, "y = 1", "y = 'ö'", 1))
		if out := unified(t, before, after, "m.py"); !strings.Contains(out, "\n+y = '\xf6'\n") || !strings.Contains(out, "\n x = '\xe4'\n") {
			t.Errorf("not in the file's encoding: %q", out)
		}
		roundTrip(t, "m.py", before, after, gitApply...)
	})
}

func TestQuote(t *testing.T) {
	for name, want := range map[string]string{
		"a/x.py":       "a/x.py",
		"a/b c.py":     "a/b c.py",
		"a/ü.py":       `"a/\303\274.py"`,
		"a/\t\n\a\r":   `"a/\t\n\a\r"`,
		"a/\x01\x7f\"": `"a/\001\177\""`,
		`a/b\c`:        `"a/b\\c"`,
	} {
		if got := quote(name); got != want {
			t.Errorf("quote(%q) = %s, want %s", name, got, want)
		}
	}
}

// mutate makes random line edits; a small alphabet makes lines repeat.
func mutate(r *rand.Rand, lines []string) []string {
	out := slices.Clone(lines)
	for range 1 + r.Intn(6) {
		at := r.Intn(len(out) + 1)
		n := min(r.Intn(4), len(out)-at)
		out = slices.Replace(out, at, at+n, randomLines(r, r.Intn(4))...)
	}
	return out
}

func randomLines(r *rand.Rand, n int) []string {
	ends := []string{"\n", "\n", "\n", "\r\n"}
	var out []string
	for range n {
		out = append(out, strings.Repeat("    ", r.Intn(3))+string(rune('a'+r.Intn(5)))+ends[r.Intn(len(ends))])
	}
	return out
}

func joined(r *rand.Rand, lines []string) string {
	text := strings.Join(lines, "")
	if r.Intn(3) == 0 {
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

// TestRandomPatches applies one patch to many files at once, to start git once.
func TestRandomPatches(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	dir := t.TempDir()
	var all bytes.Buffer
	want := map[string]string{}
	for i := range 300 {
		lines := randomLines(r, r.Intn(40))
		before := source.New("m.py", joined(r, lines))
		after := before.With(joined(r, mutate(r, lines)))
		name := fmt.Sprintf("f%d.py", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(before.Text), 0o644); err != nil {
			t.Fatal(err)
		}
		all.WriteString(unified(t, before, after, name))
		want[name] = after.Text
	}
	cmd := exec.Command(gitApply[0], gitApply[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir), "GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL="+os.DevNull)
	cmd.Stdin = &all
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != text {
			t.Errorf("%s: got %q, want %q", name, got, text)
		}
	}
}

// lcs is the length of a longest common subsequence, by the textbook.
func lcs(a, b []string) int {
	row := make([]int, len(b)+1)
	for _, x := range a {
		diagonal := 0
		for j, y := range b {
			above := row[j+1]
			if x == y {
				row[j+1] = diagonal + 1
			} else {
				row[j+1] = max(row[j+1], row[j])
			}
			diagonal = above
		}
	}
	return row[len(b)]
}

func TestDiffIsLeast(t *testing.T) {
	r := rand.New(rand.NewSource(2))
	for range 500 {
		a := randomLines(r, r.Intn(25))
		b := mutate(r, a)
		blocks := align(a, b, diff(a, b))
		var got []string
		at, changed := 0, 0
		for n, k := range blocks {
			got = append(append(got, a[at:k.aStart]...), b[k.bStart:k.bEnd]...)
			if n > 0 && k.aStart <= blocks[n-1].aEnd {
				t.Fatalf("blocks touch: %v", blocks)
			}
			at = k.aEnd
			changed += k.aEnd - k.aStart + k.bEnd - k.bStart
		}
		got = append(got, a[at:]...)
		if !slices.Equal(got, b) {
			t.Fatalf("%q by %v gives %q, want %q", a, blocks, got, b)
		}
		if want := len(a) + len(b) - 2*lcs(a, b); changed != want {
			t.Errorf("%q to %q: %d lines changed, %d would do", a, b, changed, want)
		}
	}
}

func TestManyDistinctLines(t *testing.T) {
	const n = 150_000
	lines := make([]string, n)
	for i := range lines {
		lines[i] = fmt.Sprintf("%d\n", i)
	}
	before := source.New("m.py", strings.Join(lines, ""))
	changed := slices.Clone(lines)
	changed[10], changed[60_000], changed[n-10] = "x\n", "", "y\nz\n"
	after := before.With(strings.Join(changed, ""))
	out := unified(t, before, after, "m.py")
	if got := strings.Count(out, "\n@@ "); got != 3 {
		t.Errorf("%d hunks, want 3", got)
	}
	roundTrip(t, "m.py", before, after, gitApply...)

	for i := range changed {
		changed[i] = "new " + lines[i]
	}
	if hs := Lines(before, before.With(strings.Join(changed, ""))); len(hs) != 1 || hs[0].NewCount != n {
		t.Errorf("a file of other lines gives %d hunks", len(hs))
	}
}

func TestInsertedFunctionStaysWhole(t *testing.T) {
	before := source.New("m.py", "def a():\n    x()\n    return 1\n\n\ndef c():\n    y()\n    return 1\n")
	after := before.With("def a():\n    x()\n    return 1\n\n\ndef b():\n    z()\n    return 1\n\n\ndef c():\n    y()\n    return 1\n")
	out := unified(t, before, after, "m.py")
	if want := "+def b():\n+    z()\n+    return 1\n+\n+\n def c():\n"; !strings.Contains(out, want) {
		t.Errorf("got\n%s", out)
	}
}

func changedWords(l Line) []string {
	var list []string
	for _, r := range l.Changed {
		list = append(list, l.Text[r.Start:r.End])
	}
	return list
}

func TestHighlight(t *testing.T) {
	before := source.New("m.py", "p = Process(target=work, args=(größe,))\n")
	after := before.With("p = ctx.Process(target=work, args=(größe, queue))\n")
	hs := Lines(before, after)
	if len(hs) != 1 || len(hs[0].Lines) != 2 {
		t.Fatalf("got %+v", hs)
	}
	if got := changedWords(hs[0].Lines[0]); len(got) != 0 {
		t.Errorf("old line: %q", got)
	}
	if got, want := changedWords(hs[0].Lines[1]), []string{"ctx.", " queue"}; !slices.Equal(got, want) {
		t.Errorf("new line: %q, want %q", got, want)
	}
}

func TestHighlightIndentation(t *testing.T) {
	before := source.New("m.py", "p.start()\np.join()\n")
	after := before.With("if __name__ == '__main__':\n    p.start()\n    p.join()\n")
	lines := Lines(before, after)[0].Lines
	want := [][]string{nil, nil, nil, {"    "}, {"    "}}
	for i, l := range lines {
		if got := changedWords(l); !slices.Equal(got, want[i]) {
			t.Errorf("%c%s: %q, want %q", l.Kind, l.Text, got, want[i])
		}
	}
}

func TestHighlightRangesAreWholeCharacters(t *testing.T) {
	r := rand.New(rand.NewSource(3))
	alphabet := []rune("aä中 (\t,\U0001f600")
	text := func() string {
		var b strings.Builder
		for range r.Intn(30) {
			b.WriteRune(alphabet[r.Intn(len(alphabet))])
		}
		return b.String() + "\n"
	}
	for range 300 {
		before := source.New("m.py", text()+text())
		for _, h := range Lines(before, before.With(text()+text())) {
			for _, l := range h.Lines {
				last := 0
				for _, c := range l.Changed {
					if c.Start < last || c.End <= c.Start || c.End > len(l.Text) || !utf8.ValidString(l.Text[c.Start:c.End]) {
						t.Fatalf("%q: ranges %v", l.Text, l.Changed)
					}
					last = c.End
				}
			}
		}
	}
}
