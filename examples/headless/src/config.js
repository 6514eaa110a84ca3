// Everything that differs between machines, read once. README.md explains each.

const DAY = 86_400;

export function readConfig(env = process.env) {
  const port = Number(env.PORT ?? 8300);
  const own = trimmed(env.OWN_URL ?? `http://localhost:${port}`);
  return Object.freeze({
    port,
    own,
    host: env.HOST ?? "127.0.0.1",
    portal: trimmed(env.PORTAL_URL ?? "http://localhost:8000"),
    checkout: trimmed(env.CHECKOUT_ORIGIN ?? "https://checkout.stripe.com"),
    webhookSecrets: (env.WEBHOOK_SECRETS ?? "").split(",").filter(Boolean),
    secureCookies: own.startsWith("https://"),
    sessionSeconds: 14 * DAY,
  });
}

function trimmed(address) {
  return address.replace(/\/+$/, "");
}
