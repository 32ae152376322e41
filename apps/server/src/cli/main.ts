// The command line. Exit codes: 0 done, 1 failed or answered no, 2 wrong usage or configuration.
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config/ConfigError.ts";
import { programVersion } from "../config/programVersion.ts";
import { UsageError } from "../config/UsageError.ts";
import { printableLines } from "../deliver/printable.ts";
import { commandsFor } from "./commands.ts";
import { configName } from "./flags/dataFolder.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { leaveIfStopped } from "./terminal/stopSignal.ts";

const examples = `
Examples:
  $ testudo drill                                          rehearse an attack on a local chain
  $ testudo watch --rpc http://127.0.0.1:8545 --protect 0x…   watch a contract, no configuration needed
  $ testudo init && testudo check && testudo watch
  $ testudo detect --trace tree.json --json                judge the call tree of a transaction
  $ testudo capsule record --rpc URL --tx 0x… --out attack.capsule && testudo replay attack.capsule
  $ testudo patch propose --capsule attack.capsule --attack 0x… --victim 0x…   what would have stopped it, and break nothing else
  $ testudo doctor                                         what is wrong with this machine, these nodes, this folder
  $ testudo kill --reason "false alarm"                    stop all sending within a second

Set DEBUG=1 to see where an error comes from.`;

async function buildProgram(args: readonly string[]): Promise<Command> {
  const program = new Command("testudo")
    .description("Watches a protocol on chain, catches an attack and contains it.")
    .version(programVersion)
    .option("--data <dir>", `data folder; default: dataDir of ${configName} here, else .testudo`)
    .addHelpText("after", examples)
    .showHelpAfterError("(testudo --help shows what there is)")
    .exitOverride();
  const wanted = await Promise.all(commandsFor(args).map(({ load }) => load()));
  for (const register of wanted) register(program);
  for (const command of program.commands) inheritExit(command);
  return program;
}

// Commander takes over settings only for commands that are made after them by the same call.
function inheritExit(command: Command, path = "testudo"): void {
  const name = `${path} ${command.name()}`;
  command.exitOverride().showHelpAfterError(`(${name} --help shows what there is)`);
  for (const inner of command.commands) inheritExit(inner, name);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
  const isUsage = error instanceof ConfigError || error instanceof UsageError;
  return isUsage ? 2 : 1;
}

function report(error: unknown): void {
  // Commander has said what it had to say.
  if (error instanceof CommanderError || error instanceof AnsweredNo) return;
  const text = error instanceof Error ? error.message : String(error);
  const stack = error instanceof Error && process.env.DEBUG ? `\n${error.stack}` : "";
  // A name in a file, or the words of a contract, may not steer the terminal.
  process.stderr.write(`error: ${printableLines(`${text}${stack}`)}\n`);
}

// A reader that goes away (`testudo status | head`) is no fault.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") return;
  process.stderr.write(`error: What there is to say could not be written: ${error.message}.\n`);
  process.exit(1);
});

try {
  const program = await buildProgram(process.argv.slice(2));
  await program.parseAsync(process.argv);
} catch (error) {
  report(error);
  process.exitCode = exitCodeOf(error);
}
leaveIfStopped();
