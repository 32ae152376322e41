// The whole state of a capsule with a patch in force, on an engine that a search goes back and forth on.
import type { EvmBlock, EvmOutcome, EvmTransaction } from "@testudo/core/model/Evm";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { hashOf } from "@testudo/core/model/Record";
import type { Engine } from "@testudo/evm/openEngine";
import { toCallFrame } from "../engine/toCallFrame.ts";
import { toEngineTransaction } from "../engine/toEngineTransaction.ts";
import { toOwnBlock } from "../engine/toOwnBlock.ts";
import { blockOfGround, groundHooks, openGround } from "../raid/openGround.ts";
import { toHex } from "../record/bytes.ts";
import type { Capsule } from "../record/Capsule.ts";
import type { RecordedAccount } from "../record/recordedState.ts";
import { applyPatch, type Runner } from "./applyPatch.ts";
import { examiner } from "./ourAccounts.ts";
import type { Patch } from "./Patch.ts";
import type { PropertyBook } from "./Property.ts";

export interface Ground {
  readonly capsule: Capsule;
  /** What tells properties is put into it. */
  readonly book: PropertyBook | undefined;
}

/** `accounts` is the patch's scene. Throws what `openGround` throws, and `NotInForce`. */
export async function openPatchedGround(
  { capsule, book }: Ground,
  accounts: ReadonlyMap<Address, RecordedAccount>,
  patch: Patch,
  exempt: readonly Hex[],
): Promise<Engine> {
  const engine = await openGround({ ...capsule, accounts });
  const block = blockOfGround(capsule);
  const applied = await applyPatch(runnerOn(engine, block), capsule, patch, { block, exempt, evidence: hashOf(patch) });
  if (!applied.ok) throw new NotInForce(applied.why);
  await putBook(engine, { capsule, book });
  return engine;
}

/** The state without a patch, with what tells properties. */
export async function openBareGround({ capsule, book }: Ground): Promise<Engine> {
  const engine = await openGround(capsule);
  await putBook(engine, { capsule, book });
  return engine;
}

async function putBook(engine: Engine, { capsule, book }: Ground): Promise<void> {
  const { run } = runnerOn(engine, blockOfGround(capsule));
  const rest = { from: examiner, to: null, value: 0n, gas: mostGas, gasPrice: 0n, block: { baseFeePerGas: 0n } };
  for (const [i, input] of (book?.creations ?? []).entries()) await run({ ...rest, input, nonce: BigInt(i) });
}

const mostGas = 10_000_000n;

function runnerOn(engine: Engine, block: EvmBlock): Runner {
  return {
    async run(tx: EvmTransaction): Promise<EvmOutcome> {
      engine.setHooks({ trace: true });
      const nonce = tx.nonce ?? engine.account(tx.from)?.nonce ?? 0n;
      engine.setNonce(tx.from, nonce);
      engine.setBlock(toOwnBlock({ ...block, ...tx.block }));
      const sent = engine.send(toEngineTransaction(tx, nonce, tx.block?.baseFeePerGas ?? block.baseFeePerGas));
      const trace = engine.trace();
      engine.setBlock(toOwnBlock(block));
      engine.setHooks(groundHooks);
      if (sent.kind === "invalid") return { kind: "refused", reason: "invalid", detail: sent.why };
      return { ...sent, output: toHex(sent.output), trace: toCallFrame(trace!) };
    },
  };
}

/** A patch does not come into force in the block after the capsule's. Not retryable. */
export class NotInForce extends Error {
  override readonly name = "NotInForce";
  constructor(why: string | null) {
    super(`The patch does not come into force: ${why}.`);
  }
}
