import { appendFileSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpcEndpoint";
import { findReceipt } from "@testudo/chain/sendAction";
import { type Anvil, startAnvil } from "@testudo/chain/startAnvil";
import type { Finding } from "@testudo/core/model/Finding";
import { isAtLeast } from "@testudo/core/model/Finding";
import { type Hex, toLower } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import type { Signer } from "@testudo/core/model/Signer";
import { mnemonicToAccount } from "viem/accounts";
import { terminalChannel } from "../deliver/terminalChannel.ts";
import { loadProgram } from "../jobs/programSource.ts";
import { localSigner } from "../keystore/localSigner.ts";
import { newKeystore } from "../keystore/newKeystore.ts";
import { openKeystore } from "../keystore/openKeystore.ts";
import { writeSwitch } from "../operator/switch.ts";
import { readHead } from "../store/loadState.ts";
import { openWatch, type Watch } from "../watch/openWatch.ts";
import { deployDefence, gateCode, planDefence } from "./deployDefence.ts";
import { genesisSeconds } from "./playNaive.ts";
import type { Defence, Scenario, SentTransaction, Shown, Stage } from "./Scenario.ts";
import type { PausedSelector } from "./scorecard.ts";
import { playGuardian } from "./scriptedGuardian.ts";

/** Where and how the defended run takes place. */
export interface DefendedOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  /** A folder of its own; emptied first. */
  readonly dataDir: string;
  readonly anvilPort?: number;
  readonly apiPort: number;
  readonly onCommit: (commit: Commit, nameOf: (address: string) => string | undefined) => void;
  readonly onSlot: (slot: number, of: number, sent: readonly SentTransaction[]) => void;
  /** Told of the attack's transactions that reverted while the pause is on. */
  readonly onStopped: (sent: readonly SentTransaction[]) => void;
  readonly onStage: (what: string) => void;
  readonly signal: AbortSignal;
}

/** What happened with us. */
export interface DefendedRun {
  readonly lossUsd: number;
  readonly firstBadBlock: bigint;
  readonly alertMs: number | null;
  readonly pausedBlock: bigint | null;
  readonly pausedSelectors: readonly PausedSelector[];
  readonly riskReducing: readonly Shown[];
  readonly findings: readonly Finding[];
  readonly benign: ReadonlySet<Hex>;
  readonly defence: Defence;
  /** Last link of the chain of evidence, as it stood after the run. */
  readonly evidenceHead: Hex;
  readonly url: string;
  readonly rpcUrl: string;
  /** Goes on with two-second blocks for whoever wants to look around. */
  readonly keepMining: () => Promise<void>;
  /** Ends watch and chain. */
  readonly close: () => Promise<void>;
}

const blockSeconds = 2;
const guardianPassword = "a drill's keys guard nothing";
// The drill's keys are worth nothing; a cheap derivation saves three seconds.
const cheapCost = { n: 1_024, r: 8, p: 1 };
// anvil's own unlocked accounts: the public test mnemonic.
const mnemonic = "test test test test test test test test test test test junk";
const accountOf = (addressIndex: number) => mnemonicToAccount(mnemonic, { addressIndex });

/** Plays `scenario` with the protocol behind our contracts and a watch on it, in blocks of two seconds. */
export async function playDefended(options: DefendedOptions): Promise<DefendedRun> {
  const { dataDir, scenario, seed } = options;
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const anvil = await startAnvil({
    noMining: true,
    timestamp: genesisSeconds,
    ...(options.anvilPort === undefined ? {} : { port: options.anvilPort }),
  });
  const stop = new AbortController();
  options.signal.addEventListener("abort", () => stop.abort(), { once: true });
  let watch: Watch | undefined;
  const close = async () => {
    stop.abort();
    await watch?.done.catch(() => undefined);
    await anvil.stop();
  };
  try {
    options.onStage("deploying the protocol behind the gates, the council and a Safe");
    const guardians = await makeGuardians(dataDir);
    const endpoint = openEndpoint(anvil.url);
    // From the first block on: otherwise times depend on how long deploying takes.
    await endpoint.request("anvil_setBlockTimestampInterval", [blockSeconds]);
    const { stage, defence } = await deploy(anvil, endpoint, scenario, seed, guardians);
    const scene: Scene = { options, anvil, endpoint, stage, defence, guardians, stop };
    const seen = openLogbook();
    watch = await startWatch(scene, seen);
    return {
      ...(await play(scene, watch, seen)),
      defence,
      url: watch.url,
      rpcUrl: anvil.url,
      close,
      keepMining: () => mineEvery(endpoint, blockSeconds),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Scene {
  readonly options: DefendedOptions;
  readonly anvil: Anvil;
  readonly endpoint: Endpoint;
  readonly stage: Stage;
  readonly defence: Defence;
  readonly guardians: readonly Signer[];
  readonly stop: AbortController;
}

async function makeGuardians(dataDir: string): Promise<Signer[]> {
  const folder = join(dataDir, "keystores");
  mkdirSync(folder, { mode: 0o700 });
  const signers: Signer[] = [];
  for (const name of ["anna", "bruno", "chiara"]) {
    const path = join(folder, `${name}.json`);
    await newKeystore(path, guardianPassword, cheapCost);
    signers.push(await openKeystore(path, guardianPassword));
  }
  return signers;
}

async function deploy(
  anvil: Anvil,
  endpoint: Endpoint,
  scenario: Scenario,
  seed: number,
  guardians: readonly Signer[],
) {
  const owners = [5, 6, 7, 8, 9].map((index) => toLower(accountOf(index).address));
  const deployer = toLower(accountOf(0).address);
  const { breaker, council } = planDefence(deployer);
  const roles = await scenario.deploySlowRoles({ rpcUrl: anvil.url, owners, council });
  const stage = await scenario.setup({
    rpcUrl: anvil.url,
    seed,
    gateCode: (implementation, initData) => gateCode(implementation, initData, breaker, roles.timelock),
  });
  const addresses = guardians.map((guardian) => guardian.address);
  const defence = await deployDefence(endpoint, deployer, roles, addresses, stage.protect);
  return { stage, defence };
}

/** What the drill takes down of the watch while it runs. */
interface Logbook {
  readonly findings: Finding[];
  readonly alerts: { readonly block: bigint; readonly ms: number }[];
  pausedBlock: bigint | null;
  head: { number: bigint; timestamp: bigint };
  note(commit: Commit, times: { readonly receivedAtMs?: number; readonly storedAtMs: number }): void;
}

function openLogbook(): Logbook {
  const book: Logbook = {
    findings: [],
    alerts: [],
    pausedBlock: null,
    head: { number: -1n, timestamp: 0n },
    note(commit, { receivedAtMs, storedAtMs }) {
      if (commit.cursor) book.head = commit.cursor;
      for (const record of commit.records) {
        if (record.kind === "Finding") book.findings.push(record);
        if (record.kind === "ActionStatus" && record.state === "active" && record.blockNumber !== undefined)
          book.pausedBlock ??= record.blockNumber;
      }
      const loud = commit.notices.find((notice) => notice.topic === "finding" && isAtLeast(notice.severity, "high"));
      if (loud && receivedAtMs !== undefined)
        book.alerts.push({ block: loud.blockNumber, ms: storedAtMs - receivedAtMs });
    },
  };
  return book;
}

async function startWatch(scene: Scene, seen: Logbook): Promise<Watch> {
  const { options, anvil, stage, defence, guardians, stop } = scene;
  const { dataDir } = options;
  const chainId = 31_337;
  const source = stage.programOf(defence, chainId);
  const program = await loadProgram(source);
  const names = new Map<string, string>([
    ...stage.protect.map((contract) => [contract.address, contract.name] as const),
    ...stage.protect.flatMap(({ pausable }) =>
      Object.entries(pausable).map(([name, selector]) => [selector, name.split("(")[0]!] as const),
    ),
    ...guardians.map((guardian, i) => [guardian.address, ["Anna", "Bruno", "Chiara"][i]!] as const),
  ]);
  const functions = new Map(
    stage.protect.flatMap(({ pausable }) =>
      Object.entries(pausable).map(([name, selector]) => [selector, name] as const),
    ),
  );
  writeSwitch(dataDir, {
    mode: "armed",
    actor: "drill",
    reason: "the drill's own chain",
    at: new Date().toISOString(),
  });
  const watch = await openWatch({
    source,
    program,
    rpc: [anvil.url],
    quorum: 1,
    dataDir,
    api: { host: "127.0.0.1", port: options.apiPort },
    channels: [
      terminalChannel({
        name: "alerts.log",
        write: (text) => appendFileSync(join(dataDir, "alerts.log"), text),
        color: false,
      }),
    ],
    fromBlock: 0n,
    pollMs: 50,
    detectorLimitMs: 2_000,
    sender: localSigner(privateKeyOf(1)),
    nameOf: (_, selector) => functions.get(selector),
    onStored: (commit, times) => {
      seen.note(commit, times);
      options.onCommit(commit, (address) => names.get(address));
    },
    signal: stop.signal,
  });
  // Two of three: the third guardian is asleep, as one always is.
  for (const signer of guardians.slice(0, 2))
    void playGuardian({
      url: watch.url,
      dataDir,
      signer,
      council: defence.council,
      chainId,
      now: () => seen.head.timestamp,
      signal: stop.signal,
    });
  return watch;
}

function privateKeyOf(index: number): Hex {
  const key = accountOf(index).getHdKey().privateKey;
  if (!key) throw new TypeError("The test mnemonic gives no key.");
  return `0x${Buffer.from(key).toString("hex")}`;
}

async function play(scene: Scene, watch: Watch, seen: Logbook) {
  const { options, stage, endpoint } = scene;
  options.onStage("the watch reads the chain so far");
  const start = await blockNumber(endpoint);
  await until(() => seen.head.number >= start, scene, watch);
  await mineEvery(endpoint, blockSeconds);
  const firstBadBlock = start + BigInt(stage.firstBadSlot) + 1n;
  const benign = new Set<Hex>();
  options.onStage("two-second blocks begin");
  let tried: Tried | undefined;
  for (let slot = 0; slot < stage.slots && !options.signal.aborted; slot += 1) {
    const before = seen.head.number;
    const sent = await stage.act(slot);
    for (const tx of sent) if (tx.role === "benign") benign.add(tx.hash);
    options.onSlot(slot + 1, stage.slots, sent);
    await until(() => seen.head.number > before, scene, watch);
    if (seen.pausedBlock !== null) await tellStopped(scene, sent);
    if (seen.pausedBlock !== null) tried ??= await tryWhilePaused(scene);
  }
  tried ??= await tryWhilePaused(scene);
  options.onStage("the price comes back");
  await stage.settle();
  const lossUsd = await stage.lossUsd();
  const alert = seen.alerts.find(({ block }) => block >= firstBadBlock);
  return {
    lossUsd,
    firstBadBlock,
    alertMs: alert?.ms ?? null,
    pausedBlock: seen.pausedBlock,
    ...tried,
    findings: seen.findings,
    benign,
    evidenceHead: (await readHead(watch.store)).id,
  };
}

async function tellStopped({ endpoint, options }: Scene, sent: readonly SentTransaction[]): Promise<void> {
  const attack = sent.filter((tx) => tx.role === "attack");
  const receipts = await Promise.all(attack.map((tx) => findReceipt(endpoint, [tx.hash])));
  const stopped = attack.filter((_, i) => receipts[i]?.succeeded === false);
  if (stopped.length > 0) options.onStopped(stopped);
}

/** What stands paused, and what works meanwhile. */
interface Tried {
  readonly pausedSelectors: readonly PausedSelector[];
  readonly riskReducing: readonly Shown[];
}

// As soon as the pause is in force, while the attack goes on around it: it takes one block of the chain's.
async function tryWhilePaused(scene: Scene): Promise<Tried> {
  const { options, stage, endpoint } = scene;
  const pausedSelectors = await readPaused(scene);
  options.onStage("what must stay open is tried by real transactions");
  return { pausedSelectors, riskReducing: await stage.riskReducing(() => nextBlock(endpoint)) };
}

async function readPaused({ stage, endpoint }: Scene): Promise<PausedSelector[]> {
  const asked = stage.protect.flatMap(({ address, pausable }) =>
    Object.values(pausable).map((selector) => ({ target: address, selector })),
  );
  const answers = await endpoint.batch(
    asked.map(({ target, selector }) => ({
      method: "eth_call",
      params: [{ to: target, data: `${pausedUntil}${selector.slice(2).padEnd(64, "0")}` }, "latest"],
    })),
  );
  const { timestamp } = (await endpoint.request("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex };
  return asked.flatMap(({ target, selector }, i) => {
    const answer = answers[i]!;
    const end = answer.ok ? Number(BigInt(answer.result as Hex)) : 0;
    return end > Number(timestamp) ? [{ target, selector, until: end }] : [];
  });
}

// pausedUntil(bytes4) of the gate.
const pausedUntil = "0x0917a643";

async function mineEvery(endpoint: Endpoint, seconds: number): Promise<void> {
  await endpoint.request("evm_setIntervalMining", [seconds]);
}

async function blockNumber(endpoint: Endpoint): Promise<bigint> {
  return BigInt((await endpoint.request("eth_blockNumber")) as Hex);
}

async function nextBlock(endpoint: Endpoint): Promise<void> {
  const before = await blockNumber(endpoint);
  while ((await blockNumber(endpoint)) === before) await new Promise((resolve) => setTimeout(resolve, 50));
}

/** Waits for `isSo`; a watch that ends meanwhile, or two minutes without it, is an error. */
async function until(isSo: () => boolean, { options }: Scene, watch: Watch): Promise<void> {
  let ended: unknown;
  let isEnded = false;
  watch.done.then(
    () => {
      isEnded = true;
    },
    (error: unknown) => {
      isEnded = true;
      ended = error;
    },
  );
  const deadline = Date.now() + 120_000;
  while (!isSo()) {
    if (options.signal.aborted) throw new DrillStopped("it was stopped");
    if (isEnded) throw ended ?? new DrillStopped("the watch ended");
    if (Date.now() > deadline) throw new DrillStopped("no block came for two minutes");
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** The drill did not come to its end. */
export class DrillStopped extends Error {
  override readonly name = "DrillStopped";
  constructor(why: string) {
    super(
      `The drill did not come to its end: ${why}.\n- Nothing outside its own folder and chain was touched.\n- Start it again.`,
    );
  }
}
