//go:build ignore

package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"os"
	"os/signal"
	"slices"

	"sensorpub/publisher/spool"
	"sensorpub/sensors"
)

func main() {
	conn, err := tls.Dial("tcp", os.Args[1], nil)
	slog.Error("spool", "cause", err, "conn", conn)
	json.NewEncoder(os.Stdout).Encode(os.Args)
	signal.Notify(make(chan os.Signal))
	slices.Sort(os.Args)
	name := os.Args[1]
	s := &spool.Spool{Dir: name, RuntimeDir: name, MaxBytes: 1 << 20}
	left, err := s.Open()
	s.Append(sensors.Reading{})
	go s.Run(context.Background())
	s.Settle(1)
	s.Commit()
	slog.Error("spool", "cause", err, "left", left, "records", s.Load(0, 1, 1), "state", s.State(), "close", s.Close())
}
