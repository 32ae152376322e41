import { join } from "node:path";
import type { Command } from "commander";
import { readPassword } from "../keystore/readPassword.ts";
import { dataFolder } from "./flags/dataFolder.ts";
import { printLine } from "./terminal/printLine.ts";

interface NewOptions {
  readonly data?: string;
  readonly out?: string;
  readonly passwordFile?: string;
}

export function registerKeystore(program: Command): void {
  const keystore = program.command("keystore").description("keys of guardians and of the sender");
  keystore
    .command("new")
    .description("make a key and store it encrypted (Web3 Secret Storage, mode 0600)")
    .option("--out <file>", "where to; default: a new name in the data folder's keystores/")
    .option("--password-file <file>", "file of mode 0600 whose first line is the password; default: ask")
    .action((_, command: Command) => makeKeystore(command.optsWithGlobals<NewOptions>()));
}

async function makeKeystore({ data, out, passwordFile }: NewOptions): Promise<void> {
  const { keystoreName, newKeystore } = await import("../keystore/newKeystore.ts");
  const path = out ?? join(await dataFolder(data), "keystores", keystoreName(new Date()));
  const password = await readPassword({ passwordFile, question: "Password for the new key", twice: true });
  const address = await newKeystore(path, password);
  printLine(`Address  ${address}`);
  printLine(`File     ${path}`);
  printLine("Keep a copy of the file and the password, apart from each other: nobody can restore them.");
}
