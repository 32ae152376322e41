import { appendFileSync } from "node:fs";
import { join } from "node:path";
import { anvilKey } from "@testudo/chain/fork/anvilAccount";
import { terminalChannel } from "../deliver/terminalChannel.ts";
import { loadProgram } from "../jobs/step/programSource.ts";
import { localSigner } from "../keystore/localSigner.ts";
import { writeSwitch } from "../operator/switch.ts";
import type { PendingVerdict } from "../preblock/PendingVerdict.ts";
import { openWatch } from "../watch/openWatch.ts";
import type { PreblockSettings, Watch } from "../watch/Watch.ts";
import type { Logbook } from "./Logbook.ts";
import type { Foresight } from "./Scenario.ts";
import type { Scene } from "./Scene.ts";
import { playGuardian } from "./scriptedGuardian.ts";

/** Starts an armed watch over the scene, whose commits `seen` notes, and the two guardians that are awake. */
export async function startWatch(scene: Scene, seen: Logbook): Promise<Watch> {
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
        write: (text) => appendFileSync(join(dataDir, "alerts.log"), text, { mode: 0o600 }),
        color: false,
      }),
    ],
    fromBlock: 0n,
    pollMs: 50,
    detectorLimitMs: 2_000,
    sender: localSigner(anvilKey(1)),
    ...(options.foresight ? { preblock: preblockOf(options.foresight, seen) } : {}),
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

// A machine that is busy with something else must not end a probe: how long it took is on the scorecard.
const probeMs = 60_000;

// Each by itself, so that what was saved is its own merit.
function preblockOf(foresight: Foresight, seen: Logbook): PreblockSettings {
  return {
    followPool: foresight === "pool",
    probes: foresight === "probe",
    probeMs,
    onVerdict: (verdict) => keepFirst(seen, verdict),
    onProbed: (probed) => void seen.probes.set(probed.tx, probed),
  };
}

// A transaction is judged again on each head; what counts is how soon it was known.
function keepFirst({ verdicts }: Logbook, verdict: PendingVerdict): void {
  const known = verdicts.get(verdict.hash);
  if (known === undefined || known.outcome === "unavailable") verdicts.set(verdict.hash, verdict);
}
