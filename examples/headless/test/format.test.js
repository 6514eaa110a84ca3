import assert from "node:assert/strict";
import { test } from "node:test";

import { clock, date, dayKey, moment, money, plusDays } from "../src/format.js";

test("money is written from minor units, in its currency's own places", () => {
  assert.deepEqual([money(24900, "GBP"), money(4980, "GBP"), money(500, "JPY")], ["£249", "£49.80", "JP¥500"]);
});

test("moments are on the clock of their zone, on both sides of a clock change", () => {
  assert.equal(clock("2027-03-28T00:30:00Z", "Europe/London"), "00:30");
  assert.equal(clock("2027-03-28T01:30:00Z", "Europe/London"), "02:30");
  assert.match(moment("2026-12-02T17:30:00Z", "Europe/London"), /^Wed,? 2 December, 17:30$/);
  assert.equal(dayKey("2026-12-02T23:30:00Z", "Asia/Tokyo"), "2026-12-03");
});

test("days without a clock stay the same day everywhere", () => {
  assert.equal(date("2026-11-24"), "24 November 2026");
  assert.equal(plusDays("2026-12-29", 7), "2027-01-05");
});
