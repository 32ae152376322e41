import { z } from "zod";
import { RpcRefused } from "../rpc/RpcError.ts";
import type { Endpoint } from "../rpc/rpcEndpoint.ts";

const infoSchema = z.object({ hardFork: z.string().max(100) });

/** The rules by which a development node runs, by their name in lower case; undefined where the node does not tell. */
export async function readHardfork(endpoint: Endpoint): Promise<string | undefined> {
  try {
    const parsed = infoSchema.safeParse(await endpoint.request("anvil_nodeInfo"));
    return parsed.success ? parsed.data.hardFork.toLowerCase() : undefined;
  } catch (error) {
    if (error instanceof RpcRefused) return undefined;
    throw error;
  }
}
