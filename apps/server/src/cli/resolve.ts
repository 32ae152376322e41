import { type Resolution, resolutions } from "@testudo/core/model/FindingStatus";
import { Argument, type Command } from "commander";
import { printable } from "../deliver/printable.ts";
import { optionsOf } from "./flags/dataFolder.ts";
import { sayOf } from "./served/sayOfFindings.ts";
import { printLine } from "./terminal/printLine.ts";

export function registerResolve(program: Command): void {
  program
    .command("resolve")
    .description("settle a finding, or all findings of an incident; what rests on them and was not sent ends")
    .argument("<id>", "a finding or an incident, or the first 8 or more digits of its id, as in an alert")
    .addArgument(new Argument("<resolution>", "what it was").choices(resolutions))
    .requiredOption("--note <text>", "how you know")
    .option("--server <url>", "a running watch; default: that of the data folder. TESTUDO_TOKEN may be your own token")
    .option("--as <name>", "who says it, with the server's own token; default: this account")
    .action(async (id: string, resolution: Resolution, _, command: Command) => {
      const flags = await optionsOf<{ note: string; server?: string; as?: string }>(command);
      const { note } = flags;
      const settled = await sayOf(
        id,
        {
          isLeft: (work) => work !== "resolved",
          path: "resolve",
          said: { note, resolution },
          toInput: (finding, actor) => ({ kind: "resolve", finding, resolution, actor, note }),
        },
        flags,
      );
      // A reason may hold what strangers put on the chain.
      for (const { detector, reason, id: finding } of settled)
        printLine(printable(`Settled ${finding.slice(0, 12)}… as ${resolution}: ${detector}: ${reason}`));
    });
}
