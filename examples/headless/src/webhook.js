// Is this really from the portal? The recipe is in docs/webhooks.md.

import { createHmac, timingSafeEqual } from "node:crypto";

const TOO_OLD_SECONDS = 300;

export function isGenuine({ header, body, secrets, now = Date.now() }) {
  const parts = (header ?? "").split(",").map((part) => part.split("="));
  const moment = parts.find(([name]) => name === "t")?.[1];
  if (!moment || !(Math.abs(now / 1000 - Number(moment)) <= TOO_OLD_SECONDS)) return false;
  const given = parts.filter(([name]) => name === "v1").map(([, value]) => value ?? "");
  return secrets.some((secret) => {
    const expected = createHmac("sha256", secret).update(`${moment}.`).update(body).digest("hex");
    return given.some((one) => same(one, expected));
  });
}

function same(one, other) {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** Remembers the last ids: a webhook comes at least once. */
export class Seen {
  #ids = new Set();

  constructor(most = 1000) {
    this.most = most;
  }

  isNew(id) {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.most) this.#ids.delete(this.#ids.values().next().value);
    return true;
  }
}
