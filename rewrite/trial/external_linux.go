package trial

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// external says what may still wake a run of which every thread sleeps: a
// timer, a watched folder, or another machine. It returns "" for nothing.
func (p *processes) external() string {
	found, _ := p.living()
	for _, s := range found {
		if catchesAlarm(s.pid) {
			return "an alarm"
		}
		if timers, err := os.ReadFile(procPath(s.pid, "timers")); err == nil && len(timers) > 0 {
			return "a timer"
		}
		sockets := map[string]bool{}
		links, _ := filepath.Glob(procPath(s.pid, "fd/*"))
		for _, link := range links {
			target, err := os.Readlink(link)
			if err != nil {
				continue
			}
			switch {
			case strings.Contains(target, "[timerfd]"):
				return "a timer"
			case strings.HasSuffix(target, "inotify"):
				return "a watched file"
			case strings.HasPrefix(target, "socket:["):
				sockets[strings.Trim(target[len("socket:"):], "[]")] = true
			}
		}
		if len(sockets) > 0 && reachesOut(s.pid, sockets) {
			return "the network"
		}
	}
	return ""
}

// catchesAlarm reports whether the process has a handler for SIGALRM. An alarm
// that is set cannot be seen, but without a handler it ends the process.
func catchesAlarm(pid int) bool {
	status, err := os.ReadFile(procPath(pid, "status"))
	if err != nil {
		return false
	}
	for line := range strings.Lines(string(status)) {
		if value, ok := strings.CutPrefix(line, "SigCgt:"); ok {
			caught, err := strconv.ParseUint(strings.TrimSpace(value), 16, 64)
			return err == nil && caught&(1<<(syscall.SIGALRM-1)) != 0
		}
	}
	return false
}

// reachesOut reports whether one of the sockets (by inode) is connected to
// another machine, or is a datagram socket that anyone may write to.
func reachesOut(pid int, inodes map[string]bool) bool {
	for _, table := range []string{"tcp", "tcp6", "udp", "udp6"} {
		text, err := os.ReadFile(procPath(pid, "net/"+table))
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(text)) {
			fields := strings.Fields(line) // sl local remote state ... inode
			if len(fields) < 10 || !inodes[fields[9]] {
				continue
			}
			const listening = "0A"
			address, _, _ := strings.Cut(fields[2], ":")
			if fields[3] != listening && !isLoopback(address) {
				return true
			}
		}
	}
	return false
}

// isLoopback judges an address as /proc/net shows it: words of four bytes in
// the machine's order.
func isLoopback(address string) bool {
	switch len(address) {
	case 8:
		return strings.HasSuffix(address, "7F")
	case 32:
		return address == "00000000000000000000000001000000" ||
			strings.HasPrefix(address, "0000000000000000FFFF0000") && strings.HasSuffix(address, "7F")
	}
	return false
}
