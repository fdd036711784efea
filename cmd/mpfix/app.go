package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/mpfix/mpfix/cmd/internal/report"
	"github.com/mpfix/mpfix/rewrite/rule"
)

// The exit codes.
const (
	exitClean       = 0
	exitFindings    = 1
	exitUsage       = 2 // wrong usage, or a path that cannot be read or written
	exitFault       = 3 // mpfix itself failed
	exitInterrupted = 130
)

// App is one call of the program: its surroundings, so that tests can give their
// own.
type App struct {
	Stdin          io.Reader
	Stdout, Stderr io.Writer
	Dir            string              // the working directory, absolute
	Getenv         func(string) string // the environment
	Rules          []*rule.Rule        // all there are

	out  *stickyWriter
	code int // what the command has to say when it ends without error
}

// Run carries out one command line and returns the exit code.
func (a *App) Run(ctx context.Context, args []string) (code int) {
	a.out, a.code = &stickyWriter{w: a.Stdout}, exitClean
	defer func() {
		if v := recover(); v != nil {
			a.complain("mpfix failed: %v; please report this with the lines below", v)
			fmt.Fprintln(a.Stderr, report.Harmless(strings.ReplaceAll(string(debug.Stack()), "\t", "    ")))
			code = exitFault
		}
	}()
	cmd := a.rootCommand()
	cmd.SetArgs(args)
	cmd.SetIn(a.Stdin)
	cmd.SetOut(a.out)
	cmd.SetErr(a.Stderr)
	err := cmd.ExecuteContext(ctx)
	switch {
	case a.out.closed():
		return a.code
	case a.out.err != nil:
		a.complain("standard output: %v", a.out.err)
		return exitUsage
	case errors.Is(err, context.Canceled):
		a.complain("interrupted")
		return exitInterrupted
	case errors.As(err, new(faultError)):
		a.complain("%v", err)
		return exitFault
	case err != nil:
		a.complain("%v", err)
		return exitUsage
	}
	return a.code
}

// faultError is a failure of mpfix itself.
type faultError struct{ error }

// raise makes the exit code at least code: a fault outweighs a path that cannot be
// read, and that outweighs findings.
func (a *App) raise(code int) { a.code = max(a.code, code) }

// complain writes one line to standard error.
func (a *App) complain(format string, args ...any) {
	fmt.Fprintln(a.Stderr, "mpfix: "+report.Harmless(report.Visible(fmt.Sprintf(format, args...))))
}
