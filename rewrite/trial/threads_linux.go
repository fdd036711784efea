package trial

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

// thread is what one look tells about a thread.
type thread struct {
	tid      int
	wait     waiting
	call     string // name of the system call it waits in
	syscall  string // number, arguments, stack and program counter
	switches string // how often it gave up the processor: grows when it has run
}

func (t thread) String() string {
	return fmt.Sprintf("%d %d %s %s\n", t.tid, t.wait, t.switches, t.syscall)
}

func readThreads(pid int) []thread {
	dir, err := os.Open(procPath(pid, "task"))
	if err != nil {
		return nil
	}
	names, err := dir.Readdirnames(-1)
	dir.Close()
	if err != nil {
		return nil
	}
	var threads []thread
	for _, name := range names {
		tid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		if t, ok := readThread(pid, tid); ok {
			threads = append(threads, t)
		}
	}
	slices.SortFunc(threads, func(a, b thread) int { return a.tid - b.tid })
	return threads
}

func readThread(pid, tid int) (thread, bool) {
	base := procPath(pid, "task/"+strconv.Itoa(tid)+"/")
	// The call is read before the state: a thread that wakes in between is
	// seen running or with another number of switches at the next look.
	call, callErr := os.ReadFile(base + "syscall")
	status, err := os.ReadFile(base + "status")
	if err != nil {
		return thread{}, false
	}
	t := thread{tid: tid, syscall: string(bytes.TrimSpace(call))}
	state := byte('R')
	for line := range strings.Lines(string(status)) {
		key, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		value = strings.TrimSpace(value)
		switch key {
		case "State":
			if value != "" {
				state = value[0]
			}
		case "voluntary_ctxt_switches", "nonvoluntary_ctxt_switches":
			t.switches += value + "/"
		}
	}
	switch {
	case state == 'Z' || state == 'X':
		return thread{}, false
	case state == 'T' || state == 't':
		t.wait, t.call = unlimited, "stop"
	case state != 'S':
		t.wait = running
	case callErr != nil:
		t.wait = untold
		if wchan, err := os.ReadFile(base + "wchan"); err == nil && bytes.Contains(wchan, []byte("nanosleep")) {
			t.wait = timed
		}
	default:
		t.wait, t.call = classify(t.syscall)
	}
	return t, true
}

// argument says how a system call tells that it waits without a time limit.
type argument struct {
	name  string
	index int // of the argument that limits the time; -1: there is none
	// signed: the limit is an int, negative for none; else a pointer, null
	// for none.
	signed bool
}

// classify reads a line of /proc/PID/syscall of a sleeping thread. Calls that
// are not in the table are held to go on by themselves.
func classify(line string) (waiting, string) {
	fields := strings.Fields(line)
	if len(fields) < 7 { // "running", or -1: not in a system call
		return running, ""
	}
	number, err := strconv.Atoi(fields[0])
	if err != nil {
		return running, ""
	}
	if len(blockingCalls) == 0 {
		return untold, ""
	}
	arg, ok := blockingCalls[number]
	if !ok {
		return timed, ""
	}
	if arg.index < 0 {
		return unlimited, arg.name
	}
	limit, err := strconv.ParseUint(strings.TrimPrefix(fields[1+arg.index], "0x"), 16, 64)
	if err != nil {
		return timed, ""
	}
	if arg.signed && int32(limit) < 0 || !arg.signed && limit == 0 {
		return unlimited, arg.name
	}
	return timed, arg.name
}

// isTicking reports whether a process looks like managers.Server: one thread
// accepts connections without a limit, and the first one wakes each second to
// see whether it should stop (Server.serve_forever), which changes nothing.
func isTicking(threads []thread) bool {
	accepts := slices.ContainsFunc(threads, func(t thread) bool {
		return t.wait == unlimited && strings.HasPrefix(t.call, "accept")
	})
	return accepts && threads[0].wait == timed && threads[0].call == "futex"
}
