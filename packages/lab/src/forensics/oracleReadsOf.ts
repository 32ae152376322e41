import { publicInfrastructure } from "@testudo/core/model/ActorCluster";
import type { Visit } from "@testudo/core/model/CallTree";
import { type Address, type Hex, wordAt } from "@testudo/core/model/Hex";
import { selectorOf } from "@testudo/core/model/KnownSignature";
import type { StateRead } from "@testudo/core/model/StateRead";
import { priceMovesOf } from "@testudo/core/signs/SpotPrice";
import type { OracleRead, PriceMoveTold } from "./Report.ts";
import type { Study } from "./Study.ts";

/** How a price is read out of an answer: one word of it, the square of one, or one over another. */
type Reading =
  | { readonly word: number }
  | { readonly squareOf: number }
  | { readonly word: number; readonly over: number };

/** What tells the worth of a share; who gives to its vault moves it. */
export const shareMethods: ReadonlySet<string> = new Set([
  "convertToAssets(uint256)",
  "exchangeRateStored()",
  "exchangeRateCurrent()",
  "pricePerShare()",
  "getPricePerFullShare()",
  "get_virtual_price()",
  "getReserveNormalizedIncome(address)",
]);

const methods: ReadonlyMap<Hex, readonly [text: string, reading: Reading]> = new Map<Hex, readonly [string, Reading]>([
  ["0xfeaf968c", ["latestRoundData()", { word: 1 }]],
  ["0x50d25bcd", ["latestAnswer()", { word: 0 }]],
  ["0xb3596f07", ["getAssetPrice(address)", { word: 0 }]],
  ["0xfc57d4df", ["getUnderlyingPrice(address)", { word: 0 }]],
  ["0x41976e09", ["getPrice(address)", { word: 0 }]],
  ["0x98d5fdca", ["getPrice()", { word: 0 }]],
  ["0xa035b1fe", ["price()", { word: 0 }]],
  ["0x88f3543a", ["price(bytes32)", { word: 0 }]],
  ["0x7e8ff8ed", ["tryPrice(bytes32)", { word: 1 }]],
  ["0x3c84c5a5", ["marks()", { word: 0 }]],
  ["0x96834ad3", ["getPriceUnsafe(bytes32)", { word: 0 }]],
  ["0xa4ae35e0", ["getPriceNoOlderThan(bytes32,uint256)", { word: 0 }]],
  ["0x59e02dd7", ["peek()", { word: 0 }]],
  ["0x679aefce", ["getRate()", { word: 0 }]],
  ["0x3ddac953", ["consult(address,uint256)", { word: 0 }]],
  ["0xbb7b8b80", ["get_virtual_price()", { word: 0 }]],
  ["0x86fc88d3", ["price_oracle()", { word: 0 }]],
  ["0x07a2d13a", ["convertToAssets(uint256)", { word: 0 }]],
  ["0x182df0f5", ["exchangeRateStored()", { word: 0 }]],
  ["0xbd6d894d", ["exchangeRateCurrent()", { word: 0 }]],
  ["0x99530b06", ["pricePerShare()", { word: 0 }]],
  ["0x77c7b8fc", ["getPricePerFullShare()", { word: 0 }]],
  ["0xd15e0053", ["getReserveNormalizedIncome(address)", { word: 0 }]],
  ["0x3850c7bd", ["slot0()", { squareOf: 0 }]],
  ["0xe76c01e4", ["globalState()", { squareOf: 0 }]],
  ["0x0902f1ac", ["getReserves()", { word: 1, over: 0 }]],
  ["0xd06ca61f", ["getAmountsOut(uint256,address[])", { word: 3 }]],
  ["0x31e658a5", ["state(address)", { word: 0 }]],
]);

const scale = 10n ** 18n;
// A hostile tree may be full of them, and each is asked again.
const most = 200;

/** The moves of pools' prices, with the calls that made them. */
export function movesOf({ view, callOfLog }: Study): PriceMoveTold[] {
  return priceMovesOf(view.logs).map(({ pool, market, logIndex, before, after }) => ({
    pool,
    market,
    change: Math.expm1(after - before),
    call: callOfLog[logIndex]!,
  }));
}

/**
 * Prices that others than the actors read, each with what the same call answers on the state before the transaction and the
 * trades that moved its source, or a pool that the source itself looked at.
 */
export async function oracleReadsOf(study: Study, actors: ReadonlySet<Address>): Promise<OracleRead[]> {
  const moves = movesOf(study);
  const found = study.visits.filter((visit) => isRead(visit, actors)).slice(0, most);
  const reads = found.map(({ frame }): StateRead => ({ kind: "call", at: "parent", to: frame.to, data: frame.input }));
  const answers = study.examined.answer === undefined || reads.length === 0 ? [] : await study.examined.answer(reads);
  return found.map((visit, i) => {
    const { frame, order, parent } = visit;
    const [method, reading] = methods.get(selectorOf(frame.input))!;
    const answer = answers[i];
    const inside = priceIn(frame.output, reading);
    const before = answer?.ok === true ? priceIn(answer.value, reading) : null;
    const change =
      inside === null || before === null || before === 0n
        ? null
        : Number((inside * scale) / before) / Number(scale) - 1;
    const sources = sourcesOf(study, visit);
    const movedBy = moves
      .filter(({ pool, call }) => call < order && sources.has(pool))
      .map(({ pool, call, change: moved }) => ({ call, pool, change: moved }));
    return { call: order, reader: parent!.context, source: frame.to, method, inside, before, change, movedBy };
  });
}

function isRead({ frame, parent, reverted }: Visit, actors: ReadonlySet<Address>): boolean {
  if (reverted || parent === undefined || frame.type === "DELEGATECALL" || !methods.has(selectorOf(frame.input)))
    return false;
  // A pool looks at itself; an actor looks where it likes, and a router looks for whoever asks.
  return !actors.has(parent.context) && !publicInfrastructure.has(parent.context) && parent.context !== frame.to;
}

/** The source of a price, and all that it asked in turn. */
function sourcesOf({ visits }: Study, { order, end, frame }: Visit): Set<Address> {
  return new Set([frame.to, ...visits.slice(order, end + 1).map((below) => below.frame.to)]);
}

function priceIn(output: Hex, reading: Reading): bigint | null {
  if ("squareOf" in reading) {
    const root = wordAt(output, reading.squareOf);
    return root === undefined ? null : (root * root * scale) >> 192n;
  }
  const word = wordAt(output, reading.word);
  if (word === undefined) return null;
  if (!("over" in reading)) return BigInt.asIntN(256, word);
  const other = wordAt(output, reading.over);
  return other ? (word * scale) / other : null;
}
