package doctor

import (
	"context"
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"sensorpub/cmd/sensorpub/config"
	"sensorpub/publisher/mqtt"
)

// A reach checks the way to a broker, up to where MQTT begins.
type reach struct {
	*report
	config *config.Config
	step   time.Duration // limit of each step
	now    func() time.Time
}

// check reports whether a broker can be reached.
func (c *reach) check(ctx context.Context, u *url.URL) bool {
	return c.checkName(ctx, u) && c.checkTCP(ctx, u) && (!mqtt.Encrypted(u) || c.checkTLS(ctx, u))
}

// checkName looks up the host.
func (c *reach) checkName(ctx context.Context, u *url.URL) bool {
	host := u.Hostname()
	if _, err := netip.ParseAddr(host); err == nil {
		c.say(statusSkip, "DNS", host+" is an address")
		return true
	}
	ctx, cancel := context.WithTimeout(ctx, c.step)
	defer cancel()
	addrs, err := mqtt.LookUp(ctx, "ip", host)
	if err != nil {
		c.say(statusFail, "DNS", err.Error(), mqtt.Hint(err))
		return false
	}
	for i := range addrs {
		addrs[i] = addrs[i].Unmap() // not ::ffff:127.0.0.1
	}
	c.say(statusOK, "DNS", host+" is "+strings.Trim(fmt.Sprint(addrs), "[]"))
	return true
}

// checkTCP opens a connection.
func (c *reach) checkTCP(ctx context.Context, u *url.URL) bool {
	ctx, cancel := context.WithTimeout(ctx, c.step)
	defer cancel()
	start := time.Now()
	conn, err := mqtt.Dial(ctx, "tcp", u.Host)
	if err != nil {
		c.say(statusFail, "TCP", err.Error(), tcpHint(err))
		return false
	}
	conn.Close()
	c.say(statusOK, "TCP", fmt.Sprintf("%s answers within %d ms", u.Host, time.Since(start).Milliseconds()+1))
	return true
}
