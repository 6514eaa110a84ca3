// The server: files, the webhook, and pages.

import { createHash } from "node:crypto";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

import { Api, Problem, Unreachable } from "./api.js";
import { Auth } from "./auth.js";
import { Context } from "./context.js";
import { TooLarge, bytesOf, isFromHere, redirect, text } from "./http.js";
import { notFound } from "./pages/content.js";
import { routeFor } from "./routes.js";
import { Seen, isGenuine } from "./webhook.js";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FILES = {
  "/site.css": ["public/site.css", "text/css"],
  "/icon.svg": ["public/icon.svg", "image/svg+xml"],
};

export function makeServer({ config, fetch = globalThis.fetch, dist = `${ROOT}dist` }) {
  const app = {
    config,
    dist,
    api: new Api({ portal: config.portal, fetch }),
    auth: new Auth({ portal: config.portal, fetch }),
    seen: new Seen(),
  };
  return createServer(async (request, response) => {
    const answer = await answered(app, request).catch(broken);
    send(request, response, guarded(answer, config));
  });
}

async function answered(app, request) {
  const url = new URL(request.url, app.config.own);
  if (url.pathname === "/healthz") return text("ok\n");
  if (url.pathname === "/hooks/content") return told(app, request);
  if (Object.hasOwn(FILES, url.pathname)) return file(...FILES[url.pathname]);
  return pageFor(app, request, url);
}

async function pageFor(app, request, url) {
  const route = routeFor(request.method, url.pathname);
  if (!route) return text("Not allowed here.\n", { status: 405 });
  if (request.method === "POST" && !isFromHere(request, app.config.own)) {
    return text("This form came from another site.\n", { status: 403 });
  }
  const form = request.method === "POST" ? new URLSearchParams((await bytesOf(request)).toString()) : null;
  const context = new Context({ request, url, match: route.match, form, ...app });
  if (route.personal && !context.token) return signInFirst(context);
  return shown(app, context, route);
}

async function shown(app, context, route) {
  try {
    const answer = (await route.handler(context)) ?? (await notFound(context));
    return context.token ? forOneBrowser(answer) : answer;
  } catch (trouble) {
    if (trouble instanceof Problem && trouble.status === 401) return signInFirst(context);
    if (trouble instanceof Problem && trouble.status === 404) return notFound(context);
    if (trouble instanceof Unreachable) return withoutPortal(app, context, route);
    throw trouble;
  }
}

/** The header says whether somebody is signed in, so no cache between us may keep such a page. */
function forOneBrowser(answer) {
  return { ...answer, headers: { ...answer.headers, "Cache-Control": "private, no-store" } };
}

/** Forget a session that has ended, and come back to where she was. */
function signInFirst(context) {
  const here = context.form ? "/account/" : context.path + context.request.url.slice(context.path.length);
  return redirect(`/sign-in/?${new URLSearchParams({ next: here })}`, { headers: { "Set-Cookie": context.signedOut() } });
}

/** The portal is away: the page as the build saw it, rather than none. */
async function withoutPortal({ dist }, context, { personal }) {
  const known = !personal && !context.form && /^[-\w/]*$/.test(context.path);
  const kept = known && (await readFile(`${dist}${context.path}index.html`, "utf8").catch(() => null));
  const headers = { "Cache-Control": "no-store", "Retry-After": "30" };
  if (kept) return { status: 200, headers: { ...headers, "Content-Type": "text/html; charset=utf-8" }, body: kept };
  return text("We cannot be reached at the moment. Please try again in a minute, or ring us.\n", { status: 503, headers });
}

async function told({ api, config, seen }, request) {
  if (request.method !== "POST") return text("Not allowed here.\n", { status: 405 });
  const body = await bytesOf(request);
  const header = request.headers["webhook-signature"];
  if (!isGenuine({ header, body, secrets: config.webhookSecrets })) {
    return text("The signature is not right.\n", { status: 401 });
  }
  if (seen.isNew(JSON.parse(body).id)) api.cache.drop();
  return text("Thank you.\n");
}

async function file(path, type) {
  return { status: 200, headers: { "Content-Type": type, "Cache-Control": "public, max-age=3600" }, body: await readFile(`${ROOT}${path}`) };
}

function broken(trouble) {
  if (trouble instanceof TooLarge) return text("Too much.\n", { status: 413 });
  console.error(trouble);
  return text("Something went wrong here. Please try again.\n", { status: 500 });
}

function guarded(answer, { portal, checkout }) {
  const policy = [
    "default-src 'none'", "style-src 'self'", `img-src 'self' data: ${portal}`,
    `form-action 'self' ${checkout}`, "base-uri 'none'", "frame-ancestors 'self'",
  ].join("; ");
  const headers = {
    "Content-Security-Policy": policy,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
  };
  return { ...answer, headers: { ...headers, ...answer.headers } };
}

function send(request, response, { status, headers, body }) {
  const bytes = Buffer.from(body);
  const all = { ...headers, "Content-Length": bytes.length };
  if (status === 200 && ["GET", "HEAD"].includes(request.method)) {
    all.ETag = `"${createHash("sha256").update(bytes).digest("base64url").slice(0, 22)}"`;
    if (request.headers["if-none-match"] === all.ETag) {
      delete all["Content-Length"];
      return response.writeHead(304, all).end();
    }
  }
  response.writeHead(status, all).end(request.method === "HEAD" ? undefined : bytes);
}
