import assert from "node:assert/strict";
import { test } from "node:test";

import { ownLink, ownLinks, safePath } from "../src/links.js";

const SITE = "https://portal.example/";

test("pages live here, files and feeds stay, strangers stay strangers", () => {
  const cases = {
    "https://portal.example/journal/x/": "/journal/x/",
    "https://portal.example/media/a.webp": "https://portal.example/media/a.webp",
    "https://portal.example/documents/3/terms.pdf": "https://portal.example/documents/3/terms.pdf",
    "/treatments/": "/treatments/",
    "/documents/3/x.pdf": "https://portal.example/documents/3/x.pdf",
    "https://portal.example.evil/x/": "https://portal.example.evil/x/",
    "//evil.example/": "//evil.example/",
    "mailto:a@b.example": "mailto:a@b.example",
    "": "",
  };
  for (const [url, own] of Object.entries(cases)) assert.equal(ownLink(url, SITE), own, url);
});

test("links inside rich text are turned, words are not", () => {
  const text = '<p>https://portal.example/a/ <a id="l" href="https://portal.example/a/">a</a></p>';
  assert.equal(ownLinks(text, SITE), '<p>https://portal.example/a/ <a id="l" href="/a/">a</a></p>');
});

test("nobody is sent to another site after signing in", () => {
  for (const bad of ["//evil.example", "/\\evil.example", "https://evil.example", "", null, "/a\r\nSet-Cookie: x"]) {
    assert.equal(safePath(bad), "/");
  }
  assert.equal(safePath("/book/keep/?variant=a"), "/book/keep/?variant=a");
});
