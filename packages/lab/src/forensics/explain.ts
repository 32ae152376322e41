// What a person reads first: the sentence, why it could happen, and what would have stood in the way.
import type { Address } from "@testudo/core/model/Hex";
import { type Assets, joined, sayAmounts, sayShare } from "./amounts.ts";
import type { HolderLoss } from "./lossesOf.ts";
import type { AttackClass, Classified, Defence, OracleRead, Party, RootCause, Verdict } from "./Report.ts";
import type { Study } from "./Study.ts";

export interface Explained {
  readonly study: Study;
  readonly verdict: Verdict;
  readonly classification: readonly Classified[];
  readonly parties: readonly Party[];
  readonly losses: readonly HolderLoss[];
  readonly oracleReads: readonly OracleRead[];
  /** Whom the most severe finding of a drain is about. */
  readonly drained: Address | undefined;
  readonly assets: Assets;
  readonly say: (address: Address) => string;
}

/** What happened, in one sentence. */
export function sentenceOf(explained: Explained): string {
  const { study, verdict, classification, parties, assets } = explained;
  const { tx, trace } = study.view;
  if (!study.examined.succeeded)
    return `The transaction failed (${study.decoder.reason(trace!.output) ?? trace!.error ?? "without a reason"}) and changed nothing but its fee.`;
  const [actor] = parties as [Party];
  const gained = actor.net.filter(({ amount }) => amount > 0n);
  const names = classification
    .filter(({ confidence }) => confidence !== "possible")
    .map(({ title }) => title.toLowerCase());
  const how = names.length === 0 ? "" : ` by ${joined(names.slice(0, 3))}`;
  if (verdict === "attack") {
    const victims = parties.filter(({ role }) => role === "victim");
    const from = victims.length === 0 ? "" : ` from ${saidOf(victims)}`;
    const what =
      gained.length > 0 ? `took ${sayAmounts(assets, gained)}` : `moved ${sayAmounts(assets, lostBy(victims))}`;
    return `${actorName(actor)} ${what}${from}${shareText(explained, victims)}${how}.`.replace(/,\.$/, ".");
  }
  if (tx.to === null) return `${short(tx.from)} created a contract.`;
  const spent = actor.net.filter(({ amount }) => amount < 0n).map(({ asset, amount }) => ({ asset, amount: -amount }));
  if (tx.input === "0x") return `${short(tx.from)} sent ${sayAmounts(assets, spent)} to ${explained.say(tx.to)}.`;
  const name =
    study.decoder.call(tx.input, trace!.output, false)?.signature.replace(/\(.*/, "") ?? tx.input.slice(0, 10);
  const parts = [
    ...(spent.length > 0 ? [`gave ${sayAmounts(assets, spent)}`] : []),
    ...(gained.length > 0 ? [`got ${sayAmounts(assets, gained)}`] : []),
  ];
  const result = parts.length === 0 ? "and moved nothing of its own" : `and ${parts.join(" and ")}`;
  const signs = verdict === "suspicious" ? signsText(explained, names) : "";
  return `${short(tx.from)} called ${name} of ${explained.say(tx.to)} ${result}.${signs}`;
}

/** Of what it shows signs, and what it took of who is protected. */
function signsText({ study, classification, losses, say }: Explained, names: readonly string[]): string {
  const guarded = new Set(study.examined.protect);
  const [worst] = losses.filter(({ holder, isPaid, share }) => guarded.has(holder) && !isPaid && share !== 0);
  const share = worst?.share ? ` ${sayShare(worst.share)} of what it held` : "";
  const lost = worst === undefined ? "" : ` ${capitalised(say(worst.holder))} lost${share || " by it"}.`;
  if (names.length > 0) return `${lost} It shows signs of ${joined(names.slice(0, 3))}.`;
  const possible = classification.filter((one) => one.class !== "flash-loan").map(({ title }) => title.toLowerCase());
  if (possible.length > 0) return `${lost} One sign of ${joined(possible.slice(0, 3))} is there.`;
  return `${lost} It shows signs of an attack.`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** Up to two by their short names, and how many more. */
function saidOf(victims: readonly Party[]): string {
  const names = victims
    .slice(0, 2)
    .map(({ name, role }) => (name.startsWith(`${role} `) ? name.slice(role.length + 1) : name));
  return joined(victims.length > 2 ? [...names, `${victims.length - 2} more`] : names);
}

function actorName({ addresses }: Party): string {
  const own = addresses.length - 1;
  return `${short(addresses[0]!)}${own === 0 ? "" : ` with ${own} contract${own === 1 ? "" : "s"} of its own`}`;
}

function shareText({ losses }: Explained, victims: readonly Party[]): string {
  const shares = losses
    .filter(({ holder, share }) => share !== null && victims.some(({ id }) => id === holder))
    .map(({ share }) => share!);
  const most = Math.max(0, ...shares);
  return most === 0 ? "" : `, up to ${sayShare(most)} of what was held there,`;
}

function lostBy(victims: readonly Party[]) {
  return victims.flatMap(({ net }) =>
    net.filter(({ amount }) => amount < 0n).map(({ asset, amount }) => ({ asset, amount: -amount })),
  );
}

const short = (address: Address) => `${address.slice(0, 6)}…${address.slice(-4)}`;

const causes: { readonly [one in AttackClass]: string } = {
  "flash-loan":
    "Nothing but capital stood between an attacker and the attack, and capital can be borrowed for one transaction.",
  "price-manipulation":
    "A price was taken from a place that the same transaction could move, without a mean over time, a second source or a bound on its change.",
  reentrancy:
    "Foreign code was called before the contract had brought its own books up to date, and nothing stopped it from being entered again.",
  "read-only-reentrancy":
    "A view was trusted while the contract behind it was in the middle of a call, when its books did not add up.",
  donation:
    "The worth of a share follows the balance of the vault, so that whoever gives to it sets the price for everybody else.",
  rounding:
    "Amounts are rounded in favour of the caller, and small enough amounts or enough repetitions make that worth something.",
  "access-control":
    "A function that moves value or power did not ask who calls it, or paid its caller what the contract's own books say is his: the trace alone does not tell which.",
  "arbitrary-call":
    "The contract makes calls whose target and calldata its caller chooses, in its own name and with what others have approved to it.",
  "uninitialised-proxy":
    "A contract stood there without an owner, and the function that names one was open to whoever came first, or open again after an upgrade.",
  governance: "Votes of the moment decided at once: neither their age nor a delay stood between voting and execution.",
  "bridge-message":
    "Value is released on signatures alone; whoever has enough keys, or makes the check pass, takes everything.",
  "approval-drain":
    "Owners had approved more than they meant to spend, and the spender could be made to use it for somebody else.",
};

/** Why it could happen, as far as the trace shows it; null for what is ordinary. */
export function rootCauseOf({ verdict, classification, study }: Explained): RootCause | null {
  const [first] = classification.filter(({ class: one }) => one !== "flash-loan");
  if (verdict === "ordinary" || first === undefined) return null;
  const call = first.evidence.find((one) => one.call !== undefined)?.call ?? null;
  const contract = call === null ? null : (study.visits[call]?.context ?? null);
  return { class: first.class, confidence: first.confidence, contract, call, hypothesis: causes[first.class] };
}

/** What our modules would have done about it, with the figures of this transaction. */
export function defencesOf(explained: Explained): Defence[] {
  const { verdict, classification, losses, oracleReads, parties, assets } = explained;
  if (verdict === "ordinary") return [];
  const has = (one: AttackClass) =>
    classification.some(({ class: own, confidence }) => own === one && confidence !== "possible");
  const victims = new Set(parties.filter(({ role }) => role === "victim").map(({ id }) => id));
  const grave = losses.filter(({ holder, share }) => victims.has(holder) && (share ?? 0) > 0.1);
  const worst = grave.find(({ holder }) => holder === explained.drained) ?? grave[0];
  const moved = Math.max(0, ...oracleReads.map(({ change }) => Math.abs(change ?? 0)));
  const list: (Defence | false)[] = [
    worst !== undefined && {
      module: "FlowLimiter",
      effect: `${sayAmounts(assets, [{ asset: worst.asset, amount: worst.amount }])} left, ${sayShare(worst.share!)} of what was held. A cap of 10 % an hour would have let ${sayAmounts(assets, [{ asset: worst.asset, amount: (worst.held ?? 0n) / 10n }])} go and held the rest.`,
    },
    (has("price-manipulation") || has("donation")) &&
      moved > 0 && {
        module: "OracleAggregator",
        effect: `A read was ${sayShare(moved)} off the state before. With a second source and a bound on deviation it would have reverted, or answered the older price.`,
      },
    has("price-manipulation") && {
      module: "LatencyBuffer",
      effect:
        "A price has to be older than the transaction that uses it; what moved it in the same one would not have counted.",
    },
    (has("reentrancy") || has("arbitrary-call") || has("access-control") || has("rounding")) && {
      module: "CircuitBreaker",
      effect:
        "The function could have been paused alone, for a bounded time, from the first finding on; within one transaction only a hook stops it.",
    },
    (has("reentrancy") || has("read-only-reentrancy") || has("donation")) && {
      module: "ExploitProofHook",
      effect:
        "The invariant that broke here is checked at the end of each call, and the call reverts where it does not hold.",
    },
    (has("uninitialised-proxy") || has("access-control") || has("governance")) && {
      module: "Timelock",
      effect: "A change of owner, role or code waits in the open before it counts, and can be cancelled meanwhile.",
    },
    has("bridge-message") && {
      module: "BridgeGuard",
      effect:
        "What is released has to be backed on the other chain, new, and within the route's limit, whoever signed.",
    },
  ];
  return list.filter((one): one is Defence => one !== false);
}
