// Crashes a sender at a named point, starts it again until its pause is on chain, and says what was done twice or not at all.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { serveChanged, type WireAnswer, type WireCall } from "@testudo/chain/testkit/faultyNode.testkit";
import type { Action } from "@testudo/core/model/Action";
import type { Approval } from "@testudo/core/model/Approval";
import type { Hex } from "@testudo/core/model/Hex";
import { toPlainJson } from "@testudo/core/model/plainJson";
import { hashOf, identify } from "@testudo/core/model/Record";
import type { SendCommand } from "testudo/jobs/send/leaseBytes";
import { writeSwitch } from "testudo/operator/switch";
import { toTypedMessage } from "testudo/operator/toTypedMessage";
import { openStore } from "testudo/store/openStore";
import { verifyStore } from "testudo/store/verifyStore";
import { keccak256, toHex } from "viem/utils";
import type { SenderOrder } from "./crashingSender.testkit.ts";
import { chainId, type TillWorld } from "./till.testkit.ts";
import { withdraw } from "./tillProgram.testkit.ts";

/** Where a sender may be when it dies. */
export const crashPoints = [
  /** The node was asked for the nonce. */
  "lease",
  "sign",
  /** Signed, and the database transaction still open. */
  "store",
  /** Stored, before the bytes leave. */
  "stored",
  /** The node has the bytes, the sender was not told. */
  "broadcast",
  "broadcast-told",
  /** The pause is in a block, the sender asks for it. */
  "receipt",
] as const;
export type CrashPoint = (typeof crashPoints)[number];

const program = fileURLToPath(new URL("../../dist/faults/crashingSender.testkit.js", import.meta.url));
// Each block takes two seconds of the chain off the pause, which has to be in time.
const mineEveryMs = 300;
const limitMs = 60_000;
let actions = 0;

/** Plays `points` one after the other, each with an action of its own, over one data folder and one sender. Gives the faults. */
export async function crashSender(
  world: TillWorld,
  folder: string,
  points: readonly CrashPoint[],
  say: (text: string) => void = () => {},
): Promise<readonly string[]> {
  const dataDir = join(folder, "sender");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  writeSwitch(dataDir, { mode: "armed", actor: "test", reason: "its own chain", at: new Date().toISOString() });
  const faults: string[] = [];
  for (const point of points) {
    const command = await makeCommand(world);
    const before = { pauses: (await world.pauses()).length, nonce: await world.sentBySender() };
    const crashes = await crashOnce(world, dataDir, point, command);
    say(`crashed at ${point}`);
    if (crashes !== 1) faults.push(`${point}: the sender crashed ${crashes} times`);
    const pauses = (await world.pauses()).slice(before.pauses);
    if (pauses.length !== 1) faults.push(`${point}: ${pauses.length} pauses on chain`);
    const used = (await world.sentBySender()) - before.nonce;
    if (used !== 1) faults.push(`${point}: ${used} nonces used`);
    const store = await openStore(dataDir);
    const rows = await store.db
      .selectFrom("transactions")
      .select("hash")
      .where("action", "=", command.action.id)
      .execute();
    if (rows.length !== 1 || rows[0]!.hash !== pauses[0]?.txHash)
      faults.push(`${point}: ${rows.length} stored transactions, ${rows[0]?.hash} is not the pause`);
    const { fault } = await verifyStore(store);
    if (fault !== undefined) faults.push(`${point}: ${fault.what}`);
    await store.close();
  }
  return faults;
}

async function crashOnce(world: TillWorld, dataDir: string, point: CrashPoint, command: SendCommand): Promise<number> {
  let child: ChildProcess | undefined;
  let crashes = 0;
  const isPast = () => crashes > 0;
  const crash = () => {
    crashes += 1;
    child?.kill("SIGKILL");
  };
  // The calls of the sender pass through here, so that it can be killed on either side of each.
  const never = () => new Promise<WireAnswer>(() => {});
  const node = await serveChanged(world.rpcUrl, async (call: WireCall, answer: WireAnswer) => {
    if (isPast()) return answer;
    const isFound = call.method === "eth_getTransactionReceipt" && answer.result !== null;
    const hit =
      (point === "lease" && call.method === "eth_getTransactionCount") ||
      (point === "broadcast" && call.method === "eth_sendRawTransaction") ||
      (point === "receipt" && isFound);
    if (!hit) return answer;
    crash();
    return never();
  });
  const order: SenderOrder = { dataDir, rpc: node.url, chainId, key: keccak256(toHex("sender of the till")), command };
  const file = join(dataDir, "..", "order.json");
  writeFileSync(file, toPlainJson(order), { mode: 0o600 });
  const onWord = (word: string) => {
    const words: { readonly [word: string]: CrashPoint } = {
      signing: "sign",
      storing: "store",
      signed: "stored",
      broadcast: "broadcast-told",
    };
    if (words[word] === point && !isPast()) crash();
  };
  try {
    const end = Date.now() + limitMs;
    const isDone = async () => isPast() && (await isOnChain(world, command.action.id));
    while (Date.now() < end) {
      if (child === undefined || child.exitCode !== null || child.signalCode !== null) child = start(file, onWord);
      await new Promise((resolve) => setTimeout(resolve, mineEveryMs));
      await world.mine();
      if (await isDone()) break;
    }
    // Twice would come now.
    await new Promise((resolve) => setTimeout(resolve, 300));
    await world.mine(2);
    return crashes;
  } finally {
    await end(child);
    await node.close();
  }
}

async function isOnChain(world: TillWorld, action: Hex): Promise<boolean> {
  const word = BigInt(action).toString(16).padStart(64, "0");
  // isNonceUsed(ActKind.Pause, nonce) of the council.
  const data = `${nonceUsed}${"0".repeat(64)}${word}`;
  const answer = await world.endpoint.request("eth_call", [{ to: world.params.council, data }, "latest"]);
  return BigInt(answer as string) === 1n;
}

const nonceUsed = keccak256(toHex("isNonceUsed(uint8,uint256)")).slice(0, 10);

function start(file: string, onWord: (word: string) => void): ChildProcess {
  const child = spawn(process.execPath, [program, file], { stdio: ["ignore", "pipe", "inherit"] });
  createInterface({ input: child.stdout }).on("line", onWord);
  return child;
}

async function end(child: ChildProcess | undefined): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, "exit");
  child.kill("SIGKILL");
  await gone;
}

/** An agreed pause, as the pipeline would order it. */
export async function makeCommand(world: TillWorld): Promise<SendCommand> {
  actions += 1;
  const { timestamp } = (await world.endpoint.request("eth_getBlockByNumber", ["latest", false])) as { timestamp: Hex };
  const id = hashOf(["agreed", actions]);
  const action: Action = identify({
    kind: "Action" as const,
    from: [id],
    type: "pause" as const,
    chainId,
    council: world.params.council,
    target: world.params.till,
    selectors: [withdraw],
    until: BigInt(timestamp) + 600n + BigInt(actions) * 60n,
    reason: id,
    evidence: id,
    deadline: BigInt(timestamp) + 3_600n,
    incident: id,
    anomaly: id,
    damage: id,
    quorum: 2,
    playbook: "shut-the-till",
  });
  const approvals: Approval[] = [];
  for (const guardian of world.guardians.slice(0, 2))
    approvals.push(
      identify({
        kind: "Approval" as const,
        from: [action.id],
        action: action.id,
        signer: guardian.address,
        signature: await guardian.signTypedData(toTypedMessage(action)),
      }),
    );
  return { kind: "send", action, approvals };
}
