package trial

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processes are those of one run: the main process, what is in its session,
// what descends from them, and what carries the run's mark in its environment.
// Facts about /proc are from proc(5).
type processes struct {
	root    int
	mark    []byte
	members map[int]*member
	foreign map[int]int // pid -> how often it was looked at and not ours
}

// member is a process that was once seen to belong to the run.
type member struct {
	start  string // start time: tells a reused pid
	parent int    // when first seen
	role   role
	sights int
}

type role int

const (
	worker role = iota
	tracker
	server
)

func newProcesses(root int, mark string) *processes {
	return &processes{
		root:    root,
		mark:    []byte(markVariable + "=" + mark),
		members: map[int]*member{},
		foreign: map[int]int{},
	}
}

// stat is what is used of /proc/PID/stat.
type stat struct {
	pid, parent, session int
	state                byte
	start                string
	cpu                  time.Duration
}

// clockTick is the unit of CPU times in /proc: USER_HZ is 100 on every
// architecture Go knows.
const clockTick = 10 * time.Millisecond

func readStat(pid int) (stat, bool) {
	raw, err := os.ReadFile(procPath(pid, "stat"))
	if err != nil {
		return stat{}, false
	}
	// The name, in parentheses, may hold anything.
	fields := strings.Fields(string(raw[bytes.LastIndexByte(raw, ')')+1:]))
	if len(fields) < 20 {
		return stat{}, false
	}
	number := func(i int) int { // i as numbered in proc(5)
		n, _ := strconv.Atoi(fields[i-3])
		return n
	}
	return stat{
		pid: pid, state: fields[0][0], parent: number(4), session: number(6),
		start: fields[22-3], cpu: time.Duration(number(14)+number(15)) * clockTick,
	}, true
}

func procPath(pid int, name string) string {
	return "/proc/" + strconv.Itoa(pid) + "/" + name
}

// living returns the living processes of the run, by pid. Zombies are dead.
// The bool is false when /proc cannot be read.
func (p *processes) living() ([]stat, bool) {
	dir, err := os.Open("/proc")
	if err != nil {
		return nil, false
	}
	names, err := dir.Readdirnames(-1)
	dir.Close()
	if err != nil {
		return nil, false
	}
	var candidates []stat
	foreign := make(map[int]int, len(names))
	for _, name := range names {
		pid, err := strconv.Atoi(name)
		if err != nil {
			continue
		}
		// An environment cannot be read while a program is loaded, so one
		// look is not enough to pass a process over for good.
		if n := p.foreign[pid]; n >= 2 {
			foreign[pid] = n
			continue
		}
		if s, ok := readStat(pid); ok {
			candidates = append(candidates, s)
		}
	}
	// Children after their parents, as far as pids tell; an orphan or a child
	// with a lower pid is known by its session or mark.
	slices.SortFunc(candidates, func(a, b stat) int { return cmp.Compare(a.pid, b.pid) })
	var found []stat
	present := map[int]bool{}
	for _, s := range candidates {
		if !p.belongs(s, present[s.parent]) {
			foreign[s.pid] = p.foreign[s.pid] + 1
			continue
		}
		present[s.pid] = true
		if s.state != 'Z' && s.state != 'X' && s.state != 'x' {
			found = append(found, s)
		}
	}
	p.foreign = foreign
	return found, true
}

// belongs reports whether a process is of the run; child says that its parent
// is.
func (p *processes) belongs(s stat, child bool) bool {
	m := p.members[s.pid]
	if m == nil || m.start != s.start {
		ours := s.pid == p.root || s.session == p.root || child
		if !ours {
			env, err := os.ReadFile(procPath(s.pid, "environ"))
			ours = err == nil && slices.ContainsFunc(bytes.Split(env, []byte{0}),
				func(kv []byte) bool { return bytes.Equal(kv, p.mark) })
		}
		if !ours {
			return false
		}
		m = &member{start: s.start, parent: s.parent}
		p.members[s.pid] = m
	}
	if m.sights < 4 { // until it surely runs what it was started for
		m.sights++
		m.role = p.roleOf(s.pid, m)
	}
	return true
}

// roleOf tells multiprocessing's helpers by the command lines that
// resource_tracker.ensure_running and ForkServer.ensure_running give them.
func (p *processes) roleOf(pid int, m *member) role {
	line, err := os.ReadFile(procPath(pid, "cmdline"))
	if err != nil {
		return m.role
	}
	switch {
	case bytes.Contains(line, []byte(".resource_tracker import main")),
		bytes.Contains(line, []byte(".semaphore_tracker import main")):
		return tracker
	case bytes.Contains(line, []byte(".forkserver import main")):
		// The server's children keep its command line.
		if parent := p.members[m.parent]; parent == nil || parent.role != server {
			return server
		}
	}
	return worker
}

// observe looks at every thread of every living process once.
func (p *processes) observe() observation {
	found, ok := p.living()
	if !ok {
		return observation{}
	}
	ob := observation{known: true, wait: unlimited, mainWait: running, othersWait: unlimited}
	var state, others strings.Builder
	waits := map[string]bool{}
	for _, s := range found {
		ob.pids = append(ob.pids, s.pid)
		ob.cpu += s.cpu
		if p.members[s.pid].role == worker {
			ob.leaked++
		}
		threads := readThreads(s.pid)
		if len(threads) == 0 {
			ob.wait, ob.othersWait = running, running // it has just ended
		}
		ticks := s.pid != p.root && p.members[s.pid].role == worker && isTicking(threads)
		ob.ticking = ob.ticking || ticks
		for _, t := range threads {
			if ticks && t.tid == s.pid {
				fmt.Fprintf(&state, "%d ticking\n", t.tid)
				continue
			}
			line := t.String()
			state.WriteString(line)
			if s.pid != p.root {
				others.WriteString(line)
				ob.othersWait = min(ob.othersWait, t.wait)
			}
			ob.wait = min(ob.wait, t.wait)
			if t.call != "" {
				waits[t.call] = true
			}
			if t.tid == p.root {
				ob.main, ob.mainWait = line, t.wait
			}
		}
	}
	ob.state, ob.others = state.String(), others.String()
	for call := range waits {
		ob.waits = append(ob.waits, call)
	}
	slices.Sort(ob.waits)
	return ob
}

// killAll ends every process of the run and returns when none is found. The
// resource tracker comes last: it removes the named semaphores and shared
// memory of the others when the last of them has gone.
func (p *processes) killAll(ended <-chan struct{}) {
	const trackerTime, patience = 3 * time.Second, 10 * time.Second
	start := time.Now()
	for {
		found, ok := p.living()
		if !ok {
			killGroup(p.root, ended)
			return
		}
		wait := time.Since(start)
		if len(found) == 0 || wait > patience {
			return
		}
		onlyTrackers := true
		for _, s := range found {
			onlyTrackers = onlyTrackers && p.members[s.pid].role == tracker
		}
		for _, s := range found {
			if p.members[s.pid].role == tracker && wait < trackerTime {
				continue
			}
			_ = syscall.Kill(s.pid, syscall.SIGKILL)
		}
		if onlyTrackers {
			time.Sleep(10 * time.Millisecond)
		} else {
			time.Sleep(2 * time.Millisecond)
		}
	}
}
