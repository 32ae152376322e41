import type { Command } from "commander";
import { optionsOf } from "./flags/dataFolder.ts";
import type { DrillFlags } from "./stand/rehearse.ts";

export function registerDrill(program: Command): void {
  program
    .command("drill")
    .description("rehearse an attack on a local chain, without and with defence, and score it")
    .option("--seed <n>", "what the random parts start from", "1")
    .option("--scenario <name>", "play one scenario only")
    .option("--json", "print one JSON object and nothing else on standard output")
    .option("--serve", `afterwards go on serving: anvil on 127.0.0.1:8545, health and events on --port`)
    .option("--port <port>", "port of the HTTP interface with --serve", "4600")
    .action(async (_, command: Command) => {
      // Loaded when it is run: every other command would pay for it.
      const { rehearse } = await import("./stand/rehearse.ts");
      await rehearse(await optionsOf<Omit<DrillFlags, "data">>(command));
    });
}
