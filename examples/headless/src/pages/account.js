// What somebody has: sessions, credits, orders; and changing a session after seeing what it means.

import { html } from "../html.js";
import { layout, note, opening } from "../views/layout.js";
import { hidden } from "../views/blocks.js";
import { date, money, moment } from "../format.js";
import { page, redirect } from "../http.js";
import { Problem } from "../api.js";
import { facts, freeTimes } from "./booking.js";

const WORDS = {
  held: "Kept for you", confirmed: "Booked", checked_in: "You are here", completed: "Done",
  no_show: "Missed", cancelled_late: "Cancelled late", expired: "Let go",
};

function stateWords(state) {
  return WORDS[state] ?? (state.startsWith("cancelled") ? "Cancelled" : state);
}

export async function account(context) {
  const { api, token } = context;
  const [sessions, wallet, orders, shell] = await Promise.all([
    api.ask("bookings/", { token }),
    api.ask("credits/", { token }),
    api.ask("orders/", { token, query: { limit: 10 } }),
    context.shell(),
  ]);
  const main = html`<div class="wrap text">${opening("My sessions")}
${sessions.items.length ? html`<ul class="rows">${sessions.items.map((one) => html`<li><a href="/bookings/${one.id}/">${moment(one.starts_at, one.zone)}</a> <span>${one.variant_name}, ${stateWords(one.state)}</span></li>`)}</ul>` : html`<p>None yet. <a href="/book/">Book one</a>.</p>`}
<h2>Credits</h2><p id="credits" class="big">${wallet.available}</p>
<ul class="rows">${wallet.lots.filter((one) => one.available + one.reserved > 0).map((one) => html`<li><strong>${one.name}</strong> <span>${one.available} free, ${one.reserved} set aside, until ${date(one.expires_on)}</span></li>`)}</ul>
<h2>Orders</h2><ul class="rows">${orders.map((one) => html`<li><strong>${one.number}</strong> <span>${one.package}, ${money(one.total_minor, one.currency)}, ${one.status}</span></li>`)}</ul>
<form method="post" action="/sign-out/"><button class="button button--quiet" type="submit">Sign out</button></form></div>`;
  return page(layout(shell, { title: "My sessions", main, noindex: true }), { personal: true });
}

export async function session(context) {
  const one = await own(context);
  const shell = await context.shell();
  const open = one.state === "confirmed";
  const main = html`<div class="wrap text">${opening(one.variant_name, stateWords(one.state))}
${note(context.query.get("new") && one.state === "confirmed" && "Booked. A mail is on its way.", "good")}${facts(one)}
${open ? html`<p class="row"><a class="button button--quiet" href="/bookings/${one.id}/move/">Move it</a>
<form method="post" action="/bookings/${one.id}/quote/">${hidden({ act: "cancel" })}<button class="button button--quiet" type="submit">Cancel it</button></form></p>` : ""}
<p><a href="/account/">All my sessions</a></p></div>`;
  return page(layout(shell, { title: one.variant_name, main, noindex: true }), { personal: true });
}

export async function chooseMove(context) {
  const one = await own(context);
  const locations = await context.api.read("locations/");
  const location = locations.find((place) => place.code === one.location);
  const shell = await context.shell();
  const times = await freeTimes(context, { code: one.variant, location }, ({ fields, label }) =>
    html`<form method="post" action="/bookings/${one.id}/quote/">${hidden({ act: "move", starts_at: fields.starts_at, therapist: fields.therapist })}<button class="slot" type="submit">${label}</button></form>`);
  const main = html`<div class="wrap">${opening("Move it to", `Now ${moment(one.starts_at, one.zone)}`)}${times}</div>`;
  return page(layout(shell, { title: "Move a session", main, noindex: true }), { personal: true });
}

/** What would happen, in the portal's own words, with the yes to exactly this. */
export async function quote(context) {
  const { form, match, api, token } = context;
  const act = form.get("act") === "move" ? "move" : "cancel";
  const json = act === "move" ? { act, starts_at: form.get("starts_at"), therapist: form.get("therapist") || null } : { act };
  try {
    const found = await api.act(`bookings/${match[1]}/quote/`, { token, json });
    return await showQuote(context, found);
  } catch (problem) {
    return refused(context, problem);
  }
}

async function showQuote(context, found, mistake = "") {
  const one = await own(context);
  const shell = await context.shell();
  const moving = found.act === "move";
  const main = html`<div class="wrap text">${opening(moving ? "Move this session?" : "Cancel this session?", one.variant_name)}${note(mistake, "info")}
${facts(one)}${moving ? html`<p>New time: <strong>${moment(found.starts_at, one.zone)}</strong></p>` : ""}
<p class="note note--info">${found.sentence}</p>
<form method="post" action="/bookings/${one.id}/${moving ? "move" : "cancellation"}/">${hidden({ quote: found.quote })}<button class="button" type="submit">${moving ? "Yes, move it" : "Yes, cancel it"}</button></form>
<p><a href="/bookings/${one.id}/">Leave it as it is</a></p></div>`;
  return page(layout(shell, { title: "Change a session", main, noindex: true }), { personal: true });
}

export const move = carriedOut("move");
export const cancel = carriedOut("cancellation");

function carriedOut(act) {
  return async (context) => {
    const { api, token, match, form } = context;
    try {
      const json = { quote: form.get("quote") ?? "" };
      const changed = await api.act(`bookings/${match[1]}/${act}/`, { token, json });
      return redirect(`/bookings/${changed.id}/`);
    } catch (problem) {
      if (problem instanceof Problem && problem.code === "stale_quote") {
        return showQuote(context, problem.body.quote, "Something has changed. Now it would be so:");
      }
      return refused(context, problem);
    }
  };
}

async function refused(context, problem) {
  if (!(problem instanceof Problem) || ![409, 422].includes(problem.status)) throw problem;
  const shell = await context.shell();
  const main = html`<div class="wrap text">${opening("That is not possible")}${note(problem.message, "bad")}<p><a href="/bookings/${context.match[1]}/">Back to the session</a></p></div>`;
  return page(layout(shell, { title: "Not possible", main, noindex: true }), { personal: true, status: problem.status });
}

function own({ api, token, match }) {
  return api.ask(`bookings/${match[1]}/`, { token });
}
