import { mostSevere, severities } from "@testudo/core/model/Finding";
import type { Hex } from "@testudo/core/model/Hex";
import type { Notice } from "@testudo/core/model/Notice";
import { hashOf } from "@testudo/core/model/Record";

const shownLines = 20;

/** The id of the digest of `notices` on `channel`: the same notices make the same digest. */
export function digestId(channel: string, notices: readonly Pick<Notice, "id">[]): Hex {
  return hashOf(["digest", channel, notices.map(({ id }) => id)]);
}

/** One notice that stands for `notices` (at least one): how many of what, and the first of them in words. */
export function digestOf(id: Hex, notices: readonly Notice[]): Notice {
  const last = notices.at(-1)!;
  const severity = mostSevere(notices.map((notice) => notice.severity)) ?? "info";
  const counts = [...severities].reverse().flatMap((level) => {
    const count = notices.filter((notice) => notice.severity === level).length;
    return count === 0 ? [] : [`${count} ${level}`];
  });
  const sorted = [...notices].sort((a, b) => severities.indexOf(b.severity) - severities.indexOf(a.severity));
  const lines = sorted.slice(0, shownLines).map((n) => `${n.severity} ${n.transition}: ${n.title}`);
  const more = notices.length - lines.length;
  return {
    kind: "Notice",
    id,
    thread: id,
    topic: "finding",
    transition: "digest",
    severity,
    title: `${notices.length} alerts within a minute: ${counts.join(", ")}`,
    body: [...lines, ...(more > 0 ? [`and ${more} more; \`testudo status\` lists what is open`] : [])].join("\n"),
    chainId: last.chainId,
    blockNumber: last.blockNumber,
    blockHash: last.blockHash,
    record: id,
    runbook: "RUNBOOK.md#a-storm-of-alerts",
  };
}
