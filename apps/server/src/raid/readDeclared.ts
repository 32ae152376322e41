// A scenario's file, apart from the state that it is played on.
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import type { Address, Hex } from "@testudo/core/model/Hex";
import type { Chance } from "@testudo/core/risk/attack/Threat";
import { isCodable } from "@testudo/lab/raid/isCodable";
import { isTaken } from "@testudo/lab/raid/prepareCast";
import type { Scenario } from "@testudo/lab/raid/Scenario";
import type { Abi } from "viem";
import { readBytes } from "../capsule/readCapsuleFile.ts";
import { explainIssues } from "../config/explainIssue.ts";
import { UsageError } from "../config/UsageError.ts";
import { readAbis } from "../forensics/readAbis.ts";
import { scenarioSchema } from "./scenarioSchema.ts";

/** What is declared of whoever attacks. */
export interface Declared {
  readonly victim: Address;
  readonly unit: string;
  readonly scenario: Scenario;
  /** Of each power. */
  readonly chances: readonly Chance[];
  /** Gains below it are none. */
  readonly leastWad: bigint;
}

/** With the state that it names: a capsule's file, or a node. */
export interface DeclaredFile extends Declared {
  readonly capsule?: string;
  readonly rpc?: string;
  readonly block?: bigint;
}

/** Reads a scenario's file, which `flag` names, and the ABIs that it names, beside it; no state. Throws UsageError. */
export function readDeclared(path: string, flag: string): DeclaredFile {
  const named = `${flag} "${path}"`;
  const { victim, unit, least, powers, contracts, capsule, rpc, block, ...rest } = parse(path, named);
  const beside = (file: string): string => resolve(dirname(path), file);
  for (const address of rest.keys) assertFree(address, named);
  const known = contracts.map(({ name, address, abi, except }) => ({
    name,
    address,
    abi: readAbi(beside(abi)).filter(
      (item) => item.type !== "function" || (!except.includes(item.name) && isCodable(item)),
    ),
  }));
  return {
    ...(capsule === undefined ? {} : { capsule: beside(capsule) }),
    ...(rpc === undefined ? {} : { rpc }),
    ...(block === undefined ? {} : { block: BigInt(block) }),
    ...{ victim, unit, leastWad: least },
    scenario: {
      ...rest,
      contracts: known,
      powers: powers.map(({ chance: _, ...power }) => power),
      addresses: [victim, ...rest.addresses],
    },
    chances: powers.map(({ chance }) => chance),
  };
}

/** What has to be a contract. */
export function codedIn({ victim, scenario: { contracts, assets } }: Declared): Address[] {
  return [victim, ...contracts.map(({ address }) => address), ...assets.flatMap(({ token }) => token ?? [])];
}

/** Throws UsageError where `code`, of `address` in the state that is searched, is none. */
export function assertCode(code: Hex | null | undefined, address: Address, named: string): void {
  if (code !== undefined && code !== "0x") return;
  throw new UsageError(
    `${named} names ${address}, which is no contract in that state.`,
    "Allowed as victim, contract and token: what has code there.",
    "Correct it, name another block, or record more.",
  );
}

/** Throws UsageError for an address that is no one else's. */
export function assertFree(address: Address, named: string): void {
  if (!isTaken(address)) return;
  throw new UsageError(
    `${named}: ${address} is an address that the search takes for itself.`,
    "Allowed: any other.",
    "Correct it.",
  );
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
  const placeOf = () => ({ file: path });
  const [mistake] = explainIssues(parsed.error.issues, { input: read, placeOf, root: "the scenario" });
  throw new UsageError(
    `${named}: ${mistake!.what}`,
    mistake!.allowed,
    `${mistake!.wayOut.replace(/\.$/, "")} (docs/attack.md).`,
  );
}

function readAbi(file: string): Abi {
  // A file that is none, or too large, is refused before it is read.
  readBytes(file);
  return readAbis([file])[0]!;
}
