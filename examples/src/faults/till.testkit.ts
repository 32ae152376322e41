// A small protocol with a hole, behind a council, on a chain that makes a block when it is told; and a watch on it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { startAnvil } from "@testudo/chain/fork/startAnvil";
import { type Endpoint, openEndpoint } from "@testudo/chain/rpc/rpcEndpoint";
import { circuitBreaker, guardianCouncil } from "@testudo/contracts";
import { compile } from "@testudo/contracts/compile";
import { type Address, type Hex, toLower } from "@testudo/core/model/Hex";
import type { Commit } from "@testudo/core/model/Output";
import type { Signer } from "@testudo/core/model/Signer";
import type { Channel } from "testudo/deliver/Channel";
import { playGuardian } from "testudo/drill/scriptedGuardian";
import { loadProgram } from "testudo/jobs/step/programSource";
import { localSigner } from "testudo/keystore/localSigner";
import { writeSwitch } from "testudo/operator/switch";
import { openWatch } from "testudo/watch/openWatch";
import type { Watch, WatchOptions } from "testudo/watch/Watch";
import { encodeDeployData, encodeFunctionData, getContractAddress, keccak256, toHex } from "viem/utils";
import { type Pause, readPauses } from "./openTheatre.ts";
import { type TillParams, withdraw } from "./tillProgram.testkit.ts";

export const chainId = 31_337;
/** What the till holds and owes, in the token's smallest unit. */
export const tillHolds = 1_000_000n;
const thief = anvilAccount(8);
export const thiefAddress = toLower(thief.address);
const files = fileURLToPath(new URL("../../src/faults/Till.sol", import.meta.url));

/** The protocol on its chain. */
export interface TillWorld {
  readonly rpcUrl: string;
  readonly endpoint: Endpoint;
  readonly params: TillParams;
  readonly guardians: readonly Signer[];
  readonly sender: Signer;
  /** What Till.sol holds, compiled. */
  readonly made: ReturnType<typeof compile>;
  mine(blocks?: number): Promise<number>;
  /** The signed theft of `amount`, not sent, with `times` the usual fees, for the chain or another. The same bytes every time. */
  theft(amount: bigint, nonce?: number, times?: bigint, signedFor?: number): Promise<Hex>;
  send(raw: Hex): Promise<Hex>;
  pauses(): Promise<readonly Pause[]>;
  sentBySender(): Promise<number>;
  close(): Promise<void>;
}

export type TokenName = "HonestToken" | "MuteToken" | "SilentToken" | "LyingToken";

export async function openTill(tokenName: TokenName = "HonestToken"): Promise<TillWorld> {
  const anvil = await startAnvil({ noMining: true, timestamp: 1_750_000_000 });
  const endpoint = openEndpoint(anvil.url);
  await endpoint.request("anvil_setBlockTimestampInterval", [2]);
  const guardians = ["a", "b", "c"].map((name) => localSigner(keccak256(toHex(`guardian ${name} of the till`))));
  const sender = localSigner(keccak256(toHex("sender of the till")));
  await endpoint.request("anvil_setBalance", [sender.address, "0x3635c9adc5dea00000"]);
  const from = toLower(anvilAccount(5).address);
  const [breaker, council, token, till] = [0n, 1n, 2n, 3n].map((nonce) =>
    toLower(getContractAddress({ from, nonce })),
  ) as [Address, Address, Address, Address];
  const made = compile([files]);
  const rules = {
    targets: [{ target: till, inlined: true, guarded: [withdraw], exempt: [] }],
    groups: [],
    trippers: [],
    programs: [{ caller: sender.address, target: till, selector: withdraw }],
  };
  const members = guardians.map(({ address }) => address);
  const creations = [
    encodeDeployData({ ...circuitBreaker, args: [council, from, rules] }),
    encodeDeployData({ ...guardianCouncil, args: [breaker, from, from, members, 2, 3, 3] }),
    encodeDeployData({ ...made[tokenName]!, args: [till, tillHolds] }),
    encodeDeployData({ ...made.Till!, args: [breaker, token, tillHolds] }),
  ];
  for (const data of creations) {
    await endpoint.request("eth_sendTransaction", [{ from, data, gas: "0xf00000" }]);
    await endpoint.request("evm_mine");
  }
  const params = { chainId, till, token, council, breaker, guardians: members };
  return {
    rpcUrl: anvil.url,
    endpoint,
    params,
    guardians,
    sender,
    made,
    async mine(blocks = 1) {
      for (let i = 0; i < blocks; i += 1) await endpoint.request("evm_mine");
      return Number(await endpoint.request("eth_blockNumber"));
    },
    theft: (amount, nonce = 0, times = 1n, signedFor = chainId) =>
      thief.signTransaction({
        type: "eip1559",
        chainId: signedFor,
        nonce,
        to: till,
        data: encodeFunctionData({ abi: made.Till!.abi, functionName: "withdraw", args: [amount] }),
        gas: 300_000n,
        maxFeePerGas: 50_000_000_000n * times,
        maxPriorityFeePerGas: 1_000_000_000n * times,
      }),
    send: async (raw) => (await endpoint.request("eth_sendRawTransaction", [raw])) as Hex,
    pauses: () => readPauses(endpoint, { council, breaker }),
    sentBySender: async () => Number(await endpoint.request("eth_getTransactionCount", [sender.address, "latest"])),
    async close() {
      endpoint.close();
      await anvil.stop();
    },
  };
}

/** What the till holds of its token. */
export async function holdsOf({ endpoint, params }: TillWorld): Promise<bigint> {
  const data = `0x70a08231${params.till.slice(2).padStart(64, "0")}`;
  return BigInt((await endpoint.request("eth_call", [{ to: params.token, data }, "latest"])) as string);
}

/** A running watch on a till, and what it has stored. */
export interface TillWatch {
  readonly watch: Watch;
  readonly dataDir: string;
  readonly commits: readonly Commit[];
  /** Every finding and status in order, as `self-health raised`, `till-solvent retracted`. */
  findings(): readonly string[];
  /** The states of the newest action. */
  states(): readonly string[];
  head(): number;
  /** Waits until `isSo` holds, making a block every `mineMs` if asked to. Throws after `withinMs` with what was seen. */
  until(
    isSo: () => boolean | Promise<boolean>,
    options?: { readonly mineMs?: number; readonly withinMs?: number },
  ): Promise<void>;
  /** Ends the watch; its folder stays until the world is closed. */
  stop(): Promise<void>;
}

export interface TillWatchOptions {
  readonly ill?: TillParams["ill"];
  readonly rule?: TillParams["rule"];
  readonly derive?: TillParams["derive"];
  readonly rpc?: readonly string[];
  readonly quorum?: number;
  readonly channels?: readonly Channel[];
  readonly outbox?: WatchOptions["outbox"];
  readonly dataDir?: string;
  readonly mode?: "armed" | "killed" | "as-it-is";
  readonly guardians?: number;
  readonly detectorLimitMs?: number;
  readonly observe?: WatchOptions["observe"];
  readonly fingerprints?: WatchOptions["fingerprints"];
  readonly calibration?: string;
  readonly preblock?: WatchOptions["preblock"];
  readonly haltFlag?: TillParams["haltFlag"];
  readonly reexecute?: WatchOptions["reexecute"];
  readonly branches?: WatchOptions["branches"];
  /** The relay of the policy, and how it is reached. */
  readonly relay?: { readonly terms: TillParams["relay"] & object; readonly access: WatchOptions["relay"] & object };
}

/** An empty folder of its own. */
export function makeFolder(): { readonly path: string; remove(): void } {
  const root = mkdtempSync(join(tmpdir(), "testudo-till-"));
  return { path: join(root, "data"), remove: () => rmSync(root, { recursive: true, force: true, maxRetries: 5 }) };
}

export async function watchTill(world: TillWorld, dataDir: string, options: TillWatchOptions = {}): Promise<TillWatch> {
  const stop = new AbortController();
  const { mode = "armed" } = options;
  const params = {
    ...world.params,
    ...(options.ill ? { ill: options.ill } : {}),
    ...(options.rule ? { rule: options.rule } : {}),
    ...(options.derive ? { derive: options.derive } : {}),
    ...(options.relay ? { relay: options.relay.terms } : {}),
    ...(options.calibration ? { calibration: options.calibration } : {}),
    ...(options.haltFlag ? { haltFlag: options.haltFlag } : {}),
  };
  const path = fileURLToPath(new URL("../../dist/faults/tillProgram.testkit.js", import.meta.url));
  const source = { kind: "module" as const, path, params };
  const commits: Commit[] = [];
  const { mkdirSync } = await import("node:fs");
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  if (mode !== "as-it-is")
    writeSwitch(dataDir, { mode, actor: "test", reason: "its own chain", at: new Date().toISOString() });
  const watch = await openWatch({
    source,
    program: await loadProgram(source),
    rpc: options.rpc ?? [world.rpcUrl],
    quorum: options.quorum ?? 1,
    dataDir,
    api: { host: "127.0.0.1", port: 0 },
    channels: options.channels ?? [],
    fromBlock: 0n,
    pollMs: 20,
    detectorLimitMs: options.detectorLimitMs ?? 5_000,
    ...(options.outbox ? { outbox: options.outbox } : {}),
    ...(options.observe ? { observe: options.observe } : {}),
    ...(options.fingerprints ? { fingerprints: options.fingerprints } : {}),
    sender: world.sender,
    ...(options.relay?.access ? { relay: options.relay.access } : {}),
    ...(options.preblock ? { preblock: options.preblock } : {}),
    ...(options.reexecute ? { reexecute: options.reexecute } : {}),
    ...(options.branches ? { branches: options.branches } : {}),
    onStored: (commit) => void commits.push(commit),
    signal: stop.signal,
  });
  let failure: unknown;
  watch.done.catch((error: unknown) => {
    failure = error;
  });
  const records = () => commits.flatMap((commit) => commit.records);
  const time = () => commits.findLast((commit) => commit.cursor !== undefined)?.cursor?.timestamp ?? 0n;
  for (const signer of world.guardians.slice(0, options.guardians ?? 2))
    void playGuardian({
      url: watch.url,
      dataDir,
      signer,
      council: world.params.council,
      chainId,
      now: time,
      signal: stop.signal,
    });
  const self: TillWatch = {
    watch,
    dataDir,
    commits,
    findings() {
      const names = new Map<string, string>();
      return records().flatMap((record) => {
        if (record.kind === "Finding") names.set(record.id, record.detector);
        return record.kind === "FindingStatus"
          ? `${names.get(record.finding) ?? record.finding} ${record.transition}`
          : [];
      });
    },
    states() {
      const newest = records().findLast((record) => record.kind === "Action")?.id;
      return records().flatMap((record) =>
        record.kind === "ActionStatus" && (newest === undefined || record.action === newest) ? record.state : [],
      );
    },
    head: () => Number(commits.findLast((commit) => commit.cursor !== undefined)?.cursor?.number ?? -1n),
    async until(isSo, { mineMs, withinMs = 120_000 } = {}) {
      const end = Date.now() + withinMs;
      let minedAt = Date.now();
      while (!(await isSo())) {
        if (failure !== undefined) throw failure;
        if (Date.now() > end)
          throw new Error(
            `Not reached. Head ${self.head()}, findings ${self.findings().join(", ")}; states ${self.states().join(", ")}; remarks ${records()
              .flatMap((record) =>
                record.kind === "Remark"
                  ? `${record.actor}: ${record.text.split("\n")[0]}`
                  : record.kind === "ActionStatus"
                    ? record.note
                    : [],
              )
              .join(" | ")}`,
          );
        await new Promise((resolve) => setTimeout(resolve, 20));
        if (mineMs === undefined || Date.now() - minedAt < mineMs) continue;
        await world.mine();
        minedAt = Date.now();
      }
    },
    async stop() {
      stop.abort();
      await watch.done;
    },
  };
  return self;
}
