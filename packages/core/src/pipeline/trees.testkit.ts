// Call trees in the words of people who make transactions: tokens, pools, lenders. Only for tests.
import type { CallFrame } from "../model/BlockBundle.ts";
import { addr, frame } from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { type JudgeTxOptions, judgeTx, type TxJudgement } from "./judgeTx.ts";

export const user = addr(0xe0a1);
export const bot = addr(0xb07b07b07b07);
export const weth: Address = "0xc02aaa39b223fe8d0a0e5c4f27ead9083c756cc2";
export const [usd, dai, cow] = [addr(0x701), addr(0x702), addr(0x703)];
export const unit = 10n ** 18n;
/** Who else takes part in most trees. */
export const [pool, vault, lender, victim, helper] = [
  addr(0xa1f),
  addr(0xa2f),
  addr(0x1e4df),
  addr(0x71c),
  addr(0x4e1),
];
const yes: Hex = `0x${toWord(1n)}`;

/** A call: who calls whom with which selector and words, and what is called below. */
export function call(
  from: Address,
  to: Address,
  name: string,
  words: readonly (Hex | bigint)[] = [],
  calls: readonly CallFrame[] = [],
  value = 0n,
): CallFrame {
  return frame({ from, to, input: `${name}${words.map(toWord).join("")}` as Hex, calls, value, output: yes });
}

export const delegate = (proxy: CallFrame, code: Address): CallFrame => ({
  ...proxy,
  calls: [frame({ type: "DELEGATECALL", from: proxy.to, to: code, input: proxy.input, calls: proxy.calls })],
});
export const create = (from: Address, to: Address, calls: readonly CallFrame[] = []) =>
  frame({ type: "CREATE", from, to, input: "0x60806040", calls });
export const send = (token: Address, from: Address, to: Address, amount: bigint) =>
  call(from, token, "0xa9059cbb", [to, amount]);
export const pull = (token: Address, by: Address, from: Address, to: Address, amount: bigint) =>
  call(by, token, "0x23b872dd", [from, to, amount]);
export const approve = (token: Address, from: Address, spender: Address, amount = (1n << 256n) - 1n) =>
  call(from, token, "0x095ea7b3", [spender, amount]);
export const pay = (from: Address, to: Address, value: bigint) => frame({ from, to, value });
export const look = (token: Address, by: Address, holder: Address, balance: bigint) =>
  frame({
    type: "STATICCALL",
    from: by,
    to: token,
    input: `0x70a08231${toWord(holder)}`,
    output: `0x${toWord(balance)}`,
  });
export const wrap = (by: Address, amount: bigint) => call(by, weth, "0xd0e30db0", [], [], amount);
export const unwrap = (by: Address, amount: bigint) => call(by, weth, "0x2e1a7d4d", [amount], [pay(weth, by, amount)]);

/** A v2 pair's swap that was paid for before. */
export const swap2 = (by: Address, pair: Address, token: Address, to: Address, amount: bigint) =>
  call(by, pair, "0x022c0d9f", [amount, 0n, to, 128n, 0n], [send(token, pair, to, amount)]);

/** A v3 pool's swap that is paid in its callback. */
export const swap3 = (by: Address, pool: Address, [tokenIn, amountIn]: Side, [tokenOut, amountOut]: Side) =>
  call(
    by,
    pool,
    "0x128acb08",
    [by, 1n, amountIn, 0n, 160n, 0n],
    [
      send(tokenOut, pool, by, amountOut),
      call(pool, by, "0xfa461e33", [amountIn, 0n, 96n, 0n], [send(tokenIn, by, pool, amountIn)]),
    ],
  );
export type Side = readonly [token: Address, amount: bigint];

/** A loan of Balancer's kind, repaid by transfer. */
export const lend = (by: Address, vault: Address, token: Address, amount: bigint, calls: readonly CallFrame[]) =>
  call(
    by,
    vault,
    "0x5c38449e",
    [by, 128n, 192n, 256n],
    [
      send(token, vault, by, amount),
      call(vault, by, "0xf04f2707", [128n, 192n], [...calls, send(token, by, vault, amount)]),
    ],
  );

/** The transaction of `user` to `to`. */
export const tx = (
  to: Address,
  name: string,
  calls: readonly CallFrame[],
  value = 0n,
  words: readonly (Hex | bigint)[] = [],
) => call(user, to, name, words, calls, value);

/** What the call tree alone is worth. */
export async function judged(trace: CallFrame, options: JudgeTxOptions = {}): Promise<TxJudgement> {
  return judgeTx({ trace }, options);
}

/** The severity of the call-tree detector, or undefined. */
export async function severityOf(trace: CallFrame, options: JudgeTxOptions = {}): Promise<string | undefined> {
  return (await judged(trace, options)).findings.find((f) => f.detector === "call-tree")?.severity;
}
