import type { z } from "zod";
import type { Config } from "../../config/Config.ts";
import type { configSchema } from "../../config/configSchema.ts";
import type { Source } from "../../config/locate.ts";

/** A configuration as it was written, its text, and what of each key is allowed. */
export interface Written {
  /** Absolute path. */
  readonly file: string;
  readonly source: Source;
  readonly config: Config;
  /** What stands under `key`, checked; undefined where it is not there or not allowed. */
  checkedOf<K extends keyof Checked>(key: K): Checked[K] | undefined;
  isStandIn(value: unknown): boolean;
}

type Checked = z.output<typeof configSchema>;
