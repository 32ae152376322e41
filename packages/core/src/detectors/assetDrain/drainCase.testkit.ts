// A vault and a thief, for tests of the asset drain detector only.
import { useDetector } from "../../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  type CaseTx,
  frame,
  holdings,
  runDetector,
  transferLog,
} from "../../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../../model/Hex.ts";
import type { StateAnswer, StateRead } from "../../model/StateRead.ts";
import { detectAssetDrain } from "../detectAssetDrain.ts";

export const vault = addr(0x1001);
export const [thief, contract, helper, lender, pool] = [
  addr(0xbad),
  addr(0xbad1),
  addr(0xbad2),
  addr(0x1e4d),
  addr(0x9001),
] as [Address, Address, Address, Address, Address];
export const [usd, eth, junk] = [addr(0x701), addr(0x702), addr(0x703)] as [Address, Address, Address];
export const use = useDetector(detectAssetDrain);

/** Holder, asset, held at the parent, held at the block. */
export type Row = readonly [Address, string, bigint, bigint];

/** The findings of the last of `blocks`. */
export const lastOf = (blocks: readonly CaseBlock[]) => runDetector(use, [vault], blocks).at(-1)!;

/** The thief makes `young` in a block of its own. */
export const deploy = (young: Address = contract, by: Address = thief): CaseBlock => ({
  txs: [{ from: by, to: null, trace: frame({ type: "CREATE", from: by, to: young }) }],
});

/** Five units of `eth` lent and given back. */
export const loan: readonly CaseLog[] = [
  transferLog(eth, lender, contract, 5n),
  transferLog(eth, contract, lender, 5n),
];

/** The vault pays `amount` of `token` to `to`. */
export const pay = (token: Address, to: Address, amount: bigint) =>
  frame({ from: vault, to: token, input: `0xa9059cbb${toWord(to)}${toWord(amount)}`, output: `0x${toWord(1n)}` });

/** The vault looks at its own balance of `token`, as who is paid with it does. */
export const looks = (token: Address) =>
  frame({ type: "STATICCALL", from: vault, to: token, input: `0x70a08231${toWord(vault)}` });

/** The thief's contract takes `amount` of `usd`; `part` puts more into the transaction or other things in their place. */
export const take = (
  amount: bigint,
  part: { logs?: readonly CaseLog[]; looksAt?: readonly Address[]; value?: bigint; from?: Address; by?: Address } = {},
): CaseTx => {
  const { from = thief, by = contract } = part;
  const calls = [...(part.looksAt ?? []).map(looks), pay(usd, by, amount)];
  const entry = frame({ from: by, to: vault, value: part.value ?? 0n, input: "0x11111111", calls });
  return {
    from,
    to: by,
    logs: [transferLog(usd, vault, by, amount), ...(part.logs ?? [])],
    trace: frame({ from, to: by, calls: [entry] }),
  };
};

/** A block of `txs` over `rows`. */
export const blockOf = (txs: readonly CaseTx[], rows: readonly Row[]): CaseBlock => ({ txs, state: holdings(rows) });

/** State of `rows`, in which `of` is a pool of two reserves. */
export const poolState =
  (of: Address, [token0, reserve0]: [Address, bigint], [token1, reserve1]: [Address, bigint], rows: readonly Row[]) =>
  (read: StateRead): StateAnswer | undefined => {
    const said = new Map<string, Hex>([
      ["0x0902f1ac", `0x${toWord(reserve0)}${toWord(reserve1)}${toWord(0n)}`],
      ["0x0dfe1681", `0x${toWord(token0)}`],
      ["0xd21220a7", `0x${toWord(token1)}`],
    ]);
    const value = read.kind === "call" && read.to === of ? said.get(read.data) : undefined;
    return value === undefined ? holdings(rows)(read) : { ok: true, value };
  };
