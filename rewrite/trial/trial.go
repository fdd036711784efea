// Package trial runs one Python program under one start method of
// multiprocessing, with a time limit, and says what happened.
//
// Only the start method that multiprocessing falls back on is changed, as if
// the program ran on another operating system or Python version. The program
// gets a folder, a home and a session of its own, and no process of it is left
// when Run returns.
//
// On Linux a program that hangs is recognised by what its processes do: when
// every thread of every process waits without a time limit and none has run
// between two looks, nothing inside can wake another. Load on the machine
// delays this verdict and does not change it. Elsewhere only the time limit
// tells.
package trial

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"time"
)

// Method is a start method of multiprocessing ("Contexts and start methods" in
// its documentation).
type Method string

// The start methods of CPython.
const (
	Fork       Method = "fork"
	Spawn      Method = "spawn"
	Forkserver Method = "forkserver"
)

// Methods lists every start method, in the order in which outcomes are shown.
var Methods = []Method{Fork, Spawn, Forkserver}

// Program is what is run: files, and which of them is started.
type Program struct {
	// Files holds the program's files by slash path, relative to its folder.
	Files map[string][]byte
	// Entry is a file or folder of Files ("main.py", "tools/run.py"), or a
	// module given as "-m name".
	Entry string
	// Args are the program's own arguments.
	Args []string
}

// Options tune a run. The zero value is ready for use.
type Options struct {
	// Python is the interpreter, a name or a path. Default: python3.
	Python string
	// Limit is the time after which a program that still runs is said to
	// hang. Time in which its processes wanted the processor and did not get
	// it counts for a third at least. Default: 20 s.
	Limit time.Duration
	// Quiet is how long all processes must be seen blocked, without having
	// run at all, before they are said to hang. Default: 500 ms.
	Quiet time.Duration
	// Grace is how long children may live on after the main process ended.
	// Default: 1 s.
	Grace time.Duration
	// MaxOutput is how many bytes stdout and stderr may each hold. A program
	// that writes more is stopped and said to hang. Default: 8 MiB.
	MaxOutput int64
	// MaxProcesses is how many processes of the program may be alive at once.
	// A program that has more is stopped and said to hang. Default: 250.
	MaxProcesses int
}

func (o Options) withDefaults() Options {
	if o.Python == "" {
		o.Python = defaultPython
	}
	if o.Limit <= 0 {
		o.Limit = 20 * time.Second
	}
	if o.Quiet <= 0 {
		o.Quiet = 500 * time.Millisecond
	}
	if o.Grace <= 0 {
		o.Grace = time.Second
	}
	if o.MaxOutput <= 0 {
		o.MaxOutput = 8 << 20
	}
	if o.MaxProcesses <= 0 {
		o.MaxProcesses = 250
	}
	return o
}

// Outcome says in one word how a run ended.
type Outcome string

// The outcomes of a run.
const (
	// OK is exit status 0, no traceback on stderr and no process left over.
	OK Outcome = "ok"
	// Raises is another exit status, or a traceback on stderr. A child's
	// exception does not change the exit status of its parent.
	Raises Outcome = "raises"
	// Hangs is a program that is blocked, respawns for ever, runs past the
	// limit, or leaves processes behind.
	Hangs Outcome = "hangs"
)

// Result is what happened in a run.
type Result struct {
	Outcome Outcome
	// ExitCode is the main process's exit status; -1 when a signal ended it.
	ExitCode int
	// Stdout and Stderr are what was written until the verdict. Paths of the
	// run's temporary folder are given relative to it.
	Stdout, Stderr string
	// Hung says that the main process did not end by itself.
	Hung bool
	// Leaked counts the processes left over after the main process ended.
	Leaked int
	// Blocked says why the outcome is Hangs; empty for other outcomes.
	Blocked string
	// Elapsed is the time from the start to the end of the main process, or
	// to the verdict that it hangs.
	Elapsed time.Duration
}

// interval is the time between two looks at the processes of a run.
const interval = 50 * time.Millisecond

// Run runs the program with the given method as multiprocessing's default and
// returns when none of its processes is left. What the program does wrong is
// told by Result; the error is only for a run that could not be made: an entry
// or path that is not in the program's folder, no such interpreter, no room on
// disk, a method the platform lacks, or ctx ended (then its error is wrapped).
func Run(ctx context.Context, p Program, m Method, o Options) (Result, error) {
	res, err := run(ctx, p, m, o.withDefaults())
	if err != nil {
		return Result{}, fmt.Errorf("trial: %w", err)
	}
	return res, nil
}

func run(ctx context.Context, p Program, m Method, o Options) (Result, error) {
	if !slices.Contains(Methods, m) {
		return Result{}, fmt.Errorf("unknown start method %q", m)
	}
	if runtime.GOOS == "windows" && m != Spawn {
		return Result{}, fmt.Errorf("start method %q does not exist on Windows", m)
	}
	python, err := lookUp(ctx, o.Python)
	if err != nil {
		return Result{}, err
	}
	place, err := newFolder(p)
	if err != nil {
		return Result{}, err
	}
	defer place.remove()

	stdout, err := place.create("o")
	if err != nil {
		return Result{}, err
	}
	defer stdout.Close()
	stderr, err := place.create("e")
	if err != nil {
		return Result{}, err
	}
	defer stderr.Close()

	mark := newMark()
	cmd := exec.Command(python.path, append(entryArgs(p.Entry), p.Args...)...)
	cmd.Dir = place.work
	cmd.Env = place.environ(python, m, mark)
	cmd.Stdout, cmd.Stderr = stdout, stderr // Stdin nil: the null device
	cmd.SysProcAttr = ownSession()
	start := time.Now()
	if err := cmd.Start(); err != nil {
		return Result{}, err
	}
	limitFiles(cmd.Process.Pid)
	ended := make(chan struct{})
	go func() {
		_ = cmd.Wait() // what it says is in ProcessState
		close(ended)
	}()
	procs := newProcesses(cmd.Process.Pid, mark)
	kill := func() {
		procs.killAll(ended)
		<-ended
	}

	out := &output{stdout: stdout, stderr: stderr}
	var res Result
	res.Blocked, err = watchMain(ctx, procs, out, o, ended)
	res.Elapsed = time.Since(start)
	if err == nil {
		res.Hung = res.Blocked != ""
		if !res.Hung {
			res.Leaked, err = watchRest(ctx, procs, o)
		}
	}
	out.look() // what the killing makes processes write is not the program's
	kill()
	if err != nil {
		return Result{}, err
	}

	res.ExitCode = -1
	if !res.Hung {
		res.ExitCode = cmd.ProcessState.ExitCode()
	}
	if res.Stdout, err = out.text(stdout, out.outSize, o.MaxOutput, place); err != nil {
		return Result{}, err
	}
	if res.Stderr, err = out.text(stderr, out.errSize, o.MaxOutput, place); err != nil {
		return Result{}, err
	}
	switch {
	case res.Hung:
		res.Outcome = Hangs
	case res.Leaked > 0:
		res.Outcome = Hangs
		res.Blocked = fmt.Sprintf("the main process ended and left %d running", res.Leaked)
	case res.ExitCode != 0 || hasTraceback(res.Stderr):
		res.Outcome = Raises
	default:
		res.Outcome = OK
	}
	return res, nil
}

// watchMain looks at the run until the main process ends (then it returns "")
// or until it can say why it never will.
func watchMain(ctx context.Context, procs *processes, out *output, o Options, ended <-chan struct{}) (string, error) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	j := newJudge(o)
	for {
		select {
		case <-ctx.Done():
			return "", ctx.Err()
		case <-ended:
			return "", nil
		case now := <-tick.C:
			out.look()
			why := j.judge(now, procs.observe(), out, procs.external)
			if why == "" {
				continue
			}
			select {
			case <-ended: // at the last moment, but by itself
				return "", nil
			default:
				return why, nil
			}
		}
	}
}

// watchRest waits, after the main process ended, for the processes that are
// left, and returns how many do not leave.
func watchRest(ctx context.Context, procs *processes, o Options) (int, error) {
	tick := time.NewTicker(interval / 2)
	defer tick.Stop()
	l := newLeftovers(o)
	for {
		if leaked, done := l.judge(time.Now(), procs.observe()); done {
			return leaked, nil
		}
		select {
		case <-ctx.Done():
			return 0, ctx.Err()
		case <-tick.C:
		}
	}
}

func (f *folder) create(name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(f.base, name), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
}
