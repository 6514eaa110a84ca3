// Asks the running portal for every public page and writes it to dist/, as the server would show it.
// The server falls back on these when the portal is away. A page that fails, or a link between
// pages that leads nowhere, fails the build.

import { mkdir, rename, rm, writeFile } from "node:fs/promises";

import { readConfig } from "../src/config.js";
import { makeServer } from "../src/server.js";

const config = readConfig();
const { hostname } = new URL(config.own);
const server = makeServer({ config });
await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
const base = `http://127.0.0.1:${server.address().port}`;
const [made, kept] = ["dist.new", "dist"].map((name) => new URL(`../${name}/`, import.meta.url));

try {
  const pages = await walked(["/", "/robots.txt", "/sitemap.xml", "/book/", ...(await sitePaths())]);
  await rm(made, { recursive: true, force: true });
  for (const [path, body] of pages) await write(path, body);
  await rm(kept, { recursive: true, force: true });
  await rename(made, kept);
  console.log(`${pages.size} pages for ${hostname} are in dist/.`);
} catch (trouble) {
  console.error(`Not built: ${trouble.message}`);
  process.exitCode = 1;
} finally {
  server.close();
  server.closeAllConnections();
}

async function sitePaths() {
  const map = await read("/sitemap.xml");
  return [...map.matchAll(/<loc>([^<]+)<\/loc>/g)].map(([, url]) => new URL(url).pathname);
}

/** The pages and whatever page of this site they link to. */
async function walked(paths) {
  const pages = new Map();
  const waiting = [...new Set(paths)].map((path) => [path, "the site map"]);
  while (waiting.length) {
    const [path, from] = waiting.pop();
    if (pages.has(path)) continue;
    const body = await read(path, from);
    pages.set(path, body);
    for (const link of linksIn(body)) if (!pages.has(link)) waiting.push([link, path]);
  }
  return pages;
}

function linksIn(body) {
  const found = [...body.matchAll(/<a [^>]*?href="(\/[^"#?]*)"/g)].map(([, path]) => path);
  return found.filter((path) => !/^\/(search|sign-in|account|book\/.|buy|bookings|paid)/.test(path));
}

async function read(path, from = "the build") {
  const answer = await fetch(base + path, { redirect: "manual" });
  if (answer.status !== 200) throw new Error(`${path}, linked from ${from}, answers ${answer.status}.`);
  return answer.text();
}

async function write(path, body) {
  const file = new URL(`.${path}${path.endsWith("/") ? "index.html" : ""}`, made);
  await mkdir(new URL(".", file), { recursive: true });
  await writeFile(file, body);
}
