import type { SearchFolder } from "./openSearchFolder.ts";

/** What a person is told of workers whose files went missing: they take nobody else's progress with them. */
export function tellLost({ lost }: SearchFolder): string | undefined {
  if (lost.length === 0) return undefined;
  return `--state has nothing of worker ${lost.join(", ")}, which begins anew; the others go on.`;
}
