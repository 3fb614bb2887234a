// Package mqtt connects to an MQTT broker: dialling, the session, writing,
// keep-alive, back-off, hints and the connection log. It speaks MQTT 3.1.1
// through paho.mqtt.golang, which is used here and nowhere else. Published messages
// bypass the library, which takes twice as long for each (publish), unless the build
// tag paho is given.
//
// A [Dialer] makes one [Session], a [Client] one after another. Between the
// library and the network stands a conn, which lets only valid packets in
// (inbound), gathers what goes out (outbound) and keeps the connection alive
// (keepAlive). A session ends with its connection and stores nothing: resending
// what was not acknowledged is up to its user.
//
// The package knows nothing about readings, queues or the configuration file.
// Neither it nor package publisher imports the other; the wiring adapts a
// Session to the interface that the publisher consumes.
package mqtt
