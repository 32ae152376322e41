// A flag on the chain that nobody can read lets nothing be sent: better found out now.

import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { readFlag } from "@testudo/chain/state/readFlag";
import type { Policy } from "@testudo/core/model/Policy";
import { type Check, fail, ok, warn } from "./Check.ts";

const name = "flag";
const timeoutMs = 5_000;

/** Whether the nodes tell how the policy's flag stands. */
export async function checkFlag(
  urls: readonly string[],
  policy: Policy | null,
  quorum: number,
): Promise<readonly Check[]> {
  const flag = policy?.haltFlag;
  if (flag === undefined) return [];
  const endpoints = urls.map((url) => openEndpoint(url));
  try {
    const reading = await readFlag(endpoints, flag, { quorum, timeoutMs });
    if (reading.state === "off") return [ok(name, `${flag.contract} says that actions may be sent`)];
    if (reading.state === "on")
      return [warn(name, `It is on, says ${reading.by}: nothing is sent.`, "Turn it off where that is over.")];
    const wayOut = "Check `policy.haltFlag`: the contract, its function, and whether the nodes answer.";
    return [fail(name, `It cannot be read, and counts as on: ${reading.why}`, wayOut)];
  } finally {
    for (const endpoint of endpoints) endpoint.close();
  }
}
