import { type Resolution, resolutions } from "@testudo/core/model/FindingStatus";
import { Argument, type Command } from "commander";
import { printable } from "../deliver/printable.ts";
import { optionsOf } from "./dataFolder.ts";
import { findAtServer, findInStore, type Known } from "./findMeant.ts";
import { actorName } from "./modes.ts";
import { withStore } from "./openExisting.ts";
import { printLine } from "./printLine.ts";
import { speechTo } from "./serverClient.ts";
import { stepInStore } from "./stepInStore.ts";

interface ResolveOptions {
  readonly note: string;
  readonly server?: string;
  readonly as?: string;
}

const isUnsettled = (work: string) => work !== "resolved";

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
      const flags = await optionsOf<ResolveOptions>(command);
      const { data, note, as } = flags;
      const speech = speechTo(flags, actorName());
      let settled: readonly Known[] = [];
      if (speech === undefined)
        await withStore(data, async (store) => {
          const { findings, chainId } = await findInStore(store, id, isUnsettled);
          const actor = as ?? actorName();
          await stepInStore(
            store,
            chainId,
            findings.map(({ id: finding }) => ({ kind: "resolve", finding, resolution, actor, note })),
          );
          settled = findings;
        });
      else {
        const { server, actor } = speech;
        settled = await findAtServer(server, id, isUnsettled);
        const said = actor === undefined ? { resolution, note } : { actor, resolution, note };
        for (const finding of settled) await server.post(`/findings/${finding.id}/resolve`, said);
      }
      // A reason may hold what strangers put on the chain.
      for (const { detector, reason, id: finding } of settled)
        printLine(printable(`Settled ${finding.slice(0, 12)}… as ${resolution}: ${detector}: ${reason}`));
    });
}
