import type { BotFinding, BotLabel, BotTransaction } from "./BotMessage.ts";

/** A finding as a bot made it: the SDK checks its texts, and neither what stands in `metadata` and `labels` nor the addresses. */
export interface FoundBy {
  readonly name: string;
  readonly description: string;
  readonly alertId: string;
  readonly protocol: string;
  readonly severity: number;
  readonly type: number;
  readonly uniqueKey?: unknown;
  readonly metadata?: { readonly [key: string]: unknown };
  readonly addresses?: readonly unknown[];
  readonly labels?: readonly { readonly [field: string]: unknown }[];
}

/** What `bot` found, in texts and numbers: an amount of ethers would arrive in another thread as the parts that it is made of, a function not at all. */
export function toBotFinding(bot: string, tx: BotTransaction | undefined, found: FoundBy): BotFinding {
  const { name, description, alertId, protocol, severity, type, uniqueKey } = found;
  return {
    bot,
    ...(tx === undefined ? {} : { txHash: String(tx.transaction.hash) }),
    ...{ name: textOf(name), description: textOf(description), alertId: textOf(alertId), protocol: textOf(protocol) },
    ...{ severity: Number(severity), type: Number(type), uniqueKey: textOf(uniqueKey ?? "") },
    metadata: Object.fromEntries(Object.entries(found.metadata ?? {}).map(([key, value]) => [key, textOf(value)])),
    addresses: (found.addresses ?? []).map(textOf),
    labels: (found.labels ?? []).map(labelOf),
  };
}

function labelOf({ entityType, entity, label, confidence, remove }: { readonly [field: string]: unknown }): BotLabel {
  return {
    ...{ entityType: Number(entityType), entity: textOf(entity), label: textOf(label) },
    ...{ confidence: Number(confidence), isRemoved: remove === true },
  };
}

function textOf(value: unknown): string {
  try {
    if (typeof value !== "object" || value === null) return String(value);
    const own = String(value);
    return own.startsWith("[object ") || Array.isArray(value) ? (JSON.stringify(value, inText) ?? own) : own;
  } catch {
    // It leads back to itself, or has no text.
    return "unreadable";
  }
}

function inText(_: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
