import assert from "node:assert/strict";
import test, {after, before} from "node:test";
import {examine, launch, open, shows, text} from "./browser.mjs";
import {sensor, start, waitFor} from "./world.mjs";

let browser;
before(async () => browser = await launch());
after(() => browser.close());

const often = 'interval = "200ms"';
const mock = (name, keys = 'interval = "1s"') => sensor(name, "mock", `{ baseline = 12.0, amplitude = 4.0, period = "20s", seed = 1 }`, keys);
const house = [
	mock("outside"),
	sensor("living room", "mock", `{ quantities = ["temperature", "humidity", "pressure"], period = "30s", seed = 2 }`, 'interval = "1s"\nencoding = "json"'),
	sensor("freezer", "mock", `{ baseline = -18.0, amplitude = 0.5, period = "40s", seed = 3 }`, 'interval = "2s"\nencoding = "binary"'),
];

test("all is well", async t => {
	const {daemon, url} = await start(t, house);
	await daemon.start();
	const ready = page => shows(page, "#list > :last-child .sent", "acknowledged");
	const page = await open(t, browser, url);
	await ready(page);
	await shows(page, "#o-broker", "connected");
	assert.equal(await text(page, "#balance"), "balances");
	assert.equal(await text(page, "#banner"), "");
	assert.equal(await page.locator(".sensor").count(), 3);
	assert.equal(await page.locator(".made-up:visible").count(), 3);
	assert.match(await text(page, ".reading [data-f=topic]"), /^temperature\/outside$/);
	assert.match(await text(page, "#list > :last-child [data-f=payload]"), /^c0[0-9a-f]{14} \(hex\)$/);
	await page.waitForTimeout(process.env.PAGE_PICTURES ? 60000 : 0); // for the charts
	await examine(t, browser, url, "normal", ready);
});

test("a new reading is on the page within two seconds", async t => {
	const {daemon, file, url} = await start(t, [sensor("outside", "file", `{ path = "DIR/probe" }`, often)]);
	file("probe", "1.5");
	await daemon.start();
	const page = await open(t, browser, url);
	await shows(page, ".value", "1.5");
	const delays = [];
	for (const value of ["-7.25", "0.0", "21.75", "-0.5", "100.0"]) {
		const written = Date.now();
		file("probe", value);
		await shows(page, ".value", value);
		delays.push(Date.now() - written);
	}
	delays.sort((a, b) => a - b); // one may be longer on a busy machine
	assert.ok(delays[3] < 2200, `got ${delays} ms, want 2 s and the 0.2 s until the next read`);
	assert.match(await page.getAttribute(".line", "d"), /^M/);
});

test("without a broker the page says so and what to do, and recovers", async t => {
	const {broker, daemon, url} = await start(t, house);
	await daemon.start();
	const page = await open(t, browser, url);
	await shows(page, "#connected", "connected");
	await broker.stop();
	await shows(page, "#banner", "no connection to mqtt://127.0.0.1");
	await shows(page, "#connected", "not connected");
	await page.waitForFunction(() => Number(document.getElementById("waiting").textContent.split(" ")[0]) > 3);
	await shows(page, "#banner", "is a broker running there");
	assert.equal(await text(page, "#cause"), "dial: connection refused");
	assert.equal(await text(page, "#balance"), "balances");
	await examine(t, browser, url, "down");
	await broker.start();
	await page.waitForFunction(() => document.getElementById("banner").textContent === "", null, {timeout: 60000});
	await page.waitForFunction(() => document.getElementById("waiting").textContent.startsWith("0 "));
	assert.equal(await text(page, "#losses"), "1");
	await shows(page, "#history", "no connection");
});

test("a node that has never been connected has no history", async t => {
	const {broker, daemon, url} = await start(t, [mock("pond", 'interval = "24h"'), mock("attic", 'interval = "90m"')]);
	await broker.stop();
	await daemon.start();
	const page = await open(t, browser, url);
	await shows(page, "#connected", "not connected");
	assert.equal(await page.locator("#broker h3:visible").count(), 0);
	assert.deepEqual(await page.locator("[data-f=driver]").allTextContents(), ["mock, every 24 h", "mock, every 1 h 30 min"]);
});

test("a probe that fails shows why, and its last refused value", async t => {
	const {daemon, url} = await start(t, [...house, sensor("greenhouse", "mock", `{ script = "ok*2, crc*10000" }`, often)]);
	await daemon.start();
	const failing = async page => {
		await shows(page, ".failing .error", "Failing since");
		await shows(page, ".failing [data-f=rejected]", "(crc)");
		await shows(page, "#banner", "greenhouse");
	};
	await failing(await open(t, browser, url));
	await examine(t, browser, url, "failing", failing);
});

test("forty sensors have a row each", async t => {
	const names = Array.from({length: 40}, (_, i) => `probe ${i + 1}`);
	const {daemon, url} = await start(t, names.map(name => mock(name)));
	await daemon.start();
	const ready = page => shows(page, "#o-sensors", "40 of 40 ok");
	const page = await open(t, browser, url);
	await ready(page);
	assert.deepEqual(await page.locator(".sensor h3").allTextContents(), names);
	await examine(t, browser, url, "forty", ready);
});

test("hostile names, units and payloads are text", async t => {
	const script = `<script>alert(1)<script>`, image = `<img src=x onerror=alert(1)>`;
	const name = `${script}"'&amp;\u202Eevil\u200F`, long = "<b>".repeat(60);
	const {daemon, file, url} = await start(t, [
		sensor(name, "file", `{ path = "DIR/probe", quantity = "load", unit = "${image}" }`, `${often}\nencoding = "json"\ntopic = '''t/${image}'''`),
		sensor("failing", "file", `{ path = "DIR/${image.replaceAll("/", "")}" }`, often),
		mock(long, `interval = "1s"\nencoding = "json"\ntopic = "${"a".repeat(4000)}/{sensor}"`),
	]);
	file("probe", "1");
	await daemon.start();
	const page = await open(t, browser, url);
	await shows(page, ".failing .error", image);
	await shows(page, ".sent", "acknowledged");
	const visible = name.replace("\u202E", "⟨U+202E⟩").replace("\u200F", "⟨U+200F⟩");
	assert.equal(await text(page, ".sensor h3"), visible);
	assert.equal(await text(page, ".unit"), image);
	assert.equal(await text(page, "[data-f=topic]"), `t/${image}`);
	assert.match(await text(page, "[data-f=payload]"), /^\{"value":1\.0,/);
	assert.equal(await page.locator("script").count(), 1);
	assert.equal(await page.locator("main img, main b b").count(), 0);
	await examine(t, browser, url, "hostile", page => shows(page, ".failing .error", image));
});

test("the keyboard reaches everything, in order and visibly", async t => {
	const {daemon, url} = await start(t, house);
	await daemon.start();
	const page = await open(t, browser, url, {width: 360});
	const reached = [];
	for (;;) {
		await page.keyboard.press("Tab");
		const {name, outline} = await page.evaluate(() => {
			const element = document.activeElement;
			return {name: element.getAttribute("href"), outline: getComputedStyle(element).outlineStyle};
		});
		if (name === null) break;
		assert.equal(outline, "solid", name);
		if (reached.push(name) > 20) break;
	}
	assert.deepEqual(reached, ["#sensors", "#sensors", "#broker", "#account", "#storage", "api/status", "metrics", "healthz"]);
	await page.reload();
	await page.keyboard.press("Tab");
	assert.equal(await page.evaluate(() => document.activeElement.getBoundingClientRect().width > 100), true, "the skip link is visible");
	await page.keyboard.press("Enter");
	assert.equal(await page.evaluate(() => document.activeElement.id), "sensors");
});

test("a page with a password is live too", async t => {
	const {daemon, file, url} = await start(t, house, `password_file = "DIR/password"`);
	file("password", "secret");
	await daemon.start();
	const page = await open(t, browser, url, {httpCredentials: {username: "sensorpub", password: "secret"}});
	await page.waitForFunction(() => Number(document.getElementById("read").textContent) > 20);
	assert.equal(await page.evaluate(() => performance.getEntriesByName(new URL("api/status", location).href).length), 0, "without events the status is asked for");
});

test("a page that has lost the daemon says so, and finds it again", async t => {
	const {daemon, url} = await start(t, house);
	await daemon.start();
	const page = await open(t, browser, url, {}, true); // Chromium logs that it cannot connect
	await shows(page, "#o-sensors", "3 of 3 ok");
	await daemon.stop();
	await shows(page, "#banner", "This page has lost the daemon");
	assert.equal(await text(page, "#live"), "not live");
	assert.equal(await page.locator(".sensor").count(), 3);
	await daemon.start();
	await waitFor("the page is not live again", async () => await text(page, "#live") === "live");
	await shows(page, "#o-sensors", "3 of 3 ok");
	assert.equal(await text(page, "#banner"), "");
});

test("a page that hears nothing any more asks", async t => {
	const {daemon, url} = await start(t, house);
	await daemon.start();
	const page = await open(t, browser, url, {}, true);
	await page.clock.install();
	await page.reload();
	await shows(page, "#o-sensors", "3 of 3 ok");
	daemon.signal("SIGSTOP"); // its connections stay open
	await waitFor("the page does not notice", async () => { // an event on its way counts as heard
		await page.clock.fastForward(40000);
		await new Promise(resolve => setTimeout(resolve, 3000));
		return (await text(page, "#banner")).includes("This page has lost the daemon");
	});
	daemon.signal("SIGCONT");
	await page.clock.fastForward(5000);
	await waitFor("the page is not live again", async () => await text(page, "#live") === "live");
});
