// Loads every module: a syntax error, a missing file or a name that is not exported stops here.
// Then looks at what the code may not do.

import { readFile, readdir } from "node:fs/promises";
import { isBuiltin } from "node:module";

const ROOT = new URL("..", import.meta.url);
const STARTS_SOMETHING = /^src\/main\.js$|^scripts\//;

const names = (await readdir(ROOT, { recursive: true }))
  .map((name) => name.replaceAll("\\", "/"))
  .filter((name) => /^(src|scripts|test)\/.*\.js$/.test(name))
  .sort();
const mistakes = [];

for (const name of names) {
  const source = await readFile(new URL(name, ROOT), "utf8");
  for (const [, from] of source.matchAll(/^(?:import|export)\b[^;]*?\bfrom "([^"]+)"/gms)) {
    if (!from.startsWith(".") && !isBuiltin(from)) mistakes.push(`${name}: imports ${from}, which is no part of Node`);
  }
  for (const [, imported] of source.matchAll(/^import \{([^}]+)\} from/gms)) {
    for (const one of imported.split(",").map((each) => each.trim().split(" as ").pop()).filter(Boolean)) {
      const uses = source.match(new RegExp(`(?<![\\w$])${one.replaceAll("$", "\\$")}(?![\\w$])`, "g")) ?? [];
      if (uses.length < 2) mistakes.push(`${name}: imports ${one} and does not use it`);
    }
  }
  if (/\binnerHTML\b|\beval\(|<script/.test(source) && !name.startsWith("scripts/") && !name.startsWith("test/")) {
    mistakes.push(`${name}: runs code from words`);
  }
  if (!STARTS_SOMETHING.test(name) && !name.startsWith("test/")) await import(new URL(name, ROOT));
}

for (const mistake of mistakes) console.error(mistake);
console.log(`${names.length} modules looked at.`);
process.exitCode = mistakes.length ? 1 : 0;
