// The drill with a defender that is killed on the way and started again. Blocks wait while it is dead, and for a bounded time
// for its work: asked is whether something is lost or done twice, not how long it takes. What is lost does not come back
// by waiting, so that the pace hides nothing.
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openReceiver, secretA } from "testudo/deliver/receiver.testkit";
import type { Stage } from "testudo/drill/Scenario";
import { playGuardian } from "testudo/drill/scriptedGuardian";
import { newKeystore } from "testudo/keystore/newKeystore";
import { writeSwitch } from "testudo/operator/switch";
import { type Defender, makeDefender } from "./Defender.ts";
import type { DefenderLine } from "./defender.testkit.ts";
import { freePort } from "./freePort.ts";
import { openTheatre, type Theatre } from "./openTheatre.ts";
import { type Kill, planKills } from "./planKills.ts";
import { type PlayReport, readReport } from "./readReport.ts";

export interface PlayOptions {
  readonly seed: number;
  readonly kills: number;
  /** Told what goes on, for a person. */
  readonly say?: (text: string) => void;
}

const password = "a play's keys guard nothing";
const cheapCost = { n: 1_024, r: 8, p: 1 };
const quietMs = 250;
// What fork, people and sender have for their work before the attack goes on, on a loaded machine too. Work that was lost is
// not done in that time either, and then the attack gets through.
const attackMs = 10_000;
const slotLimitMs = 90_000;

/** Plays the scenario of `seed` with `kills` kills from the same seed. Throws when the defender ends by itself or stands still. */
export async function playKilled({ seed, kills, say = () => {} }: PlayOptions): Promise<PlayReport> {
  const folder = mkdtempSync(join(tmpdir(), "testudo-killed-"));
  const dataDir = join(folder, "data");
  mkdirSync(dataDir, { mode: 0o700 });
  const stop = new AbortController();
  const theatre = await openTheatre(seed);
  const receiver = await openReceiver(secretA);
  let defender: Defender | undefined;
  try {
    const keystore = join(folder, "sender.json");
    const sender = await newKeystore(keystore, password, cheapCost);
    await theatre.endpoint.request("anvil_setBalance", [sender, "0x3635c9adc5dea00000"]);
    writeSwitch(dataDir, { mode: "armed", actor: "play", reason: "its own chain", at: new Date().toISOString() });
    const apiPort = await freePort();
    const webhook = { url: receiver.url, secret: secretA };
    const source = builtSource(theatre.stage.programOf(theatre.defence, theatre.chainId));
    defender = makeDefender({
      source,
      rpc: [theatre.rpcUrl],
      quorum: 1,
      dataDir,
      apiPort,
      webhook,
      keystore,
      password,
      detectorLimitMs: 5_000,
    });
    const killer = makeKiller(defender, planKills(seed, kills, theatre.stage.slots), say);
    await defender.start();
    const url = `http://127.0.0.1:${apiPort}`;
    let time = await theatre.timestamp();
    for (const signer of theatre.guardians.slice(0, 2))
      void playGuardian({
        url,
        dataDir,
        signer,
        council: theatre.defence.council,
        chainId: theatre.chainId,
        now: () => time,
        signal: stop.signal,
      });
    await reach(defender, killer, await theatre.blockNumber());
    const firstBadBlock = (await theatre.blockNumber()) + theatre.stage.firstBadSlot + 1;
    for (let slot = 0; slot < theatre.stage.slots; slot += 1) {
      await theatre.stage.act(slot);
      const block = await theatre.mine();
      time = await theatre.timestamp();
      killer.onSlot(slot);
      await reach(defender, killer, block);
      await live(defender, killer, quietMs);
      if (slot >= theatre.stage.firstBadSlot) await live(defender, killer, attackMs, killer.isOut);
    }
    await drain(theatre, defender, killer, url);
    await defender.kill();
    const chain = {
      pauses: await theatre.pauses(),
      nonce: Number(await theatre.endpoint.request("eth_getTransactionCount", [sender, "latest"])),
    };
    await theatre.stage.settle();
    const lossUsd = await theatre.stage.lossUsd();
    return await readReport(dataDir, {
      ...chain,
      sender,
      lossUsd,
      firstBadBlock,
      receiver,
      kills: killer.done(),
      starts: defender.starts,
    });
  } finally {
    stop.abort();
    await defender?.kill();
    await receiver.close();
    await theatre.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Killer {
  onSlot(slot: number): void;
  /** Whether both pauses have left us: what is missing then is a block. */
  isOut(): boolean;
  done(): readonly string[];
  /** Waits for the restart that is under way; throws what went wrong with it. */
  settled(): Promise<void>;
}

function makeKiller(defender: Defender, plan: readonly Kill[], say: (text: string) => void): Killer {
  const open = [...plan];
  const done: string[] = [];
  const active = new Set<string>();
  const out = new Set<string>();
  let work: Promise<void> | undefined;
  let failure: unknown;
  const strike = (kill: Kill, why: string): void => {
    open.splice(open.indexOf(kill), 1);
    work = (async () => {
      await sleep(kill.afterMs);
      await defender.kill();
      done.push(`${why} + ${kill.afterMs} ms`);
      say(`kill -9 ${done.length} of ${plan.length}: ${why} + ${kill.afterMs} ms`);
      await defender.start();
    })()
      .catch((error: unknown) => {
        failure = error ?? new Error("killed badly");
      })
      .finally(() => {
        work = undefined;
      });
  };
  defender.onLine = (line: DefenderLine) => {
    const word = line.kind === "finding" ? "finding" : line.kind === "state" ? line.state : undefined;
    if (line.kind === "state" && line.state === "active") active.add(line.action);
    if (line.kind === "state" && line.state === "broadcast") out.add(line.action);
    const kill = open.find((one) => one.at === "word" && one.word === word);
    if (kill !== undefined && work === undefined && defender.isUp) strike(kill, `"${word}"`);
  };
  return {
    onSlot(slot) {
      const isLate = active.size > 0;
      // A word that came while another kill was under way does not come again; its kill falls into a later slot.
      const kill = open.find((one) => (one.at === "slot" ? one.slot <= slot : isLate));
      if (kill !== undefined && work === undefined) strike(kill, `slot ${slot}`);
    },
    isOut: () => out.size > 1,
    done: () => done,
    async settled() {
      await work;
      if (failure !== undefined) throw failure;
    },
  };
}

/** Waits until the defender has stored block `block`, over as many lives as it takes. */
async function reach(defender: Defender, killer: Killer, block: number): Promise<void> {
  const end = Date.now() + slotLimitMs;
  while (defender.head < block) {
    await killer.settled();
    if (!defender.isUp) throw new PlayStuck("the defender ended by itself");
    if (Date.now() > end) throw new PlayStuck(`block ${block} was not judged, the last one was ${defender.head}`);
    await sleep(10);
  }
}

/** Lets `ms` pass of the defender's life, or less when `isEnough`. */
async function live(
  defender: Defender,
  killer: Killer,
  ms: number,
  isEnough: () => boolean = () => false,
): Promise<void> {
  for (let passed = 0; passed < ms && !isEnough(); passed += 10) {
    await sleep(10);
    await killer.settled();
    if (!defender.isUp) throw new PlayStuck("the defender ended by itself");
  }
}

/** Quiet blocks until every notice is out. */
async function drain(theatre: Theatre, defender: Defender, killer: Killer, url: string): Promise<void> {
  const end = Date.now() + slotLimitMs;
  for (;;) {
    await reach(defender, killer, await theatre.mine());
    await live(defender, killer, quietMs);
    const { outbox } = (await (await fetch(`${url}/status`)).json()) as { outbox: { pending: number } };
    if (outbox.pending === 0) return;
    if (Date.now() > end) throw new PlayStuck(`${outbox.pending} notices were not delivered`);
  }
}

// The defender loads the program in a process of its own, where only what is built can be run.
function builtSource(source: ReturnType<Stage["programOf"]>): ReturnType<Stage["programOf"]> {
  return { ...source, path: source.path.replace(/([\\/]examples[\\/])src([\\/])/, "$1dist$2") };
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** The play does not go on. */
export class PlayStuck extends Error {
  override readonly name = "PlayStuck";
  constructor(why: string) {
    super(
      `The play stands still: ${why}.\n- The defender runs unless it is killed, and judges every block.\n- Play the same seed again and look at its last words.`,
    );
  }
}
