import { toPlainNumber } from "../../math/ratio.ts";
import { wadNumber } from "../../math/wadNumber.ts";
import type { MarketBook } from "../../model/AccountBook.ts";
import type { DetectContext } from "../../model/Detector.ts";
import type { Address } from "../../model/Hex.ts";
import type { AccountState, MarketState, ProtocolAdapter } from "../../model/ProtocolAdapter.ts";
import type { AdapterJumpParams } from "./CollateralJumpParams.ts";
import { findJump, type Jump, judgeResidual } from "./findJump.ts";
import { tellJump, tellUncovered } from "./tellJump.ts";

/** An account as it stood: collateral, required, and what each gains when the price doubles. */
type Stood = readonly [
  account: Address,
  collateral: number,
  required: number,
  exposure: number,
  requiredExposure: number,
  size: number,
];

interface Residual {
  readonly account: Address;
  readonly residual: number;
}

/**
 * Holds each account of a market, and all of them together, against how they stood a block before. Whoever acted in the
 * block is left out on both sides: what he did explains his ratio, and what it did to others shows in theirs.
 */
export function judgeBook(
  context: DetectContext<AdapterJumpParams>,
  adapter: ProtocolAdapter,
  market: string,
  { market: state, accounts, acted }: MarketBook<MarketState>,
): void {
  const key = `${adapter.name}:${market}`;
  const before = context.memory.get(`${key}:stood`) as readonly [price: number, ...Stood[]] | undefined;
  const price = wadNumber(state.price);
  const now = [...accounts].filter(([, { required }]) => required > 0n).map(stoodOf);
  context.memory.set(`${key}:stood`, [price, ...now] as never);
  if (before === undefined || !(price > 0)) return;
  const [priceBefore, ...past] = before;
  const move = price / Number(priceBefore) - 1;
  const then = new Map((past as Stood[]).map((stood) => [stood[0], stood]));
  const pairs = now.flatMap((stood) => {
    const was = acted.has(stood[0]) ? undefined : then.get(stood[0]);
    return was === undefined ? [] : [[was, sameRisk(was, stood, price / Number(priceBefore))] as const];
  });
  if (pairs.length === 0) return;
  judgeAccounts(context, adapter, market, pairs, move);
  judgeSystem(context, adapter, market, pairs, move);
}

// A maker's size moves when others trade with its order, and with it what it must have: not its act, and no loss. What it
// must have is then as it would be without that, and what it has is as it is.
function sameRisk(was: Stood, is: Stood, times: number): Stood {
  if (was[5] === is[5]) return is;
  const [account, collateral, , exposure, , size] = is;
  const required = was[2] + was[4] * (times - 1);
  return [account, collateral, required, exposure, is[4], size];
}

type Pairs = readonly (readonly [was: Stood, is: Stood])[];

// An account's own exposure says what the price does to it, so that its beta need not be estimated.
function judgeAccounts(
  context: DetectContext<AdapterJumpParams>,
  adapter: ProtocolAdapter,
  market: string,
  pairs: Pairs,
  move: number,
): void {
  const residuals: Residual[] = [];
  for (const [[account, collateral, required, exposure, requiredExposure], [, left, needed]] of pairs) {
    const [expected, expectedNeed] = [collateral + exposure * move, required + requiredExposure * move];
    if (collateral <= 0 || expected <= 0 || expectedNeed <= 0) continue;
    const of = subjectOf(adapter, market, account);
    if (left <= 0)
      tellUncovered(context, of, {
        market,
        account,
        expected: toPlainNumber(expected),
        collateral: toPlainNumber(left),
      });
    else residuals.push({ account, residual: Math.log(left / needed) - Math.log(expected / expectedNeed) });
  }
  if (residuals.length === 0) return;
  // The habit is that of the market's most restless account: one figure a block, not one for each account.
  const [largest, ...others] = residuals.sort((a, b) => Math.abs(b.residual) - Math.abs(a.residual)) as [
    Residual,
    ...Residual[],
  ];
  const jump = judgeResidual(context.memory, `${adapter.name}:${market}:accounts`, largest.residual, 1, context.params);
  if (jump === undefined) return;
  const alike = others.filter(({ residual }) => Math.abs(residual) > jump.limit).map(({ account }) => account);
  const of = subjectOf(adapter, market, largest.account);
  tellJump(context, of, jump, {
    market,
    account: largest.account,
    accountsBeyond: [largest.account, ...alike.slice(0, 15)],
    priceMove: toPlainNumber(move),
    ...figuresOf(pairs.find(([was]) => was[0] === largest.account)!),
  });
}

function judgeSystem(
  context: DetectContext<AdapterJumpParams>,
  adapter: ProtocolAdapter,
  market: string,
  pairs: Pairs,
  move: number,
): void {
  const sum = (side: 0 | 1, field: 1 | 2 | 3 | 4) => pairs.reduce((all, pair) => all + pair[side][field], 0);
  const [was, is] = [sum(0, 1) / sum(0, 2), sum(1, 1) / sum(1, 2)];
  if (!(was > 0)) return;
  const name = `${market}, all accounts`;
  const of = { name, subject: adapter.subject, key: [adapter.name, market, "system"] };
  const totals = {
    market,
    accounts: pairs.length,
    collateral: toPlainNumber(sum(1, 1)),
    required: toPlainNumber(sum(1, 2)),
  };
  if (!(is > 0)) {
    tellUncovered(context, of, totals);
    return;
  }
  // What the exposures say that the price does to the whole, which a straight line over the price does not for a large move.
  const expected = (sum(0, 1) + sum(0, 3) * move) / (sum(0, 2) + sum(0, 4) * move);
  if (!(expected > 0)) return;
  const jump: Jump | undefined = findJump(
    context.memory,
    `${adapter.name}:${market}:system`,
    { ratio: Math.log(is / was), price: Math.log(expected / was) },
    "rolling",
    context.params,
  );
  if (jump !== undefined)
    tellJump(context, of, jump, { ...totals, ratioBefore: toPlainNumber(was), ratio: toPlainNumber(is) });
}

function stoodOf([account, state]: readonly [Address, AccountState]): Stood {
  const [collateral, required, size] = [state.collateral, state.required, state.size].map(wadNumber) as [
    number,
    number,
    number,
  ];
  return [account, collateral, required, wadNumber(state.exposure), wadNumber(state.requiredExposure), size];
}

function subjectOf(adapter: ProtocolAdapter, market: string, account: Address) {
  const key = [adapter.name, market, "account"];
  return { name: `an account of ${market}`, subject: adapter.subject, key, addresses: [account] };
}

function figuresOf([was, is]: Pairs[number]) {
  return {
    collateralBefore: toPlainNumber(was[1]),
    requiredBefore: toPlainNumber(was[2]),
    exposureBefore: toPlainNumber(was[3]),
    collateral: toPlainNumber(is[1]),
    required: toPlainNumber(is[2]),
  };
}
