package disk

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const ignoring = `
-- .gitignore --
# a comment
build/
/dist
*.gen.py
!keep.gen.py
docs/*.py
a/**/z.py
all/**
!all/kept.py
\#odd.py
with\ blank.py   
{b}.py
[xy].py
tail.py/
-- build/b.py --
-- src/build/b.py --
-- dist/d.py --
-- src/dist/d.py --
-- x.gen.py --
-- keep.gen.py --
-- docs/conf.py --
-- docs/deep/conf.py --
-- a/z.py --
-- a/b/c/z.py --
-- all/gone.py --
-- all/kept.py --
-- all/deep/gone.py --
-- #odd.py --
-- with blank.py --
-- {b}.py --
-- b.py --
-- x.py --
-- z.py --
-- tail.py --
-- sub/.gitignore --
/top.py
!*.gen.py
-- sub/top.py --
-- sub/deep/top.py --
-- sub/y.gen.py --
-- excluded.py --
`

// TestIgnoreFilesAsGitReadsThem compares the walk with what git itself lists.
func TestIgnoreFilesAsGitReadsThem(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	dir := unpack(t, ignoring)
	git := func(args ...string) string {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(args, err)
		}
		return string(out)
	}
	git("init", "-q")
	if err := os.WriteFile(filepath.Join(dir, ".git", "info", "exclude"), []byte("excluded.py\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, name := range strings.Split(strings.TrimSuffix(git("-c", "core.excludesFile=", "ls-files", "-o", "-z", "--exclude-standard"), "\x00"), "\x00") {
		if hasPythonName(name) {
			want = append(want, name)
		}
	}
	slices.Sort(want)
	if len(want) < 9 {
		t.Fatal("git lists too little:", want)
	}
	if got := Open(dir, []string{"."}).Paths(); !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := Open(filepath.Join(dir, "sub"), []string{"."}).Paths(); !slices.Equal(got, []string{"deep/top.py", "y.gen.py"}) {
		t.Errorf("in sub: %q", got)
	}
	if got := Open(dir, []string{"x.gen.py", "build"}).Paths(); !slices.Equal(got, []string{"build/b.py", "x.gen.py"}) {
		t.Errorf("named: %q", got)
	}
}

func TestIgnoreFileOfAnything(t *testing.T) {
	for _, text := range []string{"", "/", "!", "!/", "[", "[a", "\\", "a\\", "**", "***", "/**/", "\xff", "\ufeff*.py", "{", "a{b,c}"} {
		rules := parseIgnore(text)
		g := &ignores{base: string(filepath.Separator), rules: rules}
		g.match(filepath.Join(g.base, "a", "b.py"), false)
		if text == "\ufeff*.py" && !g.match(filepath.Join(g.base, "b.py"), false) {
			t.Error("byte order mark")
		}
	}
	if bytes.Contains([]byte(parseIgnore("a ")[0].glob), []byte(" ")) {
		t.Error("trailing blank")
	}
}
