// A form as the portal describes it: its fields in their order, and the words to agree to.

import { html } from "../html.js";
import { hidden } from "./blocks.js";
import { note } from "./layout.js";

const INPUTS = { email: "email", phone: "tel", number: "number", date: "date" };

/** `sent` and `mistakes` are what somebody typed and what the portal said of it. */
export function drawn(form, sent = new URLSearchParams(), mistakes = {}) {
  return html`<form class="box" method="post" action="/forms/${form.id}/">
${hidden({ opened: form.opened, consent_seen: form.consent.seen })}
<p class="visually-hidden"><label>Leave this empty <input name="website" tabindex="-1" autocomplete="off"></label></p>
${form.fields.map((field) => drawnField(field, sent, mistakes[field.name]))}
${note(mistakes.consent, "bad")}<p><label><input type="checkbox" name="consent" value="yes" required> ${form.consent.text}</label></p>
<button class="button" type="submit">${form.button}</button></form>`;
}

function drawnField(field, sent, mistake) {
  const name = fieldName(field);
  const words = html`${field.label}${field.required ? "" : " (optional)"}`;
  const help = html`${field.help && html`<span class="quiet">${field.help}</span>`}${note(mistake, "bad")}`;
  if (["radio", "checkboxes"].includes(field.kind)) {
    const type = field.kind === "radio" ? "radio" : "checkbox";
    const given = sent.getAll(name);
    return html`<fieldset><legend>${words}</legend>${help}${field.choices.map((one) => html`<p><label><input type="${type}" name="${name}" value="${one}"${given.includes(one) && html` checked`}> ${one}</label></p>`)}</fieldset>`;
  }
  if (field.kind === "checkbox") {
    return html`<p>${help}<label><input type="checkbox" name="${name}" value="yes"${sent.get(name) && html` checked`}> ${words}</label></p>`;
  }
  return html`<p class="field"><label for="${name}">${words}</label>${help}${control(field, name, sent.get(name) ?? field.initial)}</p>`;
}

function control(field, name, value) {
  const needed = field.required && html` required`;
  const most = field.max_length && html` maxlength="${field.max_length}"`;
  if (field.kind === "multiline") return html`<textarea id="${name}" name="${name}" rows="6"${needed}${most}>${value}</textarea>`;
  if (field.kind === "dropdown") {
    const options = ["", ...field.choices].map((one) => html`<option${one === value && html` selected`}>${one}</option>`);
    return html`<select id="${name}" name="${name}"${needed}>${options}</select>`;
  }
  return html`<input id="${name}" name="${name}" type="${INPUTS[field.kind] ?? "text"}" value="${value}"${needed}${most}>`;
}

/** Apart from the names of the form's own guards. */
export function fieldName(field) {
  return `v-${field.name}`;
}
