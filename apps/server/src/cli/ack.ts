import type { Command } from "commander";
import { printable } from "../deliver/printable.ts";
import { optionsOf } from "./dataFolder.ts";
import { findAtServer, findInStore, type Known } from "./findMeant.ts";
import { actorName } from "./modes.ts";
import { withStore } from "./openExisting.ts";
import { printLine } from "./printLine.ts";
import { speechTo } from "./serverClient.ts";
import { stepInStore } from "./stepInStore.ts";

const isOpen = (work: string) => work === "open";

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
      const { data, note, as } = flags;
      const speech = speechTo(flags, actorName());
      let taken: readonly Known[] = [];
      if (speech === undefined)
        await withStore(data, async (store) => {
          const { findings, chainId } = await findInStore(store, id, isOpen);
          const actor = as ?? actorName();
          await stepInStore(
            store,
            chainId,
            findings.map(({ id: finding }) => ({ kind: "acknowledge", finding, actor, note })),
          );
          taken = findings;
        });
      else {
        const { server, actor } = speech;
        taken = await findAtServer(server, id, isOpen);
        // Where the token is a name, nobody gives another.
        const said = actor === undefined ? { note } : { actor, note };
        for (const finding of taken) await server.post(`/findings/${finding.id}/acknowledge`, said);
      }
      // A reason may hold what strangers put on the chain.
      for (const { detector, reason, id: finding } of taken)
        printLine(printable(`Acknowledged ${finding.slice(0, 12)}… ${detector}: ${reason}`));
    });
}
