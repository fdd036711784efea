package trial

import "syscall"

// blockingCalls are the system calls in which CPython waits for others.
var blockingCalls = map[int]argument{
	syscall.SYS_POLL:            {"poll", 2, true},
	syscall.SYS_PPOLL:           {"poll", 2, false},
	syscall.SYS_SELECT:          {"select", 4, false},
	syscall.SYS_PSELECT6:        {"select", 4, false},
	syscall.SYS_EPOLL_WAIT:      {"epoll_wait", 3, true},
	syscall.SYS_EPOLL_PWAIT:     {"epoll_wait", 3, true},
	syscall.SYS_FUTEX:           {"futex", 3, false},
	syscall.SYS_RT_SIGTIMEDWAIT: {"sigwait", 2, false},
	syscall.SYS_SEMTIMEDOP:      {"semop", 3, false},
	syscall.SYS_SEMOP:           {"semop", -1, false},
	syscall.SYS_READ:            {"read", -1, false},
	syscall.SYS_READV:           {"read", -1, false},
	syscall.SYS_WRITE:           {"write", -1, false},
	syscall.SYS_WRITEV:          {"write", -1, false},
	syscall.SYS_RECVFROM:        {"recv", -1, false},
	syscall.SYS_RECVMSG:         {"recv", -1, false},
	syscall.SYS_SENDTO:          {"send", -1, false},
	syscall.SYS_SENDMSG:         {"send", -1, false},
	syscall.SYS_ACCEPT:          {"accept", -1, false},
	syscall.SYS_ACCEPT4:         {"accept", -1, false},
	syscall.SYS_CONNECT:         {"connect", -1, false},
	syscall.SYS_WAIT4:           {"wait4", -1, false},
	syscall.SYS_WAITID:          {"waitid", -1, false},
	syscall.SYS_PAUSE:           {"pause", -1, false},
	syscall.SYS_RT_SIGSUSPEND:   {"sigsuspend", -1, false},
	syscall.SYS_FLOCK:           {"flock", -1, false},
	syscall.SYS_FCNTL:           {"fcntl", -1, false},
	syscall.SYS_OPEN:            {"open", -1, false},
	syscall.SYS_OPENAT:          {"open", -1, false},
	syscall.SYS_MSGRCV:          {"msgrcv", -1, false},
	syscall.SYS_MSGSND:          {"msgsnd", -1, false},
}
