import type { Plain } from "./canonicalJson.ts";
import { cutText } from "./cutText.ts";
import { type FindingDraft, severities } from "./Finding.ts";
import { isAddress } from "./Hex.ts";

// Whatever says more in one piece says it to nobody; a circle would have no end.
const mostDepth = 32;
// A finding is hashed, stored, sent and kept for good. What is beyond this was put there by a stranger, or reads for nobody.
const mostOfText = 4_000;
const leastOfText = 100;
const mostLetters = 200_000;
const mostEntries = 1_000;
const mostValues = 10_000;

/** How much of a piece of evidence was walked so far. */
interface Walked {
  values: number;
  letters: number;
}

/**
 * `draft` as it can be hashed and stored. A number that is none (0/0 of a quiet habit) is no reason to be silent: in the
 * evidence it becomes its name, and such a score the highest. Nor is a list of thousands, which a stranger may have made
 * so long: texts, lists and addresses are cut, and all but the addresses say by how much. Throws DraftMalformed for what
 * cannot be meant, within the detector, so that it is the detector that fails and not the stream (DET-05).
 */
export function soundDraft(draft: FindingDraft): FindingDraft {
  const { severity, reason, subject, addresses = [], key, score, evidence } = draft;
  if (!severities.includes(severity)) throw new DraftMalformed("severity", severity, severities.join(", "));
  if (typeof reason !== "string") throw new DraftMalformed("reason", reason, "a text");
  for (const address of [subject, ...addresses.slice(0, mostEntries)])
    if (!isAddress(address)) throw new DraftMalformed("subject or addresses", address, "addresses");
  if (!Array.isArray(key)) throw new DraftMalformed("key", key, "a list of texts");
  // A key that were cut would make one alert of two.
  if (key.length > mostEntries || key.some((part) => String(part).length > mostOfText))
    throw new DraftMalformed("key", `of ${key.length} texts`, `${mostEntries} texts of ${mostOfText} letters at most`);
  return {
    ...draft,
    reason: within(reason, mostOfText),
    ...(draft.addresses === undefined ? {} : { addresses: addresses.slice(0, mostEntries) }),
    key: plain(key, "key") as readonly string[],
    score: Number.isFinite(score) ? score : 1,
    evidence: (plain(evidence, "evidence") ?? {}) as FindingDraft["evidence"],
  };
}

function plain(value: unknown, path: string, depth = 0, walked: Walked = { values: 0, letters: 0 }): Plain | undefined {
  walked.values += 1;
  if (depth > mostDepth) throw new DraftMalformed(path.slice(0, 60), "deeper than that", `${mostDepth} levels`);
  if (typeof value === "number") return Number.isFinite(value) ? value : String(value);
  if (typeof value === "string") return textWithin(value, walked);
  if (Array.isArray(value)) {
    const kept = upTo(value, walked).map((inner, i) => plain(inner, `${path}[${i}]`, depth + 1, walked) ?? null);
    return kept.length === value.length ? kept : [...kept, `and ${value.length - kept.length} more`];
  }
  if (value !== null && typeof value === "object") {
    const entries = Object.entries(value);
    const kept = upTo(entries, walked).map(
      ([name, inner]) => [textWithin(name, walked), plain(inner, `${path}.${name}`, depth + 1, walked)] as const,
    );
    const rest = entries.length - kept.length;
    return Object.fromEntries(rest === 0 ? kept : [...kept, ["…", `and ${rest} more`]]);
  }
  if (typeof value === "function" || typeof value === "symbol")
    throw new DraftMalformed(path, `a ${typeof value}`, "what JSON can say, and bigint");
  return value as Plain | undefined;
}

/** The first of `entries` that there is still room for. */
function upTo<V>(entries: readonly V[], { values }: Walked): readonly V[] {
  const room = Math.min(mostEntries, Math.max(0, mostValues - values));
  return entries.length > room ? entries.slice(0, room) : entries;
}

function textWithin(text: string, walked: Walked): string {
  const room = Math.min(mostOfText, Math.max(leastOfText, mostLetters - walked.letters));
  walked.letters += Math.min(text.length, room);
  return within(text, room);
}

/** `text`, or as much of it as there is room for, and how much that leaves out. */
function within(text: string, room: number): string {
  const kept = cutText(text, room);
  // One unit of it is the ellipsis.
  return kept === text ? text : `${kept} and ${text.length - kept.length + 1} more`;
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
