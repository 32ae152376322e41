// Curie behind its gates with breaker, council, Safe and timelock, deployed by the very functions that the drill uses.
import { encodePauseBySig, pauseTypedData } from "@testudo/chain/act/encodePause";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import { deployDefence, gateCode, planDefence } from "testudo/drill/deployDefence";
import type { Defence } from "testudo/drill/Scenario";
import type { LocalAccount, TypedDataDefinition } from "viem";
import { getContractAddress, keccak256, toBytes } from "viem/utils";
import { getCast } from "./Cast.ts";
import { type Call, type ChainSession, execute, openSession, rpc } from "./ChainSession.ts";
import { type CurieSystem, deployCurie, type Wrap } from "./deployCurie.ts";
import { scenarios } from "./drill.ts";
import { bySignature, clearingHouseManifest, vaultManifest } from "./manifest.ts";
import { createRandom } from "./Random.ts";
import { type SeededMarket, seedMarket, startPriceWad } from "./seedMarket.ts";

/** A defended, seeded market on a node of its own. */
export type DefendedStage = {
  readonly session: ChainSession;
  readonly system: CurieSystem;
  readonly groups: SeededMarket;
  readonly defence: Defence;
  /** The council's members: two pause, three veto. */
  readonly guardians: readonly LocalAccount[];
  /** The Safe's owners: three sign. */
  readonly owners: readonly LocalAccount[];
  /** Sends what others signed; holds no role. */
  readonly relayer: LocalAccount;
  readonly close: () => Promise<void>;
};

const genesisSeconds = 1_750_000_000;
const secondsPerBlock = 2;

/** Starts a node and deploys everything; the session's node mines when told. */
export async function openDefendedStage(seed = 1): Promise<DefendedStage> {
  const anvil = await startAnvil({ noMining: true, timestamp: genesisSeconds });
  try {
    const session = await openSession(anvil.url);
    await prepareNode(session);
    // The first deploys the defence: the node signs for it.
    const owners = [5, 6, 7, 8, 9].map((index) => anvilAccount(index));
    const guardians = [2, 3, 4].map((index) => anvilAccount(index));
    const deployer = toLower(anvilAccount(0).address);
    const { breaker, council } = planDefence(deployer);
    const roles = await scenarios[0]!.deploySlowRoles({ rpcUrl: anvil.url, owners: addressesOf(owners), council });
    const wrap: Wrap = async (name, implementation, initData) => {
      const code = gateCode(toLower(implementation), initData, breaker, roles.timelock);
      return deployFromCast(session, code, `${name}'s gate`);
    };
    const system = await deployCurie(session, startPriceWad, wrap);
    const groups = await seedMarket(session, system, getCast(), createRandom(seed));
    const endpoint = openEndpoint(anvil.url);
    const defence = await deployDefence(endpoint, deployer, roles, addressesOf(guardians), contractsOf(system));
    const relayer = anvilAccount(1);
    return { session, system, groups, defence, guardians, owners, relayer, close: () => anvil.stop() };
  } catch (error) {
    await anvil.stop();
    throw error;
  }
}

/** Sets the node up as a scenario does: blocks two seconds apart, mined when told, large enough for a deployment. */
export async function prepareNode({ client }: ChainSession): Promise<void> {
  await rpc(client, "anvil_setBlockTimestampInterval", [secondsPerBlock]);
  await rpc(client, "evm_setBlockGasLimit", ["0x1dcd6500"]);
  await rpc(client, "anvil_setBalance", [getCast().deployer.address, "0x3635c9adc5dea00000"]);
}

/** Deploys init code from the account that has to call Curie's initialisers; returns the address. */
export async function deployFromCast(session: ChainSession, data: Hex, what: string): Promise<Hex> {
  const from = getCast().deployer;
  const nonce = BigInt(await rpc<Hex>(session.client, "eth_getTransactionCount", [from.address, "latest"]));
  session.nonces.set(from.address, Number(nonce));
  await execute(session, [{ from, data, gas: 9_000_000n }], what);
  return getContractAddress({ from: from.address, nonce });
}

/** Runs `body` and takes the chain back to where it was. */
export async function onBranch<T>(session: ChainSession, body: () => Promise<T>): Promise<T> {
  const id = await rpc<Hex>(session.client, "evm_snapshot", []);
  try {
    return await body();
  } finally {
    await rpc(session.client, "evm_revert", [id]);
    session.nonces.clear();
  }
}

/** A pause of `selectors` for `seconds` from the newest block on, signed by `signers` and sent by the relayer. */
export async function pauseCall(
  stage: Pick<DefendedStage, "session" | "relayer"> & { readonly defence: Pick<Defence, "council"> },
  target: Hex,
  selectors: readonly Hex[],
  seconds: number,
  signers: readonly LocalAccount[],
): Promise<{ readonly call: Call; readonly until: bigint }> {
  const { session, defence, relayer } = stage;
  const now = await readTime(session);
  const until = now + BigInt(seconds);
  const subject = { target: toLower(target), selectors, until, reason: keccak256(toBytes("test")) };
  // Nonces are used once for each kind: this one binds what is asked for, and when.
  const nonce = BigInt(keccak256(toBytes(`${target}${selectors.join()}${until}`)));
  const message = { ...subject, evidence: keccak256(toBytes("evidence")), nonce, deadline: now + 600n };
  const typed = pauseTypedData(message, defence.council, session.chainId) as unknown as TypedDataDefinition;
  const approvals = await Promise.all(
    signers.map(async (signer) => ({
      signer: toLower(signer.address),
      signature: await signer.signTypedData(typed),
    })),
  );
  return { call: { from: relayer, to: defence.council, data: encodePauseBySig(message, approvals) }, until };
}

/** The newest block's timestamp, Unix seconds. */
export async function readTime(session: ChainSession): Promise<bigint> {
  return (await session.client.getBlock({ blockTag: "latest" })).timestamp;
}

function contractsOf({ vault, clearingHouse }: CurieSystem) {
  const isView = /^(get|is[A-Z]|owner\(|paused\(|candidate\(|decimals\(|versionRecipient\()/;
  return [
    { name: "Vault", address: toLower(vault), manifest: vaultManifest },
    { name: "ClearingHouse", address: toLower(clearingHouse), manifest: clearingHouseManifest },
  ].map(({ name, address, manifest }) => ({
    name,
    address,
    pausable: bySignature(manifest, ["outflow", "riskIncreasing"]),
    exempt: Object.fromEntries(Object.entries(bySignature(manifest, ["exempt"])).filter(([s]) => !isView.test(s))),
  }));
}

const addressesOf = (accounts: readonly LocalAccount[]) => accounts.map((account) => toLower(account.address));
