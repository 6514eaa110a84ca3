import assert from "node:assert/strict";
import { test } from "node:test";

import { html, trusted } from "../src/html.js";

test("words are escaped, templates and cleaned HTML are not", () => {
  const inner = html`<b>${"<i>"}</b>`;
  assert.equal(String(html`${inner}${trusted("<p>x</p>")}${'"&\''}`), "<b>&lt;i&gt;</b><p>x</p>&quot;&amp;&#39;");
});

test("nothing is shown for null, undefined and false, and lists are joined", () => {
  assert.equal(String(html`${null}${undefined}${false}${0}${[html`<li>`, "&"]}`), "0<li>&amp;");
});
