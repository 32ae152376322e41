// What a node can do decides what can be detected: without traces no reentrancy, without EIP-1898 no exact state.
import { fetchChainId } from "@testudo/chain/block/fetchChainId";
import { RpcMalformed } from "@testudo/chain/rpc/RpcError";
import { redactUrl } from "@testudo/chain/rpc/redactUrl";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { parseReceipts } from "@testudo/chain/wire/parseReceipts";
import { atNode } from "./atNode.ts";
import { type Check, fail, failOf, ok, warn } from "./Check.ts";

const timeoutMs = 5_000;
const skewSeconds = 2;
const staleSeconds = 60;

interface Head {
  readonly number: bigint;
  readonly hash: string;
  readonly timestamp: number;
  readonly receiptsRoot?: string;
}

/** What one node said. `checks` is all about it; `chainId` and `head` are absent when it did not answer. */
export interface NodeReport {
  readonly label: string;
  readonly checks: readonly Check[];
  readonly chainId?: number;
  readonly head?: Head;
}

/** Asks the node at `url` what the stream will ask it. `now` in Unix seconds. */
export async function checkNode(url: string, now: number): Promise<NodeReport> {
  const label = redactUrl(url);
  const name = `node ${label}`;
  let endpoint: Endpoint;
  try {
    endpoint = openEndpoint(url, { timeoutMs });
  } catch (error) {
    return { label, checks: [failOf(name, error)] };
  }
  try {
    const chainId = await fetchChainId(endpoint);
    const head = await headOf(endpoint);
    const abilities = await Promise.all([
      checkStateByHash(endpoint, name, head),
      checkTraces(endpoint, name, head),
      checkReceipts(endpoint, name, head),
      checkFinality(endpoint, name),
    ]);
    const reached = ok(name, `chain ${chainId}, head ${head.number}`);
    return { label, chainId, head, checks: [reached, checkClock(name, head, now), ...abilities] };
  } catch (error) {
    return { label, checks: [failOf(name, error)] };
  } finally {
    endpoint.close();
  }
}

async function headOf(endpoint: Endpoint): Promise<Head> {
  const block = (await endpoint.request("eth_getBlockByNumber", ["latest", false])) as Record<string, string>;
  return {
    number: BigInt(block.number!),
    hash: block.hash!,
    timestamp: Number(block.timestamp),
    ...(block.receiptsRoot ? { receiptsRoot: block.receiptsRoot } : {}),
  };
}

/** A block of the future means that this machine's clock is behind; an old one, that the node is, or the chain rests. */
export function checkClock(name: string, head: { readonly timestamp: number }, now: number): Check {
  const age = Math.round(now - head.timestamp);
  if (age < -skewSeconds)
    return fail(
      name,
      `The newest block is ${-age} s in the future.`,
      "This machine's clock is behind: set it with NTP.",
    );
  if (age > staleSeconds)
    return warn(
      name,
      `The newest block is ${age} s old.`,
      "The chain rests, the node lags, or this machine's clock is ahead.",
    );
  return ok(name, `newest block ${Math.max(0, age)} s old`);
}

async function checkStateByHash(endpoint: Endpoint, name: string, head: Head): Promise<Check> {
  const at = { blockHash: head.hash, requireCanonical: true };
  const zero = `0x${"0".repeat(40)}`;
  if (await works(endpoint, "eth_getBalance", [zero, at])) return ok(name, "reads state by block hash (EIP-1898)");
  return fail(
    name,
    "It does not read state by block hash (EIP-1898).",
    "Use another node: state read by number may belong to another branch.",
  );
}

async function checkTraces(endpoint: Endpoint, name: string, head: Head): Promise<Check> {
  const tracer = { tracer: "callTracer", tracerConfig: { withLog: true } };
  if (await works(endpoint, "debug_traceBlockByHash", [head.hash, tracer]))
    return ok(name, "traces calls (debug_traceBlockByHash)");
  if (await works(endpoint, "trace_block", [`0x${head.number.toString(16)}`]))
    return ok(name, "traces calls (trace_block)");
  return warn(
    name,
    "It offers no call traces.",
    "Live blocks are executed again here where all nodes are on this machine, or with `watch --reexecute` (some thousand questions a full block); else detectors that need call trees run degraded or not at all.",
  );
}

async function checkReceipts(endpoint: Endpoint, name: string, { hash, receiptsRoot }: Head): Promise<Check> {
  const method = "eth_getBlockReceipts";
  const [answer] = await endpoint.batch([{ method, params: [hash] }]);
  try {
    if (answer?.ok === true && parseReceipts(answer.result, { method }).root === receiptsRoot)
      return ok(name, `proves its logs (${method})`);
  } catch (error) {
    if (!(error instanceof RpcMalformed)) throw error;
  }
  return warn(
    name,
    `It does not prove that its logs are the chain's (${method}).`,
    "Where no node does, logs are what two nodes give alike: name another node. Some chains write receipts in a way of their own.",
  );
}

async function checkFinality(endpoint: Endpoint, name: string): Promise<Check> {
  if (await works(endpoint, "eth_getBlockByNumber", ["finalized", false])) return ok(name, "marks finalized blocks");
  return warn(
    name,
    'It does not know the tag "finalized".',
    "Findings of exact identities stay unconfirmed; use a newer node.",
  );
}

async function works(endpoint: Endpoint, method: string, params: readonly unknown[]): Promise<boolean> {
  const [answer] = await endpoint.batch([{ method, params }]);
  return answer?.ok === true && answer.result !== null;
}

/** Whether the nodes are of one chain, the one that the configuration names, and enough of them answer. */
export function checkAgreement(
  reports: readonly NodeReport[],
  expected: { quorum: number; chainId: number | undefined },
): readonly Check[] {
  const alive = reports.filter((report) => report.chainId !== undefined);
  const chains = new Set(alive.map(({ chainId }) => chainId));
  const checks: Check[] = [];
  if (chains.size > 1)
    checks.push(fail("nodes", `They are on different chains: ${[...chains].join(", ")}.`, "Correct `rpc`."));
  const [chain] = chains;
  if (expected.chainId !== undefined && chain !== undefined && chain !== expected.chainId)
    checks.push(
      fail(
        "nodes",
        `They are on chain ${chain}, the configuration says ${expected.chainId}.`,
        "Correct `rpc` or `chainId`.",
      ),
    );
  if (alive.length < expected.quorum)
    checks.push(
      fail(
        "nodes",
        `${alive.length} of ${reports.length} answer, the quorum is ${expected.quorum}.`,
        "Bring nodes back, or name others.",
      ),
    );
  else if (expected.quorum === 1)
    checks.push(
      warn(
        "nodes",
        "The quorum is 1: one node is believed without a second opinion.",
        "Name a second node of another operator.",
      ),
    );
  else checks.push(ok("nodes", `${alive.length} answer, quorum ${expected.quorum}`));
  return checks;
}

/** Whether each protected address is a contract, asked at `url`. */
export async function checkContracts(
  url: string,
  protect: readonly { readonly name: string; readonly address: string }[],
): Promise<readonly Check[]> {
  return atNode(url, "protect", async (endpoint) => {
    const calls = protect.map(({ address }) => ({ method: "eth_getCode", params: [address, "latest"] }));
    const answers = await endpoint.batch(calls);
    return protect.map(({ name, address }, i) => {
      const answer = answers[i];
      if (answer?.ok !== true) return failOf(`protect ${name}`, answer?.error);
      if (answer.result !== "0x") return ok(`protect ${name}`, `${address} is a contract`);
      return fail(`protect ${name}`, `${address} has no code on this chain.`, "Correct the address, or the chain.");
    });
  });
}
