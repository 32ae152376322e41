import { isHeadUrl } from "@testudo/chain/heads/isHeadUrl";
import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { nodeTwice } from "../../config/nodeOf.ts";
import { UsageError } from "../../config/UsageError.ts";

/** Throws UsageError where one of `rpc` (`--rpc`) is no URL, or is named twice. */
export function assertNodes(rpc: readonly string[]): void {
  for (const text of rpc) assertUrl("--rpc", text);
  const twice = nodeTwice(rpc);
  if (twice !== undefined)
    throw new UsageError(
      `--rpc "${redactUrl(rpc[twice.index]!)}" is given twice${sameWords(rpc[twice.first]!, rpc[twice.index]!)}.`,
      "One node is one voice: a quorum of itself is none.",
      "Name a second node of another operator, or this one once.",
    );
}

/** Throws UsageError where one of `heads` (`--heads`) is no URL of a WebSocket, or is named twice. */
export function assertHeads(heads: readonly string[]): void {
  for (const text of heads)
    if (!isHeadUrl(text))
      throw new UsageError(
        `--heads "${shown(text)}" is no URL of a WebSocket.`,
        "Allowed: ws://… or wss://…, without a fragment.",
        "Write it in full; --rpc takes http://… and https://….",
      );
  const twice = nodeTwice(heads);
  if (twice !== undefined)
    throw new UsageError(
      `--heads "${redactUrl(heads[twice.index]!)}" is given twice${sameWords(heads[twice.first]!, heads[twice.index]!)}.`,
      "A node's second socket tells nothing new.",
      "Name another node, or this one once.",
    );
}

function sameWords(first: string, again: string): string {
  return first === again ? "" : `: it is "${redactUrl(first)}"`;
}

/** Throws UsageError where `text` is no http or https URL. */
export function assertUrl(flag: string, text: string): void {
  if (/^https?:\/\//i.test(text) && URL.canParse(text)) return;
  throw new UsageError(`${flag} "${shown(text)}" is no URL.`, "Allowed: http://… or https://…", "Write it in full.");
}

// A misspelt URL may hold a key all the same.
function shown(text: string): string {
  return URL.canParse(text) || /[/@?=]/.test(text) ? redactUrl(text) : text;
}
