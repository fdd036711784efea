package disk

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestPut(t *testing.T) {
	folder := t.TempDir()
	elsewhere := filepath.Join(folder, "elsewhere")
	path := filepath.Join(folder, "mpfix.patch")
	if err := os.WriteFile(elsewhere, []byte("theirs"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(elsewhere, path); err != nil {
		t.Skip(err)
	}
	for _, text := range []string{"one", "two"} {
		if err := Put(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if got, _ := os.ReadFile(path); string(got) != text {
			t.Errorf("%s", got)
		}
	}
	if got, _ := os.ReadFile(elsewhere); string(got) != "theirs" {
		t.Errorf("the link was followed: %s", got)
	}
	if list, _ := os.ReadDir(folder); len(list) != 2 {
		t.Error(list)
	}
	err := Put(filepath.Join(folder, "gone", "x"), nil)
	if err == nil || !strings.HasSuffix(err.Error(), "x: no such file or folder") {
		t.Error(err)
	}
}

func TestAppend(t *testing.T) {
	path := filepath.Join(t.TempDir(), "summary")
	for range 2 {
		if err := Append(path, []byte("line\n")); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := os.ReadFile(path); string(got) != "line\nline\n" {
		t.Errorf("%s", got)
	}
	if err := Append(filepath.Join(path, "x"), nil); err == nil {
		t.Error("a file below a file")
	}
}
