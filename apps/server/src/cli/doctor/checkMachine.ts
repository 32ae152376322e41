import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { binaryOf } from "@testudo/chain/fork/binaryOf";
import { type Check, fail, failOf, ok } from "./Check.ts";

const oldest = [20, 19] as const;

/** Node's version, given as in `process.versions.node`. */
export function checkNode(version: string): Check {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isNew = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  if (isNew) return ok("node", `Node ${version}`);
  return fail("node", `Node ${version} is too old.`, `Install Node ${oldest.join(".")} or newer.`);
}

/** Whether anvil, on which actions are tried before they are signed, is there and starts. */
export async function checkAnvil(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)(binaryOf("anvil"), ["--version"], { timeout: 10_000 });
    return ok("anvil", stdout.split("\n")[0] ?? "starts");
  } catch (error) {
    return failOf("anvil", error);
  }
}
