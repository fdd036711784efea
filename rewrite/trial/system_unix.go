//go:build unix

package trial

import "syscall"

// ownSession puts a run into a session and process group of its own, without a
// terminal.
func ownSession() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setsid: true} }

// killGroup ends the group that the main process led. Its number is not given
// to others while it has members.
func killGroup(root int, _ <-chan struct{}) { _ = syscall.Kill(-root, syscall.SIGKILL) }
