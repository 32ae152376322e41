import { cutText } from "@testudo/core/model/cutText";
import { escapeLine } from "../deliver/escapeText.ts";
import { titleLimit } from "./reportSchema.ts";

/** `text` as a report's title: one printable line without links and calldata, cut where it is long. */
export function plainTitle(text: string): string {
  // Escaped first: what falls away there may have parted the digits.
  const line = escapeLine(text, 4 * titleLimit).replace(/[0-9a-f]{65,}/gi, (digits) => `${digits.slice(0, 8)}…`);
  return cutText(line, titleLimit) || "An attack without a name.";
}
