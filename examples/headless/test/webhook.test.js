import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { test } from "node:test";

import { Seen, isGenuine } from "../src/webhook.js";

const NOW = 1_796_126_400_000;
const body = Buffer.from('{"id":"1","type":"page.published"}');

function signed(secret, moment = NOW / 1000) {
  const hex = createHmac("sha256", secret).update(`${moment}.${body}`).digest("hex");
  return `t=${moment},v1=${hex}`;
}

const genuine = (header, more = {}) => isGenuine({ header, body, secrets: ["whsec_a"], now: NOW, ...more });

test("a signature by the secret is genuine", () => {
  assert.equal(genuine(signed("whsec_a")), true);
  assert.equal(genuine(`${signed("whsec_b")},${signed("whsec_a").split(",")[1]}`), true, "during a rotation");
  assert.equal(genuine(signed("whsec_b"), { secrets: ["whsec_a", "whsec_b"] }), true);
});

test("anything else is not", () => {
  assert.equal(genuine(signed("whsec_b")), false, "another secret");
  assert.equal(genuine(signed("whsec_a", NOW / 1000 - 301)), false, "too old");
  assert.equal(genuine(signed("whsec_a"), { body: Buffer.from("{}") }), false, "another body");
  assert.equal(genuine(signed("whsec_a"), { secrets: [] }), false, "no secret is set");
  for (const odd of [undefined, "", "t=,v1=", "v1=abc", `t=${NOW / 1000}`, "t=soon,v1=abc"]) {
    assert.equal(genuine(odd), false, String(odd));
  }
});

test("an event seen before is not new, and the memory has an end", () => {
  const seen = new Seen(2);
  assert.deepEqual(["a", "a", "b", "c", "a"].map((id) => seen.isNew(id)), [true, false, true, true, true]);
});
