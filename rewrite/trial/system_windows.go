package trial

import (
	"os/exec"
	"strconv"
	"syscall"
)

func ownSession() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{CreationFlags: syscall.CREATE_NEW_PROCESS_GROUP}
}

// killGroup ends the main process and what descends from it.
func killGroup(root int, ended <-chan struct{}) {
	select {
	case <-ended:
	default:
		_ = exec.Command("taskkill", "/T", "/F", "/PID", strconv.Itoa(root)).Run()
	}
}

func groupLeft(int) int { return 0 }
