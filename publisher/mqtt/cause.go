package mqtt

import (
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

// cause returns the text of an error without what differs from attempt to
// attempt, such as local ports and the current time.
func cause(err error) string {
	if err == nil {
		return "ended"
	}
	var invalid x509.CertificateInvalidError
	if errors.As(err, &invalid) && invalid.Reason == x509.Expired && invalid.Cert != nil {
		return fmt.Sprintf("certificate has expired or is not yet valid: it is valid from %s to %s",
			invalid.Cert.NotBefore.UTC().Format(time.RFC3339), invalid.Cert.NotAfter.UTC().Format(time.RFC3339))
	}
	var dns *net.DNSError
	if errors.As(err, &dns) {
		return "look up " + dns.Name + ": " + dns.Err
	}
	var op *net.OpError
	if errors.As(err, &op) {
		if op.Timeout() {
			return op.Op + ": timeout"
		}
		var call *os.SyscallError
		if errors.As(op.Err, &call) {
			return op.Op + ": " + call.Err.Error()
		}
		return op.Op + ": " + op.Err.Error()
	}
	return err.Error()
}
