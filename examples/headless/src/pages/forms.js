// Forms that editors build: drawn as the portal describes them, sent back to it.

import { html } from "../html.js";
import { layout, note, opening } from "../views/layout.js";
import { drawn, fieldName } from "../views/form.js";
import { page } from "../http.js";
import { Problem } from "../api.js";

/** What a form page shows besides its words. Never cached: the portal counts how long it was open. */
export async function formToDraw(api, id) {
  return api.ask(`content/forms/${id}/`);
}

export async function send(context) {
  const { api, match, form: sent } = context;
  const form = await formToDraw(api, match[1]);
  const json = {
    values: Object.fromEntries(form.fields.map((field) => [field.name, given(field, sent)])),
    consent: sent.get("consent") === "yes",
    consent_seen: sent.get("consent_seen") ?? "",
    opened: sent.get("opened") ?? "",
    website: sent.get("website") ?? "",
  };
  try {
    const thanks = await api.act(`content/forms/${match[1]}/`, { json });
    return shown(context, opening(thanks.title, thanks.text), 200);
  } catch (problem) {
    if (!(problem instanceof Problem) || ![400, 422, 429].includes(problem.status)) throw problem;
    const again = html`${opening(form.title, form.intro)}${note(problem.message, "bad")}${drawn(form, sent, mistakesOf(problem))}`;
    return shown(context, again, problem.status);
  }
}

function given(field, sent) {
  const name = fieldName(field);
  if (field.kind === "checkboxes") return sent.getAll(name);
  if (field.kind === "checkbox") return sent.get(name) === "yes";
  return sent.get(name) ?? "";
}

/** { field: sentence }, out of the places the portal names. */
function mistakesOf({ body }) {
  const errors = (body.errors ?? []).filter((one) => one.loc?.length);
  return Object.fromEntries(errors.map((one) => [one.loc.at(-1), one.msg]));
}

async function shown(context, main, status) {
  const shell = await context.shell();
  const body = layout(shell, { title: "Your message", main: html`<div class="wrap text">${main}</div>`, noindex: true });
  return page(body, { personal: true, status });
}
