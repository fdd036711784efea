// Command mpfix finds the ways in which Python programs misuse multiprocessing,
// and rewrites them.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"github.com/mpfix/mpfix/patterns"
)

func main() {
	os.Exit(run())
}

func run() int {
	signal.Ignore(syscall.SIGPIPE) // a closed standard output is an error of Write
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	dir, err := os.Getwd()
	if err != nil {
		fmt.Fprintln(os.Stderr, "mpfix:", err)
		return exitUsage
	}
	app := &App{
		Stdin:  os.Stdin,
		Stdout: os.Stdout,
		Stderr: os.Stderr,
		Dir:    dir,
		Getenv: os.Getenv,
		Rules:  patterns.All(),
	}
	return app.Run(ctx, os.Args[1:])
}
