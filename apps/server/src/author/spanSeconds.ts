/** A length of time: seconds, or a text such as "10s", "5m", "1h", "7d". */
export type Span = number | `${number}${"s" | "m" | "h" | "d"}`;

const unitSeconds = { s: 1, m: 60, h: 3_600, d: 86_400 };

/** Whole seconds of `span`. Throws SpanMalformed for what is no length of time of a second to a year. */
export function spanSeconds(span: Span | string): number {
  const match = typeof span === "number" ? undefined : /^(\d{1,9})([smhd])$/.exec(span);
  const seconds =
    typeof span === "number" ? span : match ? Number(match[1]) * unitSeconds[match[2] as keyof typeof unitSeconds] : 0;
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 366 * 86_400) throw new SpanMalformed(String(span));
  return seconds;
}

/** What was given is no length of time. */
export class SpanMalformed extends Error {
  override readonly name = "SpanMalformed";
  constructor(span: string) {
    super(
      `"${span}" is no length of time.\n- Allowed: "10s", "5m", "1h", "7d", or a whole number of seconds; at most a year.\n- Correct it where it stands.`,
    );
  }
}
