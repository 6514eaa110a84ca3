// What the editors wrote: found by its path, completed with what its type shows besides.

import { content } from "../views/content.js";
import { layout, note, opening } from "../views/layout.js";
import { html, trusted } from "../html.js";
import { page, redirect, text } from "../http.js";
import { ownLink } from "../links.js";
import { slug } from "../views/blocks.js";
import { Problem } from "../api.js";
import { formToDraw } from "./forms.js";

const MANY = 100;

export async function showPath(context) {
  const { api, path, query } = context;
  const found = await api.find("content/by-path/", { path });
  if (found === null) return moved(context);
  const more = await completed(api, found, query);
  const shell = await context.shell(found.meta.locale);
  return page(framed(shell, found, more), { personal: Boolean(more.form) });
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
    const shell = await context.shell(draft.meta.locale);
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
  "cms.TherapistIndexPage": async (api, found) => ({ therapists: await pagesOf(api, "cms.TherapistPage", found) }),
  "cms.LocationIndexPage": async (api, found) => ({ pages: await pagesOf(api, "cms.LocationPage", found) }),
  "cms.LocationPage": completedLocation,
  "cms.FormPage": async (api, found) => ({ form: found.id ? await formToDraw(api, found.id) : null }),
  "cms.TherapistPage": async (api, found) => ({
    times: await times(api, { therapist: found.therapist_code }),
    articles: await articlesOf(api, found, { author: found.therapist_code, limit: 3 }),
  }),
  "cms.PackagesPage": async (api) => ({ packages: await api.read("packages/") }),
};

async function completed(api, found, query) {
  return COMPLETED[found.meta.type]?.(api, found, query) ?? {};
}

async function completedHome(api, found) {
  const [services, therapists, articles, bundle, free] = await Promise.all([
    api.read("services/"),
    pagesOf(api, "cms.TherapistPage", found),
    articlesOf(api, found, { limit: 3 }),
    found.package ? api.find(`content/offers/packages/${found.package}/`) : null,
    times(api, { service: found.times_of }),
  ]);
  return { services, therapists, articles, package: bundle, times: free };
}

async function completedServices(api, found) {
  const [pages, offers] = await Promise.all([pagesOf(api, "cms.ServicePage", found), api.read("services/")]);
  const byCode = new Map(offers.map((one) => [one.code, one]));
  return { pages: pages.map((one) => ({ page: one, offer: byCode.get(one.service_code) })) };
}

async function completedJournal(api, found, query) {
  const topic = /^[-\w]*$/.test(query.get("topic") ?? "") ? query.get("topic") : "";
  const all = await articlesOf(api, found, { limit: MANY });
  const topics = [...new Set(all.flatMap((one) => one.tags))].sort();
  const name = topics.find((one) => slug(one) === topic) ?? "";
  const articles = name ? all.filter((one) => one.tags.includes(name)) : all;
  return { topics, topic: name, articles };
}

async function completedArticle(api, found) {
  const topic = found.tags?.[0];
  if (!topic) return { related: [] };
  const near = await articlesOf(api, found, { topic: slug(topic), limit: 4 });
  return { related: near.filter((one) => one.id !== found.id).slice(0, 3) };
}

async function completedLocation(api, found) {
  const [locations, free] = await Promise.all([
    api.read("locations/"),
    times(api, { location: found.location_code }),
  ]);
  return { place: locations.find((one) => one.code === found.location_code), times: free };
}

/** Articles in the language of a page. */
async function articlesOf(api, { meta }, wanted) {
  return (await api.read("content/articles/", { locale: meta.locale, ...wanted })).items;
}

/** Pages of a type in the language of a page. The API lists them in short, so each is read: the cache keeps them. */
async function pagesOf(api, type, { meta }) {
  const { items } = await api.read("pages/", { type, locale: meta.locale, limit: MANY });
  return Promise.all(items.map((one) => api.read(`pages/${one.id}/`)));
}

function times(api, wanted) {
  return api.find("content/offers/next-times/", wanted);
}

// --- Around the pages ------------------------------------------------------------------------------

export async function search(context) {
  const words = (context.query.get("q") ?? "").trim().slice(0, 100);
  const shell = await context.shell();
  const found = words ? await context.api.read("content/search/", { q: words, limit: 20 }) : null;
  const main = html`<div class="wrap text">${opening("Search")}
<form class="row" action="/search/" role="search"><label for="q">What are you looking for?</label>
<input id="q" name="q" type="search" value="${words}" maxlength="100"><button class="button" type="submit">Search</button></form>
${found && results(found, words, shell)}</div>`;
  return page(layout(shell, { title: "Search", main, noindex: true }));
}

function results(found, words, { site }) {
  const first = found.promoted.map((one) => html`<li><a href="${ownLink(one.url, site.url)}">${one.title}</a> <span>${one.text}</span></li>`);
  if (!found.items.length && !first.length) {
    return html`<p role="status">Nothing about “${words}”. <a href="/treatments/">Look through the treatments</a>, or ring us.</p>`;
  }
  return html`<p role="status">${found.count} about “${words}”</p>
<ul class="results">${first}${found.items.map((one) => html`<li><a href="${ownLink(one.url, site.url)}">${one.title}</a> <span class="quiet">${one.kind}</span><br>${trusted(one.excerpt)}</li>`)}</ul>`;
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
