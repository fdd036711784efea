package trial

import (
	"syscall"
	"unsafe"
)

// maxFile bounds every file a program writes. It is only a net below
// Options.MaxOutput: shared memory is made of files too.
const maxFile = 1 << 30

// limitFiles bounds the files and forbids the core dumps of a process and of
// those it starts. Where that fails the program runs without.
func limitFiles(pid int) {
	for _, limit := range []struct {
		resource int
		value    uint64
	}{{syscall.RLIMIT_FSIZE, maxFile}, {syscall.RLIMIT_CORE, 0}} {
		value := syscall.Rlimit{Cur: limit.value, Max: limit.value}
		_, _, _ = syscall.RawSyscall6(syscall.SYS_PRLIMIT64, uintptr(pid), uintptr(limit.resource),
			uintptr(unsafe.Pointer(&value)), 0, 0, 0)
	}
}
