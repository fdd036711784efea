package trial

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
)

var defaultPython = func() string {
	if runtime.GOOS == "windows" {
		return "python"
	}
	return "python3"
}()

// interpreter is a Python that was asked for its real path, so that a launcher
// that needs the user's home (pyenv, py) is passed only once.
type interpreter struct{ path, userBase string }

var interpreters sync.Map // name as given -> interpreter

const ask = `import sys, site, multiprocessing.context
assert sys.version_info >= (3, 4), "Python 3.4 or later is needed"
sys.stdout.write("%s\n%s\n" % (sys.executable, site.getuserbase() or ""))`

// Available returns nil when the interpreter (a name or path; "" for the
// default) can be started and can import multiprocessing, else an error that
// says what is wrong.
func Available(python string) error {
	if python == "" {
		python = defaultPython
	}
	if _, err := lookUp(context.Background(), python); err != nil {
		return fmt.Errorf("trial: %w", err)
	}
	return nil
}

func lookUp(ctx context.Context, python string) (interpreter, error) {
	if known, ok := interpreters.Load(python); ok {
		return known.(interpreter), nil
	}
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, python, "-c", ask)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		lines := strings.Split(strings.TrimSpace(stderr.String()), "\n")
		if last := lines[len(lines)-1]; last != "" {
			return interpreter{}, fmt.Errorf("interpreter %s: %w: %s", python, err, last)
		}
		return interpreter{}, fmt.Errorf("interpreter %s: %w", python, err)
	}
	lines := strings.Split(strings.ReplaceAll(stdout.String(), "\r", ""), "\n")
	if len(lines) < 2 || lines[0] == "" {
		return interpreter{}, fmt.Errorf("interpreter %s does not tell its path", python)
	}
	found := interpreter{path: lines[0], userBase: lines[1]}
	interpreters.Store(python, found)
	return found, nil
}
