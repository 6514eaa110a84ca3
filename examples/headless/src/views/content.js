// The types of pages. `page` is what /content/by-path/ answers, `more` what the type needs besides.

import { html } from "../html.js";
import { ownLink } from "../links.js";
import { date } from "../format.js";
import { blocks, headline, nextTimes, packageCard, picture, serviceBox, slug } from "./blocks.js";
import { opening } from "./layout.js";

const TYPES = {
  "cms.HomePage": home,
  "cms.ServiceIndexPage": services,
  "cms.ServicePage": service,
  "cms.ArticleIndexPage": journal,
  "cms.ArticlePage": article,
  "cms.TherapistIndexPage": therapists,
  "cms.TherapistPage": therapist,
  "cms.PackagesPage": packages,
};

/** A type this front end does not know is shown as a plain page. */
export function content(page, more, shell) {
  return (TYPES[page.meta.type] ?? standard)(page, more, shell);
}

function wrapped(main, kind = "wrap") {
  return html`<div class="${kind}">${main}</div>`;
}

function home(page, more, { site }) {
  return html`<div class="hero"><div class="wrap hero__in"><div><h1>${page.headline || page.title}</h1><p class="lead">${page.intro}</p>
<p class="row"><a class="button button--bright" href="/book/">Book a session</a> <a class="button button--line" href="/packages/">Packages</a></p></div>
${more.times && nextTimes({ title: "Next free times", offer: more.times })}</div></div>
${band("Treatments", html`<div class="cards">${more.services.map((one) => serviceBox(one))}</div>`)}
${page.steps?.length ? band("How it works", html`<ol class="steps">${page.steps.map(({ value }) => html`<li><h3>${value.title}</h3><p>${value.text}</p></li>`)}</ol>`) : ""}
${more.package && band("Coming back? Buy a few at once.", html`<div class="cards">${packageCard(more.package)}</div>`)}
${band("Therapists who run", people(more.therapists, site))}
${band("From the journal", cards(more.articles, site))}
${page.questions?.length ? band("", blocks(page.questions, site)) : ""}`;
}

function band(title, inside) {
  return html`<section class="band"><div class="wrap">${title && html`<h2>${title}</h2>`}${inside}</div></section>`;
}

function services(page, more, { site }) {
  return wrapped(html`${opening(page.title, page.intro)}
<div class="cards">${more.pages.map(({ page: one, offer }) => html`<section class="box card"><h2><a href="${ownLink(one.meta.html_url, site.url)}">${one.title}</a></h2><p>${one.intro ?? offer?.summary}</p></section>`)}</div>
${blocks(page.body, site)}`);
}

function service(page, { offer }, { site }) {
  return wrapped(html`${opening(page.title, page.intro)}
${offer ? serviceBox(offer, page.feeling, 2) : html`<p class="note note--info">This treatment cannot be booked online at the moment. Ring us.</p>`}
${blocks(page.body, site)}`, "wrap text");
}

function journal(page, more, { site }) {
  return wrapped(html`${opening(more.topic ? `${page.title}: ${more.topic}` : page.title, page.intro)}
<nav class="topics" aria-label="Topics"><ul><li><a href="/journal/"${!more.topic && html` aria-current="page"`}>All</a></li>
${more.topics.map((one) => html`<li><a href="/journal/?topic=${slug(one)}"${one === more.topic && html` aria-current="page"`}>${one}</a></li>`)}</ul></nav>
${cards(more.articles, site, 2)}`);
}

function cards(articles, site, level = 3) {
  return html`<div class="cards">${articles.map((one) => {
    const link = html`<a href="${ownLink(one.url, site.url)}">${one.title}</a>`;
    return html`<article class="box card">${headline(link, level)}<p>${one.intro}</p>
<p class="quiet">${[one.author, one.on && date(one.on), `${one.reading_minutes} min`].filter(Boolean).join(" · ")}</p></article>`;
  })}</div>`;
}

function article(page, more, { site }) {
  return html`<article class="wrap text">${opening(page.title, page.subtitle || page.intro)}
<p class="quiet">${[page.byline, page.shown_on && date(page.shown_on), `${page.reading_minutes} min`].filter(Boolean).join(" · ")}</p>
${page.hero && picture({ ...page.hero, url: page.hero.full_url, alt: page.hero_alt || page.hero.alt }, { first: true })}
${blocks(page.body, site)}
${page.tags?.length ? html`<p class="topics">${page.tags.map((one) => html`<a href="/journal/?topic=${slug(one)}">${one}</a> `)}</p>` : ""}
${page.sources?.length ? html`<section class="sources"><h2>Sources</h2><ol>${page.sources.map(({ value }) => html`<li>${value.link ? html`<a href="${value.link}">${value.text}</a>` : value.text} <span class="quiet">${value.found}</span></li>`)}</ol></section>` : ""}
${more.related?.length ? html`<section><h2>Read on</h2>${cards(more.related, site)}</section>` : ""}</article>`;
}

function therapists(page, more, { site }) {
  return wrapped(html`${opening(page.title, page.intro)}${people(more.therapists, site, 2)}`);
}

function people(pages, site, level = 3) {
  return html`<div class="cards">${pages.map((one) => {
    const link = html`<a href="${ownLink(one.meta.html_url, site.url)}">${one.title}</a>`;
    return html`<section class="box card">${headline(link, level)}<p>${one.runs}</p></section>`;
  })}</div>`;
}

function therapist(page, more, { site }) {
  const facts = [["Runs", page.runs], ["Trained", page.training], ["Register", page.register_number]];
  return wrapped(html`${opening(page.title, page.intro)}
${page.portrait && picture({ ...page.portrait, url: page.portrait.full_url, alt: page.photo_alt || page.portrait.alt }, { first: true })}
<dl class="facts">${facts.filter(([, value]) => value).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${blocks(page.body, site)}
${more.times && nextTimes({ title: `${page.title}: next free times`, offer: more.times })}
${more.articles.length ? html`<h2>Written by ${page.title}</h2>${cards(more.articles, site)}` : ""}`, "wrap text");
}

function packages(page, more, { site }) {
  return wrapped(html`${opening(page.title, page.intro)}
<div class="cards">${more.packages.map((one) => packageCard(one, "", 2))}</div>
${page.refund_words && html`<p>${page.refund_words}</p>`}${blocks(page.body, site)}`);
}

function standard(page, more, { site }) {
  return wrapped(html`${opening(page.title, page.intro)}${blocks(page.body, site)}
${page.changed_on && html`<p class="quiet">Last changed ${date(page.changed_on)}.</p>`}`, "wrap text");
}
