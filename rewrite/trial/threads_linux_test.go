package trial

import (
	"strconv"
	"syscall"
	"testing"
)

func TestClassify(t *testing.T) {
	if len(blockingCalls) == 0 {
		t.Skip("system calls of this architecture are not known")
	}
	line := func(number string, args string) string { return number + " " + args + " 0x7ffe 0x7f68" }
	const (
		read  = "0x3 0x7f 0x4 0x0 0x0 0x0"
		never = "0x7f 0x4 0x0 0x0 0x0 0x0"
		late  = "0x7f 0x4 0x0 0x7ffed 0x0 0x0"
		minus = "0x7f 0x4 0x0 0xffffffff 0x0 0x0"
		some  = "0x7f 0x4 0x0 0x64 0x0 0x0"
	)
	for _, c := range []struct {
		line string
		want waiting
	}{
		{"running", running},
		{"-1 0x7ffe 0x7f68", running},
		{"", running},
		{line(strconv.Itoa(syscall.SYS_READ), read), unlimited},
		{line(strconv.Itoa(syscall.SYS_FUTEX), never), unlimited},
		{line(strconv.Itoa(syscall.SYS_FUTEX), late), timed},
		{line(strconv.Itoa(syscall.SYS_EPOLL_PWAIT), minus), unlimited},
		{line(strconv.Itoa(syscall.SYS_EPOLL_PWAIT), some), timed},
		{line(strconv.Itoa(syscall.SYS_EPOLL_PWAIT), never), timed},
		{line(strconv.Itoa(syscall.SYS_CLOCK_NANOSLEEP), never), timed},
		{line("99999", never), timed},
	} {
		if got, _ := classify(c.line); got != c.want {
			t.Errorf("%q: %d, want %d", c.line, got, c.want)
		}
	}
}

func TestIsTicking(t *testing.T) {
	accepts := thread{tid: 8, wait: unlimited, call: "accept"}
	waits := thread{tid: 7, wait: timed, call: "futex"}
	sleeps := thread{tid: 7, wait: timed}
	for _, c := range []struct {
		threads []thread
		want    bool
	}{
		{[]thread{waits, accepts}, true},
		{[]thread{sleeps, accepts}, false},
		{[]thread{waits}, false},
		{nil, false},
	} {
		if got := isTicking(c.threads); got != c.want {
			t.Errorf("%v: %v", c.threads, got)
		}
	}
}

func TestIsLoopback(t *testing.T) {
	for address, want := range map[string]bool{
		"0100007F":                         true,
		"00000000":                         false,
		"0101A8C0":                         false,
		"00000000000000000000000001000000": true,
		"0000000000000000FFFF00000100007F": true,
		"0000000000000000FFFF00000101A8C0": false,
		"00000000000000000000000000000000": false,
	} {
		if isLoopback(address) != want {
			t.Errorf("%s: want %v", address, want)
		}
	}
}
