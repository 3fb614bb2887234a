package web

import (
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestWhoGetsThePage(t *testing.T) {
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	short, _, _ := strings.Cut(host, ".")
	at := func(host string) func(*http.Request) { return func(r *http.Request) { r.Host = host } }
	auth := func(name, password string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(name, password) }
	}
	method := func(m string) func(*http.Request) { return func(r *http.Request) { r.Method = m } }
	for _, c := range []struct {
		name, password string
		change         func(*http.Request)
		want           int
		waits          time.Duration
	}{
		{"by localhost", "", at("localhost:9110"), 200, 0},
		{"by localhost without a port", "", at("LocalHost"), 200, 0},
		{"by the address", "", at("192.168.1.5:9110"), 200, 0},
		{"by another address", "", at("192.168.1.6:9110"), 421, 0},
		{"by loopback from elsewhere", "", at("127.0.0.1:9110"), 421, 0},
		{"by an IPv6 address that is not here", "", at("[::1]:9110"), 421, 0},
		{"by the host name", "", at(host + ":9110"), 200, 0},
		{"by the host name with a dot at the end", "", at(host + ".:9110"), 200, 0},
		{"by the short name", "", at(short), 200, 0},
		{"by mDNS", "", at(strings.ToUpper(short) + ".local:9110"), 200, 0},
		{"by a name from hosts", "", at("garden.example"), 200, 0},
		{"by one that is written there with a dot at the end", "", at("shed.example:9110"), 200, 0},
		{"by an address from hosts, of a machine that forwards its port", "", at("192.168.1.7:9110"), 200, 0},
		{"by a name that resolves to here", "", at("evil.example:9110"), 421, 0},
		{"by a name that contains a good one", "", at("localhost.evil.example"), 421, 0},
		{"by no name", "", at(""), 421, 0},
		{"by something else", "", at("[::1"), 421, 0},
		{"HEAD", "", method("HEAD"), 200, 0},
		{"POST", "", method("POST"), 405, 0},
		{"OPTIONS", "", method("OPTIONS"), 405, 0},
		{"a method of somebody's own", "", method("STEAL"), 405, 0},
		{"a body", "", func(r *http.Request) { r.ContentLength = 1 }, 413, 0},
		{"a body of unknown length", "", func(r *http.Request) { r.ContentLength = -1 }, 413, 0},
		{"with the password", "hunter2", auth("sensorpub", "hunter2"), 200, 0},
		{"without the password", "hunter2", at("localhost"), 401, 0},
		{"with a wrong password", "hunter2", auth("sensorpub", "hunter3"), 401, guessEvery},
		{"with an empty password", "hunter2", auth("sensorpub", ""), 401, guessEvery},
		{"with another user", "hunter2", auth("root", "hunter2"), 401, guessEvery},
		{"with a password that nobody wants", "", auth("sensorpub", "x"), 200, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			var w *httptest.ResponseRecorder
			synctest.Test(t, func(t *testing.T) {
				s, _ := serverOf(well())
				s.Password, s.Hosts = c.password, []string{"garden.example", "shed.example.", "192.168.1.7"}
				start, want := time.Now(), c.waits
				w = get(s, "/api/status", c.change)
				if took := time.Since(start); took != want {
					t.Errorf("got the answer after %v, want %v", took, want)
				}
			})
			if w.Code != c.want {
				t.Errorf("got %d, want %d", w.Code, c.want)
			}
			if c.want != 200 && (w.Header().Get("Connection") != "close" || strings.Contains(w.Body.String(), "garden-pi")) {
				t.Errorf("got %v and %q, want the connection closed and nothing told", w.Header(), w.Body)
			}
			if got := w.Header().Get("WWW-Authenticate") != ""; got != (c.want == 401) {
				t.Errorf("got WWW-Authenticate %v", got)
			}
			if got := w.Header().Get("Allow") != ""; got != (c.want == 405) {
				t.Errorf("got Allow %v", got)
			}
		})
	}
}

// Each answer tells the browser to keep the page to itself.
func TestEveryAnswerIsProtected(t *testing.T) {
	s, _ := serverOf(well())
	for _, path := range []string{"/", "/style.css", "/app.js", "/api/status", "/api/history", "/api/explain", "/healthz", "/metrics", "/nothing"} {
		h := get(s, path).Header()
		policy := h.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "connect-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(policy, want) {
				t.Errorf("%s: got the policy %q, want %s", path, policy, want)
			}
		}
		if strings.Contains(policy, "unsafe") {
			t.Errorf("%s: got the policy %q", path, policy)
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Referrer-Policy") != "no-referrer" || h.Get("Content-Type") == "" {
			t.Errorf("%s: got %v", path, h)
		}
	}
}

func TestFilesOfThePage(t *testing.T) {
	s, _ := serverOf(well())
	for path, contentType := range map[string]string{"/": "text/html", "/style.css": "text/css", "/app.js": "text/javascript"} {
		w := get(s, path)
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), contentType) || w.Body.Len() < 500 {
			t.Errorf("%s: got %d, %v and %d bytes", path, w.Code, w.Header(), w.Body.Len())
		}
		tag := w.Header().Get("ETag")
		again := get(s, path, func(r *http.Request) { r.Header.Set("If-None-Match", tag) })
		if again.Code != http.StatusNotModified || again.Body.Len() != 0 {
			t.Errorf("%s: got %d and %d bytes of what the browser has", path, again.Code, again.Body.Len())
		}
	}
	for _, path := range []string{"/index.html", "//", "/page/app.js", "/api", "/../etc/passwd", "/favicon.ico"} {
		if w := get(s, path); w.Code != http.StatusNotFound {
			t.Errorf("%s: got %d, want 404", path, w.Code)
		}
	}
}
