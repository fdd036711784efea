//go:build unix && !linux

package trial

import "syscall"

// groupLeft returns 1 when the group of an ended main process still has
// members, else 0.
func groupLeft(root int) int {
	if syscall.Kill(-root, 0) == nil {
		return 1
	}
	return 0
}
