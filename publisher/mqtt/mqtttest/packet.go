package mqtttest

import (
	"fmt"
	"time"
)

// Type is the type of a control packet (MQTT 3.1.1, table 2.1).
type Type byte

// The control packets, and ACCEPT for the moment a TCP connection is accepted.
const (
	ACCEPT Type = iota
	CONNECT
	CONNACK
	PUBLISH
	PUBACK
	PUBREC
	PUBREL
	PUBCOMP
	SUBSCRIBE
	SUBACK
	UNSUBSCRIBE
	UNSUBACK
	PINGREQ
	PINGRESP
	DISCONNECT
)

var typeNames = [...]string{
	"ACCEPT", "CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP",
	"SUBSCRIBE", "SUBACK", "UNSUBSCRIBE", "UNSUBACK", "PINGREQ", "PINGRESP", "DISCONNECT",
}

// String returns the specification's name of the type, such as "PUBACK".
func (t Type) String() string {
	if int(t) < len(typeNames) {
		return typeNames[t]
	}
	return fmt.Sprintf("packet type %d", byte(t))
}

// Packet is one control packet that a client sent. A packet of type ACCEPT,
// which opens each connection's record, stands for the TCP connection itself.
type Packet struct {
	Type Type
	Conn int       // number of the connection, from 1 in the order of acceptance
	At   time.Time // when it was read
	ID   uint16    // packet identifier, 0 if the packet has none

	Connect *Connect       // CONNECT only
	Message *Message       // PUBLISH only
	Filters []Subscription // SUBSCRIBE and UNSUBSCRIBE only
}

// Message is an application message: one PUBLISH as it came, or a will. What
// the broker hands out is shared; do not change Payload.
type Message struct {
	Seq  int       // its index in Messages, or in Wills
	Conn int       // number of the connection, from 1
	At   time.Time // when it was read, or when the will was published

	Topic   string
	Payload []byte
	QoS     byte // 0, 1 or 2
	Retain  bool
	Dup     bool
	ID      uint16 // packet identifier, 0 with QoS 0
}

// Connect is the content of one CONNECT packet.
type Connect struct {
	Conn int       // number of the connection, from 1
	At   time.Time // when it was read

	Protocol     string // "MQTT"
	Level        byte   // 4
	ClientID     string
	CleanSession bool
	KeepAlive    time.Duration // 0 means none
	HasUsername  bool
	Username     string
	HasPassword  bool
	Password     string
	Will         *Message // nil if there is none
}

// Subscription is one topic filter of a SUBSCRIBE (with the QoS asked for) or
// of an UNSUBSCRIBE.
type Subscription struct {
	Filter string
	QoS    byte
}

// EndReason says how a connection ended.
type EndReason string

// How connections end. The will is published unless the client sent DISCONNECT
// or the broker went down.
const (
	Disconnected     EndReason = "DISCONNECT"
	ClosedByClient   EndReason = "closed by the client without DISCONNECT"
	ResetByClient    EndReason = "reset by the client"
	CutWithinPacket  EndReason = "closed by the client within a packet"
	KeepAliveExpired EndReason = "nothing received for 1.5 keep-alive periods"
	ClosedByBroker   EndReason = "closed by the broker"
	ResetByBroker    EndReason = "reset by the broker"
	TakenOver        EndReason = "taken over by a connection with the same client id"
	Violated         EndReason = "closed after a protocol violation"
	HandshakeFailed  EndReason = "TLS handshake failed"
	TLSOnPlainPort   EndReason = "TLS spoken on a plain port"
	Killed           EndReason = "broker killed"
	Stopped          EndReason = "broker stopped"
)

// End is the end of a connection.
type End struct {
	Conn   int       // number of the connection, from 1
	At     time.Time // when it was noticed
	Reason EndReason
	Err    error // the cause, if an error was one
}
