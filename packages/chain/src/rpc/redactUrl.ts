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
  return text.replace(/\b(?:https?|wss?):\/\/[^\s"'<>)\]}]+/gi, (found) => {
    // What ends a word of the sentence is none of the URL. Counted, not matched: to an expression points without end, which a
    // node may send, are the end of a word at each of them.
    let end = found.length;
    while (".,:;!?".includes(found[end - 1]!)) end -= 1;
    return `${redactUrl(found.slice(0, end))}${found.slice(end)}`;
  });
}

// Shorter words stand in other texts as well.
const shortestSecret = 6;

/**
 * A function that takes out of a text what `url` keeps secret, and `more`: whoever is behind it may repeat what he was sent.
 */
export function openCleaner(url: string, more: readonly string[] = []): (text: string) => string {
  const secrets = secretsOf(url, more);
  return (text) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, "…"), redactUrlsIn(text));
}

// Long and of many letters: so that it is in no data by chance.
const sureLength = 16;
const sureLetters = 6;

/**
 * The same for whole answers, whose data must stay what it is: of the secrets only those that no data has by chance, and no
 * other URL.
 */
export function openBodyCleaner(url: string, more: readonly string[] = []): (body: string) => string {
  const secrets = secretsOf(url, more).filter((one) => one.length >= sureLength && new Set(one).size >= sureLetters);
  return (body) => secrets.reduce((cleaned, secret) => cleaned.replaceAll(secret, "…"), body);
}

/**
 * User, password and both as a header has them, the parts of path and query that `redactUrl` hides, and `more`, whole and word by
 * word; each as written, decoded and in small letters, the longest first.
 */
function secretsOf(url: string, more: readonly string[]): readonly string[] {
  const { pathname, search, searchParams, username, password } = new URL(url);
  const shown = new Set(redactUrl(url).split("/"));
  const hidden = pathname.split("/").filter((part) => !shown.has(part));
  const query = search.slice(1).split("&");
  // A query that is a key and nothing else has it as a name.
  const names = [...searchParams].flatMap(([name, value]) => (value === "" ? [name] : []));
  const values = query.map((one) => one.slice(one.indexOf("=") + 1));
  const header = username + password === "" ? [] : [toBase64(`${decoded(username)}:${decoded(password)}`)];
  const parts = [...hidden, ...names, ...values, ...searchParams.values(), username, password, ...header];
  const written = [...parts, ...more, ...more.flatMap((one) => one.split(/\s+/))];
  const all = written.flatMap((one) => [one, decoded(one)]).flatMap((one) => [one, one.toLowerCase()]);
  return [...new Set(all)].filter((secret) => secret.length >= shortestSecret).sort((a, b) => b.length - a.length);
}

function toBase64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
