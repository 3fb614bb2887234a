package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestCableIsCutOnlyWhenTheOutageEndsInTime(t *testing.T) {
	for _, tt := range []struct {
		name    string
		runs    time.Duration
		at      time.Duration
		wantCut bool
	}{
		{"before the first", 40 * time.Second, 14 * time.Second, false},
		{"in the first", 40 * time.Second, 16 * time.Second, true},
		{"after the first", 40 * time.Second, 20 * time.Second, false},
		{"in the second", 60 * time.Second, 50 * time.Second, true},
		{"in the second, but the demo ends soon", 52 * time.Second, 50 * time.Second, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), tt.runs)
				defer cancel()
				var c cable
				go c.run(ctx, 30*time.Second)
				time.Sleep(tt.at)
				if got := c.isCut(); got != tt.wantCut {
					t.Errorf("after %v: cut %v, want %v", tt.at, got, tt.wantCut)
				}
			})
		})
	}
}
