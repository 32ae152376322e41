import { existsSync, readFileSync, statSync } from "node:fs";
import type { Command } from "commander";
import { defaultDataDir } from "../../config/defaultDataDir.ts";
import { UsageError } from "../../config/UsageError.ts";
import { printable } from "../../deliver/printable.ts";
import { readServerFile, serverFilePath } from "../../operator/serverFile.ts";
import { printNote } from "../terminal/printLine.ts";

/** The configuration that every command looks for in the folder where it runs. */
export const configName = "testudo.config.ts";

/**
 * The data folder of a command: what --data says, else what the configuration here says, else ".testudo". A server that
 * was started with the configuration and a command that shall stop it have to mean the same folder.
 * Throws DataFolderUnknown when there is a configuration that does not tell.
 */
export async function dataFolder(given: string | undefined): Promise<string> {
  if (given !== undefined) return named(given);
  if (!existsSync(configName)) return defaultDataDir;
  // Loaded only here: most calls need no compiler.
  const { loadDataDir } = await import("../../config/loadDataDir.ts");
  return loadDataDir(configName).catch((error: unknown) => {
    throw new DataFolderUnknown(error);
  });
}

/** The options of `command` and of the whole program, with the data folder found. */
export async function optionsOf<T extends object>(command: Command): Promise<T & { readonly data: string }> {
  const options = command.optsWithGlobals<T & { data?: string }>();
  return { ...options, data: await dataFolder(options.data) };
}

/**
 * As optionsOf, for what only asks: where the configuration does not load, a watch goes on with what it was before, and whoever
 * asks it why gets its answer from the server that runs on the default folder here, and is told so. What stops a server guesses
 * no folder: an order that reached another one than was meant would look like a success.
 */
export async function optionsOfAsking<T extends object>(command: Command): Promise<T & { readonly data: string }> {
  try {
    return await optionsOf<T>(command);
  } catch (error) {
    const server = error instanceof DataFolderUnknown ? serverHere() : undefined;
    if (server === undefined) throw error;
    printNote(
      `${printable((error as Error).message.split("\n")[0]!)}\n` +
        `- Asked is the server of process ${server.pid}, which runs on "${defaultDataDir}" here.\n` +
        "- If yours is another one, give its folder with --data.",
    );
    return { ...command.optsWithGlobals<T>(), data: defaultDataDir };
  }
}

// A text that speaks of a folder means another one than the default, and a server of another account is not ours.
function serverHere(): ReturnType<typeof readServerFile> {
  try {
    if (readFileSync(configName, "utf8").includes("dataDir")) return undefined;
    if (statSync(serverFilePath(defaultDataDir)).uid !== process.getuid?.()) return undefined;
    return readServerFile(defaultDataDir);
  } catch {
    return undefined;
  }
}

function named(folder: string): string {
  if (folder !== "") return folder;
  throw new UsageError('--data "" is no folder.', "Allowed: a path.", "Correct it, or leave it out.");
}

/** The configuration says where the data folder is, and cannot be read. */
export class DataFolderUnknown extends UsageError {
  constructor(cause: unknown) {
    const [what] = (cause instanceof Error ? cause.message : String(cause)).split("\n- ");
    super(
      `The data folder is not known: ${what}`,
      `It stands in ${configName}, which does not load.`,
      "Give the folder with --data, or correct the file.",
    );
  }
}
