import { z } from "zod";
import { publicInfrastructure } from "../model/ActorCluster.ts";
import { zeroAddress } from "../model/Asset.ts";
import type { CallFrame } from "../model/BlockBundle.ts";
import { type Visit, walk } from "../model/CallTree.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import { type Address, addressOfWord, type Hex, wordAt } from "../model/Hex.ts";
import { selector } from "../model/KnownSignature.ts";
import { oncePer } from "../model/oncePer.ts";
import { eventTopic } from "../model/signatureHash.ts";
import { transfersOf } from "../model/Transfer.ts";
import type { TxView } from "../model/TxView.ts";
import { addGrant, grantsTo, markPulled } from "./approvalPhish/Spenders.ts";

export interface ApprovalPhishParams {
  /** Tokens besides the protected addresses: what users hold of and at the protocol. */
  readonly tokens: readonly string[];
  /** Spenders that are known to be the protocol's or everybody's. */
  readonly known: readonly string[];
  /** Owners that give one spender power within `seconds`, from which it is told. */
  readonly owners: number;
  readonly seconds: number;
}

/**
 * Approval phishing: many owners give one spender power over their tokens, and then it takes them.
 *
 *   low: n owners approve or permit one account without code, or one unknown young contract, within W
 *   high: from one of them it then pulls tokens in a transaction that the owner did not send, and for nothing
 *   critical: from n of them
 *
 * Counted: Approval above zero, ApprovalForAll(true), and Permit2's Approval and Permit, at protected or named tokens. A
 * router that is new has many owners too, but they send the transactions that pull; an order book pulls by itself, but
 * gives something for it. Source: design judgement; n = 5, W = 24 h. Calibration: theta(b) of new owners a day.
 * Degraded without S: whether a spender has code is unknown, so that approvals alone are not told.
 * Evasion: a spender for each owner; waiting out the window; a worthless token given in return.
 */
export const detectApprovalPhish: Detector<ApprovalPhishParams> = {
  meta: {
    id: "approval-phish",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L"], degraded: ["T", "S", "H"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#approval-phish",
    owner: "protocol",
  },
  frameLogs: [],
  params: z
    .object({
      tokens: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)).max(256),
      known: z.array(z.string().regex(/^0x[0-9a-f]{40}$/)).max(256),
      owners: z.number().int().min(2).max(64),
      seconds: z.number().int().min(60).max(604_800),
    })
    .strict(),
  defaults: { tokens: [], known: [], owners: 5, seconds: 86_400 },
  detect(context) {
    const tokens = new Set([...context.watched, ...context.params.tokens] as Address[]);
    const known = new Set([...context.watched, ...context.params.known, ...publicInfrastructure] as Address[]);
    const fresh = new Map<Address, TxView>();
    for (const view of context.txs) {
      for (const { owner, spender } of grantsIn(view, tokens)) {
        if (known.has(spender) || spender === zeroAddress || spender === owner) continue;
        addGrant(context.memory, spender, owner, Number(context.block.ref.timestamp), context.params.seconds);
        fresh.set(spender, view);
      }
      judgePulls(context, view, tokens);
    }
    judgeCrowds(context, fresh);
  },
};

type Context = DetectContext<ApprovalPhishParams>;

const approval = eventTopic("Approval(address,address,uint256)");
const approvalForAll = eventTopic("ApprovalForAll(address,address,bool)");
const permit2 = "0x000000000022d473030f116ddee9f6b43ac78ba3";
const permit2Topics: ReadonlySet<string> = new Set([
  eventTopic("Approval(address,address,address,uint160,uint48)"),
  eventTopic("Permit(address,address,address,uint160,uint48,uint48)"),
]);

interface Grant {
  readonly token: Address;
  readonly owner: Address;
  readonly spender: Address;
}

function grantsIn(view: TxView, tokens: ReadonlySet<Address>): Grant[] {
  return allGrants(view).filter(({ token }) => tokens.has(token));
}

const allGrants = oncePer((view: TxView): readonly Grant[] =>
  view.logs.flatMap(({ address, topics, data }) => {
    const [kind = "", first, second, third] = topics as readonly (Hex | undefined)[];
    const isPermit = address === permit2 && permit2Topics.has(kind) && third !== undefined;
    if (!isPermit && kind !== approval && kind !== approvalForAll) return [];
    const given = wordAt(data, 0);
    if (first === undefined || second === undefined || given === undefined || given === 0n) return [];
    const owner = addressOfWord(first);
    return isPermit
      ? [{ token: addressOfWord(second), owner, spender: addressOfWord(third) }]
      : [{ token: address, owner, spender: addressOfWord(second) }];
  }),
);

/** Tokens that an approved spender takes from an owner who neither sent the transaction nor was given anything. */
function judgePulls(context: Context, view: TxView, tokens: ReadonlySet<Address>): void {
  const now = Number(context.block.ref.timestamp);
  const { memory, params } = context;
  const spenders = [...spendersIn(view, tokens)].filter((s) => grantsTo(memory, s, now, params.seconds).length > 0);
  if (spenders.length === 0) return;
  const { transfers } = transfersOf(view.tx, view.logs, view.trace);
  const losers = new Set(
    transfers.filter(({ asset }) => tokens.has(asset.split(":")[0] as Address)).map((t) => t.from),
  );
  const given = (owner: Address) => [...(view.flow().net.get(owner)?.values() ?? [])].some((amount) => amount > 0n);
  for (const spender of spenders) {
    const owners = grantsTo(memory, spender, now, params.seconds).map(([owner]) => owner);
    const robbed = owners.filter((o) => losers.has(o) && o !== view.tx.from && !given(o));
    for (const owner of robbed) markPulled(memory, spender, owner);
    if (robbed.length > 0 && owners.length >= params.owners) tellPull(context, view, spender, robbed);
  }
}

/** Who may be spending: the sender, the contract it calls, and in a call tree whoever calls transferFrom at a token. */
function spendersIn(view: TxView, tokens: ReadonlySet<Address>): Set<Address> {
  const spenders = new Set<Address>([view.tx.from]);
  if (view.tx.to !== null) spenders.add(view.tx.to);
  if (view.trace !== undefined)
    for (const { context, parent } of pullsIn(view.trace))
      if (tokens.has(context) && parent !== undefined) spenders.add(parent.context);
  return spenders;
}

const pullsIn = oncePer((root: CallFrame): readonly Visit[] =>
  walk(root).filter(({ reverted, selector: name }) => !reverted && name === selector.transferFrom),
);

function tellPull(context: Context, view: TxView, spender: Address, robbed: readonly Address[]): void {
  const { params, memory, block } = context;
  const grants = grantsTo(memory, spender, Number(block.ref.timestamp), params.seconds);
  const pulled = grants.filter(([, , p]) => Number(p) === 1).length;
  context.finding({
    severity: pulled >= params.owners ? "critical" : "high",
    subject: subjectOf(context),
    reason: `${spender}, approved by ${grants.length} owners within ${params.seconds} s, takes their tokens for nothing.`,
    txHash: view.tx.hash,
    addresses: [spender, view.tx.from, ...robbed].slice(0, 16),
    key: [spender, "pull"],
    score: Math.min(1, pulled / params.owners),
    evidence: {
      kind: "pull",
      spender,
      owners: grants.length,
      pulledFrom: pulled,
      robbed: robbed.slice(0, 64),
      needed: params.owners,
      seconds: params.seconds,
    },
  });
}

/** Spenders whom a crowd has approved, and who are no contract or one that came into being while we watched. */
function judgeCrowds(context: Context, fresh: ReadonlyMap<Address, TxView>): void {
  const { memory, params, block } = context;
  const now = Number(block.ref.timestamp);
  const crowds = [...fresh].filter(([s]) => grantsTo(memory, s, now, params.seconds).length >= params.owners);
  if (crowds.length === 0 || !block.has.includes("S")) return;
  const codes = context.readAll(crowds.map(([address]) => ({ kind: "code", at: "block", address })));
  crowds.forEach(([spender, view], i) => {
    const code = codes[i];
    const isPlain = code?.ok === true && code.value === "0x";
    if (!isPlain && context.deployerOf(spender) === undefined) return;
    const grants = grantsTo(memory, spender, now, params.seconds);
    context.finding({
      severity: "low",
      subject: subjectOf(context),
      reason: `${grants.length} owners approved ${spender}, ${isPlain ? "an account without code" : "a young contract"}, within ${params.seconds} s.`,
      txHash: view.tx.hash,
      addresses: [spender, ...grants.map(([owner]) => owner)].slice(0, 16),
      key: [spender, "crowd"],
      score: Math.min(1, grants.length / (4 * params.owners)),
      evidence: {
        kind: "crowd",
        spender,
        hasCode: !isPlain,
        owners: grants.length,
        needed: params.owners,
        seconds: params.seconds,
      },
    });
  });
}

function subjectOf({ watched, params }: Context): Address {
  return [...watched][0] ?? (params.tokens[0] as Address);
}
