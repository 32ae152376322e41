import { closeSync, existsSync, mkdirSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { UsageError } from "../../config/UsageError.ts";
import type { Imported } from "../../interop/ozMonitor/importOzMonitor.ts";

/** Writes the configurations into folders of `out`: all of them, or none. Throws UsageError; nothing is written over. */
export function writeImported({ networks }: Imported, out: string): void {
  const files = networks.flatMap((network) =>
    network.files.map(({ name, text }) => ({ path: join(out, network.slug, name), text })),
  );
  const there = files.find(({ path }) => existsSync(path));
  if (there !== undefined)
    throw new UsageError(
      `"${there.path}" is there already.`,
      "An import never overwrites a configuration.",
      "Move it away first, or choose another folder with --out.",
    );
  const made: string[] = [];
  for (const { path, text } of files)
    try {
      write(path, text, made);
    } catch (error) {
      for (const each of made.reverse()) rmSync(each, { recursive: true, force: true });
      throw new UsageError(
        `"${path}" cannot be written: ${(error as NodeJS.ErrnoException).code ?? error}.`,
        "An import writes all configurations or none; what it had written is removed.",
        "Make room for it, or choose another folder with --out.",
        { cause: error },
      );
    }
}

function write(path: string, text: string, made: string[]): void {
  const folder = mkdirSync(dirname(path), { recursive: true });
  if (folder !== undefined) made.push(folder);
  const file = openSync(path, "wx", 0o600);
  // Ours from here on, also where its text does not fit.
  made.push(path);
  try {
    writeFileSync(file, text);
  } finally {
    closeSync(file);
  }
}
