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
