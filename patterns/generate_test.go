package patterns_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// command runs a program in a folder and returns what it says.
func command(t *testing.T, dir, name string, args ...string) (string, error) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// generator builds generate.go.
func generator(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds the generator")
	}
	name := filepath.Join(t.TempDir(), "generate.exe")
	if out, err := command(t, ".", "go", "build", "-o", name, "generate.go"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return name
}

// TestGenerate checks that what is generated is fresh, and what -new makes: a
// folder that compiles and whose test fails until it is filled.
func TestGenerate(t *testing.T) {
	generate := generator(t)
	if out, err := command(t, ".", generate, "-check"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}

	root := t.TempDir()
	copyModule(t, "..", root)
	for _, bad := range [][]string{
		{"-new", "Some_Fault"}, {"-new", "import"}, {"-id", "MPF901"},
		{"-new", "some-fault", "-id", "MP1"}, {"-new", "some-fault", "-check"},
	} {
		if out, err := command(t, root, generate, bad...); err == nil {
			t.Errorf("%q passes: %s", bad, out)
		}
	}
	out, err := command(t, root, generate, "-new", "some-fault")
	if err != nil || !strings.HasPrefix(out, "MPF901 some-fault: fill ") {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := command(t, root, generate, "-new", "somefault"); err == nil {
		t.Errorf("the same folder twice: %s", out)
	}
	if out, err := command(t, root, generate, "-new", "other-fault", "-id", "MPF901"); err == nil {
		t.Errorf("the same ID twice: %s", out)
	}
	if out, err := command(t, filepath.Join(root, "patterns"), generate, "-check"); err != nil {
		t.Errorf("stale after -new: %v\n%s", err, out)
	}
	for name, wants := range map[string][]string{
		"patterns.go":         {"somefault.Rule,", `"github.com/mpfix/mpfix/patterns/somefault"`},
		"README.md":           {"| MPF901 | [some-fault](somefault/README.md) | error |", "| none |"},
		"somefault/README.md": {"# MPF901 some-fault\n", "## Fix and its safety\n", "process.start()\n    process.join()\n```", "| before | ok | ok | ok |"},
	} {
		raw, err := os.ReadFile(filepath.Join(root, "patterns", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range wants {
			if !strings.Contains(string(raw), want) {
				t.Errorf("%s lacks %q:\n%s", name, want, raw)
			}
		}
	}
	if out, err := command(t, root, "gofmt", "-l", "patterns"); err != nil || out != "" {
		t.Errorf("not formatted: %v %s", err, out)
	}
	if out, err := command(t, root, "go", "vet", "./patterns/somefault", "./patterns"); err != nil {
		t.Errorf("it does not compile: %v\n%s", err, out)
	}
	out, err = command(t, root, "go", "test", "-short", "./patterns/somefault")
	if err == nil {
		t.Errorf("the test of an empty pattern passes:\n%s", out)
	}
	for _, want := range []string{"README still says TODO", "title still says TODO", "story still says TODO", "main.py:10: some-fault: wanted, not reported"} {
		if !strings.Contains(out, want) {
			t.Errorf("the test does not say %q:\n%s", want, out)
		}
	}
}

// copyModule copies what a pattern needs to be built, and no other pattern.
func copyModule(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if d.IsDir() {
			if d.Name() == "testdata" || filepath.Dir(rel) == "patterns" || rel != "." && top != "rewrite" && top != "patterns" {
				return filepath.SkipDir
			}
			return os.MkdirAll(filepath.Join(to, rel), 0o755)
		}
		if strings.HasSuffix(rel, "_test.go") && top == "rewrite" || top == rel && rel != "go.mod" && rel != "go.sum" {
			return nil
		}
		raw, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), raw, 0o644)
	})
	if err != nil {
		t.Fatal(err)
	}
}
