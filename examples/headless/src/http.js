// Requests and answers in the shapes that the pages use.

const MOST_BYTES = 64_000;

export class TooLarge extends Error {}

export async function bytesOf(request) {
  const parts = [];
  let size = 0;
  for await (const part of request) {
    size += part.length;
    if (size > MOST_BYTES) throw new TooLarge();
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export function cookiesOf(request) {
  const pairs = (request.headers.cookie ?? "").split(";").map((one) => one.trim().split("="));
  return Object.fromEntries(pairs.filter(([name]) => name).map(([name, value]) => [name, decoded(value)]));
}

function decoded(value = "") {
  try {
    return decodeURIComponent(value);
  } catch {
    return "";
  }
}

export function cookie(name, value, { seconds, secure }) {
  const parts = [`${name}=${encodeURIComponent(value)}`, "Path=/", "HttpOnly", "SameSite=Lax"];
  if (seconds !== undefined) parts.push(`Max-Age=${seconds}`);
  if (secure) parts.push("Secure");
  return parts.join("; ");
}

/** A form of another site must not act for who is signed in here. */
export function isFromHere(request, own) {
  const origin = request.headers.origin;
  if (origin) return origin === own;
  return ["same-origin", "none", undefined].includes(request.headers["sec-fetch-site"]);
}

export function page(body, { status = 200, personal = false, headers = {} } = {}) {
  const kept = personal ? "private, no-store" : "public, max-age=0, must-revalidate";
  const type = { "Content-Type": "text/html; charset=utf-8", "Cache-Control": kept };
  return { status, headers: { ...type, ...headers }, body: String(body) };
}

export function redirect(location, { status = 303, headers = {} } = {}) {
  return { status, headers: { Location: location, "Cache-Control": "no-store", ...headers }, body: "" };
}

export function text(body, { status = 200, type = "text/plain", headers = {} } = {}) {
  return { status, headers: { "Content-Type": `${type}; charset=utf-8`, ...headers }, body };
}
