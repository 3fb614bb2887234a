package mqtt

import "net/url"

// Encrypted reports whether TLS is spoken at a broker's URL.
func Encrypted(u *url.URL) bool { return u.Scheme == "mqtts" || u.Scheme == "wss" }

// isWeb reports whether MQTT is spoken over a WebSocket.
func isWeb(u *url.URL) bool { return u.Scheme == "ws" || u.Scheme == "wss" }
