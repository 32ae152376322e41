import type { Command } from "commander";
import { printable } from "../deliver/printable.ts";
import { optionsOf } from "./flags/dataFolder.ts";
import { sayOf } from "./served/sayOfFindings.ts";
import { printLine } from "./terminal/printLine.ts";

export function registerAck(program: Command): void {
  program
    .command("ack")
    .description("take a finding, or all findings of an incident, upon yourself")
    .argument("<id>", "a finding or an incident, or the first 8 or more digits of its id, as in an alert")
    .option("--note <text>", "what you know or will do", "acknowledged")
    .option("--server <url>", "a running watch; default: that of the data folder. TESTUDO_TOKEN may be your own token")
    .option("--as <name>", "who says it, with the server's own token; default: this account")
    .action(async (id: string, _, command: Command) => {
      const flags = await optionsOf<{ note: string; server?: string; as?: string }>(command);
      const { note } = flags;
      const taken = await sayOf(
        id,
        {
          isLeft: (work) => work === "open",
          path: "acknowledge",
          said: { note },
          toInput: (finding, actor) => ({ kind: "acknowledge", finding, actor, note }),
        },
        flags,
      );
      // A reason may hold what strangers put on the chain.
      for (const { detector, reason, id: finding } of taken)
        printLine(printable(`Acknowledged ${finding.slice(0, 12)}… ${detector}: ${reason}`));
    });
}
