// Answers of the public API, kept with their ETag.
//
// Fresh ones are answered from here. Old ones are asked about: 304 costs no body. A webhook makes
// all of them old at once, so a change shows with the next request, and what has not changed stays.

const MOST = 500;

export class AnswerCache {
  #entries = new Map();
  #generation = 0;

  constructor({ now = Date.now } = {}) {
    this.now = now;
  }

  get generation() {
    return this.#generation;
  }

  find(key) {
    return this.#entries.get(key);
  }

  isFresh(entry) {
    return entry !== undefined && this.now() < entry.freshUntil;
  }

  /** `asked` is the generation in which the question was sent: an older answer is old already. */
  keep(key, answer, { etag, seconds, asked }) {
    this.#entries.delete(key);
    const fresh = asked === this.#generation ? this.now() + seconds * 1000 : 0;
    this.#entries.set(key, { answer, etag, freshUntil: fresh });
    if (this.#entries.size > MOST) this.#entries.delete(this.#entries.keys().next().value);
  }

  drop() {
    this.#generation += 1;
    for (const entry of this.#entries.values()) entry.freshUntil = 0;
  }
}

export function maxAge(header) {
  const found = /(?:^|[\s,])max-age=(\d+)/.exec(header ?? "");
  return found ? Number(found[1]) : 0;
}
