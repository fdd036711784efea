package main

import (
	"errors"
	"io"
	"os"
	"syscall"

	"github.com/mattn/go-isatty"
)

// stickyWriter remembers the first error and writes nothing after it. It claims
// to have written, so that work which does not need the output is still done.
type stickyWriter struct {
	w   io.Writer
	err error
}

func (s *stickyWriter) Write(p []byte) (int, error) {
	if s.err == nil {
		_, s.err = s.w.Write(p)
	}
	return len(p), nil
}

// closed says whether the reader of the stream went away, as head does.
func (s *stickyWriter) closed() bool {
	return errors.Is(s.err, syscall.EPIPE) || errors.Is(s.err, io.ErrClosedPipe)
}

// colored says whether standard output gets colour: by the flag, or, for "auto",
// on a terminal unless NO_COLOR is set (no-color.org) or the terminal is dumb.
func (a *App) colored(when string) bool {
	switch when {
	case "always":
		return true
	case "never":
		return false
	}
	f, ok := a.Stdout.(*os.File)
	return ok && a.Getenv("NO_COLOR") == "" && a.Getenv("TERM") != "dumb" &&
		(isatty.IsTerminal(f.Fd()) || isatty.IsCygwinTerminal(f.Fd()))
}
