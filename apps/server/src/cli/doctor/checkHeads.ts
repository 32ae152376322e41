import type { HeadSource } from "@testudo/chain/heads/openHeadSource";
import { openHeads } from "../../watch/openHeads.ts";
import { type Check, ok, warn } from "./Check.ts";

const timeoutMs = 5_000;

/** Whether each socket at `urls` takes a subscription. Without it nothing is missed, so that none of them fails. */
export function checkHeads(urls: readonly string[]): Promise<readonly Check[]> {
  return Promise.all(openHeads(urls).map(checkHead));
}

async function checkHead(source: HeadSource): Promise<Check> {
  const name = `heads ${source.label}`;
  const stop = new AbortController();
  try {
    const lost = await new Promise<string | undefined>((resolve) => {
      const timer = setTimeout(() => resolve(`nothing was heard within ${timeoutMs} ms`), timeoutMs);
      stop.signal.addEventListener("abort", () => clearTimeout(timer), { once: true });
      const listener = { onOpen: () => resolve(undefined), onHint: () => {}, onLost: resolve };
      void source.follow(listener, stop.signal);
    });
    if (lost === undefined) return ok(name, "tells of new heads");
    return warn(name, `It tells no heads: ${lost}.`, "Correct `heads`; until then nodes are asked at the usual rate.");
  } finally {
    stop.abort();
  }
}
