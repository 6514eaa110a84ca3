// Signing in with a code from the mail, through allauth's app client (/_allauth/app/v1/).
//
// Each answer may bring a new session token; it lives in this front end's own httpOnly cookie.

import { Problem, Unreachable } from "./api.js";

const WAITING = 401; // allauth: so far so good, the code is still missing
const PATIENCE_MS = 15_000;

export class Auth {
  constructor({ portal, fetch = globalThis.fetch }) {
    this.base = `${portal}/_allauth/app/v1`;
    this.fetch = fetch;
  }

  /** Mails a code to somebody known. Returns the token to confirm it with. */
  async requestCode(email) {
    return this.#step("auth/code/request", { email }, { waits: true });
  }

  /** Mails a code to somebody new. */
  async signUp(email, name) {
    return this.#step("auth/signup", name ? { email, name } : { email }, { waits: true });
  }

  async confirmCode(token, code) {
    return this.#step("auth/code/confirm", { code }, { token });
  }

  async verifyEmail(token, code) {
    return this.#step("auth/email/verify", { key: code }, { token });
  }

  async signOut(token) {
    await this.#send("auth/session", { method: "DELETE", token });
  }

  /** Who this token belongs to, or null. */
  async who(token) {
    if (!token) return null;
    const { status, found } = await this.#send("auth/session", { method: "GET", token });
    return status === 200 ? found.data.user : null;
  }

  async #step(path, json, { token, waits = false }) {
    const { status, found } = await this.#send(path, { method: "POST", token, json });
    const well = status === 200 || (waits && status === WAITING && found.meta?.session_token);
    if (!well) throw new Problem(status, { detail: sentence(found), code: "sign_in_refused" });
    return found.meta?.session_token ?? token;
  }

  async #send(path, { method, token, json }) {
    const headers = { ...(token ? { "X-Session-Token": token } : {}) };
    if (json) headers["Content-Type"] = "application/json";
    try {
      const answer = await this.fetch(`${this.base}/${path}`, {
        method,
        headers,
        body: json && JSON.stringify(json),
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return { status: answer.status, found: await answer.json().catch(() => ({})) };
    } catch (trouble) {
      throw new Unreachable(path, { cause: trouble });
    }
  }
}

function sentence(found) {
  return found.errors?.[0]?.message ?? "That did not work. Ask for a new code.";
}
