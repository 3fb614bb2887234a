package main

import (
	"errors"
	"os"
	"slices"
	"time"

	"sensorpub/sensors"
)

const (
	appendRounds = 7
	appends      = 10_000 // in a round
)

// compareAppends measures what an append takes of which only the process, but
// not the machine, may end: on a tmpfs, one at a time and in batches. The
// stores take turns.
func compareAppends() error {
	sizes := []int{1, 60}
	took := make([][][]float64, len(candidates))
	for range appendRounds {
		for i, c := range candidates {
			took[i] = append(took[i], make([]float64, len(sizes)))
			for k, n := range sizes {
				ns, err := measureAppends(c, n)
				if err != nil {
					return err
				}
				took[i][len(took[i])-1][k] = ns
			}
		}
	}
	t := newTable("Nanoseconds for an append without fsync on a tmpfs (ratio to the spool)", "one at a time", "60 at a time")
	for i, c := range candidates {
		cells := []string{c.name}
		for k := range sizes {
			cells = append(cells, ratio("%.0f", median(took[i], k), median(took[0], k)))
		}
		t.row(cells...)
	}
	return t.w.Flush()
}

func measureAppends(c candidate, n int) (ns float64, err error) {
	dir, err := os.MkdirTemp("/dev/shm", "spoolbench")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	s, err := c.open(dir, false)
	if err != nil {
		return 0, err
	}
	defer s.close()
	batch := make([]sensors.Reading, n)
	start := time.Now()
	for done := 0; done < appends; done += n {
		for i := range batch {
			batch[i] = reading(done + i + 1)
		}
		if err := s.append(batch); err != nil {
			return 0, err
		}
	}
	return float64(time.Since(start).Nanoseconds()) / appends, nil
}

// median is that of a column.
func median(rows [][]float64, column int) float64 {
	var all []float64
	for _, r := range rows {
		all = append(all, r[column])
	}
	slices.Sort(all)
	return all[len(all)/2]
}
