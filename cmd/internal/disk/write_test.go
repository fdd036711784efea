package disk

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// leftovers fails the test when a temporary file stayed behind.
func leftovers(t *testing.T, dir string) {
	t.Helper()
	found, _ := filepath.Glob(filepath.Join(dir, ".mpfix-*"))
	if len(found) > 0 {
		t.Error("left behind:", found)
	}
}

func TestWriteKeepsBytesAndMode(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.py")
	raw := "\xef\xbb\xbfx = 1\r\ny = 'ä'"
	if err := os.WriteFile(path, []byte(raw), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o751); err != nil {
		t.Fatal(err)
	}
	tree := Open(dir, []string{"."})
	f, err := tree.File("a.py")
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(f.With(strings.Replace(f.Text, "1", "2", 1))); err != nil {
		t.Fatal(err)
	}
	if got := read(t, path); got != strings.Replace(raw, "1", "2", 1) {
		t.Errorf("%q", got)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm() != 0o751 {
		t.Error(info.Mode())
	}
	leftovers(t, dir)
}

func TestWriteFollowsSymbolicLinks(t *testing.T) {
	dir := unpack(t, "-- real/a.py --\nx = 1\n")
	link := filepath.Join(mkdir(t, dir, "links"), "b.py")
	symlink(t, filepath.Join("..", "real", "a.py"), link)
	tree := Open(dir, []string{"links/b.py"})
	f, err := tree.File("links/b.py")
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(f.With("x = 2\n")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 {
		t.Error("the link is gone", err)
	}
	if got := read(t, filepath.Join(dir, "real", "a.py")); got != "x = 2\n" {
		t.Errorf("%q", got)
	}
}

func TestWriteOnlyWhatWasRead(t *testing.T) {
	dir := unpack(t, "-- a.py --\nx = 1\n-- b.py --\n-- c.py --\n# coding: latin-1\nx = 1\n")
	tree := Open(dir, []string{"."})
	f, err := tree.File("a.py")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "a.py")
	if err := os.WriteFile(path, []byte("x = 3\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(f.With("x = 2\n")); !errors.Is(err, ErrChanged) || !strings.HasPrefix(err.Error(), "a.py: ") {
		t.Error(err)
	}
	if got := read(t, path); got != "x = 3\n" {
		t.Errorf("%q", got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(f.With("x = 2\n")); err == nil || exists(path) {
		t.Error("a file that was removed came back", err)
	}

	c, err := tree.File("c.py")
	if err != nil {
		t.Fatal(err)
	}
	if err := tree.Write(c.With("# coding: latin-1\nx = '€'\n")); err == nil {
		t.Error("a character that does not fit was written")
	}
	if got := read(t, filepath.Join(dir, "c.py")); got != "# coding: latin-1\nx = 1\n" {
		t.Errorf("%q", got)
	}
	leftovers(t, dir)
}

func TestWriteRefusesReadOnly(t *testing.T) {
	dir := unpack(t, "-- a.py --\nx = 1\n")
	path := filepath.Join(dir, "a.py")
	tree := Open(dir, []string{"a.py"})
	f, err := tree.File("a.py")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	want := "x = 1\n"
	err = tree.Write(f.With("x = 2\n"))
	if os.Geteuid() == 0 && runtime.GOOS != "windows" {
		if err != nil { // whom the mode does not bind
			t.Error(err)
		}
		want = "x = 2\n"
	} else if err == nil || !strings.Contains(err.Error(), "read-only") {
		t.Error(err)
	}
	if os.Geteuid() != 0 && runtime.GOOS != "windows" {
		os.Chmod(path, 0o644)
		os.Chmod(dir, 0o555)
		defer os.Chmod(dir, 0o755)
		if err := tree.Write(f.With("x = 2\n")); err == nil || err.Error() != "a.py: not written: no permission to write in its folder" {
			t.Error(err)
		}
	}
	if got := read(t, path); got != want {
		t.Errorf("%q", got)
	}
	leftovers(t, dir)
}

// TestReplaceLeavesTheOldFileOnError changes the file between the first look and
// the rename.
func TestReplaceLeavesTheOldFileOnError(t *testing.T) {
	dir := unpack(t, "-- a.py --\nx = 1\n")
	path := filepath.Join(dir, "a.py")
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := replace(path, info, []byte("x = 2\n"), func() error { return ErrChanged }); !errors.Is(err, ErrChanged) {
		t.Error(err)
	}
	if got := read(t, path); got != "x = 1\n" {
		t.Errorf("%q", got)
	}
	leftovers(t, dir)
}
