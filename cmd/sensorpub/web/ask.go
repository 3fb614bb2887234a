package web

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"time"
)

// Errors of Ask.
var (
	ErrPassword = errors.New("the daemon does not accept the password")
	ErrTopic    = errors.New("no sensor of the running daemon publishes to that topic")
	ErrSilent   = fmt.Errorf("no answer within %v", askWithin)
)

// askWithin bounds a question, and maxAnswer its answer in bytes.
const (
	askWithin = 5 * time.Second
	maxAnswer = 1 << 20
)

// Ask asks the daemon that serves its page at host:port what happened to the last
// values for a topic. The client of net/http would cost 300 KB on ARMv6.
func Ask(ctx context.Context, address, password, topic string) (e Explanation, err error) {
	ctx, cancel := context.WithTimeout(ctx, askWithin)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		return e, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	defer func() {
		if err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			err = ErrSilent
		}
	}()
	query := url.Values{"topic": {topic}}
	r := &http.Request{
		Method: http.MethodGet, Host: address, Header: make(http.Header), Close: true,
		URL: &url.URL{Path: "/api/explain", RawQuery: query.Encode()},
	}
	if password != "" {
		r.SetBasicAuth(user, password)
	}
	if err := r.Write(conn); err != nil {
		return e, err
	}
	answer, err := http.ReadResponse(bufio.NewReader(io.LimitReader(conn, maxAnswer)), r)
	if err != nil {
		return e, err
	}
	defer answer.Body.Close()
	switch answer.StatusCode {
	case http.StatusOK:
		err = json.NewDecoder(answer.Body).Decode(&e)
		return e, err
	case http.StatusUnauthorized:
		return e, ErrPassword
	case http.StatusNotFound:
		return e, ErrTopic
	}
	return e, fmt.Errorf("answered with HTTP status %d", answer.StatusCode)
}
