// Signing in and joining, both with a code from the mail.

import { html } from "../html.js";
import { layout, note, opening } from "../views/layout.js";
import { hidden } from "../views/blocks.js";
import { page, redirect } from "../http.js";
import { safePath } from "../links.js";
import { Problem } from "../api.js";

export async function askWho(context, { mistake = "", status = 200 } = {}) {
  const next = safePath(context.query.get("next") ?? context.form?.get("next"));
  const shell = await context.shell();
  const email = (id) => html`<p class="field"><label for="${id}">Email</label><input id="${id}" name="email" type="email" required autocomplete="email" value="${context.form?.get("email")}"></p>`;
  const main = html`<div class="wrap text">${opening("Sign in", "We send you a code. There is no password.")}${note(mistake, "bad")}
<div class="pair">
<form class="box" method="post" action="/sign-in/">${hidden({ next, kind: "known" })}<h2>I have been here before</h2>${email("known")}<button class="button" type="submit">Send me a code</button></form>
<form class="box" method="post" action="/sign-in/">${hidden({ next, kind: "new" })}<h2>I am new</h2><p class="field"><label for="name">Name</label><input id="name" name="name" autocomplete="name" maxlength="120"></p>${email("new")}<button class="button" type="submit">Join</button></form>
</div></div>`;
  return page(layout(shell, { title: "Sign in", main, noindex: true }), { personal: true, status });
}

export async function sendCode(context) {
  const { form, auth } = context;
  const kind = form.get("kind") === "new" ? "new" : "known";
  const [email, name] = [(form.get("email") ?? "").trim(), (form.get("name") ?? "").trim()];
  try {
    const token = kind === "new" ? await auth.signUp(email, name) : await auth.requestCode(email);
    const next = new URLSearchParams({ next: safePath(form.get("next")) });
    return redirect(`/sign-in/code/?${next}`, { headers: { "Set-Cookie": context.waiting(kind, token) } });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return askWho(context, { mistake: problem.message, status: 422 });
  }
}

export async function askCode(context, { mistake = "", status = 200 } = {}) {
  if (!context.pending) return redirect("/sign-in/");
  const next = safePath(context.query.get("next") ?? context.form?.get("next"));
  const shell = await context.shell();
  const main = html`<div class="wrap text">${opening("Your code", "Six digits, in a mail from us.")}${note(mistake, "bad")}
<form class="box" method="post" action="/sign-in/code/">${hidden({ next })}
<p class="field"><label for="code">Code</label><input id="code" name="code" inputmode="numeric" autocomplete="one-time-code" required maxlength="20"></p>
<button class="button" type="submit">Continue</button></form><p><a href="/sign-in/">Use another address</a></p></div>`;
  return page(layout(shell, { title: "Your code", main, noindex: true }), { personal: true, status });
}

export async function takeCode(context) {
  const { auth, form, pending } = context;
  if (!pending) return redirect("/sign-in/");
  const code = (form.get("code") ?? "").replace(/\s/g, "");
  try {
    const act = pending.kind === "new" ? auth.verifyEmail : auth.confirmCode;
    const token = await act.call(auth, pending.token, code);
    return redirect(safePath(form.get("next")), { headers: { "Set-Cookie": context.signedIn(token) } });
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    return askCode(context, { mistake: problem.message, status: 422 });
  }
}

export async function signOut(context) {
  if (context.token) await context.auth.signOut(context.token);
  return redirect("/", { headers: { "Set-Cookie": context.signedOut() } });
}
