import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Chance } from "@testudo/core/risk/attack/Threat";
import type { Capsule } from "@testudo/lab/Capsule";
import { guessScenario } from "@testudo/lab/raid/guessScenario";
import { isCodable } from "@testudo/lab/raid/isCodable";
import { CodeMissing, openGround } from "@testudo/lab/raid/openGround";
import { isTaken } from "@testudo/lab/raid/prepareCast";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import type { Abi } from "viem";
import { readBytes, readCapsuleFile } from "../capsule/readCapsuleFile.ts";
import { refusingInput } from "../capsule/refusedInput.ts";
import { UsageError } from "../config/UsageError.ts";
import { readAbis } from "../forensics/readAbis.ts";
import { openNodeGround } from "./openNodeGround.ts";
import { scenarioSchema } from "./scenarioSchema.ts";

/** What is searched, and what is declared of whoever attacks. */
export interface Ordered {
  /** Of a node's state the block alone. */
  readonly capsule: Capsule;
  /** Who is asked for a node's state. */
  readonly source?: StateSource;
  /** To be called when nothing more is asked. */
  close(): void;
  readonly victim: Address;
  readonly unit: string;
  readonly scenario: Scenario;
  /** Of each power. */
  readonly chances: readonly Chance[];
  /** Gains below it are none. */
  readonly leastWad: bigint;
}

/**
 * Reads a scenario's file, which `flag` names; the files that it names are beside it. `block` is that of a node's state where the
 * file names none; default is its newest. Throws UsageError, or what a node's endpoint throws.
 */
export async function readScenario(path: string, flag = "--config", block?: bigint): Promise<Ordered> {
  const named = `${flag} "${path}"`;
  const declared = parse(path, named);
  const beside = (file: string): string => resolve(dirname(path), file);
  const { victim, unit, least, powers, contracts, capsule, rpc, block: declaredBlock, ...rest } = declared;
  const known = contracts.map(({ name, address, abi, except }) => ({
    name,
    address,
    abi: readAbi(beside(abi)).filter(
      (item) => item.type !== "function" || (!except.includes(item.name) && isCodable(item)),
    ),
  }));
  const ground =
    rpc === undefined
      ? recordedGround(await readCapsuleFile(beside(capsule!)))
      : await refusingInput(() => openNodeGround(rpc, declaredBlock === undefined ? block : BigInt(declaredBlock)));
  const tokens = rest.assets.flatMap(({ token }) => token ?? []);
  try {
    for (const address of [victim, ...contracts.map((one) => one.address), ...tokens])
      assertCode(await codeIn(ground, address), address, named);
    for (const address of [...ground.capsule.accounts.keys(), ...rest.keys]) assertFree(address, named);
  } catch (error) {
    ground.close();
    throw error;
  }
  return {
    ...ground,
    victim,
    unit,
    scenario: {
      ...rest,
      contracts: known,
      powers: powers.map(({ chance: _, ...power }) => power),
      addresses: [victim, ...rest.addresses],
    },
    chances: powers.map(({ chance }) => chance),
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
  return { ...recordedGround(capsule), victim, unit: "tokens", scenario, chances: [], leastWad: 10n ** 15n };
}

type Ground = Pick<Ordered, "capsule" | "source" | "close">;

const recordedGround = (capsule: Capsule): Ground => ({ capsule, close: () => undefined });

async function codeIn({ capsule, source }: Ground, address: Address): Promise<Hex | null | undefined> {
  return source === undefined ? capsule.accounts.get(address)?.code : (await source.account(address))?.code;
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

function assertCode(code: Hex | null | undefined, address: Address, named: string): void {
  if (code !== undefined && code !== "0x") return;
  throw new UsageError(
    `${named} names ${address}, which is no contract in that state.`,
    "Allowed as victim, contract and token: what has code there.",
    "Correct it, name another block, or record more.",
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
