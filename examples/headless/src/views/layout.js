// The frame of every page.

import { html, trusted } from "../html.js";
import { ownLink } from "../links.js";

/** `shell`: { site, navigation, path, user }, the same for all pages of one request. */
export function layout(shell, { title, description = "", main, head = "", noindex = false, language = "en-GB" }) {
  const { site } = shell;
  const full = shell.path === "/" ? `${site.name}: ${site.tagline}` : `${title} | ${site.name}`;
  return html`<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${full}</title>
${description && html`<meta name="description" content="${description}">`}
${noindex ? html`<meta name="robots" content="noindex">` : html`<link rel="canonical" href="${shell.own}${shell.path}">`}
<meta name="color-scheme" content="light dark">
<link rel="stylesheet" href="/site.css">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="alternate" type="application/rss+xml" title="Journal" href="${site.feed_url}">
${head}
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
${header(shell)}
<main id="main" tabindex="-1">
${main}
</main>
${footer(shell)}
</body>
</html>
`;
}

function header({ site, navigation, path, user }) {
  return html`<header class="top"><div class="wrap top__in">
<a class="brand" href="/">${mark()}${site.name}</a>
<nav aria-label="Main"><ul>${navigation.main.map((link) => entry(ownLink(link.url, site.url), link.label, path))}</ul></nav>
<ul class="top__acts">
${entry("/search/", "Search", path)}
${entry(user ? "/account/" : "/sign-in/", user ? "My sessions" : "Sign in", path)}
<li><a class="button" href="/book/">Book</a></li>
</ul>
</div></header>`;
}

function entry(href, label, path) {
  const here = href === path || (href !== "/" && path.startsWith(href));
  return html`<li><a href="${href}"${here ? trusted(' aria-current="page"') : ""}>${label}</a></li>`;
}

function footer({ site, navigation }) {
  return html`<footer class="foot"><div class="wrap foot__in">
<p><strong>${site.name}</strong><br>${site.address_lines.map((line) => html`${line}<br>`)}${site.opening_summary}</p>
<p><a href="tel:${site.phone.replace(/\s/g, "")}">${site.phone}</a><br><a href="mailto:${site.email}">${site.email}</a></p>
<nav aria-label="Small print"><ul>
${navigation.small_print.map((link) => html`<li><a href="${ownLink(link.url, site.url)}">${link.label}</a></li>`)}
<li><a href="${site.feed_url}">Journal feed</a></li><li><a href="/sitemap.xml">Site map</a></li>
</ul></nav>
</div></footer>`;
}

function mark() {
  return trusted(`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true"><circle cx="16" cy="16" r="13"/><circle cx="16" cy="16" r="8.5"/><circle cx="16" cy="16" r="4"/></svg>`);
}

/** A heading with a line below it, as most pages begin. */
export function opening(title, intro = "") {
  return html`<div class="opening"><h1>${title}</h1>${intro && html`<p class="lead">${intro}</p>`}</div>`;
}

export function note(words, kind = "info") {
  return words && html`<p class="note note--${kind}" role="${kind === "bad" ? "alert" : "status"}">${words}</p>`;
}
