import { fileURLToPath } from "node:url";
import type { Defence, ProtectedContract, Stage } from "testudo/drill/Scenario";
import { by, market } from "./honestTraffic.ts";
import type { ReferenceWorld } from "./ReferenceWorld.ts";
import type { ReferenceProgramParams } from "./referenceProgram.ts";

/** What the pipeline runs to watch over the hardened exchange. */
export function referenceProgramSource(
  world: ReferenceWorld,
  contracts: readonly ProtectedContract[],
  defence: Defence,
  chainId: number,
  mixers?: ReferenceProgramParams["mixers"],
): ReturnType<Stage["programOf"]> {
  const canary = (name: string, call: ReturnType<typeof by>, expect: "succeeds" | "reverts") => ({
    name,
    from: call.from.address.toLowerCase() as `0x${string}`,
    to: call.to!,
    data: call.data,
    expect,
  });
  const { maker, longTrader, perp } = world;
  return {
    kind: "module",
    path: fileURLToPath(new URL("./referenceProgram.js", import.meta.url)),
    params: {
      chainId,
      contracts: contracts.map(({ name, address, pausable, exempt }) => ({
        name,
        address,
        pausable: Object.values(pausable),
        exempt: Object.values(exempt),
      })),
      ...(mixers === undefined ? {} : { mixers }),
      council: defence.council,
      breaker: defence.breaker,
      guardians: defence.guardians,
      callbacks: contracts.flatMap(({ pausable }) =>
        Object.entries(pausable).flatMap(([signature, selector]) =>
          signature.startsWith("onExecute(") ? [selector] : [],
        ),
      ),
      canaries: [
        canary("paying in", by(world, maker, perp, "deposit", [1_000_000n]), "succeeds"),
        canary("closing a position", by(world, longTrader, perp, "closePosition", [market, 0n]), "succeeds"),
        canary("withdrawing", by(world, maker, perp, "withdraw", [1_000_000n]), "reverts"),
      ],
    } satisfies ReferenceProgramParams,
  };
}
