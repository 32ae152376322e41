import { native, zeroAddress } from "@testudo/core/model/Asset";
import { findReentries, type Visit } from "@testudo/core/model/CallTree";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { type Transfer, transfersOf } from "@testudo/core/model/Transfer";
import { callbackByDesign } from "@testudo/core/signs/DrainSign";
import { flashCallbacks, flashFunctions } from "@testudo/core/signs/FlashLoan";
import { type Assets, sayAmount, sayChange } from "./amounts.ts";
import type { ControlChanged, OracleRead, PriceMoveTold, TimelineEntry } from "./Report.ts";
import type { Study } from "./Study.ts";

export interface TimelineInputs {
  readonly study: Study;
  readonly actors: ReadonlySet<Address>;
  readonly assets: Assets;
  readonly moves: readonly PriceMoveTold[];
  readonly oracleReads: readonly OracleRead[];
  readonly control: readonly ControlChanged[];
  readonly say: (address: Address) => string;
}

// A page with more is no summary.
const most = 60;

/** What happened, in order, as far as it matters to somebody: what is left out for its number is counted at the end. */
export function timelineOf(inputs: TimelineInputs): TimelineEntry[] {
  const all = [
    ...callsOf(inputs),
    ...transfersIn(inputs),
    ...inputs.moves.map(
      ({ pool, change, call }): TimelineEntry => ({
        kind: "swap",
        call,
        text: `A trade moved the price of ${inputs.say(pool)} by ${sayChange(change)}.`,
      }),
    ),
    ...readsOf(inputs),
    ...inputs.control.flatMap(({ address, what, after, call }): TimelineEntry[] =>
      call === null
        ? []
        : [{ kind: "control", call, text: `The ${what} of ${inputs.say(address)} became ${after ?? "another"}.` }],
    ),
    ...reentriesIn(inputs),
  ]
    .sort((a, b) => a.call - b.call)
    .map((entry) => ({ ...entry, text: `${entry.text[0]?.toUpperCase() ?? ""}${entry.text.slice(1)}` }));
  const shown = collapse(all);
  if (shown.length <= most) return shown;
  // Both ends tell more than the middle.
  const head = shown.slice(0, most - 20);
  const tail = shown.slice(-20);
  const left = shown.length - head.length - tail.length;
  return [
    ...head,
    { kind: "failure", call: tail[0]!.call, text: `${left} more steps of the same kinds are left out here.` },
    ...tail,
  ];
}

function callsOf({ study, actors, say }: TimelineInputs): TimelineEntry[] {
  return study.visits.flatMap((visit): TimelineEntry[] => {
    const { frame, order, parent, reverted } = visit;
    if (order === 0) return [{ kind: "begin", call: 0, text: beginning(study, say) }];
    const parentFailed = parent?.reverted === true;
    if (frame.error !== undefined && !parentFailed && parent !== undefined && actors.has(parent.context))
      return [
        {
          kind: "failure",
          call: order,
          text: `A call of ${callName(study, visit)} of ${say(frame.to)} failed: ${study.decoder.reason(frame.output) ?? frame.error}.`,
        },
      ];
    if (reverted) return [];
    if (frame.type.startsWith("CREATE"))
      return [{ kind: "create", call: order, text: `${say(frame.from)} created ${say(frame.to)}.` }];
    if (frame.type === "SELFDESTRUCT")
      return [{ kind: "destroy", call: order, text: `${say(frame.from)} destroyed itself.` }];
    const selector = visit.selector;
    if (frame.type === "CALL" && flashFunctions.has(selector))
      return [{ kind: "loan", call: order, text: `${say(frame.from)} asked ${say(frame.to)} for a flash loan.` }];
    if (frame.type === "CALL" && flashCallbacks.has(selector) && actors.has(frame.to))
      return [{ kind: "loan", call: order, text: `${say(frame.from)} called back with the money of the loan.` }];
    const isApproval =
      frame.type === "CALL" &&
      callName(study, visit) === "approve(address,uint256)" &&
      parent !== undefined &&
      !actors.has(parent.context);
    return isApproval
      ? [{ kind: "approval", call: order, text: `${say(frame.from)} approved a spender of ${say(frame.to)}.` }]
      : [];
  });
}

function beginning({ view, decoder }: Study, say: (address: Address) => string): string {
  const { tx, trace } = view;
  if (tx.to === null) return `${say(tx.from)} created a contract.`;
  const name = decoder.call(tx.input as Hex, trace!.output, false)?.signature;
  if (tx.input === "0x") return `${say(tx.from)} began with a payment to ${say(tx.to)}.`;
  const what = `called ${name ?? tx.input.slice(0, 10)} of`;
  return `${say(tx.from)} ${what} ${say(tx.to)}.`;
}

/** Each call's own movements, so that they stand where they happened. */
function transfersIn({ study, assets, say, actors }: TimelineInputs): TimelineEntry[] {
  const { view, visits, callOfLog } = study;
  const tokens = view.logs.flatMap((log, i) => {
    const { transfers } = transfersOf({ ...view.tx, value: 0n }, [log], undefined);
    return transfers.filter(({ asset }) => asset !== native).map((transfer) => ({ transfer, call: callOfLog[i]! }));
  });
  const coins = visits.flatMap(({ frame, order, reverted }) => {
    const isMoved =
      !reverted &&
      frame.value > 0n &&
      (frame.type === "CALL" || frame.type.startsWith("CREATE") || frame.type === "SELFDESTRUCT");
    const transfer: Transfer = { asset: native, from: frame.from, to: frame.to, amount: frame.value };
    return isMoved ? [{ transfer, call: order }] : [];
  });
  return [...coins, ...tokens]
    .filter(({ transfer: { from, to, amount } }) => amount > 0n && !(actors.has(from) && actors.has(to)))
    .map(({ transfer: { asset, from, to, amount }, call }): TimelineEntry => {
      const what = sayAmount(assets, asset, amount);
      const text =
        from === zeroAddress
          ? `${what} was minted to ${say(to)}.`
          : to === zeroAddress
            ? `${say(from)} burned ${what}.`
            : `${say(from)} sent ${what} to ${say(to)}.`;
      return { kind: "transfer", call, text };
    });
}

function readsOf({ oracleReads, say }: TimelineInputs): TimelineEntry[] {
  return oracleReads
    .filter(({ change }) => change !== null && Math.abs(change) >= 0.005)
    .map(({ call, reader, source, method, change }) => ({
      kind: "oracle",
      call,
      text: `${say(reader)} took a price from ${say(source)} (${method}), ${sayChange(change!)} off the state before.`,
    }));
}

function reentriesIn({ study, actors, say }: TimelineInputs): TimelineEntry[] {
  const contexts = new Set(study.visits.filter(({ depth }) => depth > 0).map(({ context }) => context));
  return [...contexts]
    .filter((address) => !actors.has(address))
    .flatMap((address) => findReentries(study.view.trace!, new Set([address])))
    .filter(
      ({ inner, outer, via }) =>
        !inner.isStatic && via.some((a) => actors.has(a)) && !callbackByDesign.has(outer.selector),
    )
    .map(({ inner }) => ({
      kind: "reentry",
      call: inner.order,
      text: `${say(inner.context)} was entered again while a call into it was open.`,
    }));
}

function callName({ decoder }: Study, { frame }: Visit): string {
  return decoder.call(frame.input, frame.output, false)?.signature ?? frame.input.slice(0, 10);
}

/** The same step again and again is told once, with its number. */
function collapse(entries: readonly TimelineEntry[]): TimelineEntry[] {
  const told: (TimelineEntry & { times: number })[] = [];
  for (const entry of entries) {
    const last = told.at(-1);
    const same = told.slice(-6).find((one) => one.kind === entry.kind && one.text === entry.text);
    if (same !== undefined && last !== undefined) same.times += 1;
    else told.push({ ...entry, times: 1 });
  }
  return told.map(({ times, ...entry }) =>
    times === 1 ? entry : { ...entry, text: `${entry.text} (${times} times)` },
  );
}
