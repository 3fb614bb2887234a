//go:build ignore

package main

import (
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"os"
	"os/signal"
	"slices"
)

func main() {
	conn, err := tls.Dial("tcp", os.Args[1], nil)
	slog.Error("none", "cause", err, "conn", conn)
	json.NewEncoder(os.Stdout).Encode(os.Args)
	signal.Notify(make(chan os.Signal))
	slices.Sort(os.Args)
}
