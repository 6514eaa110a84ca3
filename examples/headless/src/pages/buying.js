// Buying a package: an order, Stripe's own page, and back.

import { html } from "../html.js";
import { layout, note, opening } from "../views/layout.js";
import { hidden } from "../views/blocks.js";
import { money } from "../format.js";
import { page, redirect } from "../http.js";
import { Problem } from "../api.js";
import { held } from "./booking.js";
import { randomUUID } from "node:crypto";

export async function askBuy(context, { mistake = "", status = 200 } = {}) {
  const code = context.match[1];
  const offer = (await context.api.read("packages/")).find((one) => one.code === code);
  if (!offer) return null;
  const shell = await context.shell();
  const main = html`<div class="wrap text">${opening(offer.name, offer.covers.join("; "))}${note(mistake, "bad")}
<form class="box" method="post" action="/buy/${code}/">${hidden({ key: randomUUID() })}<p class="big">${money(offer.price_minor, offer.currency)}</p>
<button class="button" type="submit">Go to payment</button><p class="quiet">You pay on Stripe's page. Your card never comes near us.</p></form></div>`;
  return page(layout(shell, { title: offer.name, main, noindex: true }), { personal: true, status });
}

export async function buy(context) {
  const { match, form } = context;
  return refusedTo(askBuy, context, () => ordered(context, { package: match[1] }, form.get("key")));
}

export async function buyForHeld(context) {
  const { match, form } = context;
  const wanted = { package: form.get("package") ?? "", reserved_for: match[1] };
  return refusedTo(held, context, () => ordered(context, wanted));
}

async function ordered({ api, token, config, path }, wanted, key) {
  const json = { ...wanted, success_url: `${config.own}/paid/`, cancel_url: `${config.own}${path.replace(/buy\/$/, "")}` };
  const order = await api.act("orders/", { token, json, key: key || undefined });
  return redirect(order.checkout_url ?? "/paid/");
}

/** A refusal is shown on the page where the choice was made. */
async function refusedTo(show, context, act) {
  try {
    return await act();
  } catch (problem) {
    if (!(problem instanceof Problem) || ![409, 422].includes(problem.status)) throw problem;
    return show(context, { mistake: problem.message, status: problem.status });
  }
}

/** Back from Stripe. Its message may be on its way, so we have the portal ask once. */
export async function paid(context) {
  const { api, token } = context;
  const [latest] = await api.ask("orders/", { token, query: { limit: 1 } });
  if (!latest) return redirect("/packages/");
  const order = latest.status === "paid" ? latest : await verified(context, latest);
  const shell = await context.shell();
  if (order.status === "paid" && order.reserved_for) return redirect(`/bookings/${order.reserved_for}/?new=1`);
  const done = order.status === "paid";
  const main = html`<div class="wrap text">${opening(done ? "Thank you" : "One moment", done ? `${order.package} is yours.` : "We wait for the bank.")}
<p>Order ${order.number}, ${money(order.total_minor, order.currency)}.</p>
${done ? html`<p><a class="button" href="/book/">Book a session</a> <a href="/account/">What I have</a></p>` : html`<p><a href="/paid/">Look again</a></p>`}</div>`;
  const head = done ? "" : html`<meta http-equiv="refresh" content="3">`;
  return page(layout(shell, { title: "Payment", main, head, noindex: true }), { personal: true });
}

async function verified({ api, token }, order) {
  try {
    return await api.act(`orders/${order.id}/verification/`, { token });
  } catch (problem) {
    if (problem instanceof Problem) return order;
    throw problem;
  }
}
