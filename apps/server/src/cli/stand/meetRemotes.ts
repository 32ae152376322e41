import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import type { RemoteConfig } from "../../config/Config.ts";
import { UsageError } from "../../config/UsageError.ts";

const timeoutMs = 5_000;

/** What a node of another chain said of itself. */
export interface MetRemote {
  readonly label: string;
  /** The chain that it is named for. */
  readonly named: number;
  /** The chain that it says it is of, or why it said nothing. */
  readonly met: { readonly chainId: number } | { readonly error: unknown };
}

/** Asks each node of `remotes` for its chain, all at once. Throws UrlRefused. */
export async function meetRemotes(remotes: readonly RemoteConfig[]): Promise<readonly MetRemote[]> {
  const nodes = remotes.flatMap(({ chainId, rpc }) =>
    rpc.map((url) => ({ named: chainId, endpoint: openEndpoint(url, { timeoutMs }) })),
  );
  return Promise.all(
    nodes.map(async ({ named, endpoint }) => ({ named, label: endpoint.label, met: await meet(endpoint) })),
  );
}

async function meet(endpoint: Endpoint): Promise<MetRemote["met"]> {
  try {
    return { chainId: await fetchChainId(endpoint) };
  } catch (error) {
    return { error };
  } finally {
    endpoint.close();
  }
}

/** Throws UsageError where one of `remotes` is of another chain than it is named for. That it cannot be reached is no reason. */
export function assertRemotes(remotes: readonly MetRemote[]): void {
  for (const { label, named, met } of remotes)
    if ("chainId" in met && met.chainId !== named)
      throw new UsageError(
        `The node ${label} is on chain ${met.chainId}, and \`remotes\` names it for chain ${named}.`,
        "What it answers would be taken for the other chain's.",
        "Correct `remotes`: its `rpc` or its `chainId`.",
      );
}
