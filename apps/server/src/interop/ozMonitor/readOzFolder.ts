import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { z } from "zod";
import { ConfigError } from "../../config/ConfigError.ts";
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
  const others = ["monitors", "networks", "triggers", "filters"].flatMap((part) =>
    filesIn(root, part).filter((file) => part === "filters" || !file.endsWith(".json")),
  );
  return { networks, monitors, triggers, others };
}

function filesIn(root: string, part: string): readonly string[] {
  const folder = join(root, part);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
}

function readAll<S extends z.ZodType>(root: string, part: string, schema: S): readonly Read<z.output<S>>[] {
  return filesIn(root, part)
    .filter((file) => file.endsWith(".json"))
    .map((file) => {
      let parsed: unknown;
      try {
        parsed = JSON.parse(readFileSync(join(root, file), "utf8"));
      } catch {
        // The parser's own words quote what stands there, which may be a key.
        throw new OzFolderUnread(file, "is no JSON.");
      }
      const checked = schema.safeParse(parsed);
      if (checked.success) return { file, value: checked.data };
      const issues = checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
      throw new OzFolderUnread(file, `is not of OpenZeppelin Monitor's form: ${issues.join("; ")}.`);
    });
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
