import type { Plain } from "./canonicalJson.ts";
import { type FindingDraft, severities } from "./Finding.ts";
import { isAddress } from "./Hex.ts";

// Whatever says more in one piece says it to nobody; a circle would have no end.
const mostDepth = 32;

/**
 * `draft` as it can be hashed and stored. A number that is none (0/0 of a quiet habit) is no reason to be silent: in the
 * evidence it becomes its name, and such a score the highest. Throws DraftMalformed for what cannot be meant, within the
 * detector, so that it is the detector that fails and not the stream (DET-05).
 */
export function soundDraft(draft: FindingDraft): FindingDraft {
  const { severity, reason, subject, addresses = [], key, score, evidence } = draft;
  if (!severities.includes(severity)) throw new DraftMalformed("severity", severity, severities.join(", "));
  if (typeof reason !== "string") throw new DraftMalformed("reason", reason, "a text");
  for (const address of [subject, ...addresses])
    if (!isAddress(address)) throw new DraftMalformed("subject or addresses", address, "addresses");
  if (!Array.isArray(key)) throw new DraftMalformed("key", key, "a list of texts");
  const sound = { ...draft, key: plain(key, "key") as readonly string[], score: Number.isFinite(score) ? score : 1 };
  return { ...sound, evidence: (plain(evidence, "evidence") ?? {}) as FindingDraft["evidence"] };
}

function plain(value: unknown, path: string, depth = 0): Plain | undefined {
  if (depth > mostDepth) throw new DraftMalformed(path.slice(0, 60), "deeper than that", `${mostDepth} levels`);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (Array.isArray(value)) return value.map((inner, i) => plain(inner, `${path}[${i}]`, depth + 1) ?? null);
  if (value !== null && typeof value === "object")
    return Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, plain(inner, `${path}.${name}`, depth + 1)]),
    );
  if (typeof value === "function" || typeof value === "symbol")
    throw new DraftMalformed(path, `a ${typeof value}`, "what JSON can say, and bigint");
  return value as Plain | undefined;
}

/** A finding says what cannot be recorded. Not retryable: the detector has to be mended. */
export class DraftMalformed extends Error {
  override readonly name = "DraftMalformed";
  constructor(field: string, value: unknown, allowed: string) {
    super(
      `A finding's ${field} is ${String(value).slice(0, 60)}.\n- Allowed: ${allowed}.\n- Correct what the detector tells.`,
    );
  }
}
