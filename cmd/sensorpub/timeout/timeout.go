// Package timeout bounds waits: for work that cannot be cancelled, such as a read
// of a bus or of a file on a network, and for time to pass.
package timeout

import (
	"context"
	"fmt"
	"time"
)

// Run waits for work that cannot be cancelled. After the time given, or when ctx
// ends, it returns an error and abandons the work.
func Run[T any](ctx context.Context, within time.Duration, work func() T) (result T, err error) {
	done := make(chan T, 1)
	go func() { done <- work() }()
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case result = <-done:
		return result, nil
	case <-ctx.Done():
		return result, ctx.Err()
	case <-timer.C:
		return result, fmt.Errorf("no answer within %v", within)
	}
}

// Sleep reports whether d has passed before ctx ended.
func Sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
