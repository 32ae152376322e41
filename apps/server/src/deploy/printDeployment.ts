// How a deployment is told: lines for a person, one object for a program.
import { countOf } from "@testudo/core/model/countOf";
import pc from "picocolors";
import { printable } from "../deliver/printable.ts";
import type { Plan } from "./Plan.ts";
import type { RehearsedGas } from "./rehearseCreations.ts";
import type { Rehearsal } from "./rehearseDeployment.ts";
import type { RoleText } from "./roleWords.ts";
import type { Settled } from "./Settled.ts";
import type { Verified } from "./verify.ts";

/** Everything that there is to tell; what a run did not come to is left out. */
export interface Report {
  readonly file: string;
  readonly plan: Plan;
  readonly roles?: readonly RoleText[];
  readonly rehearsal?: Rehearsal;
  readonly settled?: Settled;
  readonly verified?: Verified;
}

/** `report` as one JSON object; whole numbers beyond 2^53 as strings. */
export function reportJson({ file, plan, roles, rehearsal, settled, verified }: Report): string {
  const { chainId, deployer, fileHash, contracts } = plan;
  const object = {
    file,
    chainId,
    deployer,
    fileHash,
    contracts: contracts.map(({ name, address, nonce, transactions, block }) => ({
      name,
      address,
      nonce,
      transactions: transactions.map(({ hash }) => hash),
      ...(block === undefined ? {} : { block }),
    })),
    ...(rehearsal === undefined ? {} : rehearsalObject(rehearsal)),
    ...(roles === undefined ? {} : { roles }),
    ...(settled === undefined ? {} : { settings: settled }),
    ...(verified === undefined ? {} : { verified }),
  };
  return JSON.stringify(object, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value), 2);
}

function rehearsalObject({ gas, ...rehearsal }: Rehearsal) {
  return {
    gas: { total: gas.total, byDeployer: gas.byDeployer, byContract: Object.fromEntries(gas.byContract) },
    rehearsal,
  };
}

/** The addresses, with what each creation costs where that is known, and what follows the creations. */
export function planLines({ contracts, deployer }: Plan, gas?: RehearsedGas): readonly string[] {
  const costOf = new Map(gas?.byContract);
  const others = [...costOf].filter(([part]) => contracts.every(({ name }) => name !== part));
  const width = Math.max(...[...contracts.map(({ name }) => name), ...costOf.keys()].map(({ length }) => length));
  return [
    `Deployer ${deployer}`,
    ...contracts.map(({ name, address, nonce, block }) => {
      const cost = costOf.get(name);
      const state = block === undefined ? `nonce ${nonce}` : `block ${block}`;
      return `  ${name.padEnd(width)}  ${address}  ${state}${cost === undefined ? "" : `, ${cost} gas`}`;
    }),
    ...others.map(([part, cost]) => `  ${part.padEnd(width)}  ${cost} gas`),
    ...(gas === undefined ? [] : [`  ${gas.total} gas together`]),
  ];
}

/** What was tried, and what is left. */
export function rehearsalLines({ functionsTried, unproven = [], settingsToCome, later }: Rehearsal): readonly string[] {
  return [
    `${wereTried(functionsTried)} under a pause on a copy of the chain: what is guarded is refused, what is exempt answers${unproven.length === 0 ? "." : ", as far as a call tells:"}`,
    ...unproven.map((text) => `  ${printable(text)}`),
    ...later.map((name) => `${name} is created by a later run, once the settings hold.`),
    `${countOf(settingsToCome, "setting goes", "settings go")} through the timelock afterwards. Nothing was sent.`,
  ];
}

function wereTried(count: number): string {
  return countOf(count, "function was tried", "functions were tried");
}

/** A paragraph for each role. */
export function roleLines(roles: readonly RoleText[]): readonly string[] {
  return roles.flatMap(({ role, text }) => ["", pc.bold(role), `  ${text}`]);
}

/** The rows that differ, or all of them with `isWhole`, and what they add up to. */
export function verifiedLines({ rows, drift, pending, blockNumber }: Verified, isWhole: boolean): readonly string[] {
  const marks = { "as expected": pc.green("ok     "), pending: pc.yellow("pending"), drift: pc.red("DRIFT  ") };
  const shown = rows.filter(({ verdict }) => isWhole || verdict !== "as expected");
  return [
    ...shown.flatMap((row) => {
      // Some of it is in a contract's own words.
      const [title, expected, found] = [`${row.module}: ${row.field}`, row.expected, row.found].map(printable);
      const mark = marks[row.verdict];
      return row.verdict === "as expected"
        ? [`${mark} ${title} = ${expected}`]
        : [`${mark} ${title}`, `        expected ${expected}`, `        found    ${found}`];
    }),
    `${rows.length - drift - pending} of ${countOf(rows.length, "value")} are as the file says (block ${blockNumber}); ${drift} drifted, ${countOf(pending, "waits", "wait")} for the timelock.`,
    ...(drift === 0 && pending > 0
      ? [
          "Nothing drifted: what is marked pending comes with what waits in the timelock. `testudo deploy` says what is next.",
        ]
      : []),
  ];
}
