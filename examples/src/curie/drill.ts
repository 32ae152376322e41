// The drill's scenarios on Curie, in the shape that `testudo drill` loads by module path.
import { fileURLToPath } from "node:url";
import { toLower } from "@testudo/core/model/Hex";
import type { Stage as DrillStage, GatedScenario, ProtectedContract } from "testudo/drill/Scenario";
import type { Address, Hex } from "viem";
import { getContractAddress } from "viem/utils";
import { getCast } from "./Cast.ts";
import { execute, openSession, rpc } from "./ChainSession.ts";
import type { CurieProgramParams } from "./curieProgram.ts";
import { curieScenario, type Stage } from "./scenario.ts";
import { deploySlowRoles } from "./slowRoles.ts";

const gateGas = 9_000_000n;
// Functions that only read stay open anyway; the breaker's list of exempt ones is for those that change something.
const isView = (signature: string) =>
  /^(get|is[A-Z]|owner\(|paused\(|candidate\(|decimals\(|versionRecipient\()/.test(signature);

/** Every scenario of this module. */
export const scenarios: readonly GatedScenario[] = [
  {
    name: curieScenario.name,
    kind: curieScenario.kind,
    protocol: curieScenario.protocol,
    async deploySlowRoles({ rpcUrl, owners, council }) {
      const session = await openSession(rpcUrl);
      await rpc(session.client, "anvil_setBalance", [getCast().deployer.address, "0x3635c9adc5dea00000"]);
      const { safe, timelock } = await deploySlowRoles(session, owners, council);
      return { safe: toLower(safe), timelock: toLower(timelock) };
    },
    async setup({ rpcUrl, seed, gateCode }) {
      const wrap =
        gateCode &&
        ((_: string, implementation: Address, initData: Hex) => deployGate(rpcUrl, gateCode(implementation, initData)));
      return toDrillStage(await curieScenario.setup({ rpcUrl, seed, ...(wrap ? { wrap } : {}) }));
    },
  },
];

// Curie makes the initialiser's caller its owner, so that its own deployer has to deploy the gate.
async function deployGate(rpcUrl: string, code: Hex): Promise<Address> {
  const session = await openSession(rpcUrl);
  const from = getCast().deployer;
  const nonce = BigInt(await rpc<Hex>(session.client, "eth_getTransactionCount", [from.address, "latest"]));
  await execute(session, [{ from, data: code, gas: gateGas }], "the gate");
  return getContractAddress({ from: from.address, nonce });
}

function toDrillStage(stage: Stage): DrillStage {
  const { system } = stage;
  const protect: ProtectedContract[] = stage.protect.map(({ name, address, pausable, exempt }) => ({
    name,
    address: toLower(address),
    pausable,
    exempt: Object.fromEntries(Object.entries(exempt).filter(([signature]) => !isView(signature))),
  }));
  return {
    protect,
    slots: stage.slots,
    firstBadSlot: stage.firstBadSlot,
    programOf: (defence, chainId) => ({
      kind: "module",
      path: fileURLToPath(new URL("./curieProgram.js", import.meta.url)),
      params: {
        chainId,
        targets: system,
        quoteToken: system.quoteToken,
        contracts: protect.map((contract) => ({
          name: contract.name,
          address: contract.address,
          pausable: Object.values(contract.pausable),
          exempt: Object.values(contract.exempt),
        })),
        council: defence.council,
        breaker: defence.breaker,
        guardians: defence.guardians,
        canaries: stage.canaries(),
      } satisfies CurieProgramParams,
    }),
    act: stage.act,
    settle: stage.settle,
    lossUsd: stage.lossUsd,
    riskReducing: stage.riskReducing,
    contrast: stage.contrast,
  };
}
