// One chain with reorgs and two watches on it: one that is killed again and again, and one that is not. What they tell of, and
// what they remember, has to be the same. The chain waits before each reorg until both have judged what is about to fall away:
// who has not seen a block has nothing to take back.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import { openReceiver, type Receiver, secretA } from "testudo/deliver/receiver.testkit";
import { newKeystore } from "testudo/keystore/newKeystore";
import { loadState } from "testudo/store/loadState";
import { openStore } from "testudo/store/openStore";
import { verifyStore } from "testudo/store/verifyStore";
import { createRandom, type Random } from "../curie/Random.ts";
import { type Defender, makeDefender } from "./Defender.ts";
import { freePort } from "./freePort.ts";
import { loudFrom } from "./replayProgram.testkit.ts";

export interface ReplayOptions {
  readonly seed: number;
  /** Blocks that are made, those that fall away too. */
  readonly blocks: number;
  readonly reorgs: number;
  readonly kills: number;
  /** Told what goes on, for a person. */
  readonly say?: (text: string) => void;
}

/** What one of the two has stored and told. */
export interface Replayed {
  readonly storeFault: string | undefined;
  /** One line an outbox row of a finding: the notice's id, its channel, and what it says. */
  readonly rows: readonly string[];
  /** What its detectors remember. */
  readonly memory: ReadonlyMap<string, unknown>;
  /** Ids that its receiver has accepted. */
  readonly accepted: ReadonlySet<string>;
  readonly starts: number;
}

export interface ReplayReport {
  readonly killed: Replayed;
  readonly whole: Replayed;
  readonly kills: number;
  readonly reorgs: number;
}

const chainId = 31_337;
const accounts = 10;
const deepest = 6;
const limitMs = 120_000;
const watched = toLower(anvilAccount(0).address);
const password = "a play's keys guard nothing";

/** Plays a replay. Throws when a watch ends by itself or stands still. */
export async function playReplay(options: ReplayOptions): Promise<ReplayReport> {
  const { seed, say = () => {} } = options;
  const folder = mkdtempSync(join(tmpdir(), "testudo-replay-"));
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000, accounts });
  const node = openEndpoint(anvil.url);
  const watches: Watched[] = [];
  try {
    await node.request("anvil_setBlockTimestampInterval", [2]);
    const random = createRandom(seed);
    for (const name of ["killed", "whole"]) watches.push(await openWatched(join(folder, name), anvil.url));
    const killed = watches[0]!.defender;
    await Promise.all(watches.map(({ defender }) => defender.start()));
    const chain = openChain(node, random);
    const killer = openKiller(killed, random, say);
    const plan = planOf(random, options);
    for (const { kills, isForkPoint } of plan) {
      await chain.mine();
      for (let n = 0; n < kills; n += 1) await killer.strike();
      if (!isForkPoint) continue;
      await killer.up();
      for (const one of watches) await one.judged(await chain.head());
      await chain.fork();
      say(`${await chain.head()} is the head after a reorg`);
    }
    await killer.up();
    for (const one of watches) await one.judged(await chain.head());
    const reports: Replayed[] = [];
    for (const one of watches) reports.push(await one.end());
    return { killed: reports[0]!, whole: reports[1]!, kills: killer.done(), reorgs: options.reorgs };
  } finally {
    for (const one of watches) await one.close();
    node.close();
    await anvil.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What differs between the two, and what each did wrong by itself; empty when all is well. */
export function faultsOfReplay({ killed, whole }: ReplayReport): readonly string[] {
  const faults: string[] = [];
  for (const [name, one] of Object.entries({ killed, whole })) {
    if (one.storeFault !== undefined) faults.push(`${name}: ${one.storeFault}`);
    if (new Set(one.rows).size !== one.rows.length) faults.push(`${name}: a notice has two outbox rows`);
    const lost = one.rows.filter((row) => !one.accepted.has(row.split(" ")[0]!));
    if (lost.length > 0) faults.push(`${name}: ${lost.length} notices were not received, first ${lost[0]}`);
  }
  const only = (a: readonly string[], b: readonly string[]) => a.filter((row) => !b.includes(row));
  for (const row of only(killed.rows, whole.rows)) faults.push(`only who was killed tells: ${row}`);
  for (const row of only(whole.rows, killed.rows)) faults.push(`who was killed does not tell: ${row}`);
  const keys = new Set([...killed.memory.keys(), ...whole.memory.keys()]);
  for (const key of keys)
    if (plain(killed.memory.get(key)) !== plain(whole.memory.get(key))) faults.push(`remembers otherwise: ${key}`);
  return faults;
}

const plain = (value: unknown): string =>
  JSON.stringify(value, (_, one) => (typeof one === "bigint" ? `${one}n` : one)) ?? "nothing";

interface Watched {
  readonly defender: Defender;
  /** Waits until it has stored the block `hash`. */
  judged(hash: Hex): Promise<void>;
  /** Ends it once its notices are out, and reads what it has left. */
  end(): Promise<Replayed>;
  close(): Promise<void>;
}

async function openWatched(folder: string, rpc: string): Promise<Watched> {
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const receiver = await openReceiver(secretA);
  const keystore = join(folder, "sender.json");
  await newKeystore(keystore, password, { n: 1_024, r: 8, p: 1 });
  const apiPort = await freePort();
  const path = fileURLToPath(new URL("../../dist/faults/replayProgram.testkit.js", import.meta.url));
  const defender = makeDefender({
    source: { kind: "module", path, params: { chainId, watched } },
    rpc: [rpc],
    quorum: 1,
    dataDir,
    apiPort,
    webhook: { url: receiver.url, secret: secretA },
    keystore,
    password,
    detectorLimitMs: 20_000,
  });
  // A connection that was kept may be shut by the time that it is used again: then it is asked once more.
  const status = async (): Promise<Status | undefined> => {
    const answer = await fetch(`http://127.0.0.1:${apiPort}/status`).catch(() => undefined);
    return answer === undefined ? undefined : ((await answer.json()) as Status);
  };
  return {
    defender,
    judged: (hash) => until(async () => (await status())?.head?.hash === hash, `block ${hash} was not judged`),
    async end() {
      await until(async () => (await status())?.outbox.pending === 0, "notices were not delivered");
      await defender.kill();
      return read(dataDir, receiver, defender.starts);
    },
    async close() {
      await defender.kill();
      await receiver.close();
    },
  };
}

interface Status {
  readonly head?: { readonly hash: Hex };
  readonly outbox: { readonly pending: number };
}

async function until(isSo: () => Promise<boolean>, otherwise: string): Promise<void> {
  const end = Date.now() + limitMs;
  while (!(await isSo())) {
    if (Date.now() > end) throw new ReplayStuck(otherwise);
    await sleep(20);
  }
}

async function read(dataDir: string, { accepted }: Receiver, starts: number): Promise<Replayed> {
  const store = await openStore(dataDir);
  try {
    const { fault } = await verifyStore(store);
    const found = await store.db
      .selectFrom("outbox")
      .innerJoin("notices", "notices.id", "outbox.notice_id")
      .select(["outbox.notice_id", "outbox.channel", "notices.body"])
      .orderBy("notices.seq")
      .execute();
    const rows = found.flatMap(({ notice_id, channel, body }) => {
      const { topic, title } = JSON.parse(body) as { readonly topic: string; readonly title: string };
      // What a watch tells of itself depends on when it was killed.
      return topic === "finding" && !title.includes("self-health") ? [`${notice_id} ${channel} ${title}`] : [];
    });
    const { cells } = await loadState(store);
    // Open cases ("c/") hold what a watch says of itself too; what they tell of are the rows.
    const memory = new Map(
      [...cells].flatMap(([key, value]) => (key.startsWith("c/") ? [] : [[key, value as unknown]])),
    );
    return { storeFault: fault?.what, rows, memory, accepted: new Set(accepted), starts };
  } finally {
    await store.close();
  }
}

/** A block that is made, how often the watch is killed at it, and whether the chain forks behind it. */
interface Step {
  readonly kills: number;
  readonly isForkPoint: boolean;
}

/** The kills fall anywhere, the forks as far apart as they can: what comes after one has to outgrow what fell away. */
function planOf(random: Random, { blocks, reorgs, kills }: ReplayOptions): readonly Step[] {
  const apart = Math.floor(blocks / (reorgs + 1));
  if (apart <= deepest) throw new RangeError(`${blocks} blocks are too few for ${reorgs} reorgs.`);
  const at = Array.from({ length: kills }, () => random.between(0, blocks - 1));
  return Array.from({ length: blocks }, (_, i) => ({
    kills: at.filter((one) => one === i).length,
    isForkPoint: (i + 1) % apart === 0 && (i + 1) / apart <= reorgs,
  }));
}

interface Killer {
  /** Kills at a moment of its choice, of the work on a block or of a start, and starts again. */
  strike(): Promise<void>;
  /** Waits until the last start has come to its end. */
  up(): Promise<void>;
  done(): number;
}

function openKiller(defender: Defender, random: Random, say: (text: string) => void): Killer {
  let starting: Promise<void> | undefined;
  let done = 0;
  return {
    async strike() {
      // Every other kill falls into a start, as after a crash that comes again.
      if (random.pick([true, false])) await starting;
      await sleep(random.between(0, defender.isUp ? 80 : 900));
      await defender.kill();
      done += 1;
      say(`kill -9 ${done}`);
      starting = defender.start();
      // One that is killed before it is up fails by that.
      starting.catch(() => {});
    },
    async up() {
      await starting;
    },
    done: () => done,
  };
}

interface Payment {
  readonly from: Address;
  readonly nonce: number;
  readonly value: bigint;
}

interface Chain {
  /** Makes a block of a few payments. */
  mine(): Promise<void>;
  head(): Promise<Hex>;
  /**
   * Takes one to six blocks back and makes one more in their place. Some of what fell away comes again, the same bytes in a
   * block of the same height or the next; after a payment that is gone its sender's later ones are too.
   */
  fork(): Promise<void>;
}

function openChain(node: Endpoint, random: Random): Chain {
  const senders = Array.from({ length: accounts - 1 }, (_, i) => toLower(anvilAccount(i + 1).address));
  const nonces = new Map<Address, number>(senders.map((from) => [from, 0]));
  // What each of the newest blocks holds, and the state before it.
  let newest: { readonly before: unknown; readonly payments: readonly Payment[] }[] = [];

  async function mineOf(payments: readonly Payment[]): Promise<void> {
    const before = await node.request("evm_snapshot");
    for (const { from, nonce, value } of payments) {
      const fields = { from, to: watched, nonce: hexOf(nonce), value: hexOf(value), gas: "0x5208" };
      await node.request("eth_sendTransaction", [{ ...fields, gasPrice: "0x77359400" }]);
      nonces.set(from, nonce + 1);
    }
    await node.request("evm_mine");
    newest = [...newest, { before, payments }].slice(-deepest);
  }

  function pay(): Payment {
    const from = random.pick(senders);
    const nonce = nonces.get(from)!;
    nonces.set(from, nonce + 1);
    const isLoud = random.between(0, 5) === 0;
    return { from, nonce, value: (isLoud ? loudFrom : 10n ** 15n) + BigInt(random.between(0, 1_000)) };
  }

  return {
    mine: () => mineOf(Array.from({ length: random.between(0, 4) }, pay)),
    head: async () => ((await node.request("eth_getBlockByNumber", ["latest", false])) as { hash: Hex }).hash,
    async fork() {
      const fallen = newest.splice(-random.between(1, deepest));
      await node.request("evm_revert", [fallen[0]!.before]);
      for (const { from, nonce } of fallen.flatMap(({ payments }) => payments).reverse()) nonces.set(from, nonce);
      const gone = new Set<Address>();
      const kept = fallen.map(({ payments }) =>
        payments.filter(({ from }) => {
          if (random.between(0, 4) === 0) gone.add(from);
          return !gone.has(from);
        }),
      );
      // The first block is empty where what it held comes one block later.
      if (random.pick([true, false])) kept.unshift([]);
      else kept.push([]);
      for (const payments of kept) await mineOf(payments);
    },
  };
}

const hexOf = (value: number | bigint): Hex => `0x${value.toString(16)}`;

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The play does not go on. */
export class ReplayStuck extends Error {
  override readonly name = "ReplayStuck";
  constructor(why: string) {
    super(
      `The replay stands still: ${why}.\n- A watch judges every block and tells what it found.\n- Play the same seed again and look at its last words.`,
    );
  }
}
