package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// demoVariable makes the test binary an mpfix with the rules of demo_test.go.
const demoVariable = "MPFIX_TEST_DEMO"

func TestMain(m *testing.M) {
	if os.Getenv(demoVariable) != "" {
		dir, _ := os.Getwd()
		app := &App{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Dir: dir, Getenv: os.Getenv, Rules: demoRules()}
		os.Exit(app.Run(context.Background(), os.Args[1:]))
	}
	os.Exit(m.Run())
}

// tool returns the path of a development tool. Without it the test is skipped,
// or fails where MPFIX_CI says that all tools are there.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	switch {
	case err == nil:
		return path
	case os.Getenv("MPFIX_CI") != "":
		t.Fatal(err)
	}
	t.Skip(err)
	return ""
}

// isolate runs a command in a network of its own that has only a loopback.
const isolate = `
import fcntl, os, socket, struct, sys
SIOCSIFFLAGS, IFF_UP_AND_RUNNING = 0x8914, 0x41
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
    fcntl.ioctl(s, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP_AND_RUNNING))
os.execvp(sys.argv[1], sys.argv[1:])
`

// isolated is the beginning of a command line that cuts the network off, nil where
// the system does not let us.
func isolated(t *testing.T) []string {
	t.Helper()
	prefix := []string{"unshare", "--map-root-user", "--net", "python3", "-c", isolate}
	if err := exec.Command(prefix[0], append(prefix[1:], "true")...).Run(); err != nil {
		t.Log("the network is not cut off:", err)
		return nil
	}
	return prefix
}

// job is what act says of a run.
type job struct {
	log       string // what the steps of the action wrote
	summaries []string
	outputs   map[string]string // of the step whose id is "mpfix"
	result    string
	all       string
}

// annotations are the workflow commands in the log.
func (j *job) annotations() []string {
	return slices.DeleteFunc(strings.Split(j.log, "\n"), func(line string) bool { return !strings.HasPrefix(line, "::") })
}

// act runs a workflow on a repository.
func act(t *testing.T, repo, workflow string, env []string, flags ...string) *job {
	t.Helper()
	args := append(isolated(t), tool(t, "act"), "push", "--json", "--directory", repo, "--workflows", workflow,
		"--platform", "ubuntu-latest=-self-hosted", "--no-cache-server", "--artifact-server-addr", "127.0.0.1")
	args = append(args, flags...)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Env = append(os.Environ(), append([]string{"XDG_CACHE_HOME=" + t.TempDir(), "MPFIX_CI="}, env...)...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return readJob(t, out.String())
}

// readJob reads the lines that act writes with --json.
func readJob(t *testing.T, text string) *job {
	t.Helper()
	j := &job{outputs: map[string]string{}, all: text}
	lines := bufio.NewScanner(strings.NewReader(text))
	lines.Buffer(nil, 4<<20)
	for lines.Scan() {
		var e struct {
			Msg, Raw, Command, Name, Arg, Content, Step string
			RawOutput                                   bool `json:"raw_output"`
			StepID                                      []string
			JobResult                                   string
		}
		if json.Unmarshal(lines.Bytes(), &e) != nil {
			continue
		}
		inside := len(e.StepID) > 1 // of the composite action
		switch {
		case e.JobResult != "":
			j.result = e.JobResult
		case e.Command == "summary" && inside:
			j.summaries = append(j.summaries, e.Content)
		case e.Command == "set-output":
			if slices.Equal(e.StepID, []string{"mpfix"}) {
				j.outputs[e.Name] = e.Arg
			}
		case inside && e.Raw != "":
			j.log += e.Raw
		case inside && e.RawOutput:
			j.log += e.Msg
		}
	}
	if j.result == "" {
		t.Fatal(text)
	}
	return j
}

// checkout makes a repository with the action in the folder .mpfix and a workflow
// that runs it. with are the inputs, in YAML.
func checkout(t *testing.T, files map[string]string, with string) (repo, workflow string) {
	t.Helper()
	repo = t.TempDir()
	action, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	workflow = filepath.Join(repo, ".github", "workflows", "mpfix.yml")
	put(t, filepath.Join(repo, ".mpfix", "action.yml"), string(action))
	put(t, workflow, `on: push
jobs:
  mpfix:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - id: mpfix
        uses: ./.mpfix
        with:
`+strings.TrimPrefix(with, "\n")+`
      - if: always()
        env:
          PATCH: ${{ steps.mpfix.outputs.patch-file }}
        run: |
          git status --short
          if [[ -n $PATCH ]]; then git apply --check "$PATCH" && echo "the patch applies"; fi
`)
	for name, text := range files {
		put(t, filepath.Join(repo, filepath.FromSlash(name)), text)
	}
	gitInit(t, repo)
	return repo, workflow
}

func put(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func gitInit(t *testing.T, repo string) {
	t.Helper()
	for _, args := range [][]string{
		{"init", "--quiet", "--initial-branch=main"},
		{"add", "--all"},
		{"-c", "user.name=test", "-c", "user.email=test@example.org", "commit", "--quiet", "--message=all"},
		{"remote", "add", "origin", "https://github.com/example/repository.git"},
	} {
		cmd := exec.Command("git", args...)
		cmd.Dir = repo
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
}

// demoBinary is an mpfix with the rules of demo_test.go.
func demoBinary(t *testing.T) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "mpfix")
	script := fmt.Sprintf("#!/bin/sh\n%s=1 exec '%s' \"$@\"\n", demoVariable, self)
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestWorkflowsAreSound(t *testing.T) {
	cmd := exec.Command(tool(t, "actionlint"))
	cmd.Dir = filepath.Join("..", "..")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// TestActionScriptsHoldNoExpressions: what an expression gives would be read as
// bash, so inputs go through the environment.
func TestActionScriptsHoldNoExpressions(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "action.yml"))
	if err != nil {
		t.Fatal(err)
	}
	found, inside, indent := 0, false, 0
	for line := range strings.Lines(string(text)) {
		blanks := len(line) - len(strings.TrimLeft(line, " "))
		switch {
		case strings.HasPrefix(strings.TrimSpace(line), "run:"):
			found, inside, indent = found+1, true, blanks
		case inside && blanks <= indent && strings.TrimSpace(line) != "":
			inside = false
		}
		if inside && strings.Contains(line, "${{") {
			t.Error(line)
		}
		if strings.HasPrefix(strings.TrimLeft(line, " -"), "uses:") {
			t.Error("an organisation that wants actions pinned refuses this:", line)
		}
	}
	if found != 2 {
		t.Errorf("%d scripts", found)
	}
}

func TestAction(t *testing.T) {
	if testing.Short() {
		t.Skip("runs workflows")
	}
	repo, workflow := checkout(t, map[string]string{"app/main.py": loud}, "          binary-path: "+demoBinary(t))
	j := act(t, repo, workflow, nil)
	if j.result != "failure" || j.outputs["conclusion"] != "failure" || j.outputs["findings"] != "1" || j.outputs["fixable"] != "1" {
		t.Error(j.all)
	}
	want := "::error file=app/main.py,line=2,endLine=2,col=1,endColumn=7,title=MPF901 loud-fault::loud() fails under spawn" +
		"%0Aapp/main.py:1:1: the module starts here%0Asafe fix: call quiet()"
	if got := j.annotations(); !slices.Equal(got, []string{want}) {
		t.Errorf("%q", got)
	}
	if len(j.summaries) != 1 || !strings.Contains(j.summaries[0], "\n-loud()\n+quiet()\n") {
		t.Errorf("%q", j.summaries)
	}
	if !strings.Contains(j.all, "the patch applies") || strings.Contains(j.all, " M app/main.py") {
		t.Error(j.all)
	}
}

func TestActionInputs(t *testing.T) {
	if testing.Short() {
		t.Skip("runs workflows")
	}
	repo, workflow := checkout(t, map[string]string{
		"one/a folder/main.py": loud + "shaky()\n",
		"one/b/main.py":        loud,
		"one/c/main.py":        loud,
	}, `
          binary-path: `+demoBinary(t)+`
          working-directory: one
          paths: |
            a folder

            b
          fail-on: never
          select: MPF901,shaky-fault
          ignore: MPF911
          unsafe-fixes: true
          patch-file: the fixes.patch
          args: |
            --jobs
            1
`)
	j := act(t, repo, workflow, nil)
	if j.result != "success" || j.outputs["conclusion"] != "success" || j.outputs["findings"] != "3" || j.outputs["fixable"] != "3" {
		t.Error(j.all)
	}
	if got := j.outputs["patch-file"]; !strings.HasSuffix(got, "/one/the fixes.patch") {
		t.Error(got)
	}
	if got := j.annotations(); len(got) != 3 || !strings.HasPrefix(got[0], "::error file=one/a folder/main.py,line=2,") {
		t.Errorf("%q", got)
	}
}

// TestActionIsNotSteered: inputs, file names and source text are never read as
// shell code, workflow commands or Markdown.
func TestActionIsNotSteered(t *testing.T) {
	if testing.Short() {
		t.Skip("runs workflows")
	}
	proof := filepath.Join(t.TempDir(), "proof")
	program := `import multiprocessing
"""
::error::x
  ::warning::x
##[error]x
%0A::set-output name=findings::99
::set-output name=findings::99
::add-mask::x
"""
loud("::error::x ##[error]x %0A::set-output name=findings::99")  # ` + "```" + ` </details><script> @team
` + "\t\nloud('''\n::error::x\n```\n</details>\n''')\n"
	files := map[string]string{
		"src/::error::x.py":                        program,
		"src/##[error]x.py":                        program,
		"src/%0A::set-output name=findings::99.py": program,
		"src/a\n::error::x.py":                     program,
		"src/```<img src=x>@team.py":               program,
		"src/$(touch proof).py":                    program,
	}
	repo, workflow := checkout(t, files, `
          binary-path: `+demoBinary(t)+`
          fail-on: never
          patch-file: "fixes\nfindings=99.patch"
          args: |
            --ignore=MPF911
          paths: |
            src
            $(touch `+proof+`)
            "; touch `+proof+`; "
            --write
`)
	j := act(t, repo, workflow, nil)
	if j.outputs["findings"] != "12" || j.outputs["fixable"] != "12" || j.outputs["conclusion"] != "neutral" || len(j.outputs) != 4 {
		t.Errorf("%q\n%s", j.outputs, j.all)
	}
	if got := j.annotations(); len(got) != 10 { // nine, and one for the others
		t.Errorf("%q", got)
	}
	for line := range strings.Lines(j.log) {
		command := strings.HasPrefix(strings.TrimSpace(line), "::")
		ours := strings.HasPrefix(line, "::error file=src/") || strings.HasPrefix(line, "::error title=mpfix::")
		if command && !ours || strings.Contains(line, "##[") {
			t.Errorf("a command in the log: %q", line)
		}
	}
	if len(j.summaries) != 1 {
		t.Fatalf("%q", j.summaries)
	}
	page := j.summaries[0]
	for _, want := range []string{"## mpfix\n\n12 findings, 12 fixable", "Paths that could not be read: 3;", "### ````src/```<img src=x>@team.py````\n", "````diff\n"} {
		if !strings.Contains(page, want) {
			t.Errorf("no %q in\n%s", want, page)
		}
	}
	for line := range strings.Lines(page) {
		if strings.HasPrefix(line, "</details>") && !strings.HasSuffix(page, "\n"+line) || strings.HasPrefix(line, "```\n") {
			t.Errorf("%q in\n%s", line, page)
		}
	}
	if _, err := os.Stat(proof); err == nil {
		t.Error("an input was run")
	}
}

// TestActionInstalls: the go command is one that writes down what it is asked.
func TestActionInstalls(t *testing.T) {
	if testing.Short() {
		t.Skip("runs workflows")
	}
	for version, want := range map[string]string{
		"":       "install -mod=readonly ./cmd/mpfix",
		"v1.2.3": "install github.com/mpfix/mpfix/cmd/mpfix@v1.2.3",
	} {
		folder := t.TempDir()
		asked := filepath.Join(folder, "asked")
		script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>'%s'\ncp '%s' \"$GOBIN/mpfix\"\n", asked, demoBinary(t))
		if err := os.WriteFile(filepath.Join(folder, "go"), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
		repo, workflow := checkout(t, map[string]string{"main.py": loud}, fmt.Sprintf("          version: %q", version))
		j := act(t, repo, workflow, []string{"PATH=" + folder + string(os.PathListSeparator) + os.Getenv("PATH")})
		if got, _ := os.ReadFile(asked); string(got) != want+"\n" || j.outputs["findings"] != "1" {
			t.Errorf("%q: %s\n%s", version, got, j.all)
		}
	}
}

// TestExampleWorkflow runs .github/workflows/mpfix.yml as it is on a copy of this
// repository, so that the action builds mpfix from its own sources. Actions of
// others are stubs.
func TestExampleWorkflow(t *testing.T) {
	if testing.Short() {
		t.Skip("builds mpfix and runs a workflow")
	}
	tool(t, "act")
	repo, stub := t.TempDir(), t.TempDir()
	put(t, filepath.Join(stub, "action.yml"), "name: stub\ndescription: does nothing\nruns:\n  using: composite\n  steps:\n    - run: \"true\"\n      shell: bash\n")
	gitInit(t, stub)
	root := filepath.Join("..", "..")
	list := exec.Command("git", "ls-files", "-z", "--cached", "--", "*.go", "*.scm", "*.md", "*.py", "*.yml", "go.mod", "go.sum")
	list.Dir = root
	names, err := list.Output()
	if err != nil {
		t.Skip("not a checkout:", err)
	}
	for _, name := range strings.FieldsFunc(string(names), func(r rune) bool { return r == 0 }) {
		raw, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(name)))
		if errors.Is(err, os.ErrNotExist) {
			continue
		} else if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(repo, filepath.FromSlash(name)), string(raw))
	}
	gitInit(t, repo)
	workflow := filepath.Join(repo, ".github", "workflows", "mpfix.yml")
	text, err := os.ReadFile(workflow)
	if err != nil {
		t.Fatal(err)
	}
	var flags []string
	for line := range strings.Lines(string(text)) {
		_, used, _ := strings.Cut(line, "uses: ")
		if fields := strings.Fields(used); len(fields) > 0 && strings.Contains(fields[0], "@") && !strings.HasPrefix(fields[0], "actions/checkout@") {
			flags = append(flags, "--local-repository", fields[0]+"="+stub)
		}
	}
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := []string{"GOPROXY=off", "GOFLAGS=", "GOCACHE=" + strings.TrimSpace(string(cache))}
	j := act(t, repo, workflow, env, flags...)
	if j.result != "success" || j.outputs["conclusion"] != "success" || len(j.summaries) != 1 {
		t.Errorf("%q\n%s", j.outputs, j.all)
	}
}
