package main

import (
	"context"
	"fmt"
	"time"
)

// aside waits for work that cannot be cancelled, such as a read of a bus. It
// leaves the work to itself after the time given, or when ctx ends.
func aside[T any](ctx context.Context, within time.Duration, work func() T) (result T, err error) {
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
		return result, fmt.Errorf("has not ended for %v and may hold its bus", within)
	}
}
