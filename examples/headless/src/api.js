// The portal's API as this front end uses it. Public answers are cached, personal ones never.

import { AnswerCache, maxAge } from "./cache.js";
import { randomUUID } from "node:crypto";

const PATIENCE_MS = 15_000;

/** A refusal: `code` never changes, `message` is a sentence for people. */
export class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? "Something went wrong.");
    this.status = status;
    this.code = body.code ?? "";
    this.body = body;
  }
}

/** The portal does not answer at all. */
export class Unreachable extends Error {}

export class Api {
  #inFlight = new Map();

  constructor({ portal, fetch = globalThis.fetch, cache = new AnswerCache() }) {
    this.portal = portal;
    this.fetch = fetch;
    this.cache = cache;
  }

  /** Public content: from the cache while fresh, by ETag when old, old when the portal is away. */
  async read(path, query = {}) {
    const url = this.#address(path, query);
    const known = this.cache.find(url);
    if (this.cache.isFresh(known)) return known.answer;
    // Who asks after a change must not be given the answer to a question from before it.
    const key = `${this.cache.generation} ${url}`;
    if (!this.#inFlight.has(key)) {
      const asking = this.#revalidate(url, known).finally(() => this.#inFlight.delete(key));
      this.#inFlight.set(key, asking);
    }
    return this.#inFlight.get(key);
  }

  /** `read`, with null where there is nothing. */
  async find(path, query = {}) {
    try {
      return await this.read(path, query);
    } catch (problem) {
      if (problem instanceof Problem && problem.status === 404) return null;
      throw problem;
    }
  }

  /** Something of the person with this session token, or a draft. Never kept. */
  async ask(path, { token, query = {} } = {}) {
    return body(await this.#send(this.#address(path, query), { headers: proof(token) }));
  }

  /** Change something. `key` is the same for a repetition of the same act. */
  async act(path, { token, json = {}, key = randomUUID(), method = "POST" }) {
    const headers = { ...proof(token), "Content-Type": "application/json", "Idempotency-Key": key };
    return body(await this.#send(this.#address(path), { method, headers, body: JSON.stringify(json) }));
  }

  async #revalidate(url, known) {
    const asked = this.cache.generation;
    let answer;
    try {
      answer = await this.#send(url, { headers: known?.etag ? { "If-None-Match": known.etag } : {} });
    } catch (trouble) {
      if (known && trouble instanceof Unreachable) return known.answer;
      throw trouble;
    }
    const found = answer.status === 304 ? known.answer : await body(answer);
    const etag = answer.headers.get("etag") ?? known?.etag;
    this.cache.keep(url, found, { etag, seconds: maxAge(answer.headers.get("cache-control")), asked });
    return found;
  }

  #address(path, query = {}) {
    const wanted = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
    const search = new URLSearchParams(wanted).toString();
    return `${this.portal}/api/v1/${path}${search ? `?${search}` : ""}`;
  }

  async #send(url, options) {
    try {
      const answer = await this.fetch(url, { ...options, signal: AbortSignal.timeout(PATIENCE_MS) });
      if (answer.status >= 502 && answer.status <= 504) throw new Unreachable(url);
      return answer;
    } catch (trouble) {
      if (trouble instanceof Unreachable) throw trouble;
      throw new Unreachable(url, { cause: trouble });
    }
  }
}

async function body(answer) {
  const text = await answer.text();
  const found = parsed(text);
  if (!answer.ok) throw new Problem(answer.status, found ?? {});
  return found;
}

function parsed(text) {
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function proof(token) {
  return token ? { "X-Session-Token": token } : {};
}
