// Addresses of this front end. What is not here is a page of the editors, found by its path.

import * as account from "./pages/account.js";
import * as booking from "./pages/booking.js";
import * as buying from "./pages/buying.js";
import * as content from "./pages/content.js";
import * as signing from "./pages/signing_in.js";

const CODE = "([-\\w]+)";
const ID = "([0-9a-f-]{36})";

/** [method, path, handler, needs somebody signed in]; a handler answers null where there is nothing. */
const ROUTES = [
  ["GET", "/search/", content.search],
  ["GET", "/preview", content.showPreview],
  ["GET", "/sitemap.xml", content.sitemap],
  ["GET", "/robots.txt", content.robots],
  ["GET", "/sign-in/", signing.askWho],
  ["POST", "/sign-in/", signing.sendCode],
  ["GET", "/sign-in/code/", signing.askCode],
  ["POST", "/sign-in/code/", signing.takeCode],
  ["POST", "/sign-out/", signing.signOut],
  ["GET", "/book/", booking.chooseTreatment],
  ["POST", "/book/keep/", booking.keep],
  ["GET", "/book/keep/", booking.askKeep, true],
  ["GET", `/book/held/${ID}/`, booking.held, true],
  ["POST", `/book/held/${ID}/confirm/`, booking.confirm, true],
  ["POST", `/book/held/${ID}/buy/`, buying.buyForHeld, true],
  ["GET", `/book/${CODE}/`, booking.chooseTime],
  ["GET", `/buy/${CODE}/`, buying.askBuy, true],
  ["POST", `/buy/${CODE}/`, buying.buy, true],
  ["GET", "/paid/", buying.paid, true],
  ["GET", "/account/", account.account, true],
  ["GET", `/bookings/${ID}/`, account.session, true],
  ["GET", `/bookings/${ID}/move/`, account.chooseMove, true],
  ["POST", `/bookings/${ID}/quote/`, account.quote, true],
  ["POST", `/bookings/${ID}/move/`, account.move, true],
  ["POST", `/bookings/${ID}/cancellation/`, account.cancel, true],
].map(([method, path, handler, personal = false]) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.")}$`),
  handler,
  personal,
}));

/** { handler, match, personal }, or null: no such address for this method. */
export function routeFor(method, path) {
  const asked = method === "HEAD" ? "GET" : method;
  for (const { pattern, handler, personal, ...route } of ROUTES) {
    const match = route.method === asked && pattern.exec(path);
    if (match) return { handler, match, personal };
  }
  if (asked !== "GET" || ROUTES.some(({ pattern }) => pattern.test(path))) return null;
  return { handler: content.showPath, match: [path], personal: false };
}
