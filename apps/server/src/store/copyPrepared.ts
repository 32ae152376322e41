import { chmodSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { schemaDigest } from "./migrations.ts";

/**
 * Where the build leaves an empty database of this very PGlite and schema. The name holds both, so that one of another
 * version is never found.
 */
export const preparedFolder = fileURLToPath(
  new URL(`../../dist/database/${pgliteVersion()}-${schemaDigest}`, import.meta.url),
);

/**
 * Copies the database `prepared` to `path`, which is not there yet, for the owner alone; false when nothing is prepared.
 * A copy that is cut short leaves nothing at `path`. Only one process at a time may do this.
 */
export function copyPrepared(prepared: string, path: string): boolean {
  if (!existsSync(prepared)) return false;
  const partial = `${path}.partial`;
  rmSync(partial, { recursive: true, force: true });
  try {
    copyFolder(prepared, partial);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { recursive: true, force: true });
    throw error;
  }
  return true;
}

// Modes are set and not taken over: an installed program may be readable only, and by everyone.
function copyFolder(from: string, to: string): void {
  mkdirSync(to, { mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory()) copyFolder(source, target);
    else {
      copyFileSync(source, target);
      chmodSync(target, 0o600);
    }
  }
}

// The package exports its code only.
function pgliteVersion(): string {
  const code = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const { version } = JSON.parse(readFileSync(join(dirname(code), "..", "package.json"), "utf8")) as {
    version: string;
  };
  return version;
}
