import { existsSync, readdirSync, realpathSync, statSync } from "node:fs";
import { join, sep } from "node:path";
import type { z } from "zod";
import { ConfigError } from "../../config/ConfigError.ts";
import { FileTooLong, readTextWithin } from "../../config/readFileWithin.ts";
import {
  type OzMonitor,
  type OzNetwork,
  type OzTrigger,
  ozMonitorSchema,
  ozNetworkSchema,
  ozTriggersSchema,
} from "./OzMonitor.ts";

interface Read<T> {
  readonly file: string;
  readonly value: T;
}

/** All that a folder of OpenZeppelin Monitor's says, with the file that says it. */
export interface OzFolder {
  readonly networks: readonly Read<OzNetwork>[];
  readonly monitors: readonly Read<OzMonitor>[];
  readonly triggers: readonly (Read<OzTrigger> & { readonly id: string })[];
  /** Scripts and other files that lie beside them. */
  readonly others: readonly string[];
  /** Pipes, devices, and links that lead to no file. */
  readonly unread: readonly string[];
}

/** Reads `folder`, which holds networks, monitors and triggers, or a folder `config` with them. Throws OzFolderUnread. */
export function readOzFolder(folder: string): OzFolder {
  const root = existsSync(join(folder, "monitors")) ? folder : join(folder, "config");
  if (!existsSync(join(root, "monitors")))
    throw new OzFolderUnread(folder, "has no folder `monitors`, nor `config/monitors`.");
  const networks = readAll(root, "networks", ozNetworkSchema);
  const monitors = readAll(root, "monitors", ozMonitorSchema);
  const triggers = readAll(root, "triggers", ozTriggersSchema).flatMap(({ file, value }) =>
    Object.entries(value).map(([id, trigger]) => ({ file, id, value: trigger })),
  );
  const all = ["monitors", "networks", "triggers", "filters"].map((part) => ({ part, ...entriesIn(root, part) }));
  const others = all.flatMap(({ part, files }) =>
    files.filter((file) => part === "filters" || !file.endsWith(".json")),
  );
  return { networks, monitors, triggers, others, unread: all.flatMap(({ unread }) => unread) };
}

interface Entries {
  readonly files: readonly string[];
  readonly unread: readonly string[];
}

/** What lies in a part of `root`, each file once: where Kubernetes mounts it, each name is a link to a file in a folder beside. */
function entriesIn(root: string, part: string): Entries {
  const folder = join(root, part);
  if (!existsSync(folder)) return { files: [], unread: [] };
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => ({ path: join(entry.parentPath, entry.name), isFile: entry.isFile() }))
    .sort((a, b) => Number(b.isFile) - Number(a.isFile) || (a.path < b.path ? -1 : 1));
  const within = `${realpathSync(folder)}${sep}`;
  const known = new Set<string>();
  const files: string[] = [];
  const unread: string[] = [];
  for (const { path } of entries) {
    const name = path.slice(root.length + 1);
    const end = endOf(path);
    if (end?.isFile && !known.has(end.path)) files.push(name);
    else if (end === undefined || !(end.isFile || end.path.startsWith(within))) unread.push(name);
    if (end !== undefined) known.add(end.path);
  }
  return { files: files.sort(), unread };
}

/** The file or folder that `path` is or leads to; undefined for whatever else there is. */
function endOf(path: string): { readonly path: string; readonly isFile: boolean } | undefined {
  try {
    const found = statSync(path);
    return found.isFile() || found.isDirectory() ? { path: realpathSync(path), isFile: found.isFile() } : undefined;
  } catch {
    // A link to nowhere, or to itself.
    return undefined;
  }
}

function readAll<S extends z.ZodType>(root: string, part: string, schema: S): readonly Read<z.output<S>>[] {
  return entriesIn(root, part)
    .files.filter((file) => file.endsWith(".json"))
    .map((file) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(readTextWithin(join(root, file)));
      } catch (cause) {
        if (cause instanceof FileTooLong) throw new OzFolderUnread(file, `cannot be read: ${cause.message}.`);
        // The parser's own words quote what stands there, which may be a key.
        throw new OzFolderUnread(file, "is no JSON.");
      }
      const checked = check(schema, parsed, file);
      if (checked.success) return { file, value: checked.data };
      const issues = checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new OzFolderUnread(file, `is not of OpenZeppelin Monitor's form: ${issues.join("; ")}.`);
    });
}

function check<S extends z.ZodType>(schema: S, parsed: unknown, file: string) {
  try {
    return schema.safeParse(parsed);
  } catch {
    throw new OzFolderUnread(file, "nests too deep to be read.");
  }
}

/** The folder does not hold what is to be imported. */
export class OzFolderUnread extends ConfigError {
  override readonly name = "OzFolderUnread";
  constructor(file: string, what: string) {
    super([
      {
        place: { file },
        what,
        allowed: "Allowed: the files of OpenZeppelin Monitor v1.x, in networks/, monitors/ and triggers/.",
        wayOut: "Give the folder that holds them; `openzeppelin-monitor --check` says whether they are right.",
      },
    ]);
  }
}
