package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/syntax"
)

// surroundings is an App in a new folder that holds main.py.
func surroundings(t *testing.T, text string) (app *App, stdout, stderr *bytes.Buffer) {
	t.Helper()
	stdout, stderr = &bytes.Buffer{}, &bytes.Buffer{}
	app = &App{
		Stdin:  strings.NewReader(""),
		Stdout: stdout,
		Stderr: stderr,
		Dir:    t.TempDir(),
		Getenv: func(string) string { return "" },
		Rules:  demoRules(),
	}
	if err := os.WriteFile(filepath.Join(app.Dir, "main.py"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return app, stdout, stderr
}

const loud = "import multiprocessing\nloud()\n"

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

func TestClosedStandardOutputEndsQuietly(t *testing.T) {
	for _, args := range [][]string{{}, {"--diff", "-q"}, {"rules"}, {"--help"}, {"explain", "MPF901"}} {
		app, _, stderr := surroundings(t, loud)
		app.Stdout = failingWriter{&os.PathError{Op: "write", Path: "|1", Err: syscall.EPIPE}}
		if code := app.Run(context.Background(), args); code > exitFindings || stderr.Len() > 0 {
			t.Errorf("%v: code %d, %s", args, code, stderr)
		}
	}
}

func TestFullStandardOutputIsAnError(t *testing.T) {
	app, _, stderr := surroundings(t, loud)
	app.Stdout = failingWriter{syscall.ENOSPC}
	if code := app.Run(context.Background(), nil); code != exitUsage || !strings.HasPrefix(stderr.String(), "mpfix: standard output: ") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

func TestFilesAreWrittenWhateverBecomesOfStandardOutput(t *testing.T) {
	app, _, _ := surroundings(t, loud)
	second := filepath.Join(app.Dir, "second.py")
	if err := os.WriteFile(second, []byte(loud), 0o644); err != nil {
		t.Fatal(err)
	}
	app.Stdout = failingWriter{syscall.EPIPE}
	if code := app.Run(context.Background(), []string{"--write"}); code != exitClean {
		t.Error("code", code)
	}
	if raw, err := os.ReadFile(second); err != nil || !strings.Contains(string(raw), "quiet()") {
		t.Errorf("%s %v", raw, err)
	}
}

func TestInterrupted(t *testing.T) {
	app, stdout, stderr := surroundings(t, loud)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if code := app.Run(ctx, []string{"--write"}); code != exitInterrupted || stderr.String() != "mpfix: interrupted\n" || stdout.Len() > 0 {
		t.Errorf("code %d, %s%s", code, stdout, stderr)
	}
	if raw, _ := os.ReadFile(filepath.Join(app.Dir, "main.py")); string(raw) != loud {
		t.Errorf("%s", raw)
	}
}

func TestFaults(t *testing.T) {
	app, _, stderr := surroundings(t, loud)
	app.Rules = []*rule.Rule{{ID: "MPF999", Name: "no-query", Query: "((("}}
	if code := app.Run(context.Background(), nil); code != exitFault || stderr.Len() == 0 {
		t.Errorf("code %d, %s", code, stderr)
	}

	app, _, stderr = surroundings(t, loud)
	app.Getenv = func(string) string { panic("no environment") }
	if code := app.Run(context.Background(), []string{"--output-format", "github"}); code != exitFault ||
		!strings.HasPrefix(stderr.String(), "mpfix: mpfix failed: no environment; please report") {
		t.Errorf("code %d, %s", code, stderr)
	}
}

func TestFileChangedWhileItWasLookedAt(t *testing.T) {
	app, stdout, stderr := surroundings(t, loud)
	path := filepath.Join(app.Dir, "main.py")
	theirs := "import multiprocessing\n# of somebody else\n"
	check := app.Rules[0].Check
	r := *app.Rules[0]
	r.Check = func(p *rule.Pass, m syntax.Match) {
		if err := os.WriteFile(path, []byte(theirs), 0o644); err != nil {
			t.Error(err)
		}
		check(p, m)
	}
	app.Rules = []*rule.Rule{&r}
	if code := app.Run(context.Background(), []string{"--write"}); code != exitUsage ||
		stderr.String() != "mpfix: main.py: not written: changed on disk since it was read\n" {
		t.Errorf("code %d, %s", code, stderr)
	}
	if strings.Contains(stdout.String(), "main.py: fixed") || !strings.HasSuffix(stdout.String(), "\n0 fixed, 1 finding left.\n") {
		t.Error(stdout)
	}
	if raw, err := os.ReadFile(path); err != nil || string(raw) != theirs {
		t.Errorf("%s %v", raw, err)
	}
}

func TestEqualOutputWhateverTheJobs(t *testing.T) {
	app, first, _ := surroundings(t, loud+"shaky()\nhard()\n")
	for _, name := range []string{"a.py", "b.py", "c.py"} {
		if err := os.WriteFile(filepath.Join(app.Dir, name), []byte(loud+"hard(); shaky()\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	app.Run(context.Background(), []string{"--jobs", "1"})
	for _, args := range [][]string{{"-j8", "."}, {"-j2", "main.py", "c.py", "b.py", "a.py"}} {
		var out bytes.Buffer
		app.Stdout = &out
		app.Run(context.Background(), args)
		if out.String() != first.String() || out.Len() == 0 {
			t.Errorf("%v:\n%s", args, out.String())
		}
	}
}

func TestVersion(t *testing.T) {
	info := &debug.BuildInfo{GoVersion: "go1.26.0"}
	if got := versionOf(info); got != "devel (go1.26.0)" {
		t.Error(got)
	}
	info.Settings = []debug.BuildSetting{{Key: "vcs.revision", Value: "0123456789abcdef"}, {Key: "vcs.modified", Value: "true"}}
	if got := versionOf(info); got != "devel 0123456789ab modified (go1.26.0)" {
		t.Error(got)
	}
	info.Main.Version = "v1.2.3"
	if got := versionOf(info); got != "v1.2.3 (go1.26.0)" {
		t.Error(got)
	}
	version = "v9"
	defer func() { version = "" }()
	if got := versionText(); got != "v9" {
		t.Error(got)
	}
}

func TestStickyWriter(t *testing.T) {
	s := &stickyWriter{w: failingWriter{syscall.EPIPE}}
	if n, err := s.Write([]byte("ab")); n != 2 || err != nil || !s.closed() || !errors.Is(s.err, syscall.EPIPE) {
		t.Error(n, err, s.err)
	}
}
