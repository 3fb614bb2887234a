package timeout

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestRunLeavesWorkToItself(t *testing.T) {
	stuck := make(chan struct{})
	defer close(stuck)
	work := func() int { <-stuck; return 1 }
	if _, err := Run(t.Context(), time.Millisecond, work); err == nil || err.Error() != "no answer within 1ms" {
		t.Errorf("got %v, want no answer within 1ms", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, time.Hour, work); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %v", err, context.Canceled)
	}
	if n, err := Run(t.Context(), time.Hour, func() int { return 7 }); n != 7 || err != nil {
		t.Errorf("got %d, %v, want 7", n, err)
	}
}
