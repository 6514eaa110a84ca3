// Money and moments as people write them. Amounts come in minor units, moments with a zone beside them.

const LANGUAGE = "en-GB";

export function money(minor, currency) {
  const format = new Intl.NumberFormat(LANGUAGE, { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits;
  const amount = minor / 10 ** digits;
  return Number.isInteger(amount)
    ? new Intl.NumberFormat(LANGUAGE, { style: "currency", currency, maximumFractionDigits: 0 }).format(amount)
    : format.format(amount);
}

/** Tue 3 June, 10:00 */
export function moment(iso, zone) {
  return `${day(iso, zone)}, ${clock(iso, zone)}`;
}

export function day(iso, zone) {
  return formatted(iso, { weekday: "short", day: "numeric", month: "long", timeZone: zone });
}

export function clock(iso, zone) {
  return formatted(iso, { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: zone });
}

/** 2 December 2026, of a day without a clock. */
export function date(iso) {
  return formatted(iso, { day: "numeric", month: "long", year: "numeric", timeZone: "UTC" });
}

/** 2026-12-02 on the zone's calendar. */
export function dayKey(iso, zone) {
  return new Intl.DateTimeFormat("en-CA", { timeZone: zone }).format(new Date(iso));
}

export function plusDays(key, days) {
  const at = new Date(`${key}T00:00:00Z`);
  at.setUTCDate(at.getUTCDate() + days);
  return at.toISOString().slice(0, 10);
}

function formatted(iso, options) {
  return new Intl.DateTimeFormat(LANGUAGE, options).format(new Date(iso));
}
