/**
 * What tells one node from another in the URL `text`: two spellings of one address give the same. A node that is named
 * twice would make a quorum with itself. Credentials do not make another node of it; all names of this machine are one.
 */
export function nodeOf(text: string): string {
  const { protocol, hostname, port, pathname, search } = new URL(text);
  const host = isThisMachine(hostname) ? "localhost" : hostname.replace(/\.$/, "");
  return `${protocol}//${host}:${port}${pathname.replace(/\/+$/, "")}${search}`;
}

/** The first of `urls` that is a node named before, with that one. */
export function nodeTwice(urls: readonly string[]): { readonly index: number; readonly first: number } | undefined {
  const nodes = urls.map(nodeOf);
  const index = nodes.findIndex((node, i) => nodes.indexOf(node) < i);
  return index < 0 ? undefined : { index, first: nodes.indexOf(nodes[index]!) };
}

/** Whether the node at `text` is reached on this machine. */
export function isOnThisMachine(text: string): boolean {
  return isThisMachine(new URL(text).hostname);
}

// Connecting to the unspecified address reaches this machine too.
function isThisMachine(hostname: string): boolean {
  const name = hostname.replace(/\.$/, "");
  return (
    /^(.+\.)?localhost$/.test(name) ||
    /^127\.\d+\.\d+\.\d+$/.test(name) ||
    /^\[::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}\]$/.test(name) ||
    ["0.0.0.0", "[::1]", "[::]"].includes(name)
  );
}
