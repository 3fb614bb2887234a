package web

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"sensorpub/cmd/sensorpub/daemon"
	"sensorpub/publisher"
)

// Whatever is asked, the answer is a known one, and says nothing to those who
// may not read it.
func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /events HTTP/1.1\r\nHost: localhost:9110\r\nAuthorization: Basic c2Vuc29ycHViOmh1bnRlcjI=\r\n\r\n",
		"HEAD /metrics HTTP/1.0\r\nHost: [::1]:80\r\n\r\n",
		"GET /api/history?sensor=outside&quantity=%00 HTTP/1.1\r\nHost: 192.168.1.5\r\nAuthorization: Basic c2Vuc29ycHViOmh1bnRlcjI=\r\n\r\n",
		"GET /api/explain?topic=temperature/outside&topic=;%zz HTTP/1.1\r\nHost: LOCALHOST.\r\nAuthorization: Basic c2Vuc29ycHViOmh1bnRlcjI=\r\n\r\n",
		"GET http://evil.example/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /api/status HTTP/1.1\r\nHost: localhost\r\nContent-Length: 3\r\n\r\nabc",
		"GET /app.js HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
		"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n",
	} {
		f.Add([]byte(seed))
	}
	ended, cancel := context.WithCancel(context.WithValue(f.Context(), http.LocalAddrContextKey, local))
	cancel() // so that events end after the first
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(b)))
		if err != nil {
			return // answered by net/http
		}
		s, _ := serverOf(ill())
		s.Password = "hunter2"
		s.Explain = func(topic string) (daemon.Explanation, bool) {
			return daemon.Explanation{
				Snapshot: ill(), Decisions: []publisher.Decision{{Fate: publisher.FateRejected, Detail: topic}},
			}, strings.HasPrefix(topic, "t")
		}
		s.history.record(ill())
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r.WithContext(ended))
		if !slices.Contains([]int{200, 304, 401, 404, 405, 413, 421, 503}, w.Code) {
			t.Errorf("got status %d", w.Code)
		}
		if w.Header().Get("Content-Security-Policy") == "" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("got %v", w.Header())
		}
		_, password, _ := r.BasicAuth()
		if told := strings.Contains(w.Body.String(), "garden-pi"); told && (password != "hunter2" || r.Method != "GET" && r.Method != "HEAD") {
			t.Errorf("got %s", w.Body)
		}
		switch w.Header().Get("Content-Type") {
		case "application/json":
			if !json.Valid(w.Body.Bytes()) {
				t.Errorf("got %s", w.Body)
			}
		case "text/plain; version=0.0.4; charset=utf-8":
			if _, err := parseMetrics(w.Body.String()); err != nil {
				t.Error(err)
			}
		}
	})
}
