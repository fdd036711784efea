package trial

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// waiting says how a thread or process waits, from the one that goes on by
// itself to the one that never will.
type waiting int

const (
	running   waiting = iota // has or wants the processor, or a disk answers soon
	timed                    // goes on by itself after a time
	untold                   // asleep, but the system does not say for how long
	unlimited                // asleep until another wakes it
)

// observation is one look at all living processes of a run.
type observation struct {
	known      bool  // false where processes cannot be observed
	pids       []int // ascending; without zombies
	wait       waiting
	mainWait   waiting // of the first thread of the main process
	main       string  // state of that thread
	state      string  // of all threads: equal states mean that none ran in between
	others     string  // state of the threads of all but the main process
	othersWait waiting
	ticking    bool // a server wakes regularly to see whether it should stop
	waits      []string
	cpu        time.Duration // spent by the processes alive
	leaked     int           // living processes other than multiprocessing's helpers
}

const (
	// looks is how often a blocked state must be seen besides lasting for
	// Options.Quiet.
	looks = 5
	// untoldFactor lengthens Options.Quiet where the system does not tell
	// timed waits from others.
	untoldFactor = 16
	// tickingQuiet is the least quiet time when a server ticks: two and a
	// half ticks of managers.Server.serve_forever.
	tickingQuiet = 2500 * time.Millisecond
	// maxCrashes and maxBirths bound what may happen while the main thread
	// stays in one wait without a time limit: children that died of an
	// exception, and new ones seen. Pool replaces its dead workers for ever
	// (pool.Pool._maintain_pool), and the task a worker died with is lost.
	maxCrashes = 10
	maxBirths  = 5
	// spinTime is how much processor time the main process may spend while
	// its first thread and its children are blocked and a Pool has lost the
	// thread that receives results. Pool's other threads spin then on results
	// nobody fetches (pool.Pool._wait_for_updates).
	spinTime = time.Second
)

// judge decides whether a run whose main process lives will ever end.
type judge struct {
	o        Options
	clock    clock
	last     string // state
	since    time.Time
	seen     int
	lastMain string
	lastPids []int
	births   int
	crashes  int
	spin     string // state of all that is blocked while the main process spins
	spinFrom time.Duration
	spinSeen int
}

func newJudge(o Options) *judge { return &judge{o: o} }

// judge returns why the run hangs, or "". external says what outside the run
// may still wake it, or "".
func (j *judge) judge(now time.Time, ob observation, out *output, external func() string) string {
	if j.clock.advance(now, ob) > j.o.Limit {
		return fmt.Sprintf("still running after %v", j.o.Limit)
	}
	if out.outSize > j.o.MaxOutput || out.errSize > j.o.MaxOutput {
		return fmt.Sprintf("wrote more than %d bytes", j.o.MaxOutput)
	}
	if !ob.known {
		return ""
	}
	if len(ob.pids) > j.o.MaxProcesses {
		return fmt.Sprintf("more than %d processes at once", j.o.MaxProcesses)
	}
	out.search()
	if j.respawns(ob, out) {
		return "children die and are replaced for ever while the main thread waits"
	}
	if j.spins(ob, out) {
		return "the main thread waits for ever for a pool that lost its result thread"
	}
	return j.blocked(now, ob, external)
}

func (j *judge) respawns(ob observation, out *output) bool {
	if ob.mainWait != unlimited || ob.main != j.lastMain {
		j.lastMain, j.births, j.crashes = ob.main, 0, out.crashes
	} else {
		for _, pid := range ob.pids {
			if _, old := slices.BinarySearch(j.lastPids, pid); !old {
				j.births++
			}
		}
	}
	j.lastPids = ob.pids
	return j.births >= maxBirths && out.crashes-j.crashes >= maxCrashes
}

func (j *judge) spins(ob observation, out *output) bool {
	state := ob.main + ob.others
	if !out.resultsLost || ob.mainWait != unlimited || ob.othersWait != unlimited || state != j.spin {
		j.spin, j.spinFrom, j.spinSeen = state, ob.cpu, 1
		return false
	}
	j.spinSeen++
	return j.spinSeen >= looks && ob.cpu-j.spinFrom >= spinTime
}

func (j *judge) blocked(now time.Time, ob observation, external func() string) string {
	if ob.state != j.last || ob.wait < untold || len(ob.pids) == 0 {
		j.last, j.since, j.seen = ob.state, now, 1
		return ""
	}
	j.seen++
	quiet := j.o.Quiet
	if ob.ticking {
		quiet = max(quiet, tickingQuiet)
	}
	if ob.wait == untold {
		quiet *= untoldFactor
	}
	if j.seen < looks || now.Sub(j.since) < quiet {
		return ""
	}
	if external() != "" {
		j.since, j.seen = now, 1
		return ""
	}
	return fmt.Sprintf("%s blocked for ever in %s", count(len(ob.pids), "process", "processes"),
		strings.Join(ob.waits, ", "))
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// clock measures the time in which a run could go on. Where its processes
// wanted the processor and others had it, time passes slower, down to a third.
type clock struct {
	last    time.Time
	lastCPU time.Duration
	elapsed time.Duration
}

func (c *clock) advance(now time.Time, ob observation) time.Duration {
	if c.last.IsZero() {
		c.last, c.lastCPU = now, ob.cpu
		return 0
	}
	step := now.Sub(c.last)
	if ob.known && ob.wait == running {
		spent := max(ob.cpu-c.lastCPU, step/3)
		step = min(step, spent)
	}
	c.last, c.lastCPU = now, ob.cpu
	c.elapsed += step
	return c.elapsed
}

// leftovers decides which processes stay after the main process ended.
type leftovers struct {
	o     Options
	clock clock
	last  string
	since time.Time
	seen  int
}

func newLeftovers(o Options) *leftovers { return &leftovers{o: o} }

// helperFactor lengthens Options.Grace when only the resource tracker or the
// fork server is left, which leave by themselves.
const helperFactor = 3

// judge returns how many processes stay, and whether that is decided.
func (l *leftovers) judge(now time.Time, ob observation) (int, bool) {
	if len(ob.pids) == 0 && ob.leaked == 0 {
		return 0, true
	}
	elapsed := l.clock.advance(now, ob)
	grace, leaked := l.o.Grace, ob.leaked
	if leaked == 0 {
		grace, leaked = helperFactor*grace, len(ob.pids)
	}
	if elapsed > grace {
		return leaked, true
	}
	if !ob.known || ob.state != l.last || ob.wait != unlimited || ob.ticking {
		l.last, l.since, l.seen = ob.state, now, 1
		return 0, false
	}
	l.seen++
	return leaked, l.seen >= looks && now.Sub(l.since) >= l.o.Quiet
}
