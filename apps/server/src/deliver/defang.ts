import { cutText } from "@testudo/core/model/cutText";
import { escapeLine, escapeLines } from "./escapeText.ts";

// Full stops as linkers take them, IDNA's variants included, before what could be a top-level domain. An accent may be a mark of its
// own, and many scripts write vowels with such.
const hostDot = /(?<=[\p{L}\p{N}\p{M}-])[.\u3002\uff0e\uff61](?=[\p{L}\p{M}]{2,}|xn--)/gu;

/**
 * `text` as one line of at most `limit` characters in which no messenger finds an address to link, a person to mention or a
 * command (DELIV-04): "evil[.]example", "[@]everyone". For a person it stays readable.
 */
export function defang(text: string, limit = 400): string {
  return cutText(breakUp(escapeLine(text, limit)), limit);
}

/** The same line by line, at most `lines` of them. */
export function defangLines(text: string, lines = 20): string[] {
  return escapeLines(text, lines).map((line) => cutText(breakUp(line), 400));
}

function breakUp(line: string): string {
  return line.replace(hostDot, "[.]").replace(/[@\uff20\ufe6b]/g, "[@]");
}
