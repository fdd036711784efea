//go:build linux && !amd64 && !arm64

package trial

// blockingCalls is empty where the numbers of system calls are not known.
var blockingCalls map[int]argument
