// Templates that cannot forget to escape: html`<p>${words}</p>` escapes all but other templates.

const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

class Safe {
  constructor(text) {
    this.text = text;
  }

  toString() {
    return this.text;
  }
}

export function escape(value) {
  return String(value).replace(/[&<>"']/g, (one) => ESCAPES[one]);
}

export function html(strings, ...values) {
  return new Safe(String.raw({ raw: strings }, ...values.map(shown)));
}

/** For HTML that the portal has cleaned already: rich text. */
export function trusted(text) {
  return new Safe(text ?? "");
}

function shown(value) {
  if (value instanceof Safe) return value.text;
  if (Array.isArray(value)) return value.map(shown).join("");
  if (value === null || value === undefined || value === false) return "";
  return escape(value);
}
