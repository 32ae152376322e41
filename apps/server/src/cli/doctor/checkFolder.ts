import { accessSync, constants, existsSync, readdirSync, statfsSync } from "node:fs";
import { join } from "node:path";
import { exposureOf } from "../../keystore/assertPrivate.ts";
import { keystoreAddress } from "../../keystore/openKeystore.ts";
import { readSwitch } from "../../operator/switch.ts";
import { assertFolder } from "../../store/readyFolder.ts";
import { type Check, fail, failOf, ok, warn } from "./Check.ts";

const lowBytes = 1024 ** 3;

/** The data folder: there, ours, closed to others, with room. */
export function checkDataFolder(data: string): readonly Check[] {
  try {
    assertFolder(data);
  } catch (error) {
    return [failOf("data", error)];
  }
  if (!existsSync(data)) return [ok("data", `"${data}" is not there yet; the first start makes it`)];
  const mode = exposureOf(data);
  if (mode !== undefined)
    return [
      fail("data", `"${data}" has mode ${mode.toString(8)}: others may look into it.`, `Run: chmod 700 "${data}"`),
    ];
  try {
    accessSync(data, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [fail("data", `"${data}" cannot be written.`, "Run as its owner, or give another folder with --data.")];
  }
  const { bavail, bsize } = statfsSync(data);
  const free = bavail * bsize;
  if (free < lowBytes)
    return [
      warn(
        "data",
        `"${data}" has ${Math.floor(free / 1024 ** 2)} MiB left.`,
        "Make room: without it nothing can be recorded.",
      ),
    ];
  return [ok("data", `"${data}" is for its owner only`)];
}

/** The mode switch. */
export function checkSwitch(data: string): Check {
  const { mode, fault, actor, reason } = readSwitch(data);
  if (fault !== undefined)
    return fail("switch", `The mode switch counts as pressed: ${fault}.`, "Run `testudo disarm` to write it anew.");
  if (mode === "killed")
    return warn("switch", `Killed by ${actor}: ${reason}.`, "Run `testudo disarm` when the reason is gone.");
  return ok("switch", `mode ${mode}`);
}

/** Every keystore in the data folder, and those that are named. */
export function checkKeystores(data: string, named: readonly string[]): readonly Check[] {
  const folder = join(data, "keystores");
  const found = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".json")) : [];
  const paths = new Set([...found.map((name) => join(folder, name)), ...named]);
  return [...paths].map((path) => {
    try {
      return ok("keystore", `"${path}" ${keystoreAddress(path) ?? "(address not told)"}`);
    } catch (error) {
      return failOf("keystore", error);
    }
  });
}
