package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"
)

// user is who may read the page with a password.
const user = "sensorpub"

// guessEvery is how long a wrong password waits for its answer: with all
// connections that is 32 guesses a second.
const guessEvery = 500 * time.Millisecond

// protect sets the headers that make a browser isolate the page: nothing is loaded
// from elsewhere, and no other page may embed or use it.
func protect(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "+
		"base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
}

// refuse answers what must not be served, and reports whether it has.
func (s *Server) refuse(w http.ResponseWriter, r *http.Request) bool {
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		w.Header().Set("Allow", "GET, HEAD")
		fail(w, http.StatusMethodNotAllowed, "only GET and HEAD are answered")
	case r.ContentLength != 0:
		fail(w, http.StatusRequestEntityTooLarge, "a request must not have a body")
	case !s.knows(r):
		fail(w, http.StatusMisdirectedRequest,
			fmt.Sprintf("this is not %q: use the address of this machine or localhost, or add the name to hosts in [http]", r.Host))
	case !s.mayRead(r):
		if r.Header.Get("Authorization") != "" {
			select {
			case <-time.After(guessEvery):
			case <-r.Context().Done():
			}
		}
		w.Header().Set("WWW-Authenticate", `Basic realm="sensorpub", charset="UTF-8"`)
		fail(w, http.StatusUnauthorized, `the user is "sensorpub", the password is in http.password_file`)
	default:
		return false
	}
	return true
}

// fail answers with a text, after which the connection is closed, so that
// nothing more is read from it.
func fail(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Connection", "close")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintln(w, text)
}

// mayRead reports whether a request has the password, in a time that does not
// depend on how much of it is right.
func (s *Server) mayRead(r *http.Request) bool {
	if s.Password == "" {
		return true
	}
	name, password, _ := r.BasicAuth()
	got, want := sha256.Sum256([]byte(name+":"+password)), sha256.Sum256([]byte(user+":"+s.Password))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

// knows reports whether the request is for this machine. A browser that was directed
// here by the name of another site that now resolves to this address sends that name
// (DNS rebinding).
func (s *Server) knows(r *http.Request) bool {
	host := hostOf(r.Host)
	if addr, err := netip.ParseAddr(host); err == nil {
		local, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
		if isAddressOf(addr.Unmap(), local) {
			return true
		}
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	for _, name := range s.names() {
		if strings.EqualFold(host, strings.TrimSuffix(name, ".")) {
			return true
		}
	}
	return false
}

// isAddressOf reports whether an address is the local one of a connection.
func isAddressOf(addr netip.Addr, local *net.TCPAddr) bool {
	if local == nil {
		return addr.IsLoopback()
	}
	at := local.AddrPort().Addr().Unmap().WithZone("")
	return addr == at || addr.IsLoopback() && at.IsLoopback()
}

// names returns the names of this machine: those that are configured, the host
// name, in full and up to its first dot, and the name by mDNS.
func (s *Server) names() []string {
	host, err := os.Hostname()
	if err != nil || host == "" {
		return s.Hosts
	}
	short, _, _ := strings.Cut(host, ".")
	return append([]string{host, short, short + ".local"}, s.Hosts...)
}

// hostOf returns the host of a Host header, without port, brackets and the dot
// at the end of a full name.
func hostOf(header string) string {
	host := header
	if inner, ok := strings.CutPrefix(host, "["); ok {
		host, _, _ = strings.Cut(inner, "]")
		return host
	}
	if i := strings.LastIndexByte(host, ':'); i >= 0 {
		host = host[:i]
	}
	return strings.TrimSuffix(host, ".")
}
