// A world is what a page is tested in: the built program, a real Mosquitto, and
// files that are its probes.
import {spawn} from "node:child_process";
import {once} from "node:events";
import fs from "node:fs";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const program = path.resolve(process.env.SENSORPUB_BINARY || "bin/sensorpub");

async function freePort() {
	const server = net.createServer().listen(0, "127.0.0.1");
	await once(server, "listening");
	const {port} = server.address();
	server.close();
	await once(server, "close");
	return port;
}

// waitFor waits until something is true, half a minute at most.
export async function waitFor(what, condition) {
	const end = Date.now() + 30000;
	while (!await condition()) {
		if (Date.now() > end) throw new Error(`after 30 s: ${what}`);
		await new Promise(resolve => setTimeout(resolve, 50));
	}
}

function listens(port) {
	return new Promise(resolve => {
		const socket = net.connect(port, "127.0.0.1");
		socket.on("connect", () => resolve(true) || socket.destroy()).on("error", () => resolve(false));
	});
}

// A Process can be stopped and started again with the same arguments.
class Process {
	constructor(command, args, port) {
		Object.assign(this, {command, args, port, output: ""});
	}

	async start() {
		this.child = spawn(this.command, this.args, {stdio: ["ignore", "pipe", "pipe"]});
		for (const stream of [this.child.stdout, this.child.stderr]) stream.on("data", data => this.output += data);
		await once(this.child, "spawn");
		await waitFor(`${this.command} does not listen: ${this.output}`, () => this.child.exitCode !== null || listens(this.port));
		if (this.child.exitCode !== null) throw new Error(`${this.command} exited: ${this.output}`);
	}

	signal(name) {
		this.child.kill(name);
	}

	async stop() {
		if (!this.child || this.child.exitCode !== null || this.child.signalCode) return;
		const exited = once(this.child, "exit");
		this.child.kill("SIGKILL");
		await exited;
	}
}

const ends = new WeakMap(); // by test

// atEnd has something done at the end of a test, what was last started first.
export function atEnd(test, end) {
	if (!ends.has(test)) {
		ends.set(test, []);
		test.after(async () => {
			let failure;
			for (const end of ends.get(test).reverse()) {
				try {
					await end();
				} catch (error) {
					failure ??= error;
				}
			}
			if (failure) throw failure;
		});
	}
	ends.get(test).push(end);
}

// sensor returns the configuration of a sensor. Keys may be any TOML.
export function sensor(name, driver, options, keys = "") {
	return `[[sensor]]\nname = ${JSON.stringify(name)}\ndriver = "${driver}"\n${keys}\noptions = ${options}\n`;
}

// start starts a broker and prepares the program, with sensors and more lines for
// [http]; both end with the test.
export async function start(test, sensors, http = "") {
	const dir = fs.mkdtempSync(path.join(os.tmpdir(), "sensorpub-page-"));
	fs.chmodSync(dir, 0o755); // Mosquitto drops its privileges
	const file = (name, text) => fs.writeFileSync(path.join(dir, name), text);
	const [brokerPort, httpPort] = [await freePort(), await freePort()];
	file("mosquitto.conf", `listener ${brokerPort} 127.0.0.1\nallow_anonymous true\n`);
	file("config.toml", `node = "garden-pi"
[broker]
urls = ["mqtt://127.0.0.1:${brokerPort}"]
[http]
listen = "127.0.0.1:${httpPort}"
${http.replaceAll("DIR", dir)}
[spool]
dir = "${dir}/spool"
runtime_dir = "${dir}/run"
${sensors.join("").replaceAll("DIR", dir)}`);
	const broker = new Process("mosquitto", ["-c", path.join(dir, "mosquitto.conf")], brokerPort);
	const daemon = new Process(program, ["run", "--config", path.join(dir, "config.toml")], httpPort);
	atEnd(test, async () => {
		await daemon.stop();
		await broker.stop();
		fs.rmSync(dir, {recursive: true, force: true});
	});
	await broker.start();
	return {broker, daemon, file, url: `http://127.0.0.1:${httpPort}/`};
}
