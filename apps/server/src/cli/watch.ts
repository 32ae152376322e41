import type { Command } from "commander";
import { configName } from "./flags/dataFolder.ts";
import type { WatchFlags } from "./flags/planWatch.ts";

export function registerWatch(program: Command): void {
  program
    .command("watch")
    .description("watch contracts on any EVM chain; without a configuration: --rpc and --protect")
    .option("--rpc <url...>", "nodes to ask; two of different operators are best")
    .option("--heads <url...>", "WebSockets (wss://…) of nodes that say when to ask; what they say is not believed")
    .option("--protect <addresses...>", "contracts to protect, separated by commas or spaces")
    .option("--config <file>", `configuration instead of --rpc and --protect; default without both: ${configName} here`)
    .option("--webhook <url>", "also send alerts here, signed with the secret in TESTUDO_WEBHOOK_SECRET")
    .option("--history <blocks>", "blocks to read before the head at the first start", "256")
    .option("--deliver-history", "send what is found in those blocks to the channels too; otherwise it is stored only")
    .option("--pending", "also judge what waits in the pools and what POST /pending brings, and probe new contracts")
    .option("--no-pending", "judge blocks only, whatever the configuration says")
    .option(
      "--reexecute",
      "execute live blocks again here where no node traces calls; default with nodes on this machine",
    )
    .option("--no-reexecute", "leave blocks without call trees where no node traces them")
    .option("--hardfork <name>", 'rules of the chain, such as "prague"; default: what the node tells, or mainnet\'s')
    .option("--port <port>", "port of the HTTP interface on 127.0.0.1")
    .action(async (_, command: Command) => {
      // Loaded when it is run: every other command would pay for it.
      const { standWatch } = await import("./stand/stand.ts");
      await standWatch(command.optsWithGlobals<WatchFlags>());
    });
}
