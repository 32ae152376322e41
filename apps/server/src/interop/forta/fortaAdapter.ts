import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import type { Plain } from "@testudo/core/model/canonicalJson";
import type { DetectContext, DetectorUse } from "@testudo/core/model/Detector";
import type { FindingDraft, Severity } from "@testudo/core/model/Finding";
import { type Address, type Hex, isAddress, toLower } from "@testudo/core/model/Hex";
import { z } from "zod";
import type { BotFinding, BotLabel } from "./BotMessage.ts";
import { openBots } from "./openBots.ts";
import { toBotBlock } from "./toBotBlock.ts";

/** Forta bots that run as a detector of ours. */
export interface FortaAdapterOptions {
  /** The detector's id: lower case, digits and hyphens. */
  readonly id: string;
  /** `module`: the file that exports handleBlock, handleTransaction, handleAlert, initialize; forta-agent is the bot's own. */
  readonly bots: readonly { readonly id: string; readonly module: string }[];
  readonly version?: string;
  readonly runbook: string;
  readonly owner: string;
  /** Lets the bots of this adapter call the network, which marks their findings as not reproducible. Default false. */
  readonly network?: boolean;
  /** The node that getEthersProvider() gives them, with `network` only. */
  readonly rpcUrl?: string;
  /** Whether a bot reads `txEvent.traces`. Default false: traces are dear. */
  readonly traces?: boolean;
  /** How long the bots may take for a block; default 5 s. The watch's own detectorLimitMs goes before it. */
  readonly limitMs?: number;
}

const shape = z.object({
  id: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "lower case, digits and hyphens"),
  bots: z.array(z.object({ id: z.string().min(1), module: z.string().min(1) })).min(1),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .optional(),
  runbook: z.string().trim().min(1),
  owner: z.string().trim().min(1),
  limitMs: z.int().min(10).max(60_000).optional(),
});

/** A detector made of bots. */
export interface BotDetector extends DetectorUse {
  /** Loads the bots' files and lets them go again. Throws BotFailed or BotsSilent where they do not load. */
  readonly tryLoading: () => void;
}

/**
 * Runs forta-agent 0.1.48 bots unchanged over our blocks (INT-02). What they find is a finding like any other: counted once,
 * retracted with its block. What they remember is their own and is not taken back: after a reorg they begin anew. Bots of
 * one adapter hear each other's alerts as they subscribed to them. Throws FortaAdapterMalformed.
 *
 * @example
 * fortaAdapter({ id: "forta-mixer", bots: [{ id: "0x…", module: "./bots/mixer/dist/agent.js" }], runbook: "RUNBOOK.md", owner: "risk" })
 */
export function fortaAdapter(options: FortaAdapterOptions): BotDetector {
  const checked = shape.safeParse(options);
  if (!checked.success) {
    const issues = checked.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
    throw new FortaAdapterMalformed(String(options.id), issues.join("; "));
  }
  const { id, version = "1.0.0", runbook, owner, network = false, rpcUrl, traces = false, limitMs = 5_000 } = options;
  const sources = options.bots.map((bot) => ({ id: bot.id, module: resolve(bot.module) }));
  for (const { module } of sources) assertBot(id, module);
  const bots = openBots({ id, bots: sources, allowsNetwork: network, rpcUrl: network ? rpcUrl : undefined, limitMs });
  const detect = (context: DetectContext<unknown>) => {
    for (const finding of bots.judge(toBotBlock(context.chainId, context.block, context.txs)))
      context.finding(draftOf(finding, context, network));
  };
  return {
    meta: {
      id,
      version,
      class: "anomaly",
      needs: { all: ["X", "L"], ...(traces ? { degraded: ["T"] } : {}) },
      finality: "finalized",
      ...(network ? { deterministic: false } : {}),
      runbook,
      owner,
    },
    settings: { bots: options.bots, network, traces },
    detect,
    tryLoading: bots.tryLoading,
  };
}

function assertBot(id: string, module: string): void {
  if (!existsSync(module)) throw new FortaAdapterMalformed(id, `there is no file "${module}"`);
  try {
    createRequire(module).resolve("forta-agent");
  } catch {
    throw new FortaAdapterMalformed(id, `forta-agent is not installed beside "${module}"`);
  }
}

const severities: readonly Severity[] = ["info", "info", "low", "medium", "high", "critical"];
const types = ["unknown", "exploit", "suspicious", "degraded", "info", "scam"];
const longestText = 500;
const longestList = 64;

function draftOf(finding: BotFinding, context: DetectContext<unknown>, network: boolean): FindingDraft {
  const { bot, alertId, name, description, protocol, metadata, uniqueKey, txHash } = finding;
  const addresses = finding.addresses.map(toLower).filter((address): address is Address => isAddress(address));
  const to = context.txs.find(({ tx }) => tx.hash === txHash)?.tx.to;
  const [firstWatched] = context.watched;
  const subject =
    [...addresses, to].find((address) => address !== null && address !== undefined && context.watched.has(address)) ??
    firstWatched ??
    addresses[0] ??
    zeroAddress;
  return {
    severity: severities[finding.severity] ?? "info",
    reason: cut(`${name}: ${description}`),
    subject,
    addresses: addresses.slice(0, longestList),
    ...(txHash === undefined ? {} : { txHash: txHash as Hex }),
    key: [bot, alertId, uniqueKey === "" ? (txHash ?? "block") : uniqueKey],
    score: 1,
    evidence: {
      bot,
      alertId,
      name: cut(name),
      description: cut(description),
      protocol: cut(protocol),
      type: types[finding.type] ?? "unknown",
      metadata: metadataOf(metadata),
      ...(finding.labels.length === 0 ? {} : { labels: finding.labels.slice(0, longestList).map(labelOf) }),
      // What a network said cannot be asked for again.
      deterministic: !network,
    },
  };
}

const zeroAddress: Address = "0x0000000000000000000000000000000000000000";

const entities = ["unknown", "address", "transaction", "block", "url"];

function labelOf({ entityType, entity, label, confidence, isRemoved }: BotLabel): Plain {
  return {
    ...{ entityType: entities[entityType] ?? "unknown", entity: cut(entity), label: cut(label) },
    ...(Number.isFinite(confidence) ? { confidence } : {}),
    ...(isRemoved ? { removed: true } : {}),
  };
}

function metadataOf(metadata: BotFinding["metadata"]): Plain {
  return Object.fromEntries(
    Object.entries(metadata)
      .slice(0, longestList)
      .map(([key, value]) => [cut(key), cut(String(value))]),
  );
}

function cut(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** The adapter cannot run as it is written. */
export class FortaAdapterMalformed extends Error {
  override readonly name = "FortaAdapterMalformed";
  constructor(id: string, what: string) {
    super(
      `Forta adapter "${id}" cannot be used: ${what}.\n- Needed: id, runbook, owner, and bots with the built file of each (dist/agent.js) and its node_modules.\n- Correct it, or build the bot.`,
    );
  }
}
