import assert from "node:assert/strict";
import { test } from "node:test";

import { Api, Problem, Unreachable } from "../src/api.js";
import { AnswerCache, maxAge } from "../src/cache.js";

/** A portal of one page, whose words can change, and a clock. */
function world() {
  const made = { words: "one", asked: [], at: 0, away: false };
  made.cache = new AnswerCache({ now: () => made.at });
  const fetch = async (url, { headers = {} }) => {
    made.asked.push(headers["If-None-Match"] ?? "whole");
    await made.slowly?.();
    if (made.away) throw new TypeError("fetch failed");
    const etag = `"${made.words}"`;
    const kept = { etag, "cache-control": "public, max-age=60" };
    if (headers["If-None-Match"] === etag) return new Response(null, { status: 304, headers: kept });
    return new Response(JSON.stringify({ words: made.words }), { status: 200, headers: kept });
  };
  made.api = new Api({ portal: "http://portal.example", fetch, cache: made.cache });
  made.read = async () => (await made.api.read("content/site/")).words;
  return made;
}

test("fresh answers are not asked for again, old ones by their ETag", async () => {
  const portal = world();
  await portal.read();
  await portal.read();
  assert.deepEqual(portal.asked, ["whole"]);
  portal.at = 61_000;
  assert.equal(await portal.read(), "one");
  assert.deepEqual(portal.asked, ["whole", '"one"']);
});

test("after a webhook a change shows at once", async () => {
  const portal = world();
  await portal.read();
  portal.words = "two";
  assert.equal(await portal.read(), "one");
  portal.cache.drop();
  assert.equal(await portal.read(), "two");
});

test("an answer that was asked for before the webhook does not stay", async () => {
  const portal = world();
  let release;
  portal.slowly = () => new Promise((done) => { release = done; });
  const early = portal.read();
  await Promise.resolve();
  portal.cache.drop();
  portal.slowly = null;
  const late = portal.read();
  release();
  await early;
  assert.equal(await late, "one");
  portal.words = "two";
  portal.cache.drop();
  assert.equal(await portal.read(), "two");
});

test("many questions at once are one", async () => {
  const portal = world();
  await Promise.all([portal.read(), portal.read(), portal.read()]);
  assert.equal(portal.asked.length, 1);
});

test("when the portal is away the last answer is shown, and without one the trouble", async () => {
  const portal = world();
  await portal.read();
  portal.away = true;
  portal.cache.drop();
  assert.equal(await portal.read(), "one");
  await assert.rejects(portal.api.read("content/other/"), Unreachable);
});

test("a refusal keeps its code and its sentence", async () => {
  const body = { status: 409, code: "time_taken", detail: "Somebody was faster." };
  const api = new Api({ portal: "http://x.example", fetch: async () => new Response(JSON.stringify(body), { status: 409 }) });
  await assert.rejects(api.act("holds/", {}), (problem) => {
    assert.ok(problem instanceof Problem);
    assert.deepEqual([problem.code, problem.message], ["time_taken", "Somebody was faster."]);
    return true;
  });
});

test("max-age is read as written", () => {
  assert.deepEqual(["public, max-age=60", "s-maxage=9", null].map(maxAge), [60, 0, 0]);
});
