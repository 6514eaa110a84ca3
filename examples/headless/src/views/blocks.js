// Every block of a body. Offers come with the block, as they are now; a withdrawn one is null.

import { html, trusted } from "../html.js";
import { ownLink, ownLinks } from "../links.js";
import { money, moment } from "../format.js";

const BLOCKS = {
  heading, prose, picture: (value) => picture(value), quote, key_points, do_dont, exercise, red_flag, faq,
  next_times: nextTimes, package_offer: packageOffer, service_card: serviceCard,
  therapist, call_to_action: callToAction, embed,
};

export const KNOWN = Object.freeze(Object.keys(BLOCKS));

/** A block this front end does not know is left out: a new kind must not break old pages. */
export function blocks(body, site) {
  return (body ?? [])
    .filter((block) => block.value !== null && Object.hasOwn(BLOCKS, block.type))
    .map((block) => BLOCKS[block.type](block.value, site));
}

function heading({ text, number, level }) {
  const words = html`${number ? html`<span class="number">${number}</span> ` : ""}${text}`;
  const id = slug(text);
  return String(level) === "3" ? html`<h3 id="${id}">${words}</h3>` : html`<h2 id="${id}">${words}</h2>`;
}

function prose(value, site) {
  return html`<div class="prose">${trusted(ownLinks(value, site.url))}</div>`;
}

const SIZES = "(min-width: 46rem) 42rem, 92vw";

/** `first` is the picture that a reader sees without scrolling: it is loaded at once. */
export function picture({ url, alt, width, height, renditions = [], decorative, caption }, { first = false } = {}) {
  const set = renditions.map((one) => `${one.url} ${one.width}w`).join(", ");
  return html`<figure class="picture"><img src="${url}"${set && html` srcset="${set}" sizes="${SIZES}"`} width="${width}" height="${height}" alt="${decorative ? "" : alt}" loading="${first ? "eager" : "lazy"}" decoding="async">
${caption && html`<figcaption>${caption}</figcaption>`}</figure>`;
}

function quote({ text, by, role }) {
  return html`<figure class="quote"><blockquote><p>${text}</p></blockquote>
${by && html`<figcaption>${by}${role && html`, <span>${role}</span>`}</figcaption>`}</figure>`;
}

function key_points({ title, points }) {
  return html`<section class="box box--tint"><h2>${title}</h2><ul>${points.map((one) => html`<li>${one}</li>`)}</ul></section>`;
}

function do_dont({ do: yes, dont }) {
  const list = (title, kind, items) =>
    html`<section class="box box--${kind}"><h3>${title}</h3><ul>${items.map((one) => html`<li>${one}</li>`)}</ul></section>`;
  return html`<div class="pair">${list("Do", "good", yes)}${list("Leave out", "bad", dont)}</div>`;
}

function exercise({ name, sets, how, caution }) {
  return html`<section class="box exercise"><h3>${name}</h3><p class="quiet">${sets}</p><p>${how}</p>
${caution && html`<p class="caution"><strong>Stop:</strong> ${caution}</p>`}</section>`;
}

function red_flag({ title, text }) {
  return html`<section class="box box--bad flag"><h3>${title}</h3><p>${text}</p></section>`;
}

function faq({ title, items }, site) {
  return html`<section class="faq">${title && html`<h2>${title}</h2>`}
${items.map(({ question, answer }) => html`<details><summary>${question}</summary><div class="prose">${trusted(ownLinks(answer, site.url))}</div></details>`)}</section>`;
}

export function nextTimes({ title, offer }) {
  if (!offer || !offer.times.length) return "";
  return html`<section class="box times"><h2>${title}</h2>
<p class="quiet">${offer.variant_name}, ${money(offer.price_minor, offer.currency)}</p>
<ul class="slots">${offer.times.map((one) => html`<li>${keepButton({
    variant: offer.variant_code,
    location: one.location_code,
    therapist: one.therapist_code,
    starts_at: one.starts_at,
  }, html`<time datetime="${one.starts_at}">${moment(one.starts_at, offer.zone)}</time><span>${one.therapist_name}, ${one.location_name}</span>`)}</li>`)}</ul>
<p><a href="/book/${offer.variant_code}/">All free times</a></p></section>`;
}

/** A time as a button: pressing it keeps it. */
export function keepButton(time, label) {
  return html`<form method="post" action="/book/keep/">${hidden(time)}<button class="slot" type="submit">${label}</button></form>`;
}

export function hidden(values) {
  return Object.entries(values).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`);
}

function packageOffer({ note, offer }) {
  return offer ? packageCard(offer, note) : "";
}

export function packageCard(offer, note = "", level = 3) {
  return html`<section class="box card price">${headline(offer.name, level)}
${note && html`<p>${note}</p>`}
<p class="big">${money(offer.price_minor, offer.currency)}</p>
<p class="quiet">${offer.units > 1 ? html`${money(offer.price_each_minor, offer.currency)} each` : "One session"}${offer.saving_minor > 0 ? html`, ${money(offer.saving_minor, offer.currency)} less than singly` : ""}. Good for ${validity(offer.validity_days)}.</p>
<p class="quiet">${offer.covers.join("; ")}</p>
<p><a class="button" href="/buy/${offer.code}/">Buy<span class="visually-hidden"> ${offer.name}</span></a></p></section>`;
}

export function headline(words, level) {
  return level === 2 ? html`<h2>${words}</h2>` : html`<h3>${words}</h3>`;
}

function validity(days) {
  return days % 365 === 0 ? (days === 365 ? "a year" : `${days / 365} years`) : `${days} days`;
}

function serviceCard({ note, offer }) {
  return offer ? serviceBox(offer, note) : "";
}

export function serviceBox(offer, note = "", level = 3) {
  return html`<section class="box card">${headline(offer.name, level)}<p>${note || offer.summary}</p>
<ul class="lengths">${offer.variants.map((one) => html`<li><a href="/book/${one.code}/">${one.duration_minutes} minutes</a> <span>${money(one.price_minor, one.currency)}</span></li>`)}</ul></section>`;
}

function therapist({ note, offer }, site) {
  if (!offer) return "";
  return html`<section class="box card"><h3><a href="${ownLink(offer.url, site.url)}">${offer.name}</a></h3><p>${note || offer.runs}</p></section>`;
}

function callToAction({ title, text, label, offer, href }, site) {
  if (!offer) return "";
  const target = bookable(offer.url) ?? ownLink(offer.url || href, site.url);
  return html`<section class="box box--brand"><h2>${title}</h2>${text && html`<p>${text}</p>`}<p><a class="button" href="${target}">${label}</a></p></section>`;
}

/** The portal sells packages under their own address, this site under /buy/. */
function bookable(url) {
  const found = /\/packages\/([-\w]+)\/buy\/$/.exec(url ?? "");
  return found ? `/buy/${found[1]}/` : null;
}

function embed({ address, title, note, provider }) {
  return html`<figure class="box"><a href="${address}" rel="noreferrer">${title}</a><figcaption>${note} ${provider && html`<span class="quiet">Opens at ${provider}.</span>`}</figcaption></figure>`;
}

export function slug(words) {
  return words.normalize("NFKD").toLowerCase().replace(/[^\w\s-]/g, "").trim().replace(/[-\s]+/g, "-");
}
