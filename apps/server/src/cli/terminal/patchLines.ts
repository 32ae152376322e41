import { countOf } from "@testudo/core/model/countOf";
import type { Address } from "@testudo/core/model/Hex";
import { timeText } from "@testudo/core/model/timeText";
import type { Loss } from "@testudo/lab/capsule/holdings";
import { sayUnits } from "@testudo/lab/forensics/amounts";
import type { PropertyVerdict } from "@testudo/lab/patch/judgeProperties";
import type { Proposed } from "@testudo/lab/patch/proposePatch";
import type { PatchReport } from "@testudo/lab/patch/simulatePatch";
import { formatUnits } from "viem/utils";

const shownChanges = 10;

/** What a patch was found to do, for a person. */
export function reportLines(report: PatchReport): string[] {
  const {
    ok,
    patch,
    applied,
    attack,
    benign,
    invariants,
    incompatible,
    reversal,
    enforcedBy,
    evidence,
    invariantsBefore,
  } = report;
  return [
    `${ok ? "holds" : "does not hold"}: ${patch.name} (${patch.kind})`,
    ...(applied.ok ? [] : [`  not in force   ${applied.why}`]),
    `  attack         ${attack.stopped ? "stopped" : "not stopped"}: ${attack.failed} of ${attack.succeededBefore} transactions fail`,
    ...(attack.why === null || !applied.ok ? [] : [`                 ${attack.why}`]),
    `  lost before    ${lossText(attack.lossesBefore)}`,
    `  lost now       ${lossText(attack.losses)}`,
    ...(attack.offset.length === 0 || !applied.ok
      ? []
      : [`                 still takes ${lossText(attack.offset)}, and has paid in as much: whose that is, look`]),
    `  benign         ${countOf(benign.transactions, "transaction")}, ${countOf(benign.changed.length, "thing")} changed`,
    ...(benign.failing.length === 0
      ? []
      : [`                 ${benign.failing.length} of them fail without the patch, too: they say little`]),
    ...benign.changed
      .slice(0, shownChanges)
      .map(
        ({ tx, what, expected, got }) =>
          `    ${tx === null ? "at the end" : `#${tx}`}: ${what} was ${expected}, is ${got}`,
      ),
    ...(benign.beside.length === 0
      ? []
      : [
          `                 ${benign.beside.length} things come out otherwise beside the attack than with it unpatched or without it`,
        ]),
    ...invariants.map(({ name, ok: kept, value }, i) => {
      const was = invariantsBefore[i]?.ok ? "held before too" : "was broken";
      return `  invariant      ${name}: ${value ?? "no answer"} ${kept ? "kept" : "broken"}, ${was}`;
    }),
    ...report.properties.map(propertyLine),
    ...report.unasked.map((name) => `  property       ${name} is not asked: it takes arguments`),
    ...adversaryLines(report.adversary),
    ...incompatible.map((text) => `  incompatible   ${text}`),
    ...enforcedBy.map(({ victim, by }) => `  enforced by    the ${by} of ${victim}`),
    ...(reversal === null
      ? []
      : [
          `  taken back     ${reversal.clears ? "by one call a rule" : "NO"}, ${sayUnits(reversal.clearGas, 0)} gas; ends by itself at ${applied.until === null ? "no time" : timeText(applied.until)}`,
        ]),
    `  evidence       ${countOf(evidence.length, "link")}, last ${evidence.at(-1)?.id}`,
  ];
}

/** What was proposed, and what each stage took, for a person. */
export function proposalLines({ proposals, scorecard }: Proposed): string[] {
  const { calls, candidates, tried, stages, declined, failing, looked } = scorecard;
  return [
    proposals.length === 0
      ? "no patch holds"
      : `${countOf(proposals.length, "patch holds", "patches hold")}, best first`,
    ...proposals.flatMap(({ patch, why, report }, i) => [`  ${i + 1}. ${patch.name}. ${why}`, ...openLines(report)]),
    `from ${countOf(calls.attack, "call")} of the attack and ${countOf(calls.benign, "other")}: ${countOf(candidates, "candidate")}, ${tried} tried`,
    ...(failing === 0
      ? []
      : [
          `${countOf(failing, "benign transaction fails", "benign transactions fail")} without a patch, too: that says little`,
        ]),
    ...looked
      .flatMap(({ name, refused }) => (refused === undefined ? [] : `  not ${name}: ${refused}`))
      .slice(0, shownChanges),
    ...declined.map(({ victim, template, why }) => `  no ${template} for ${victim}: ${why}`),
    ...stages.map(({ stage, ms, count }) => `  ${stage.padEnd(12)}${ms.toFixed(0).padStart(8)} ms  ${count}`),
  ];
}

/** What is left to know of one that holds: `simulate` tells it in full. */
function openLines({ adversary, attack, benign }: PatchReport): string[] {
  const left = adversary?.ran === true ? adversary.finds.filter(({ confirmed }) => confirmed.ok).length : 0;
  return [
    ...(left === 0 ? [] : [`     the adversary still finds ${left} ways to gain, which are open without it, too`]),
    ...(attack.offset.length === 0
      ? []
      : [`     the attack still takes ${lossText(attack.offset)}, and has paid in as much`]),
    ...(benign.beside.length === 0 ? [] : [`     ${benign.beside.length} things come out otherwise beside the attack`]),
  ];
}

function propertyLine({ name, ok, atBegin, attacked, peaceful, before }: PropertyVerdict): string {
  const said = (holds: boolean | null) => (holds === null ? "not asked" : holds ? "holds" : "broken");
  const now = `${said(atBegin)} at the begin, ${said(attacked)} after the attack, ${said(peaceful)} after the others`;
  const was = `without the patch ${said(before.atBegin)} and ${said(before.attacked)}`;
  return `  property       ${name}: ${ok ? "kept" : "not kept"}: ${now}; ${was}`;
}

function adversaryLines(adversary: PatchReport["adversary"]): string[] {
  if (adversary === null) return [];
  if (!adversary.ran) return [`  adversary      did not search: ${adversary.why.split("\n")[0]}`];
  const { calls, seed, start, finds } = adversary;
  const news = finds.filter(({ is }) => is === "new").length;
  const doubted = finds.filter(({ confirmed }) => !confirmed.ok).length;
  return [
    `  adversary      ${sayUnits(BigInt(calls), 0)} calls from seed ${seed}: ${news} found that the patch makes possible, ${finds.length - news} that remain${doubted === 0 ? "" : `; ${doubted} of them NOT CONFIRMED`}`,
    `    begins with the attack, ${start.moves.length} of its moves: ${tokens(start.gainWad)} gained, ${tokens(start.gainWithoutWad)} without the patch`,
    ...start.left.map((what) => `    begins without ${what}`),
    ...finds.flatMap(({ is, figure, gainWad, gainWithoutWad, variesAttack, confirmed, moves }) => [
      `    ${is}: ${figure === null ? `${tokens(gainWad)} gained, ${tokens(gainWithoutWad)} without the patch` : `"${figure}" broken`}${variesAttack ? ", by the attack in another form" : ""}`,
      `      ${confirmed.ok ? `${confirmed.engine}: the same` : `not confirmed, and not held against the patch: ${confirmed.engine}: ${confirmed.difference}`}`,
      ...moves.map((move) => `      ${move}`),
    ]),
  ];
}

/** Rounded down to thousandths. */
function tokens(wad: bigint): string {
  return formatUnits((wad / 10n ** 15n) * 10n ** 15n, 18);
}

function lossText(losses: readonly Loss[]): string {
  if (losses.length === 0) return "nothing";
  return losses.map(({ holder, token, amount }) => `${sumText(token, amount)} by ${holder}`).join("; ");
}

// How many decimals a token has no report says.
function sumText(token: Address | undefined, amount: bigint): string {
  return token === undefined ? `${sayUnits(amount, 18)} ether` : `${sayUnits(amount, 0)} units of ${token}`;
}
