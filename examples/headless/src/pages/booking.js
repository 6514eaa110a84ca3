// From a free time to a session: choose, keep, pay with a credit or a card.

import { html } from "../html.js";
import { layout, note, opening } from "../views/layout.js";
import { hidden, keepButton, serviceBox } from "../views/blocks.js";
import { clock, day, dayKey, money, moment, plusDays } from "../format.js";
import { page, redirect } from "../http.js";
import { Problem } from "../api.js";

const SHOWN_DAYS = 7;

export async function chooseTreatment(context) {
  const [services, shell] = await Promise.all([context.api.read("services/"), context.shell()]);
  const main = html`<div class="wrap">${opening("Book a session", "Pick a treatment and a length.")}<div class="cards">${services.map((one) => serviceBox(one, "", 2))}</div></div>`;
  return page(layout(shell, { title: "Book a session", main }));
}

export async function chooseTime(context) {
  const [, code] = context.match;
  const found = await offered(context, code);
  if (!found) return null;
  const shell = await context.shell();
  const main = html`<div class="wrap">${opening(found.variant.name, money(found.variant.price_minor, found.variant.currency))}
${note(context.query.get("gone") && "Somebody was faster. These are free now.", "info")}
${places(found, context.path)}
${await freeTimes(context, { ...found, code }, (time) => keepButton(time.fields, time.label))}</div>`;
  return page(layout(shell, { title: found.variant.name, main, noindex: true }), { personal: true });
}

async function offered({ api, query }, code) {
  const [services, locations] = await Promise.all([api.read("services/"), api.read("locations/")]);
  const variant = services.flatMap((one) => one.variants).find((one) => one.code === code);
  const location = locations.find((one) => one.code === query.get("location")) ?? locations[0];
  return variant && location ? { variant, location, locations } : null;
}

function places({ locations, location }, path) {
  if (locations.length < 2) return "";
  return html`<nav class="topics" aria-label="Place"><ul>${locations.map((one) => html`<li><a href="${path}?location=${one.code}"${one.code === location.code && html` aria-current="page"`}>${one.name}</a></li>`)}</ul></nav>`;
}

/** A week of free times by day. `button` makes what is pressed of { fields, label }. */
export async function freeTimes({ api, token, query, path }, { code, location }, button) {
  const today = dayKey(new Date().toISOString(), location.timezone);
  const wanted = /^\d{4}-\d{2}-\d{2}$/.test(query.get("start") ?? "") ? query.get("start") : today;
  const start = wanted < today ? today : wanted;
  const end = plusDays(start, SHOWN_DAYS);
  const found = await api.ask("availability/", { token, query: { variant: code, location: location.code, start, end } });
  const days = byDay(found);
  const at = (day) => `${path}?location=${location.code}&start=${day}`;
  return html`${[...days].map(([, times]) => html`<section class="day"><h2>${day(times[0].starts_at, times[0].zone)}</h2>
<ul class="slots">${times.map((one) => html`<li>${button({
    fields: { variant: code, location: one.location, therapist: one.therapist, starts_at: one.starts_at },
    label: html`<time datetime="${one.starts_at}">${clock(one.starts_at, one.zone)}</time><span>${one.therapist_name}</span>`,
  })}</li>`)}</ul></section>`)}
${found.length ? "" : html`<p>Nothing is free in these days.</p>`}
<nav class="row" aria-label="Weeks">${start > today ? html`<a href="${at(plusDays(start, -SHOWN_DAYS))}">Earlier</a>` : ""} <a href="${at(end)}">Later</a></nav>
<p class="quiet">Times are on the clock of ${location.name} (${location.timezone}).</p>`;
}

function byDay(times) {
  const days = new Map();
  for (const one of times) {
    const key = dayKey(one.starts_at, one.zone);
    days.set(key, [...(days.get(key) ?? []), one]);
  }
  return days;
}

// --- A time is kept ----------------------------------------------------------------------------------

const FIELDS = ["variant", "location", "therapist", "starts_at"];

export async function keep(context) {
  const wanted = Object.fromEntries(FIELDS.map((name) => [name, context.form.get(name) ?? ""]));
  if (!context.token) {
    return redirect(`/sign-in/?${new URLSearchParams({ next: `/book/keep/?${new URLSearchParams(wanted)}` })}`);
  }
  try {
    const held = await context.api.act("holds/", { token: context.token, json: wanted });
    return redirect(`/book/held/${held.id}/`);
  } catch (problem) {
    if (problem instanceof Problem && problem.status === 409) {
      return redirect(`/book/${encodeURIComponent(wanted.variant)}/?${new URLSearchParams({ location: wanted.location, gone: "1" })}`);
    }
    throw problem;
  }
}

/** After signing in on the way: one press more, as nothing changes by following an address. */
export async function askKeep(context) {
  const wanted = Object.fromEntries(FIELDS.map((name) => [name, context.query.get(name) ?? ""]));
  const found = await offered(context, wanted.variant);
  if (!found || Number.isNaN(Date.parse(wanted.starts_at))) return null;
  const shell = await context.shell();
  const main = html`<div class="wrap text">${opening("Keep this time?", found.variant.name)}
<form class="box" method="post" action="/book/keep/">${hidden(wanted)}<p class="big">${moment(wanted.starts_at, found.location.timezone)}</p><p>${found.location.name}</p><button class="button" type="submit">Keep it</button></form></div>`;
  return page(layout(shell, { title: "Keep this time?", main, noindex: true }), { personal: true });
}

export async function held(context, { mistake = "", status = 200 } = {}) {
  const { api, token, match } = context;
  const [session, wallet, offers, shell] = await Promise.all([
    api.ask(`bookings/${match[1]}/`, { token }),
    api.ask("credits/", { token }),
    api.read("packages/"),
    context.shell(),
  ]);
  if (session.state !== "held") return redirect(`/bookings/${session.id}/`);
  const paying = wallet.lots.filter((one) => one.is_usable && one.variants.includes(session.variant));
  const main = html`<div class="wrap text">${opening("Your time is kept", session.variant_name)}${note(mistake, "bad")}
${facts(session)}<p class="quiet">Until ${clock(session.held_until, session.zone)}.</p>
${paying.length ? withCredit(session, paying) : buying(session, offers)}</div>`;
  return page(layout(shell, { title: "Your time is kept", main, noindex: true }), { personal: true, status });
}

export function facts(session) {
  return html`<dl class="facts"><div><dt>When</dt><dd>${moment(session.starts_at, session.zone)} to ${clock(session.ends_at, session.zone)}</dd></div>
<div><dt>With</dt><dd>${session.therapist_name}</dd></div><div><dt>Where</dt><dd>${session.location_name}</dd></div></dl>`;
}

function withCredit(session, lots) {
  return html`<form class="box" method="post" action="/book/held/${session.id}/confirm/"><fieldset><legend>Pay with</legend>
${lots.map((one, index) => html`<p><label><input type="radio" name="lot" value="${one.id}"${index === 0 && html` checked`}> ${one.name}: ${one.available} left</label></p>`)}</fieldset>
<button class="button" type="submit">Book with one credit</button></form>`;
}

function buying(session, offers) {
  const fitting = offers.filter((one) => one.variant_codes.includes(session.variant));
  return html`<form class="box" method="post" action="/book/held/${session.id}/buy/"><fieldset><legend>Buy</legend>
${fitting.map((one, index) => html`<p><label><input type="radio" name="package" value="${one.code}"${index === 0 && html` checked`}> ${one.name}: ${money(one.price_minor, one.currency)}</label></p>`)}</fieldset>
<button class="button" type="submit">Go to payment</button></form>`;
}

export async function confirm(context) {
  const { api, token, match, form } = context;
  try {
    const json = { hold: match[1], lot: form.get("lot") || null };
    const booked = await api.act("bookings/", { token, json, key: `confirm-${match[1]}` });
    return redirect(`/bookings/${booked.id}/?new=1`);
  } catch (problem) {
    if (!(problem instanceof Problem) || problem.status !== 409) throw problem;
    return held(context, { mistake: problem.message, status: 409 });
  }
}
