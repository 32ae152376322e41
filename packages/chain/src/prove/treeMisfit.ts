// What of call trees the rest of their block shows to be its own.
import { groupBy } from "@testudo/core/math/groupBy";
import type { BlockBundle, CallFrame, FrameLog } from "@testudo/core/model/BlockBundle";
import { isFailed, logsOf, walk } from "@testudo/core/model/CallTree";
import type { Address } from "@testudo/core/model/Hex";
import { isBuiltIn } from "../wire/isBuiltIn.ts";

type Told = Pick<BlockBundle, "txs" | "logs" | "has">;

/**
 * In what trees differ from the block that they are of, logs at `beside` apart; "bare" where they hold no log at all; undefined where
 * they fit.
 */
export function misfitOf(
  { txs, logs, has }: Told,
  traces: readonly CallFrame[],
  beside: ReadonlySet<Address> = new Set(),
): string | undefined {
  for (const [i, tx] of txs.entries()) {
    const root = traces[i]!;
    const isSame = root.from === tx.from && root.value === tx.value && root.input === tx.input;
    if (!isSame || (tx.to === null ? !root.type.startsWith("CREATE") : root.to !== tx.to))
      return `the tree of transaction ${tx.hash} begins with another call than it makes`;
  }
  if (!has.includes("L")) return undefined;
  // Chains exist that log beside the EVM, in the name of what is built in: Polygon at 0x1010 with each transaction, zkSync at 0x800a,
  // Arbitrum at 0x64. Nobody's contract comes to such an address.
  const isContract = ({ address }: { readonly address: Address }) => !isBuiltIn(address) && !beside.has(address);
  const ofContracts = logs.filter(isContract);
  if (ofContracts.length > 0 && traces.every((root) => !holdsLog(root))) return "bare";
  const own = groupBy(ofContracts, ({ txIndex }) => txIndex);
  for (const [i, { hash }] of txs.entries()) {
    const told = logsOf(traces[i]!).filter(isContract);
    if (textOf(own.get(i) ?? []) !== textOf(told))
      return `the tree of transaction ${hash} logs something else than it did`;
    // Or calls could be left out whose logs are put where another was called.
    if (!isOwnName(traces[i]!)) return `the tree of transaction ${hash} logs in another's name`;
  }
  return undefined;
}

/** Whether what frames logged, as far as they lasted, is each said by the contract for which they worked. */
function isOwnName(root: CallFrame): boolean {
  return walk(root).every(
    ({ frame, context, reverted }) =>
      reverted || frame.logs.every(({ address }) => address === context || isBuiltIn(address)),
  );
}

/** In whose names the block has logs that its trees do not have; undefined where these have others than the block. */
export function lackingIn({ txs, logs }: Told, traces: readonly CallFrame[]): readonly Address[] | undefined {
  const own = groupBy(logs, ({ txIndex }) => txIndex);
  const lacking = new Set<Address>();
  const ofContracts = <T extends { readonly address: Address }>(all: readonly T[]) =>
    all.filter(({ address }) => !isBuiltIn(address));
  for (const i of txs.keys()) {
    const left = new Map<string, number>();
    for (const log of ofContracts(logsOf(traces[i]!))) left.set(textOf([log]), (left.get(textOf([log])) ?? 0) + 1);
    for (const log of ofContracts(own.get(i) ?? [])) {
      const count = left.get(textOf([log])) ?? 0;
      if (count > 0) left.set(textOf([log]), count - 1);
      else lacking.add(log.address);
    }
    if ([...left.values()].some((count) => count > 0)) return undefined;
  }
  return [...lacking];
}

/** What calls what with what, in all of `traces`. */
export function textOfCalls(traces: readonly CallFrame[]): string {
  const textOf = (frame: CallFrame) =>
    [frame.type, frame.from, frame.to, frame.value, frame.input, frame.calls.length, isFailed(frame)].join();
  return traces
    .map((root) =>
      walk(root)
        .map(({ frame }) => textOf(frame))
        .join(";"),
    )
    .join("\n");
}

function holdsLog(frame: CallFrame): boolean {
  return frame.logs.length > 0 || frame.calls.some(holdsLog);
}

// Not every tracer says where between its calls a frame logged.
function textOf(logs: readonly Pick<FrameLog, "address" | "topics" | "data">[]): string {
  return logs
    .map(({ address, topics, data }) => [address, ...topics, data].join())
    .sort()
    .join(";");
}
