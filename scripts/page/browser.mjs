// Chromium, without a window, and what is examined of every page.
import assert from "node:assert/strict";
import fs from "node:fs";
import {createRequire} from "node:module";
import path from "node:path";
import {atEnd} from "./world.mjs";

const modules = createRequire(path.join(process.env.PAGE_MODULES, "/"));
const {chromium} = modules("playwright-core");
const axe = fs.readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");
const pictures = process.env.PAGE_PICTURES; // a folder

export const looks = [360, 1280].flatMap(width => ["light", "dark"].map(colorScheme => ({width, colorScheme})));

export const launch = () => chromium.launch({executablePath: process.env.CHROMIUM, args: ["--no-sandbox"]});

// open opens the page of a world and waits until it is live. At the end of the
// test the page must have asked nobody else and complained about nothing.
export async function open(test, browser, url, {width = 1280, ...look} = {}, mayComplain = false) {
	const context = await browser.newContext({viewport: {width, height: width < 600 ? 740 : 800}, ...look});
	const page = await context.newPage();
	const complaints = [];
	page.on("request", request => request.url().startsWith(url) || request.url().startsWith("data:") || complaints.push(`request to ${request.url()}`));
	page.on("console", message => mayComplain || complaints.push(`console: ${message.text()}`));
	page.on("pageerror", error => complaints.push(`error: ${error.message}`));
	page.on("dialog", dialog => complaints.push(`dialog: ${dialog.message()}`) && dialog.dismiss());
	atEnd(test, async () => {
		await context.close();
		assert.deepEqual(complaints, []);
	});
	await page.goto(url);
	await page.waitForFunction(() => document.getElementById("live").textContent === "live");
	return page;
}

// examine looks at a scene in every width and colour: nothing may be wider than
// the screen, axe must find nothing, and a picture is kept if one is wanted.
export async function examine(test, browser, url, scene, ready) {
	for (const look of looks) {
		const page = await open(test, browser, url, look);
		await ready?.(page);
		const name = `${scene}-${look.width}-${look.colorScheme}`;
		const width = await page.evaluate(() => document.documentElement.scrollWidth);
		assert.ok(width <= look.width, `${name}: got a page ${width} pixels wide, want ${look.width} at most`);
		await page.setViewportSize({width: look.width, height: 4000}); // rows that nobody sees are not laid out
		await page.evaluate(axe);
		const {violations} = await page.evaluate(() => axe.run());
		assert.deepEqual(violations.map(v => `${v.id}: ${v.help}: ${v.nodes.map(n => n.html).join(" ")}`), [], name);
		if (pictures) {
			const height = Math.min(2400, await page.evaluate(() => document.body.offsetHeight));
			await page.screenshot({path: path.join(pictures, name + ".png"), clip: {x: 0, y: 0, width: look.width, height}});
		}
		await page.close();
	}
}

export const text = (page, selector) => page.textContent(selector);

// shows waits until an element contains a text.
export function shows(page, selector, wanted) {
	return page.waitForFunction(([selector, wanted]) => document.querySelector(selector)?.textContent.includes(wanted), [selector, wanted], {timeout: 30000, polling: 50});
}
