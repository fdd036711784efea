package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/mpfix/mpfix/patterns"
	"github.com/mpfix/mpfix/rewrite/rule"
	"github.com/mpfix/mpfix/rewrite/trial"
)

// programsFolder holds whole programs, one in each folder: main.py is run,
// stdout.txt is what it should print, outcome.txt says which rules find something
// and how the program ends before and after mpfix mended it.
var programsFolder = filepath.Join("..", "..", "testdata", "programs")

// expectation is an outcome.txt.
type expectation struct {
	finds         []string // IDs, sorted
	before, after map[trial.Method]string
}

func readExpectation(t *testing.T, path string) expectation {
	t.Helper()
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	e := expectation{before: map[trial.Method]string{}, after: map[trial.Method]string{}}
	var methods []string
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		switch fields[0] {
		case "finds":
			e.finds = slices.DeleteFunc(fields[1:], func(s string) bool { return s == "nothing" })
		case "before", "after":
			row := e.before
			if fields[0] == "after" {
				row = e.after
			}
			for i, word := range fields[1:] {
				row[trial.Method(methods[i])] = word
			}
		default:
			methods = fields
		}
	}
	if len(e.before) != len(trial.Methods) || len(e.after) != len(trial.Methods) {
		t.Fatalf("%s: every start method has a word in each row:\n%s", path, raw)
	}
	return e
}

// mpfix runs the program with all patterns in a folder.
func mpfix(t *testing.T, dir string, args ...string) (stdout string, code int) {
	t.Helper()
	dir, err := filepath.Abs(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out, errs bytes.Buffer
	app := &App{
		Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs,
		Dir: dir, Getenv: func(string) string { return "" }, Rules: patterns.All(),
	}
	code = app.Run(context.Background(), args)
	if code > exitFindings {
		t.Errorf("mpfix %v: code %d\n%s", args, code, errs.String())
	}
	return out.String(), code
}

func pythonFiles(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	names, err := filepath.Glob(filepath.Join(dir, "*.py"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		files[filepath.Base(name)] = raw
	}
	return files
}

func TestPrograms(t *testing.T) {
	folders, err := filepath.Glob(filepath.Join(programsFolder, "*"))
	if err != nil || len(folders) == 0 {
		t.Fatal(err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			testProgram(t, folder)
		})
	}
}

func testProgram(t *testing.T, folder string) {
	want := readExpectation(t, filepath.Join(folder, "outcome.txt"))
	for _, id := range want.finds {
		if !slices.ContainsFunc(patterns.All(), func(r *rule.Rule) bool { return r.ID == id }) {
			t.Skip(id, "is not among the patterns")
		}
	}
	stdout, err := os.ReadFile(filepath.Join(folder, "stdout.txt"))
	if err != nil {
		t.Fatal(err)
	}
	before := pythonFiles(t, folder)
	dir := t.TempDir()
	for name, text := range before {
		put(t, filepath.Join(dir, name), string(text))
	}

	printed, _ := mpfix(t, dir)
	var found []string
	for _, match := range regexp.MustCompile(`(?m)^\S+: (?:error|warning) (MPF\d{3}) `).FindAllStringSubmatch(printed, -1) {
		found = append(found, match[1])
	}
	slices.Sort(found)
	if found = slices.Compact(found); !slices.Equal(found, want.finds) {
		t.Errorf("finds %v, expected %v\n%s", found, want.finds, printed)
	}
	if left, code := mpfix(t, dir, "--write"); code != exitClean {
		t.Errorf("--write leaves findings:\n%s", left)
	}
	after := pythonFiles(t, dir)
	if diff, _ := mpfix(t, dir, "--diff"); diff != "" {
		t.Errorf("it is not done in one go:\n%s", diff)
	}
	if testing.Short() {
		return
	}
	for _, m := range trial.Methods {
		runProgram(t, before, m, string(stdout), "before", want.before[m])
		runProgram(t, after, m, string(stdout), "after", want.after[m])
	}
}

func runProgram(t *testing.T, files map[string][]byte, m trial.Method, stdout, when, want string) {
	t.Helper()
	res, err := trial.Run(context.Background(), trial.Program{Files: files, Entry: "main.py"}, m, trial.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := string(res.Outcome)
	if res.Outcome == trial.OK && strings.ReplaceAll(res.Stdout, "\r\n", "\n") != stdout {
		got = "wrong"
	}
	if got != want {
		t.Errorf("%s under %s: %s, expected %s\n%s%s%s", when, m, got, want, res.Blocked, res.Stdout, res.Stderr)
	}
}

var blanks = regexp.MustCompile(` +`)

// TestReadmeExample: the README shows the program of its example, what mpfix prints
// for it and what it prints itself.
func TestReadmeExample(t *testing.T) {
	root := filepath.Join("..", "..")
	raw, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme := string(raw)
	program, err := os.ReadFile(filepath.Join(programsFolder, "counter", "main.py"))
	if err != nil {
		t.Fatal(err)
	}
	found, _ := mpfix(t, root, "testdata/programs/counter")
	diff, _ := mpfix(t, root, "--diff", "testdata/programs/counter")
	moving, err := os.ReadFile(filepath.Join(programsFolder, "wrap", "main.py"))
	if err != nil {
		t.Fatal(err)
	}
	moved, _ := mpfix(t, root, "--diff", "testdata/programs/wrap")
	for _, part := range []string{string(program), found, diff, string(moving), moved} {
		if part == "" || !strings.Contains(readme, part) {
			t.Errorf("README.md does not show\n%s", part)
		}
	}
	if testing.Short() {
		return
	}
	dir := t.TempDir()
	put(t, filepath.Join(dir, "main.py"), string(program))
	before := pythonFiles(t, dir)
	mpfix(t, dir, "--write")
	for when, files := range map[string]map[string][]byte{"before": before, "after": pythonFiles(t, dir)} {
		row := when
		for _, m := range trial.Methods {
			res, err := trial.Run(context.Background(), trial.Program{Files: files, Entry: "main.py"}, m, trial.Options{})
			if err != nil {
				t.Fatal(err)
			}
			row += " | `" + strings.TrimSpace(res.Stdout) + "`"
		}
		if !strings.Contains(blanks.ReplaceAllString(readme, " "), row+" |") {
			t.Errorf("README.md does not show the row %s", row)
		}
	}
}
