// The server against a portal made of canned answers.

import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { after, before, test } from "node:test";

import { readConfig } from "../src/config.js";
import { makeServer } from "../src/server.js";

const SITE = {
  name: "Massage", tagline: "For runners", url: "http://portal.example/", feed_url: "http://portal.example/journal/feed/",
  phone: "0117", email: "a@b.example", address_lines: ["3 Yard"], opening_summary: "Daily",
};
const page = (more) => ({ meta: { type: "cms.StandardPage", seo_title: "", search_description: "", locale: "en-gb" }, title: "Privacy", intro: "", body: [], ...more });
const ANSWERS = {
  "/api/v1/content/site/": SITE,
  "/api/v1/content/navigation/": { main: [{ label: "Journal", url: "http://portal.example/journal/" }], small_print: [] },
  "/api/v1/content/by-path/?path=%2Fprivacy%2F": page(),
  "/api/v1/content/redirect/?path=%2Fold%2F": { location: "http://portal.example/privacy/", permanent: true },
  "/api/v1/content/preview/?token=good": page({ title: "Draft" }),
};
const TOKEN = "a-session-token";
let server, base, config, personal;

before(async () => {
  config = readConfig({ PORTAL_URL: "http://portal.example", OWN_URL: "http://front.example", WEBHOOK_SECRETS: "whsec_a" });
  const fetch = async (url, { headers = {} } = {}) => {
    const path = url.slice("http://portal.example".length);
    if (headers["X-Session-Token"]) personal.push([path, headers["X-Session-Token"]]);
    if (path.startsWith("/api/v1/bookings/")) return new Response(JSON.stringify({ status: 401, code: "sign_in_first" }), { status: 401 });
    return ANSWERS[path] ? Response.json(ANSWERS[path]) : Response.json({ status: 404, code: "not_found" }, { status: 404 });
  };
  personal = [];
  server = makeServer({ config, fetch, dist: "/nowhere" });
  await new Promise((ready) => server.listen(0, "127.0.0.1", ready));
  base = `http://127.0.0.1:${server.address().port}`;
});

after(() => {
  server.close();
  server.closeAllConnections();
});

const ask = (path, options = {}) => fetch(base + path, { redirect: "manual", ...options });

test("a page of the editors is shown with a policy that lets no script run", async () => {
  const answer = await ask("/privacy/");
  assert.equal(answer.status, 200);
  assert.match(await answer.text(), /<h1>Privacy<\/h1>/);
  assert.match(answer.headers.get("content-security-policy"), /^default-src 'none'/);
  assert.equal(answer.headers.get("set-cookie"), null);
  const again = await ask("/privacy/", { headers: { "If-None-Match": answer.headers.get("etag") } });
  assert.equal(again.status, 304);
});

test("an old address leads on, an unknown one is 404", async () => {
  const moved = await ask("/old/");
  assert.deepEqual([moved.status, moved.headers.get("location")], [301, "/privacy/"]);
  assert.equal((await ask("/never/")).status, 404);
});

test("a draft is shown to who has its token, kept nowhere, and 404 to others", async () => {
  const draft = await ask("/preview?token=good");
  assert.match(await draft.text(), /Draft.*only people|This is a draft/is);
  assert.equal(draft.headers.get("cache-control"), "private, no-store");
  assert.equal((await ask("/preview?token=bad")).status, 404);
});

test("what is personal asks to sign in first and comes back", async () => {
  for (const cookie of ["", `session=${TOKEN}`]) {
    const answer = await ask("/bookings/00000000-0000-0000-0000-000000000000/", { headers: { cookie } });
    assert.equal(answer.status, 303);
    assert.equal(answer.headers.get("location"), "/sign-in/?next=%2Fbookings%2F00000000-0000-0000-0000-000000000000%2F");
  }
});

test("the session token is sent for personal things only", async () => {
  personal.length = 0;
  await ask("/privacy/", { headers: { cookie: `session=${TOKEN}` } });
  assert.deepEqual(personal, []);
  const answer = await ask("/privacy/", { headers: { cookie: `session=${TOKEN}` } });
  assert.equal(answer.headers.get("cache-control"), "private, no-store");
});

test("a form of another site does nothing", async () => {
  const options = { method: "POST", body: "act=cancel", headers: { origin: "https://evil.example", cookie: `session=${TOKEN}` } };
  assert.equal((await ask("/sign-out/", options)).status, 403);
});

test("only a signed webhook is taken, and a form that is too large is not", async () => {
  const body = JSON.stringify({ id: "1", type: "page.published" });
  const moment = Math.floor(Date.now() / 1000);
  const hex = createHmac("sha256", "whsec_a").update(`${moment}.${body}`).digest("hex");
  const send = (signature) => ask("/hooks/content", { method: "POST", body, headers: { "Webhook-Signature": signature } });
  assert.equal((await send(`t=${moment},v1=${hex}`)).status, 200);
  assert.equal((await send(`t=${moment},v1=${hex.replace(/./, "0")}0`)).status, 401);
  assert.equal((await ask("/hooks/content")).status, 405);
  const large = await ask("/sign-in/", { method: "POST", body: "x".repeat(70_000), headers: { origin: config.own } });
  assert.equal(large.status, 413);
});

test("addresses that only take forms refuse to be opened by others", async () => {
  assert.equal((await ask("/sign-out/")).status, 405);
  assert.equal((await ask("/privacy/", { method: "DELETE" })).status, 405);
});
