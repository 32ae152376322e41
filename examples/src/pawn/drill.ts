// A pawnbroker that is robbed, guarded by a rule that nobody signs and mended by a template: what times to remediation are
// measured on.
import { fileURLToPath } from "node:url";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { toLower } from "@testudo/core/model/Hex";
import type { GateCode, GatedScenario, ProtectedContract, SentTransaction, Shown, Stage } from "testudo/drill/Scenario";
import type { Address, Hex } from "viem";
import { encodeDeployData, getContractAddress, toFunctionSelector } from "viem/utils";
import { getCast } from "../curie/Cast.ts";
import { type Call, type ChainSession, execute, openSession, rpc, submit } from "../curie/ChainSession.ts";
import { deploySlowRoles } from "../curie/slowRoles.ts";
import { ask, attacker, callOf, director, type Standing } from "../reference/Director.ts";
import { type PawnProgramParams, reclaim } from "./pawnProgram.ts";
import { pawnBuilds, pawnSource } from "./pawnSource.ts";

const unit = 1_000_000n;
const alice = anvilAccount(4);
const people = [alice, anvilAccount(5), anvilAccount(6)];
const slots = 12;
/** What is pledged, lent and taken back by slot, in dollars. The raider waits a block to see whether anybody noticed. */
const raidsBySlot: { readonly [slot: number]: bigint } = {
  5: 20_000n,
  7: 60_000n,
  8: 80_000n,
  9: 80_000n,
  10: 80_000n,
};
const firstBadSlot = 5;
const deployGas = 9_000_000n;
// Below what a transaction may have since Osaka, as a recording is played by the rules of its chain.
const callGas = 2_000_000n;
const by = (...call: Parameters<typeof callOf>): Call => ({ ...callOf(...call), gas: callGas });
const selectors = (...signatures: readonly string[]) =>
  Object.fromEntries(signatures.map((signature) => [signature, toFunctionSelector(signature)]));

/** Every scenario of this module. */
export const scenarios: readonly GatedScenario[] = [
  {
    name: "pawn-raid",
    kind: "missing-health-check",
    protocol: "Pawn",
    async deploySlowRoles({ rpcUrl, owners, council }) {
      const session = await openSession(rpcUrl);
      await rpc(session.client, "anvil_setBalance", [getCast().deployer.address, "0x3635c9adc5dea00000"]);
      const { safe, timelock } = await deploySlowRoles(session, owners, council);
      return { safe: toLower(safe), timelock: toLower(timelock) };
    },
    async setup({ rpcUrl, seed, gateCode }) {
      const session = await openSession(rpcUrl);
      await rpc(session.client, "anvil_setBlockTimestampInterval", [2]);
      return stageOf(session, await deployShop(session, gateCode), seed);
    },
  },
];

interface Shop {
  readonly gold: Standing;
  readonly usd: Standing;
  readonly pawn: Standing;
  /** One contract for each raid: a debt that nobody pays stays with its account. */
  readonly raids: readonly Standing[];
}

async function make(session: ChainSession, data: Hex, name: string): Promise<Standing> {
  const nonce = BigInt(await rpc<Hex>(session.client, "eth_getTransactionCount", [director.address, "latest"]));
  await execute(session, [{ from: director, data, gas: deployGas }], name);
  return { abi: pawnBuilds[name]!.abi, address: toLower(getContractAddress({ from: director.address, nonce })) };
}

async function deployShop(session: ChainSession, gateCode: GateCode | undefined): Promise<Shop> {
  const of = (name: string, args: readonly unknown[]) => encodeDeployData({ ...pawnBuilds[name]!, args: [...args] });
  const gold = await make(session, of("Coin", [1_000_000n * unit]), "Coin");
  const usd = await make(session, of("Coin", [1_000_000n * unit]), "Coin");
  const bare = await make(session, of("Pawn", [gold.address, usd.address]), "Pawn");
  const pawn = gateCode === undefined ? bare : await make(session, gateCode(bare.address, "0x"), "Pawn");
  const raids: Standing[] = [];
  for (const _ of Object.keys(raidsBySlot)) raids.push(await make(session, of("Raid", []), "Raid"));
  const give = (coin: Standing, to: Address, dollars: bigint) => by(director, coin, "transfer", [to, dollars * unit]);
  await execute(
    session,
    [
      give(usd, pawn.address, 400_000n),
      ...raids.map(({ address }, i) => give(gold, address, Object.values(raidsBySlot)[i]!)),
      ...people.map(({ address }) => give(gold, address, 50_000n)),
    ],
    "money",
  );
  const first = people.flatMap((who) => [
    by(who, pawn, "pledge", [5_000n * unit]),
    by(who, pawn, "borrow", [2_000n * unit]),
  ]);
  await execute(session, first, "the first loans");
  return { gold, usd, pawn, raids };
}

function stageOf(session: ChainSession, shop: Shop, seed: number): Stage {
  const { gold, pawn } = shop;
  const protect: readonly ProtectedContract[] = [
    {
      name: "Pawn",
      address: pawn.address,
      pausable: selectors("borrow(uint256)", "reclaim(uint256)"),
      exempt: selectors("repay(uint256)", "pledge(uint256)", "liquidate(address,uint256)"),
      ruled: [reclaim],
    },
  ];
  return {
    protect,
    slots,
    firstBadSlot,
    remedy: { victim: pawn.address, source: pawnSource },
    programOf: (defence, chainId) => ({
      kind: "module",
      path: fileURLToPath(new URL("./pawnProgram.js", import.meta.url)),
      params: {
        chainId,
        pawn: pawn.address,
        gold: gold.address,
        pausable: Object.values(protect[0]!.pausable),
        exempt: Object.values(protect[0]!.exempt),
        council: defence.council,
        breaker: defence.breaker,
        guardians: defence.guardians,
        program: toLower(anvilAccount(1).address),
        canaries: [
          canary("repaying", by(alice, pawn, "repay", [unit])),
          canary("pledging", by(alice, pawn, "pledge", [unit])),
        ],
      } satisfies PawnProgramParams,
    }),
    act: (slot) => send(session, plan(slot, seed, shop)),
    settle: async () => undefined,
    lossUsd: () => lostUsd(session, shop),
    riskReducing: (mine = session.mine) => showWaysOut({ ...session, mine }, shop),
    contrast: async () => [],
  };
}

async function lostUsd(session: ChainSession, { usd, raids }: Shop): Promise<number> {
  const taken = await Promise.all(raids.map(({ address }) => ask<bigint>(session, usd, "balanceOf", [address])));
  return Number(taken.reduce((sum, amount) => sum + amount, 0n)) / Number(unit);
}

type Planned = { readonly role: SentTransaction["role"]; readonly label: string; readonly call: Call };

/** Honest people pledge, borrow, repay and take back, a little each; from the first bad slot on the raids. */
function plan(slot: number, seed: number, { pawn, raids }: Shop): readonly Planned[] {
  const honest = people.map((who, i): Planned => {
    const name = ["pledge", "borrow", "repay", "reclaim"][(slot + i) % 4]!;
    const amount = BigInt(100 + (((seed % 1_000) * 7 + 13 * Math.floor(slot / 4) + 131 * i) % 400)) * unit;
    return { role: "benign", label: name, call: by(who, pawn, name, [amount]) };
  });
  const taken = raidsBySlot[slot];
  if (taken === undefined) return honest;
  const raid = raids[Object.keys(raidsBySlot).indexOf(`${slot}`)]!;
  const bad = by(attacker, raid, "run", [pawn.address, taken * unit]);
  return [...honest, { role: "attack", label: "the raid", call: bad }];
}

async function send(session: ChainSession, planned: readonly Planned[]): Promise<readonly SentTransaction[]> {
  const calls = planned.map(({ call }) => call);
  const hashes = await submit(session, calls);
  return planned.map(({ role, label }, i) => ({ hash: hashes[i]!, role, label }));
}

/** What must stay open, by the names that the scorecard has for it. */
async function showWaysOut(session: ChainSession, { pawn, raids }: Shop): Promise<readonly Shown[]> {
  const ways = {
    deposit: by(alice, pawn, "pledge", [unit]),
    closePosition: by(alice, pawn, "repay", [unit]),
    liquidate: by(alice, pawn, "liquidate", [raids[0]!.address, unit]),
  };
  const hashes = await submit(session, Object.values(ways));
  await session.mine();
  const shown: Shown[] = [];
  for (const [i, txHash] of hashes.entries()) {
    const receipt = await rpc<{ status: Hex } | null>(session.client, "eth_getTransactionReceipt", [txHash]);
    shown.push({ name: Object.keys(ways)[i]!, ok: receipt?.status === "0x1", txHash });
  }
  return shown;
}

function canary(name: string, { from, to, data }: Call) {
  return { name, from: toLower(from.address), to: toLower(to!), data, expect: "succeeds" as const };
}
