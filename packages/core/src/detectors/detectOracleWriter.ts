import { z } from "zod";
import { principalsOf } from "../model/ActorCluster.ts";
import { entriesInto } from "../model/CallTree.ts";
import type { DetectContext, Detector } from "../model/Detector.ts";
import type { Address } from "../model/Hex.ts";
import type { Observed } from "../model/Observed.ts";
import { ringOf } from "../model/Ring.ts";
import type { TxView } from "../model/TxView.ts";
import { touchedBy } from "../signs/touchedBy.ts";
import { type PriceWrite, priceWritesOf } from "./oracleWriter/priceWrites.ts";

/** A contract that is told prices, and who may tell them. */
export interface WrittenOracle {
  readonly name: string;
  readonly oracle: string;
  /** The protected address that relies on it. */
  readonly subject: string;
  /** Senders that a person has confirmed. With any named, none is learned. */
  readonly writers: readonly string[];
  /** Selectors of its own that write prices, besides the usual ones. */
  readonly selectors: readonly string[];
}

export interface OracleWriterParams {
  readonly oracles: readonly WrittenOracle[];
  /** Writers are learned for this long and until so many writes were seen. */
  readonly learnSeconds: number;
  readonly learnWrites: number;
  /** With more learned than this the oracle is one for everybody, and its writers say nothing. */
  readonly maxWriters: number;
}

const address = z.string().regex(/^0x[0-9a-f]{40}$/, "a lower-case address");
const oracle = z
  .object({
    name: z.string().min(1),
    oracle: address,
    subject: address,
    writers: z.array(address).max(256).default([]),
    selectors: z
      .array(z.string().regex(/^0x[0-9a-f]{8}$/))
      .max(64)
      .default([]),
  })
  .strict();

/**
 * Oracle writer: a price was written for somebody who never did so before.
 *
 *   told: a price-writing call at the oracle whose signer (tx.from; of an ERC-4337 bundle its senders) is in neither set
 *   high; critical where the same transaction also enters the protected address: written, then used
 *
 * Who signed the transaction is the real sender. The caller of the oracle, and the sender that an ERC-2771 forwarder
 * appends to the calldata, are claims: through a forwarder that checks no signature anybody reaches `setPrices` in the
 * keeper's name (KiloEx 2025-04). A claim to be a known writer is named in the evidence.
 * Source: KiloEx (2025-04) and other forged or stolen price updates; design judgement.
 * Default: the set is learned in the first 30 days and 20 writes, then closed. Calibration: a person confirms the set
 * in `writers`. Degraded without T: calls from outside and known price events only.
 * Evasion: a writer's own key; an oracle that takes prices from everybody.
 */
export const detectOracleWriter: Detector<OracleWriterParams> = {
  meta: {
    id: "oracle-writer",
    version: "1.0.0",
    class: "anomaly",
    needs: { all: ["L", "X"], degraded: ["T"] },
    finality: "finalized",
    runbook: "docs/requirements/catalogue.md#oracle-writer",
    owner: "risk",
  },
  frameLogs: [],
  params: z
    .object({
      oracles: z.array(oracle).max(256),
      learnSeconds: z.number().int().min(0),
      learnWrites: z.number().int().min(1),
      maxWriters: z.number().int().min(1).max(256),
    })
    .strict(),
  defaults: { oracles: [], learnSeconds: 2_592_000, learnWrites: 20, maxWriters: 32 },
  calibrate(observed, { oracles }) {
    const seen = oracles.map(({ name }) => writersIn(observed, name));
    return {
      settings: {
        oracles: oracles.map((one, i) =>
          one.writers.length > 0 ? one : { ...one, writers: seen[i]!.map(([who]) => who) },
        ),
      },
      // A set that a person has confirmed stays as it is.
      evidence: oracles.flatMap(({ name, writers }, i) =>
        writers.length > 0 || seen[i]!.length === 0
          ? []
          : [{ setting: `writers of "${name}"`, before: null, ...toldWriters(seen[i]!) }],
      ),
    };
  },
  detect(context) {
    for (const one of context.params.oracles)
      for (const view of context.txs) {
        const [first, ...others] = priceWritesOf(view, one.oracle as Address, one.selectors);
        if (first !== undefined) judge(context, one, view, [first, ...others]);
      }
  },
};

type Context = DetectContext<OracleWriterParams>;

/** Who wrote a price at least twice in the history, and how often; once is a stranger's chance. */
function writersIn(observed: Observed, name: string): readonly (readonly [writer: string, times: number])[] {
  const prefix = `writer ${name} `;
  return [...observed].flatMap(([series, list]) =>
    series.startsWith(prefix) && list.length > 1 ? [[series.slice(prefix.length), list.length] as const] : [],
  );
}

function toldWriters(seen: ReturnType<typeof writersIn>) {
  const samples = seen.reduce((sum, [, times]) => sum + times, 0);
  return {
    after: seen.map(([who]) => who).join(" "),
    rule: "signers of at least two writes, to be confirmed,",
    samples,
  };
}

function judge(context: Context, one: WrittenOracle, view: TxView, writes: readonly PriceWrite[]): void {
  const { memory } = context;
  const known = new Set<string>([...one.writers, ...ringOf<string>(memory, `writers:${one.name}`)]);
  const signers = [...principalsOf(view)];
  for (const signer of signers) context.observe(`writer ${one.name} ${signer}`, 1);
  const strangers = signers.filter((p) => !known.has(p));
  if (one.writers.length === 0 && isLearning(context, one, writes.length)) learn(context, one, strangers);
  else if (strangers.length > 0 && memory.get(`open:${one.name}`) === undefined)
    tell(context, one, view, { writes, strangers, known });
}

/** Whether the set is still open before these writes. */
function isLearning({ memory, params, block }: Context, one: WrittenOracle, writes: number): boolean {
  const now = Number(block.ref.timestamp);
  const [since, seen] = (memory.get(`learn:${one.name}`) ?? [now, 0]) as readonly [number, number];
  if (now - since >= params.learnSeconds && seen >= params.learnWrites) return false;
  memory.set(`learn:${one.name}`, [since, seen + writes]);
  return true;
}

function learn(context: Context, one: WrittenOracle, strangers: readonly Address[]): void {
  const { memory, params } = context;
  const writers = [...ringOf<string>(memory, `writers:${one.name}`), ...strangers];
  if (strangers.length === 0 || memory.get(`open:${one.name}`) !== undefined) return;
  if (writers.length <= params.maxWriters) {
    memory.set(`writers:${one.name}`, writers);
    return;
  }
  memory.set(`open:${one.name}`, true);
  context.finding({
    severity: "low",
    subject: one.subject as Address,
    reason: `Oracle "${one.name}" has more than ${params.maxWriters} writers; who writes it says nothing.`,
    addresses: [one.oracle as Address],
    key: [one.name, "open"],
    score: 0,
    evidence: { kind: "open", oracle: one.oracle, maxWriters: params.maxWriters },
  });
}

interface Stranger {
  readonly writes: readonly PriceWrite[];
  readonly strangers: readonly Address[];
  readonly known: ReadonlySet<string>;
}

function tell(context: Context, one: WrittenOracle, view: TxView, { writes, strangers, known }: Stranger): void {
  const claimed = writes.map((w) => w.claimed).find((c) => c !== undefined && known.has(c));
  const isUsed = isEntered(view, one);
  const words = claimed === undefined ? "" : ", in the name of a known one";
  context.finding({
    severity: isUsed ? "critical" : "high",
    subject: one.subject as Address,
    reason: `A price of "${one.name}" was written by a sender that is not known${words}${isUsed ? ", and used" : ""}.`,
    txHash: view.tx.hash,
    addresses: [...strangers, ...writes.flatMap((w) => w.route)].slice(0, 16),
    key: [one.name, ...strangers.slice(0, 4)],
    score: isUsed ? 1 : 0.75,
    evidence: {
      oracle: one.oracle,
      strangers: strangers.slice(0, 16),
      knownWriters: known.size,
      claimed: claimed ?? null,
      usedInSameTransaction: isUsed,
      writes: writes.slice(0, 16).map(({ route, by }) => ({ route: route.slice(0, 16), by })),
    },
  });
}

/** Whether the transaction also enters the protected address by another way than the oracle's own code. */
function isEntered(view: TxView, { subject, oracle }: WrittenOracle): boolean {
  if (subject === oracle) return false;
  const set = new Set([subject as Address]);
  if (view.trace === undefined) return touchedBy(view, set).size > 0;
  return entriesInto(view.trace, set).some((v) => !v.isStatic && v.parent?.context !== oracle);
}
