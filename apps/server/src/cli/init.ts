import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { UsageError } from "../config/UsageError.ts";
import { deploymentName } from "./deploy.ts";
import { configTemplate } from "./files/configTemplate.ts";
import { deploymentTemplate } from "./files/deploymentTemplate.ts";
import { configName } from "./flags/dataFolder.ts";
import { printLine } from "./terminal/printLine.ts";

export function registerInit(program: Command): void {
  program
    .command("init")
    .description(`write a commented ${configName} into this folder`)
    .option("--rpc <url...>", "nodes to ask", ["http://127.0.0.1:8545"])
    .option("--protect <address...>", "contracts to protect", [])
    .option("--deploy", `write ${deploymentName} instead, for \`testudo deploy\``)
    .action((options: { rpc: string[]; protect: string[]; deploy?: boolean }) =>
      options.deploy ? initDeployment(process.cwd()) : init(process.cwd(), options),
    );
}

/** Writes the configuration and keeps the data folder out of git. Throws UsageError when there is a configuration. */
export async function init(
  folder: string,
  options: { readonly rpc: readonly string[]; readonly protect: readonly string[] },
): Promise<void> {
  // Loaded when it is run: every other command would pay for it.
  const { addressesIn } = await import("./flags/addressesIn.ts");
  const protect = addressesIn("--protect", options.protect);
  writeConfig(resolve(folder, configName), configTemplate({ rpc: options.rpc, protect }));
  ignoreDataFolder(resolve(folder, ".gitignore"));
  printLine(`Wrote ${configName}.`);
  printLine(
    protect.length === 0
      ? "Next: name the contracts to protect in it, then run `testudo check` and, with its nodes, `testudo doctor`."
      : "Next: run `testudo check` and, with its nodes, `testudo doctor`.",
  );
}

/** Writes a deployment to fill in. Throws UsageError when there is one. */
export function initDeployment(folder: string): void {
  writeConfig(resolve(folder, deploymentName), deploymentTemplate());
  printLine(`Wrote ${deploymentName}.`);
  printLine("Next: fill it in, then run `testudo deploy --chain URL --keystore FILE --dry-run`.");
}

function writeConfig(path: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new UsageError(
      `"${path}" is there already.`,
      "init never overwrites a configuration.",
      "Move it away first, or go on with it.",
    );
  }
}

const ignoredLine = ".testudo/";

function ignoreDataFolder(path: string): void {
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  if (text.split(/\r?\n/).some((line) => [ignoredLine, ".testudo", `/${ignoredLine}`].includes(line.trim()))) return;
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  writeFileSync(path, `${text}${gap}${ignoredLine}\n`);
}
