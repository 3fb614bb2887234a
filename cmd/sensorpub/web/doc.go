// Package web is the daemon's HTTP server: the status page, its live events and
// history, the metrics for Prometheus, and the health check. It knows the daemon
// by its Snapshot and its Explain and changes nothing.
//
// These are its paths; each answers GET and HEAD and nothing else:
//
//	/                          the status page
//	/style.css, /app.js        what it needs
//	/events                    server-sent events, see below
//	/api/status                the whole status
//	/api/history               the points of the charts
//	/api/explain?topic=TOPIC   the last decisions about a topic
//	/metrics                   Prometheus
//	/healthz                   200 {"status":"ok"}, or 503 {"status":"failing","problems":[…]}
//
// # Status
//
// A time is RFC 3339 in UTC with milliseconds, or null: not yet, or the clock was
// not set. Lists and objects are never null.
//
//	{
//	  "node": "garden-pi", "version": "1.2.3", "started": TIME, "now": TIME,
//	  "broker": {
//	    "url": "mqtt://localhost:1883", "connected": true,
//	    "since": TIME, when the connection was made or lost
//	    "losses": 2,
//	    "cause": "", "hint": "", why there is no connection, and what to do
//	    "history": [{"time": TIME, "connected": false, "url": "…", "cause": "…"}, …] oldest first, at most 16
//	  },
//	  "account": {"read": 9, "acknowledged": 4, "sent": 0, "superseded": 1, "rejected": {"crc": 1}, "dropped": {}, "queued": 3},
//	  "queue": {"waiting": 3, "capacity": 1024},
//	  "spool": {
//	    "state": "ok", or "off", or "failing"
//	    "bytes": 4096, "card_bytes_written": 0, "cause": ""
//	  },
//	  "problems": [{"problem": "…", "hint": "…"}, …] as in /healthz
//	  "sensors": [{
//	    "name": "outside", "driver": "ds18b20",
//	    "status": "ok", or "failing", or "starting": not read yet, or "absent": optional and not there yet
//	    "error": "", of the last failure, while it is failing
//	    "since": TIME or null, since when it is failing
//	    "interval": 10, seconds between two reads
//	    "simulated": false,
//	    "rejected": null, or the last value that was refused:
//	      {"time": TIME, "quantity": "temperature", "reason": "range", "detail": "temperature is 130 °C, the range is -55 to 125"}
//	    "readings": [{
//	      "quantity": "temperature", "value": 28.4, "unit": "°C", "time": TIME, as published: in the route's unit, rounded
//	      "topic": "temperature/outside", "payload": "28.4", in hex if the encoding is binary
//	      "binary": false, "retained": true, "acknowledged": true
//	    }, …] those quantities that have been read
//	  }, …]
//	}
//
// # Events
//
// The first event of each connection is "status", with the whole status as its
// data. Then at most one event a second: "change", whose data has "now" and those
// of "broker", "account", "queue", "spool" and "problems" that have changed, each
// whole, and in "sensors" those sensors that have changed, each whole. When the
// sensors have others or another order, as after a reload, a "status" comes again.
// If nothing changes, there is "alive" every 15 seconds. At most 8 clients at a
// time; another one gets 503.
//
// # History
//
// /api/history?sensor=NAME&quantity=NAME; without one of them, or both, all that
// match. The points are in the unit of the route, oldest first, at most one in 10
// seconds and 1,000 in all, each a pair of seconds since 1970 and the value. There
// is none while a sensor fails.
//
//	{"series": [{"sensor": "outside", "quantity": "temperature", "unit": "°C", "points": [[1767355200, 28.4], …]}, …]}
//
// # Explanation
//
// Decisions are oldest first, at most 16, one for each value that was read. 404
// and {"error": "…"} if nothing publishes to the topic.
//
//	{
//	  "topic": "temperature/outside", "sensor": "outside", "quantity": "temperature",
//	  "status": "ok", "error": "", of the sensor
//	  "connected": true, "cause": "", of the broker
//	  "decisions": [{
//	    "time": TIME, when it was read
//	    "decision": "acknowledged", "sent", "queued", "superseded", "dropped", "rejected" or "deadband"
//	    "value": 28.4, "unit": "°C", "seq": 17, of what was accepted; else null, "" and 0
//	    "reason": "", of a rejected or dropped one
//	    "detail": "", of a rejected one
//	    "after": 0.012 seconds from reading to decision; null while it is queued
//	  }, …]
//	}
package web
