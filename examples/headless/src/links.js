// The portal's addresses are absolute and its own; pages live here under the same paths.

const STAYS = /^\/(media|documents|static|api|account|admin|journal\/feed|feeds?)(\/|$)/;

/** Where a link of the portal leads on this site; files and feeds stay where they are. */
export function ownLink(url, site) {
  if (!url) return "";
  const base = site.replace(/\/+$/, "");
  const path = url.startsWith(`${base}/`) ? url.slice(base.length) : url;
  if (!path.startsWith("/") || path.startsWith("//")) return url;
  return STAYS.test(path) ? base + path : path;
}

/** Rich text with its links turned to this site. */
export function ownLinks(text, site) {
  return (text ?? "").replace(/(<a\b[^>]*?\shref=")([^"]*)(")/g, (_, before, url, after) => {
    return before + ownLink(url, site) + after;
  });
}

/** A path to come back to after signing in: on this site, or home. */
export function safePath(path) {
  return typeof path === "string" && /^\/(?![/\\])[^\s\\]*$/.test(path) ? path : "/";
}
