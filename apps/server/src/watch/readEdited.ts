import type { SettingsSource } from "../config/Config.ts";
import { ConfigError, type Mistake } from "../config/ConfigError.ts";
import { loadLimitMs } from "../config/containCode.ts";
import { mistakeOfSilence, runApart } from "../config/runApart.ts";

/** What an edited configuration was loaded from, or what is wrong with it. */
export type Edited =
  | { readonly kind: "sound"; readonly sources: readonly SettingsSource[] }
  | { readonly kind: "wrong"; readonly mistakes: readonly Mistake[] };

/**
 * The texts of the configuration at `path` and its rules, after a process of its own has loaded them: an edit may end the process
 * that loads it, or never let go of it, and this one watches. Throws a ConfigError, or what loading threw.
 */
export async function readEdited(path: string): Promise<readonly SettingsSource[]> {
  const apart = await runApart<Edited>(new URL("./editedApart.js", import.meta.url), [path], loadLimitMs);
  if (apart.kind === "failed") throw new Error(apart.message);
  if (apart.kind !== "done") throw new EditWithoutEnd(mistakeOfSilence(path, apart));
  if (apart.result.kind === "wrong") throw new ConfigError(apart.result.mistakes);
  return apart.result.sources;
}

/** The edited file ends the process that loads it, loops, or waits without end. */
export class EditWithoutEnd extends ConfigError {
  override readonly name = "EditWithoutEnd";
  constructor(mistake: Mistake) {
    super([mistake]);
  }
}
