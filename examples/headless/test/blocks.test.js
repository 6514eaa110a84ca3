import assert from "node:assert/strict";
import { test } from "node:test";

import { KNOWN, blocks, slug } from "../src/views/blocks.js";

const SITE = { url: "https://portal.example/" };
const shown = (type, value) => blocks([{ type, value, id: "x" }], SITE).map(String).join("");

const PACKAGE = {
  code: "five-60", name: "5 × 60", units: 5, price_minor: 24900, currency: "GBP", price_each_minor: 4980,
  saving_minor: 2100, covers: ["Sports massage"], validity_days: 365,
};
const SERVICE = {
  code: "deep", name: "Deep tissue", summary: "Slow.",
  variants: [{ code: "deep-60", duration_minutes: 60, price_minor: 6200, currency: "GBP" }],
};
const TIMES = {
  variant_name: "Deep, 60 minutes", variant_code: "deep-60", price_minor: 6200, currency: "GBP", zone: "Europe/London",
  times: [{ starts_at: "2026-07-01T08:00:00Z", therapist_name: "Sana", therapist_code: "sana", location_name: "Yard", location_code: "yard" }],
};

const EACH = {
  heading: [{ text: "Calves & co", number: 3, level: "2" }, /<h2 id="calves-co">.*3.*Calves &amp; co/],
  prose: ['<p>See <a href="https://portal.example/journal/x/">x</a></p>', /<a href="\/journal\/x\/">x/],
  picture: [{ url: "/m.webp", alt: "A step", width: 8, height: 4, renditions: [{ url: "/s.webp", width: 4 }], caption: "Low" }, /srcset="\/s.webp 4w".*width="8" height="4" alt="A step".*Low/s],
  quote: [{ text: "Ran.", by: "Ola", role: "10K" }, /<blockquote><p>Ran\.<\/p>.*Ola.*10K/s],
  key_points: [{ title: "In short", points: ["One"] }, /In short.*<li>One/s],
  do_dont: [{ do: ["Walk"], dont: ["Stretch"] }, /Do<.*Walk.*Leave out.*Stretch/s],
  exercise: [{ name: "Raise", sets: "3 × 12", how: "Slowly", caution: "It hurts" }, /Raise.*3 × 12.*Slowly.*It hurts/s],
  red_flag: [{ title: "Doctor", text: "Swollen" }, /Doctor.*Swollen/s],
  faq: [{ title: "Asked", items: [{ question: "Why?", answer: "<p>So.</p>" }] }, /<summary>Why\?<\/summary>.*<p>So\.<\/p>/s],
  next_times: [{ title: "Soon", offer: TIMES }, /name="starts_at" value="2026-07-01T08:00:00Z".*Wed,? 1 July, 09:00.*Sana/s],
  package_offer: [{ note: "Ours", offer: PACKAGE }, /5 × 60.*Ours.*£249.*£49\.80 each, £21 less.*href="\/buy\/five-60\/"/s],
  service_card: [{ offer: SERVICE }, /Deep tissue.*Slow\..*href="\/book\/deep-60\/">60 minutes.*£62/s],
  therapist: [{ note: "", offer: { name: "Sana", runs: "800 m", url: "/therapists/sana/" } }, /href="\/therapists\/sana\/">Sana.*800 m/s],
  call_to_action: [{ title: "Heavy?", text: "", label: "Book", offer: { url: "/packages/five-60/buy/" } }, /Heavy\?.*href="\/buy\/five-60\/">Book/s],
  embed: [{ address: "https://vimeo.com/7", title: "A raise", note: "Slow", provider: "Vimeo" }, /href="https:\/\/vimeo.com\/7".*A raise.*Opens at Vimeo/s],
};

test("each block is shown with what it holds", () => {
  assert.deepEqual(Object.keys(EACH).sort(), [...KNOWN].sort());
  for (const [type, [value, pattern]] of Object.entries(EACH)) assert.match(shown(type, value), pattern, type);
});

test("a withdrawn offer, an unknown block and an empty one leave no trace", () => {
  for (const type of ["next_times", "package_offer", "service_card", "therapist", "call_to_action"]) {
    assert.equal(shown(type, { title: "x", note: "", offer: null }), "");
  }
  assert.equal(shown("hologram", { text: "x" }), "");
  assert.equal(shown("constructor", { text: "x" }), "");
  assert.equal(shown("picture", null), "");
});

test("words of editors cannot become markup", () => {
  assert.doesNotMatch(shown("quote", { text: "<script>", by: '"><img>' }), /<script>|<img>/);
});

test("slugs of topics are those of the portal", () => {
  assert.deepEqual(["Race day", "Plantar  fasciitis!", "Übung"].map(slug), ["race-day", "plantar-fasciitis", "ubung"]);
});
