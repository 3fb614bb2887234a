package main

import (
	"context"
	"errors"
	"math"
	"path/filepath"
	"sync"
	"time"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

// A spoolStore is a spool with its card tier alone, or where it need not be
// durable with its runtime tier alone. It flushes as soon as it looks, which
// is once a second.
type spoolStore struct {
	spool  *spool.Spool
	waits  int // readings
	cancel context.CancelFunc
	worker sync.WaitGroup
}

func openSpool(dir string, durable bool) (store, error) {
	s := &spool.Spool{SpillAfter: time.Millisecond, FlushInterval: time.Millisecond, MaxBytes: 16 << 20}
	if durable {
		s.Dir = filepath.Join(dir, "card")
	} else {
		s.RuntimeDir = filepath.Join(dir, "runtime")
	}
	left, err := s.Open()
	if err != nil {
		return nil, err
	}
	st := &spoolStore{spool: s, waits: left.Waiting}
	var ctx context.Context
	ctx, st.cancel = context.WithCancel(context.Background())
	st.worker.Go(func() { s.Run(ctx) })
	return st, nil
}

func (s *spoolStore) append(batch []sensors.Reading) error {
	for _, r := range batch {
		if _, lost := s.spool.Append(r); len(lost) > 0 {
			return errors.New("the spool is full")
		}
	}
	s.waits += len(batch)
	for s.spool.Dir != "" && s.spool.State().Card.Waiting < s.waits {
		if err := s.spool.State().Card.Cause; err != nil {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

func (s *spoolStore) each(f func(sensors.Reading)) error {
	records, _ := s.spool.Load(0, math.MaxUint64, s.waits)
	for _, r := range records {
		f(r.Reading)
	}
	return nil
}

func (s *spoolStore) close() error {
	s.cancel()
	s.worker.Wait()
	return s.spool.Close()
}
