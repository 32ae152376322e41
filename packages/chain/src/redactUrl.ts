// Providers put the key into the path, the query or the user part of the URL; an error message ends up in logs, alerts
// and tickets. So a URL is told by its host alone, and short words of its path that are no keys ("v2", "rpc").
const plainSegment = /^[a-z0-9_-]{0,12}$/i;

/** `url` without user, password, query and whatever part of its path may be a key. */
export function redactUrl(url: string): string {
  if (!URL.canParse(url)) return "(not a URL)";
  const { protocol, host, pathname } = new URL(url);
  const path = pathname
    .split("/")
    .map((part) => (plainSegment.test(part) && !(part.length > 6 && /\d/.test(part)) ? part : "…"))
    .join("/");
  return `${protocol}//${host}${path === "/" ? "" : path}`;
}

/** `text` with every URL in it redacted. */
export function redactUrlsIn(text: string): string {
  return text.replace(/\b(?:https?|wss?):\/\/[^\s"'<>)\]}]+/gi, (url) => redactUrl(url));
}

// Shorter words stand in other texts as well.
const shortestSecret = 6;

/**
 * A function that takes out of a text what `url` keeps secret (user, password, and the parts of path and query that `redactUrl`
 * hides), and `more`: whoever is behind it may repeat what he was sent.
 */
export function openCleaner(url: string, more: readonly string[] = []): (text: string) => string {
  const { pathname, searchParams, username, password } = new URL(url);
  const shown = new Set(redactUrl(url).split("/"));
  const hidden = pathname.split("/").filter((part) => !shown.has(part));
  const parts = [...hidden, ...searchParams.values(), username, password];
  const secrets = [...new Set([...parts, ...parts.map(decoded), ...more])]
    .filter((secret) => secret.length >= shortestSecret)
    .sort((a, b) => b.length - a.length);
  return (text) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, "…"), redactUrlsIn(text));
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
