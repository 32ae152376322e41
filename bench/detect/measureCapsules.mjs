import { dataFolder } from "./dataFolder.mjs";
import { aimOf } from "./summarize.mjs";

/**
 * Our own attacks on the recorded states, each run on a fork and judged as a watch of its victim would judge it: whether a
 * critical finding names the attack's own transaction. Weak negatives are the contracts that an attack merely used, judged
 * as if they were protected; some of them were robbed too, so that their label is inferred.
 */
export async function measureCapsules({ tell }) {
  const { skipped } = dataFolder("incidents");
  if (skipped !== undefined) return { skipped };
  const { incidents } = await import("../../examples/dist/incidents/incidents.js");
  const { recordAttack } = await import("../../examples/dist/judged/recordAttack.js");
  const capsules = [];
  for (const { slug } of incidents) {
    const recorded = await recordAttack(slug);
    try {
      capsules.push(await judgeAttack(slug, recorded));
    } finally {
      await recorded.close();
    }
    const { worst, weak } = capsules.at(-1);
    tell(`${slug}: ${worst}; of ${weak.judged} others ${weak.critical} critical`);
  }
  const critical = capsules.filter(({ isCritical }) => isCritical).length;
  const weak = sumOf(capsules.map((one) => one.weak));
  return {
    capsules,
    critical,
    weak,
    aims: [aimOf("attacks critical in their own transaction", ">=", capsules.length, critical)],
    notes: [
      ...capsules.filter(({ isCritical }) => !isCritical).map(({ name, worst }) => `missed: ${name} (${worst})`),
      `weak negatives: ${weak.critical} of ${weak.judged} other contracts critical (label inferred)`,
    ],
  };
}

async function judgeAttack(name, recorded) {
  const isOfAttack = ({ blockHash, txHash }) =>
    blockHash === recorded.attack.blockHash && txHash === recorded.attack.hash;
  const found = (await recorded.judge(recorded.protect)).filter(isOfAttack);
  const order = ["critical", "high", "medium", "low", "info"];
  const worst = order.find((severity) => found.some((finding) => finding.severity === severity)) ?? "nothing";
  const critical = found.filter(({ severity }) => severity === "critical");
  const bystanders = await recorded.bystanders();
  const weak = { judged: bystanders.length, critical: 0 };
  for (const bystander of bystanders) {
    const said = await recorded.judge([bystander]);
    if (said.some(({ severity }) => severity === "critical")) weak.critical += 1;
  }
  const detectors = [...new Set(critical.map(({ detector }) => detector))].sort();
  return { name, protect: recorded.protect, isCritical: critical.length > 0, worst, detectors, weak };
}

function sumOf(counts) {
  return counts.reduce((a, b) => ({ judged: a.judged + b.judged, critical: a.critical + b.critical }), {
    judged: 0,
    critical: 0,
  });
}
