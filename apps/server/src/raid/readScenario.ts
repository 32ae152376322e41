import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Address } from "@testudo/core/model/Hex";
import type { Capsule } from "@testudo/lab/Capsule";
import { guessScenario } from "@testudo/lab/raid/guessScenario";
import { openGround } from "@testudo/lab/raid/openGround";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import { readCapsuleFile } from "../capsule/readCapsuleFile.ts";
import { UsageError } from "../config/UsageError.ts";
import { readAbis } from "../forensics/readAbis.ts";
import { scenarioSchema } from "./scenarioSchema.ts";

/** What is searched, and what is declared of whoever attacks. */
export interface Ordered {
  readonly capsule: Capsule;
  readonly victim: Address;
  readonly unit: string;
  readonly scenario: Scenario;
  /** Of each power. */
  readonly probabilities: readonly number[];
  /** Gains below it are none. */
  readonly leastWad: bigint;
}

/** Reads a scenario's file; the files that it names are beside it. Throws UsageError. */
export async function readScenario(path: string): Promise<Ordered> {
  const declared = parse(path);
  const beside = (file: string): string => join(dirname(path), file);
  const { victim, unit, least, powers, contracts, capsule, ...rest } = declared;
  const known = contracts.map(({ name, address, abi, except }) => ({
    name,
    address,
    abi: readAbis([beside(abi)])[0]!.filter((item) => item.type !== "function" || !except.includes(item.name)),
  }));
  return {
    capsule: await readCapsuleFile(beside(capsule)),
    victim,
    unit,
    scenario: { ...rest, contracts: known, powers, addresses: [victim, ...rest.addresses] },
    probabilities: powers.map(({ probability }) => probability),
    leastWad: least,
  };
}

/** A scenario from a capsule alone. Throws UsageError for a victim that is not in it. */
export async function guessFromCapsule(path: string, victim: Address): Promise<Ordered> {
  const capsule = await readCapsuleFile(path);
  const code = capsule.accounts.get(victim)?.code;
  if (code === undefined || code === "0x")
    throw new UsageError(
      `--victim ${victim} is no contract in "${path}".`,
      "Allowed: a contract that the capsule holds.",
      "Correct it.",
    );
  const scenario = await guessScenario(await openGround(capsule), victim);
  return { capsule, victim, unit: "tokens", scenario, probabilities: [], leastWad: 10n ** 15n };
}

function parse(path: string) {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `--config "${path}" cannot be read: ${said}.`,
      "Allowed: a scenario as JSON (docs/attack.md).",
      "Check the file.",
      { cause },
    );
  }
  const parsed = scenarioSchema.safeParse(read);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `--config "${path}": ${issue?.path.join(".") || "the file"} is wrong.`,
    issue?.message ?? "",
    "Correct the file (docs/attack.md).",
  );
}
