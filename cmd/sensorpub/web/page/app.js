// The status page. It shows what /events sends; all text from outside becomes text
// nodes, never markup. The shapes are described in ../doc.go.

const $ = id => document.getElementById(id);
const count = new Intl.NumberFormat("en").format;

let status; // as of /api/status, kept up to date
let ahead = 0; // the daemon's clock minus this one, in milliseconds
let heard = 0; // when the daemon was last heard of, by this clock
let lost = false;
let events;
const cards = new Map(); // by the name of the sensor

// visible shows control characters and those that would reorder or hide text.
const visible = text => String(text).replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
	c => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);

// put changes the text of an element, and nothing if it is the same, so that a
// selection or a screen reader is not disturbed.
function put(element, text) {
	text = visible(text);
	if (element.textContent !== text) element.textContent = text;
}

function badge(element, text, kind) {
	put(element, text);
	element.className = "badge " + kind;
}

// make returns an element with text and other elements in it.
function make(tag, kind, ...children) {
	const element = document.createElement(tag);
	element.className = kind;
	element.append(...children.map(c => c instanceof Node ? c : visible(c)));
	return element;
}

// clone returns a copy of a template, and its fields by their names.
function clone(id) {
	const root = $(id).content.firstElementChild.cloneNode(true);
	const fields = {root};
	for (const f of root.querySelectorAll("[data-f]")) fields[f.dataset.f] = f;
	return fields;
}

function span(seconds) {
	if (seconds < 60) return Math.max(0, +seconds.toFixed(1)) + " s";
	const minutes = Math.floor(seconds / 60), hours = Math.floor(minutes / 60);
	if (hours >= 48) return Math.floor(hours / 24) + " days";
	return ((hours ? hours + " h " : "") + (minutes % 60 ? minutes % 60 + " min" : "")).trim();
}

const now = () => Date.now() + ahead;
const ago = time => time ? span(Math.floor((now() - Date.parse(time)) / 1000)) + " ago" : "at an unknown time";

function clock(time) {
	if (!time) return "unknown time";
	const t = new Date(time);
	const day = t.toDateString() === new Date(now()).toDateString() ? {} : {day: "numeric", month: "short"};
	return t.toLocaleString("en-GB", {...day, hour: "2-digit", minute: "2-digit", second: "2-digit"});
}

const size = bytes => count(Math.ceil(bytes / 1000)) + " kB";

// draw draws a chart, broken where readings are missing, and returns the lowest and
// the highest value and the seconds between the first and the last point.
function draw(svg, points, interval) {
	const [area, line, dot] = svg.children;
	const values = points.map(p => p[1]);
	const low = Math.min(...values), high = Math.max(...values);
	const range = Math.max(high - low, Math.abs(high) * .005, 1e-9);
	const first = points[0][0], last = points.at(-1)[0], width = last - first || 1;
	const gap = 3 * Math.max(interval, 10, width / points.length);
	const x = p => (points.length > 1 ? (p[0] - first) / width * 300 : 300).toFixed(1);
	const y = p => (30 - (p[1] - (low + high) / 2) / range * 52).toFixed(1);
	let stroke = "", fill = "";
	points.forEach((p, i) => {
		const begin = !i || p[0] - points[i - 1][0] > gap;
		const end = i + 1 === points.length || points[i + 1][0] - p[0] > gap;
		stroke += (begin ? "M" : "L") + x(p) + " " + y(p) + (begin && end ? "h0" : "");
		fill += begin ? `M${x(p)} 60V${y(p)}` : `L${x(p)} ${y(p)}`;
		if (end) fill += "V60Z";
	});
	line.setAttribute("d", stroke);
	area.setAttribute("d", fill);
	dot.setAttribute("d", `M${x(points.at(-1))} ${y(points.at(-1))}h0`);
	return [low, high, last - first];
}

// plot draws the kept points, one in 10 seconds, and the newest reading.
function plot(card, {interval}, {time, value}) {
	const at = Date.parse(time) / 1000, last = card.points.at(-1)?.[0] ?? 0;
	const points = at > last ? [...card.points, [at, value]] : card.points;
	if (at - last >= 10) card.points = points.slice(-1000);
	if (!points.length || points.length > 99 && card.drawn === card.points) return; // looks the same
	card.drawn = card.points;
	const [low, high, seconds] = draw(card.root.querySelector("svg"), points, interval);
	const digits = (card.value.textContent.split(".")[1] || "").length;
	put(card.range, `${low.toFixed(digits)} to ${high.toFixed(digits)}`);
	put(card.span, "last " + span(Math.round(seconds)));
	card.range.parentNode.hidden = !seconds;
}

function showReading(card, sensor, reading) {
	// As in the payload, with its last zero, so that the digits stay in place.
	const text = reading.payload.match(/^(?:{"value":)?(-?\d+\.\d+)/)?.[1];
	put(card.value, Number(text) === reading.value ? text : reading.value);
	put(card.unit, reading.unit);
	put(card.quantity, reading.quantity.replaceAll("_", " "));
	card.age.dateTime = reading.time || "";
	put(card.topic, reading.topic);
	put(card.payload, reading.payload + (reading.binary ? " (hex)" : ""));
	for (const f of [card.topic, card.payload]) f.parentNode.tabIndex = f.textContent.length > 150 ? 0 : -1; // may scroll
	put(card.sent, (reading.retained ? "retained, " : "") + (reading.acknowledged ? "acknowledged" : "not acknowledged yet"));
	plot(card, sensor, reading);
}

function showSensor(sensor) {
	const card = cards.get(sensor.name);
	badge(card.status, sensor.status, sensor.status);
	card.simulated.hidden = !sensor.simulated;
	card.root.classList.toggle("failing", sensor.status === "failing");
	put(card.name, sensor.name);
	put(card.driver, `${sensor.driver}, every ${span(sensor.interval)}`);
	for (const [quantity, r] of card.of) {
		if (!sensor.readings.some(reading => reading.quantity === quantity)) {
			r.root.remove();
			card.of.delete(quantity);
		}
	}
	for (const reading of sensor.readings) {
		let r = card.of.get(reading.quantity);
		if (!r) {
			r = clone("reading");
			r.points = [];
			card.of.set(reading.quantity, r);
			card.readings.append(r.root);
		}
		showReading(r, sensor, reading);
	}
	card.sensor = sensor;
}

function showSensors() {
	cards.clear();
	$("list").replaceChildren(...status.sensors.map(sensor => {
		const card = clone("sensor");
		card.of = new Map();
		cards.set(sensor.name, card);
		showSensor(sensor);
		return card.root;
	}));
}

function showOverview({sensors, broker, account, queue}) {
	const are = k => sensors.filter(s => s.status === k).length;
	const bad = are("failing");
	put($("o-sensors"), `${bad || are("ok")} of ${sensors.length - are("absent")} ${bad ? "failing" : "ok"}`);
	put($("o-broker"), broker.connected ? "connected" : "not connected");
	put($("o-account"), count(account.read));
	put($("o-storage"), count(queue.waiting));
}

function showBroker({broker}) {
	badge($("connected"), broker.connected ? "connected" : "not connected", broker.connected ? "ok" : "failing");
	put($("url"), broker.url);
	put($("cause"), broker.cause);
	put($("since-what"), broker.connected ? "Connected since" : "Not connected since");
	put($("since"), broker.since ? clock(broker.since) : "the start");
	put($("losses"), count(broker.losses));
	$("history").previousElementSibling.hidden = !broker.history.length;
	$("history").replaceChildren(...[...broker.history].reverse().map(h => make("li", "",
		make("span", "faint", clock(h.time)),
		make("span", "", h.connected ? "connected to " : "no connection: ", make("bdi", "", h.connected ? h.url : h.cause)))));
}

function showAccount({account}) {
	let sum = 0;
	for (const cell of document.querySelectorAll("[data-account]")) {
		const entry = account[cell.dataset.account];
		let n = entry;
		if (typeof entry === "object") { // by reason
			const reasons = Object.entries(entry);
			n = reasons.reduce((sum, [, n]) => sum + n, 0);
			put(cell.previousElementSibling.lastElementChild, reasons.map(([why, n]) => `${why} ${count(n)}`).join(", "));
		}
		sum += n;
		put(cell, count(n));
	}
	put($("sum"), count(sum));
	put($("read"), count(account.read));
	const same = sum === account.read;
	badge($("balance"), same ? "balances" : `off by ${count(account.read - sum)}`, same ? "ok" : "failing");
}

function showStorage({queue, spool}) {
	put($("waiting"), `${count(queue.waiting)} of ${count(queue.capacity)}`);
	$("full").value = queue.waiting / queue.capacity;
	badge($("spool"), spool.state, spool.state);
	put($("bytes"), size(spool.bytes));
	put($("written"), size(spool.card_bytes_written));
	put($("spool-cause"), spool.cause);
}

function showBanner() {
	const problems = [...(status?.problems || [])];
	if (lost) {
		problems.unshift({
			problem: "This page has lost the daemon" + (status ? `: what it shows is as of ${clock(heard + ahead)}` : ""),
			hint: "Is the machine on and on the network? See systemctl status sensorpub there",
		});
	}
	const text = JSON.stringify(problems);
	if ($("banner").dataset.text !== text) {
		$("banner").dataset.text = text;
		const more = problems.length - 5;
		if (more > 1) problems.splice(5, more, {problem: `and ${more} more, see below`, hint: ""});
		$("banner").replaceChildren(...problems.map(({problem, hint}) =>
			make("p", "problem", make("b", "", problem), make("span", "", hint))));
	}
	badge($("live"), lost ? "not live" : status ? "live" : "loading", lost ? "failing" : status ? "ok" : "");
	document.title = (problems.length ? "⚠ " : "") + (status ? visible(status.node) + " – " : "") + "sensorpub";
}

// tick shows what changes with the time alone.
function tick() {
	for (const {sensor, error, rejected, of} of cards.values()) {
		for (const r of of.values()) put(r.age, ago(r.age.dateTime));
		put(error, sensor.status === "failing" ? `Failing since ${sensor.since ? clock(sensor.since) : "the start"}: ${sensor.error}` : "");
		const last = sensor.rejected;
		put(rejected, last ? `Last value refused ${ago(last.time)} (${last.reason}): ${last.detail}` : sensor.readings.length ? "" : "No reading yet.");
	}
	showBanner();
}

function show(parts) {
	heard = Date.now();
	if (parts.now) ahead = Date.parse(parts.now) - heard;
	lost = false;
	if (parts.broker) showBroker(parts);
	if (parts.account) showAccount(parts);
	if (parts.queue || parts.spool) showStorage(status);
	showOverview(status);
	tick();
}

function whole(next) {
	const same = status && next.sensors.map(s => s.name).join("/") === status.sensors.map(s => s.name).join("/");
	status = next;
	put($("node"), status.node);
	put($("about"), `sensorpub ${status.version}`.trim() + `, running since ${clock(status.started)}`);
	if (same) status.sensors.forEach(showSensor);
	else showSensors();
	show(status);
}

function change(parts) {
	const changed = parts.sensors || [];
	status = {...status, ...parts, sensors: status.sensors.map(s => changed.find(c => c.name === s.name) || s)};
	changed.forEach(showSensor);
	show(parts);
}

async function get(path) {
	const response = await fetch(path, {cache: "no-store", signal: AbortSignal.timeout(8000)});
	if (!response.ok) throw new Error(response.status);
	return response.json();
}

async function history() {
	const {series} = await get("api/history");
	for (const {sensor, quantity, points} of series) {
		const reading = cards.get(sensor)?.of.get(quantity);
		if (reading) reading.points = points;
	}
	status.sensors.forEach(showSensor);
}

// look asks for the status where no event says how the daemon is.
async function look() {
	try {
		whole(await get("api/status"));
	} catch {
		lost = true;
		tick();
	}
}

function connect() {
	events?.close();
	events = new EventSource("events");
	events.addEventListener("status", e => {
		whole(JSON.parse(e.data));
		history().catch(() => {});
	});
	events.addEventListener("change", e => change(JSON.parse(e.data)));
	events.addEventListener("alive", () => show({}));
	events.onerror = look;
}

connect();
setInterval(tick, 1000);
setInterval(() => {
	const silent = Date.now() - heard > 35000; // there is an event every 15 s
	if (silent || events.readyState === EventSource.CLOSED) connect();
	if (silent || lost) look();
}, 5000);
