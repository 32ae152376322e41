import type { StateSource } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { guessScenario } from "@testudo/lab/raid/guessScenario";
import { CodeMissing, openGround } from "@testudo/lab/raid/openGround";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { readCapsuleFile } from "../capsule/readCapsuleFile.ts";
import { refusingInput } from "../capsule/refusedInput.ts";
import { UsageError } from "../config/UsageError.ts";
import { openNodeGround } from "./openNodeGround.ts";
import { assertCode, assertFree, codedIn, type Declared, readDeclared } from "./readDeclared.ts";

/** What is searched, and what is declared of whoever attacks. */
export interface Ordered extends Declared {
  /** Of a node's state the block alone. */
  readonly capsule: Capsule;
  /** Who is asked for a node's state. */
  readonly source?: StateSource;
  /** To be called when nothing more is asked. */
  close(): void;
}

/**
 * Reads a scenario's file, which `flag` names; the files that it names are beside it. `block` is that of a node's state where the
 * file names none; default is its newest. Throws UsageError, or what a node's endpoint throws.
 */
export async function readScenario(path: string, flag = "--config", block?: bigint): Promise<Ordered> {
  const { capsule, rpc, block: named, ...declared } = readDeclared(path, flag);
  const ground =
    rpc === undefined
      ? recordedGround(await readCapsuleFile(capsule!))
      : await refusingInput(() => openNodeGround(rpc, named ?? block));
  try {
    for (const address of codedIn(declared)) assertCode(await codeIn(ground, address), address, `${flag} "${path}"`);
    for (const address of ground.capsule.accounts.keys()) assertFree(address, `${flag} "${path}"`);
  } catch (error) {
    ground.close();
    throw error;
  }
  return { ...ground, ...declared };
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
