import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Address } from "@testudo/core/model/Hex";
import type { Capsule } from "@testudo/lab/Capsule";
import { guessScenario } from "@testudo/lab/raid/guessScenario";
import { isCodable } from "@testudo/lab/raid/isCodable";
import { CodeMissing, openGround } from "@testudo/lab/raid/openGround";
import { isTaken } from "@testudo/lab/raid/prepareCast";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import type { Abi } from "viem";
import { readBytes, readCapsuleFile } from "../capsule/readCapsuleFile.ts";
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

/** Reads a scenario's file, which `flag` names; the files that it names are beside it. Throws UsageError. */
export async function readScenario(path: string, flag = "--config"): Promise<Ordered> {
  const named = `${flag} "${path}"`;
  const declared = parse(path, named);
  const beside = (file: string): string => resolve(dirname(path), file);
  const { victim, unit, least, powers, contracts, capsule, ...rest } = declared;
  const known = contracts.map(({ name, address, abi, except }) => ({
    name,
    address,
    abi: readAbi(beside(abi)).filter(
      (item) => item.type !== "function" || (!except.includes(item.name) && isCodable(item)),
    ),
  }));
  const state = await readCapsuleFile(beside(capsule));
  const tokens = rest.assets.flatMap(({ token }) => token ?? []);
  for (const address of [victim, ...contracts.map((one) => one.address), ...tokens]) assertCode(state, address, named);
  for (const address of [...state.accounts.keys(), ...rest.keys]) assertFree(address, named);
  return {
    capsule: state,
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
  const scenario = await openGround(capsule)
    .then((engine) => guessScenario(engine, victim))
    .catch((error: unknown) => {
      if (!(error instanceof CodeMissing)) throw error;
      throw new UsageError(error.message, "A search needs the code of every account.", "Record the capsule again.");
    });
  return { capsule, victim, unit: "tokens", scenario, probabilities: [], leastWad: 10n ** 15n };
}

function parse(path: string, named: string) {
  let read: unknown;
  try {
    read = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(
      `${named} cannot be read: ${said}.`,
      "Allowed: a scenario as JSON (docs/attack.md).",
      "Check the file.",
      { cause },
    );
  }
  const parsed = scenarioSchema.safeParse(read);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(
    `${named}: ${issue?.path.join(".") || "the file"} is wrong.`,
    issue?.message ?? "",
    "Correct the file (docs/attack.md).",
  );
}

function readAbi(file: string): Abi {
  // A file that is none, or too large, is refused before it is read.
  readBytes(file);
  return readAbis([file])[0]!;
}

function assertCode({ accounts }: Capsule, address: Address, named: string): void {
  const code = accounts.get(address)?.code;
  if (code !== undefined && code !== "0x") return;
  throw new UsageError(
    `${named} names ${address}, which is no contract in the capsule.`,
    "Allowed as victim, contract and token: what has code there.",
    "Correct it, or record more.",
  );
}

function assertFree(address: Address, named: string): void {
  if (!isTaken(address)) return;
  throw new UsageError(
    `${named}: ${address} is an address that the search takes for itself.`,
    "Allowed: any other.",
    "Correct it.",
  );
}
