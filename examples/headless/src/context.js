// One request as the pages see it: who asks, what for, and how to remember them.

import { cookie, cookiesOf } from "./http.js";

const SIGNED_IN = "session";
const WAITING = "signing-in";
const CODE_SECONDS = 15 * 60;

export class Context {
  constructor({ request, url, match, form, api, auth, config }) {
    Object.assign(this, { request, match, form, api, auth, config });
    this.path = url.pathname;
    this.query = url.searchParams;
    this.cookies = cookiesOf(request);
    this.token = this.cookies[SIGNED_IN] || "";
  }

  /** What frames every page. The header knows that there is a session, not whose. */
  async shell() {
    const [site, navigation] = await Promise.all([
      this.api.read("content/site/"),
      this.api.read("content/navigation/"),
    ]);
    return { site, navigation, path: this.path, own: this.config.own, user: Boolean(this.token) };
  }

  /** The sign-in that waits for its code: { kind, token }. */
  get pending() {
    const [kind, token] = (this.cookies[WAITING] ?? "").split(":");
    return token ? { kind, token } : null;
  }

  waiting(kind, token) {
    return [this.#cookie(WAITING, `${kind}:${token}`, CODE_SECONDS)];
  }

  signedIn(token) {
    return [this.#cookie(SIGNED_IN, token, this.config.sessionSeconds), this.#cookie(WAITING, "", 0)];
  }

  signedOut() {
    return [this.#cookie(SIGNED_IN, "", 0), this.#cookie(WAITING, "", 0)];
  }

  #cookie(name, value, seconds) {
    return cookie(name, value, { seconds, secure: this.config.secureCookies });
  }
}
