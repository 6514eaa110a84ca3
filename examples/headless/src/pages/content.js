// What the editors wrote: found by its path, completed with what its type shows besides.

import { content } from "../views/content.js";
import { layout, note, opening } from "../views/layout.js";
import { html } from "../html.js";
import { page, redirect, text } from "../http.js";
import { ownLink } from "../links.js";
import { slug } from "../views/blocks.js";
import { Problem } from "../api.js";

const MANY = 100;

export async function showPath(context) {
  const { api, path, query } = context;
  const found = await api.find("content/by-path/", { path });
  if (found === null) return moved(context);
  const more = await completed(api, found, query);
  const shell = await context.shell();
  return page(framed(shell, found, more));
}

async function moved(context) {
  const old = await context.api.find("content/redirect/", { path: context.path });
  if (old === null) return notFound(context);
  const { site } = await context.shell();
  return redirect(ownLink(old.location, site.url), { status: old.permanent ? 301 : 302 });
}

export async function notFound(context) {
  const shell = await context.shell();
  const main = html`<div class="wrap text">${opening("Nothing here", "The page has moved or never was.")}
<p><a href="/">The home page</a>, <a href="/journal/">the journal</a>, or <a href="/search/">a search</a>.</p></div>`;
  return page(layout(shell, { title: "Nothing here", main, noindex: true }), { status: 404 });
}

export async function showPreview(context) {
  const token = context.query.get("token") ?? "";
  try {
    const draft = await context.api.ask("content/preview/", { query: { token } });
    const shell = await context.shell();
    const more = await completed(context.api, draft, new URLSearchParams());
    const banner = html`<div class="wrap">${note("This is a draft. Only people with this address see it, for an hour.", "info")}</div>`;
    return page(framed(shell, draft, more, { banner, noindex: true }), { personal: true });
  } catch (problem) {
    if (problem instanceof Problem && problem.status < 500) return notFound(context);
    throw problem;
  }
}

function framed(shell, found, more, { banner = "", noindex = found.noindex ?? false } = {}) {
  return layout(shell, {
    title: found.meta.seo_title || found.title,
    description: found.meta.search_description || found.intro || "",
    language: found.meta.locale,
    main: html`${banner}${content(found, more, shell)}`,
    noindex,
  });
}

const COMPLETED = {
  "cms.HomePage": completedHome,
  "cms.ServiceIndexPage": completedServices,
  "cms.ServicePage": async (api, found) => ({
    offer: await api.find(`content/offers/services/${found.service_code}/`),
  }),
  "cms.ArticleIndexPage": completedJournal,
  "cms.ArticlePage": completedArticle,
  "cms.TherapistIndexPage": async (api) => ({ therapists: await pagesOf(api, "cms.TherapistPage") }),
  "cms.TherapistPage": async (api, found) => ({
    times: await times(api, { therapist: found.therapist_code }),
    articles: (await api.read("content/articles/", { author: found.therapist_code, limit: 3 })).items,
  }),
  "cms.PackagesPage": async (api) => ({ packages: await api.read("packages/") }),
};

async function completed(api, found, query) {
  return COMPLETED[found.meta.type]?.(api, found, query) ?? {};
}

async function completedHome(api, found) {
  const [services, therapists, articles, bundle, free] = await Promise.all([
    api.read("services/"),
    pagesOf(api, "cms.TherapistPage"),
    api.read("content/articles/", { limit: 3 }),
    found.package ? api.find(`content/offers/packages/${found.package}/`) : null,
    times(api, { service: found.times_of }),
  ]);
  return { services, therapists, articles: articles.items, package: bundle, times: free };
}

async function completedServices(api) {
  const [pages, offers] = await Promise.all([pagesOf(api, "cms.ServicePage"), api.read("services/")]);
  const byCode = new Map(offers.map((one) => [one.code, one]));
  return { pages: pages.map((one) => ({ page: one, offer: byCode.get(one.service_code) })) };
}

async function completedJournal(api, found, query) {
  const topic = /^[-\w]*$/.test(query.get("topic") ?? "") ? query.get("topic") : "";
  const all = await api.read("content/articles/", { limit: MANY });
  const topics = [...new Set(all.items.flatMap((one) => one.tags))].sort();
  const name = topics.find((one) => slug(one) === topic) ?? "";
  const articles = name ? all.items.filter((one) => one.tags.includes(name)) : all.items;
  return { topics, topic: name, articles };
}

async function completedArticle(api, found) {
  const topic = found.tags?.[0];
  if (!topic) return { related: [] };
  const near = await api.read("content/articles/", { topic: slug(topic), limit: 4 });
  return { related: near.items.filter((one) => one.id !== found.id).slice(0, 3) };
}

/** Pages of a type with their fields. The list of the API is short, so each is read: the cache keeps them. */
async function pagesOf(api, type) {
  const { items } = await api.read("pages/", { type, limit: MANY });
  return Promise.all(items.map((one) => api.read(`pages/${one.id}/`)));
}

function times(api, wanted) {
  return api.find("content/offers/next-times/", wanted);
}

// --- Around the pages ------------------------------------------------------------------------------

export async function search(context) {
  const words = (context.query.get("q") ?? "").trim().slice(0, 100);
  const shell = await context.shell();
  const found = words ? await context.api.read("pages/", { search: words, limit: 20 }) : null;
  const main = html`<div class="wrap text">${opening("Search")}
<form class="row" action="/search/" role="search"><label for="q">What are you looking for?</label>
<input id="q" name="q" type="search" value="${words}" maxlength="100"><button class="button" type="submit">Search</button></form>
${found && results(found, words, shell)}</div>`;
  return page(layout(shell, { title: "Search", main, noindex: true }));
}

function results(found, words, { site }) {
  if (!found.items.length) {
    return html`<p role="status">Nothing about “${words}”. <a href="/treatments/">Look through the treatments</a>, or ring us.</p>`;
  }
  return html`<p role="status">${found.count} about “${words}”</p>
<ul class="results">${found.items.map((one) => html`<li><a href="${ownLink(one.meta.html_url, site.url)}">${one.title}</a></li>`)}</ul>`;
}

/** Paths of all live pages, in the order of the tree. */
export async function allPaths(api) {
  const { url } = await api.read("content/site/");
  const paths = [];
  for (let offset = 0; ; offset += MANY) {
    const { items, count } = await api.read("pages/", { limit: MANY, offset: offset || undefined });
    paths.push(...items.map((one) => ownLink(one.meta.html_url, url)).filter((one) => one.startsWith("/")));
    if (offset + MANY >= count) return paths;
  }
}

export async function sitemap({ api, config }) {
  const paths = await allPaths(api);
  const entries = paths.map((path) => html`<url><loc>${config.own}${path}</loc></url>`);
  const body = html`<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">${entries}</urlset>`;
  return text(String(body), { type: "application/xml" });
}

export async function robots({ config }) {
  const closed = ["/account/", "/book/", "/buy/", "/bookings/", "/paid/", "/preview", "/search/", "/sign-in/"];
  const lines = ["User-agent: *", ...closed.map((path) => `Disallow: ${path}`), `Sitemap: ${config.own}/sitemap.xml`];
  return text(`${lines.join("\n")}\n`);
}
