package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// TestStories runs the command-line stories of testdata/scripts. In them,
//
//	mpfix ARGS...           runs mpfix with the rules of demo_test.go
//	mpfix ARGS... < FILE    the same with standard input
//	code N                  fails unless the last mpfix ended with that code
//
// and a mpfix that ends with another code than 0 must be written "! mpfix".
func TestStories(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("..", "..", "testdata", "scripts"),
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[lastCode{}] = new(int)
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GIT_CONFIG_NOSYSTEM", "1")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mpfix": runStory,
			"code":  checkCode,
		},
		Condition: func(cond string) (bool, error) { return cond == "root" && os.Geteuid() == 0, nil },
	})
}

type lastCode struct{}

func runStory(ts *testscript.TestScript, neg bool, args []string) {
	var stdin io.Reader = strings.NewReader("")
	if n := len(args); n >= 2 && args[n-2] == "<" {
		stdin = strings.NewReader(ts.ReadFile(args[n-1]))
		args = args[:n-2]
	}
	app := &App{
		Stdin:  stdin,
		Stdout: ts.Stdout(),
		Stderr: ts.Stderr(),
		Dir:    ts.Getenv("PWD"),
		Getenv: ts.Getenv,
		Rules:  demoRules(),
	}
	if app.Dir == "" {
		app.Dir = ts.MkAbs(".")
	}
	code := app.Run(context.Background(), args)
	*ts.Value(lastCode{}).(*int) = code
	if (code != 0) != neg {
		ts.Fatalf("exit code %d", code)
	}
}

func checkCode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: code N")
	}
	if got := strconv.Itoa(*ts.Value(lastCode{}).(*int)); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}
