import type { RemoteConfig } from "../../config/Config.ts";
import { meetRemotes } from "../stand/meetRemotes.ts";
import { type Check, fail, failOf, ok } from "./Check.ts";

/** Whether each node of `remotes` answers, and for the chain that it is named for. */
export async function checkRemotes(remotes: readonly RemoteConfig[]): Promise<readonly Check[]> {
  return (await meetRemotes(remotes)).map(({ label, named, met }) => {
    const name = `remote ${named} ${label}`;
    if ("error" in met) return failOf(name, met.error);
    if (met.chainId === named) return ok(name, `chain ${named}`);
    return fail(name, `It is on chain ${met.chainId}, not ${named}.`, "Correct `remotes`: its `rpc` or its `chainId`.");
  });
}
