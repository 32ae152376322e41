import { createInterface } from "node:readline/promises";
import { UsageError } from "../../config/UsageError.ts";
import type { Pins } from "../../operator/checkProposal.ts";
import type { Proposal } from "../../operator/Proposal.ts";
import { printNote } from "./printLine.ts";

/** What a guardian pins on the command line. */
export interface PinOptions {
  readonly council?: string;
  readonly chain?: string;
  readonly yes?: boolean;
}

/** The pins of `options`. Throws UsageError where nobody looks and nothing is pinned. */
export function pinsOf({ council, chain, yes }: PinOptions): Pins {
  const pins = { council, chainId: chainOf(chain) };
  if (yes && (pins.council === undefined || pins.chainId === undefined))
    throw new UsageError(
      "--yes is given without --council and --chain.",
      "Without a person's look, both have to be pinned.",
      "Add --council 0x… --chain N.",
    );
  return pins;
}

function chainOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new UsageError(`--chain "${text}" is no chain id.`, "Allowed: a whole number, 1 or more.", "Correct it.");
}

const wordLength = 6;

/** Has a person at the terminal confirm what was shown. Throws UsageError where nobody does. */
export async function confirmSigning({ action }: Proposal, pins: Pins): Promise<void> {
  if (!process.stdin.isTTY)
    throw new UsageError(
      "Nobody is here to confirm.",
      "A person types a part of the id, at a terminal.",
      "Run it in a terminal, or add --yes with --council and --chain.",
    );
  if (pins.council === undefined || pins.chainId === undefined)
    printNote(
      "Chain and council are the server's word: compare them with what you know (or pin them with --chain and --council).",
    );
  const expected = action.id.slice(-wordLength);
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const typed = await terminal.question(`To sign, type the last ${wordLength} digits of the action's id: `);
  terminal.close();
  if (typed.trim().toLowerCase() !== expected)
    throw new UsageError(
      `"${typed.trim()}" is not "${expected}".`,
      "Nothing was signed.",
      "Start again if you mean it.",
    );
}
