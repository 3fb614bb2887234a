//go:build faults

package e2e

import (
	"encoding/binary"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
)

// A nameServer answers every address query with the current address, on port 53
// of a namespace's loopback device (RFC 1035, section 4.1).
type nameServer struct {
	mu      sync.Mutex
	answer  nameAnswer
	address net.IP
}

type nameAnswer int

const (
	nameFails nameAnswer = iota // SERVFAIL
	nameSilent
	nameFound
)

// startNameServer starts a name server that answers SERVFAIL.
func startNameServer(t *testing.T, n *namespace) *nameServer {
	t.Helper()
	var conn net.PacketConn
	var err error
	n.within(func() { conn, err = net.ListenPacket("udp", "127.0.0.1:53") })
	if err != nil {
		t.Fatal(err)
	}
	s := &nameServer{}
	var server sync.WaitGroup
	server.Go(func() { s.serve(conn) })
	t.Cleanup(func() {
		conn.Close()
		server.Wait()
	})
	return s
}

func (s *nameServer) set(a nameAnswer, ip string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answer, s.address = a, net.ParseIP(ip).To4()
}

func (s *nameServer) serve(conn net.PacketConn) {
	buf := make([]byte, 512)
	for {
		n, from, err := conn.ReadFrom(buf)
		if err != nil {
			return
		}
		s.mu.Lock()
		reply := s.reply(buf[:n])
		s.mu.Unlock()
		if reply != nil {
			conn.WriteTo(reply, from)
		}
	}
}

// reply answers the one question of a query.
func (s *nameServer) reply(query []byte) []byte {
	end := 12
	for end < len(query) && query[end] != 0 {
		end += 1 + int(query[end])
	}
	end += 1 + 4 // the name's end, type, class
	if s.answer == nameSilent || end > len(query) {
		return nil
	}
	r := append([]byte(nil), query[:end]...)
	r[2], r[3] = 0x81, 0x80 // a reply; recursion was wanted and is available
	clear(r[6:12])          // no records
	switch {
	case s.answer == nameFails:
		r[3] |= 2
	case binary.BigEndian.Uint16(query[end-4:]) == 1: // A
		r[7] = 1
		r = append(r, 0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 0, 0, 4) // the same name, A, IN, TTL 0
		r = append(r, s.address...)
	}
	return r
}

// resolve makes cmd use that name server, by another /etc/resolv.conf in a
// mount namespace of its own.
func resolve(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	if err := os.WriteFile(file, []byte("nameserver 127.0.0.1\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	bind := `mount --bind ` + file + ` /etc/resolv.conf && exec "$@"`
	cmd.Args = append([]string{"sh", "-c", bind, "sh"}, cmd.Args...)
	cmd.Path = "/bin/sh"
	cmd.SysProcAttr.Unshareflags = syscall.CLONE_NEWNS
}
