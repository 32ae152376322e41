import type { Random } from "../fuzz/Random.ts";
import type { Address } from "../hex.ts";
import type { Engine } from "../openEngine.ts";
import type { EngineTransaction, Message } from "../Transaction.ts";
import { attacker, type HostileWorld } from "./HostileWorld.testkit.ts";
import { randomHostileCode } from "./randomHostileCode.testkit.ts";

/** One thing that is done to the engine. */
export type HostileStep =
  | { readonly kind: "call"; readonly message: Message & { readonly gas: bigint } }
  | { readonly kind: "send"; readonly tx: EngineTransaction };

export function randomStep(random: Random, world: HostileWorld): HostileStep {
  const to = random.chance(12) ? null : random.pick(world.targets);
  const input = inputOf(random, world, to);
  const value = BigInt(random.chance(80) ? 0 : random.below(100));
  const gas = BigInt(random.chance(70) ? random.below(3_000_000) : random.below(200_000));
  const isLong = random.chance(8);
  if (random.chance(60)) {
    const message = { from: attacker, to, input, value, gas: isLong ? 30_000_000n : gas };
    return { kind: "call", message: { ...message, isStatic: to !== null && random.chance(10) } };
  }
  const accessList = Array.from({ length: random.chance(20) ? random.below(4) : 0 }, () => ({
    address: random.pick(world.targets),
    storageKeys: Array.from({ length: random.below(90) }, () => random.word()),
  }));
  const listed = accessList.length > 0 ? { accessList } : {};
  return {
    kind: "send",
    tx: { from: attacker, to, input, value, gas: 1_500_000n + (isLong ? 14_000_000n : gas), ...listed },
  };
}

function inputOf(random: Random, { targets }: HostileWorld, to: Address | null): Uint8Array {
  if (to === null)
    return randomHostileCode(random, 10 + random.below(random.chance(90) ? 300 : 40_000), targets.map(BigInt));
  return random.bytes(random.below(random.chance(95) ? 200 : 20_000));
}

/** Does it and gives what came of it: how it ended, its logs and call tree. */
export async function play(engine: Engine, step: HostileStep, isTraced: boolean): Promise<unknown> {
  const outcome = step.kind === "call" ? await engine.callAsync(step.message) : await engine.sendAsync(step.tx);
  return { outcome, logs: engine.logs(), trace: isTraced ? engine.trace() : undefined };
}
