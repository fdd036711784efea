package engine

import (
	"context"
	"fmt"
	"path"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
)

// parallel calls do for 0 to n-1, at most workers at once. It returns the error
// of ctx when that ended before the last call began.
func parallel(ctx context.Context, workers, n int, do func(int)) error {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range min(workers, n) {
		wg.Go(func() {
			for ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	wg.Wait()
	return ctx.Err()
}

// guard calls do and returns a panic in it as a text that names the place, ""
// when there was none.
func guard(do func()) (failure string) {
	defer func() {
		if v := recover(); v != nil {
			failure = fmt.Sprintf("panic: %v%s", v, panicPlace())
		}
	}()
	do()
	return ""
}

// panicPlace returns " (file.go:12)" for the frame that panicked. Called while
// recovering.
func panicPlace() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	panicking := false
	for {
		frame, more := frames.Next()
		if frame.Function == "runtime.gopanic" {
			panicking = true
		} else if panicking && !strings.HasPrefix(frame.Function, "runtime.") {
			return fmt.Sprintf(" (%s:%d)", path.Base(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}
