package trial

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func nothing() string { return "" }

// writtenOutput is the output of a program that wrote the given text to stderr.
func writtenOutput(t *testing.T, stderr string) *output {
	t.Helper()
	open := func(name, text string) *os.File {
		name = filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	out := &output{stdout: open("o", ""), stderr: open("e", stderr)}
	out.look()
	return out
}

// verdictAfter shows the judge the same observation at every interval and
// returns how long that took until a verdict, or -1 for none within ten
// seconds.
func verdictAfter(t *testing.T, ob observation, external func() string) time.Duration {
	t.Helper()
	j := newJudge(Options{}.withDefaults())
	out := writtenOutput(t, "")
	start := time.Now()
	for passed := time.Duration(0); passed < 10*time.Second; passed += interval {
		if j.judge(start.Add(passed), ob, out, external) != "" {
			return passed
		}
	}
	return -1
}

func TestJudgeQuietTime(t *testing.T) {
	still := observation{known: true, pids: []int{7}, state: "7 read", wait: unlimited}
	ticking, untoldOne, sleeping, active, unknown := still, still, still, still, still
	ticking.ticking = true
	untoldOne.wait = untold
	sleeping.wait = timed
	active.wait = running
	unknown.known = false
	for name, c := range map[string]struct {
		ob       observation
		external func() string
		want     time.Duration
	}{
		"blocked":      {still, nothing, 500 * time.Millisecond},
		"ticking":      {ticking, nothing, tickingQuiet},
		"untold":       {untoldOne, nothing, untoldFactor * 500 * time.Millisecond},
		"timed":        {sleeping, nothing, -1},
		"running":      {active, nothing, -1},
		"not observed": {unknown, nothing, -1},
		"network":      {still, func() string { return "the network" }, -1},
	} {
		if got := verdictAfter(t, c.ob, c.external); got != c.want {
			t.Errorf("%s: after %v, want %v", name, got, c.want)
		}
	}
}

func TestJudgeNeedsSeveralLooks(t *testing.T) {
	j := newJudge(Options{}.withDefaults())
	ob := observation{known: true, pids: []int{7}, state: "7 read", wait: unlimited}
	out, now := writtenOutput(t, ""), time.Now()
	for look := 1; look < looks; look++ {
		if why := j.judge(now, ob, out, nothing); why != "" {
			t.Fatalf("look %d: %s", look, why)
		}
		now = now.Add(3 * time.Second)
	}
	if j.judge(now, ob, out, nothing) == "" {
		t.Error("no verdict after enough looks")
	}
}

func TestClockIsSlowerUnderLoad(t *testing.T) {
	now := time.Now()
	measure := func(wait waiting, cpu time.Duration) time.Duration {
		var c clock
		ob := observation{known: true, wait: wait}
		c.advance(now, ob)
		ob.cpu = cpu
		return c.advance(now.Add(900*time.Millisecond), ob)
	}
	for _, c := range []struct {
		wait waiting
		cpu  time.Duration
		want time.Duration
	}{
		{running, 0, 300 * time.Millisecond},
		{running, 500 * time.Millisecond, 500 * time.Millisecond},
		{running, 5 * time.Second, 900 * time.Millisecond},
		{timed, 0, 900 * time.Millisecond},
		{unlimited, 0, 900 * time.Millisecond},
	} {
		if got := measure(c.wait, c.cpu); got != c.want {
			t.Errorf("wait %d, cpu %v: %v, want %v", c.wait, c.cpu, got, c.want)
		}
	}
}

func TestSearchOutput(t *testing.T) {
	const (
		inTask = "Traceback (most recent call last):\n  File \"a.py\", line 1, in work\nValueError\n"
		inBoot = "Process SpawnProcess-1:\n" + inTask
		inMain = "Traceback (most recent call last):\n  File \"<string>\", line 1, in <module>\n" +
			"  File \"spawn.py\", line 122, in spawn_main\nRuntimeError\n"
		inPool = "Exception in thread Thread-3 (_handle_results):\n" +
			"Traceback (most recent call last):\n  File \"pool.py\", line 579, in _handle_results\nTypeError\n"
	)
	for _, c := range []struct {
		text    string
		crashes int
		lost    bool
	}{
		{"", 0, false},
		{inTask, 0, false},
		{inBoot + inTask + inBoot, 2, false},
		{inMain + inMain, 2, false},
		{inPool, 0, true},
		{inBoot + inMain + inPool, 2, true},
	} {
		out := writtenOutput(t, c.text)
		out.search()
		out.search() // counts nothing twice
		if out.crashes != c.crashes || out.resultsLost != c.lost {
			t.Errorf("%q: %d crashes, lost %v", c.text, out.crashes, out.resultsLost)
		}
	}
}
