// The commands, in the order in which help names them. Each is loaded where it is wanted: all of them together take half a second.
import type { Command } from "commander";

/** Adds the commands of one module to the program. */
export type Register = (program: Command) => void;

interface Commands {
  readonly names: readonly string[];
  readonly load: () => Promise<Register>;
}

export const commands: readonly Commands[] = [
  { names: ["init"], load: async () => (await import("./init.ts")).registerInit },
  { names: ["check"], load: async () => (await import("./check.ts")).registerCheck },
  { names: ["watch"], load: async () => (await import("./watch.ts")).registerWatch },
  { names: ["reload"], load: async () => (await import("./reload.ts")).registerReload },
  { names: ["drill"], load: async () => (await import("./drill.ts")).registerDrill },
  { names: ["attack"], load: async () => (await import("./attack.ts")).registerAttack },
  { names: ["backtest"], load: async () => (await import("./backtest.ts")).registerBacktest },
  { names: ["bench"], load: async () => (await import("./bench.ts")).registerBench },
  { names: ["calibrate"], load: async () => (await import("./calibrate.ts")).registerCalibrate },
  { names: ["deploy"], load: async () => (await import("./deploy.ts")).registerDeploy },
  { names: ["detect"], load: async () => (await import("./detect.ts")).registerDetect },
  { names: ["capsule"], load: async () => (await import("./capsule.ts")).registerCapsule },
  { names: ["replay"], load: async () => (await import("./replay.ts")).registerReplay },
  { names: ["forensics"], load: async () => (await import("./forensics.ts")).registerForensics },
  { names: ["patch"], load: async () => (await import("./patch.ts")).registerPatch },
  { names: ["status"], load: async () => (await import("./status.ts")).registerStatus },
  { names: ["doctor"], load: async () => (await import("./doctor.ts")).registerDoctor },
  { names: ["ack"], load: async () => (await import("./ack.ts")).registerAck },
  { names: ["resolve"], load: async () => (await import("./resolve.ts")).registerResolve },
  { names: ["review"], load: async () => (await import("./review.ts")).registerReview },
  { names: ["channels"], load: async () => (await import("./channels.ts")).registerChannels },
  { names: ["arm", "disarm", "kill"], load: async () => (await import("./modes.ts")).registerModes },
  { names: ["keystore"], load: async () => (await import("./keystore.ts")).registerKeystore },
  { names: ["guardian"], load: async () => (await import("./guardian.ts")).registerGuardian },
  { names: ["evidence"], load: async () => (await import("./evidence.ts")).registerEvidence },
  { names: ["export"], load: async () => (await import("./export.ts")).registerExport },
  { names: ["import"], load: async () => (await import("./import.ts")).registerImport },
];

/** What has to be there for `args` (without the program's own name): one command, or all where none is named or the name is wrong. */
export function commandsFor(args: readonly string[]): readonly Commands[] {
  const operands = operandsIn(args);
  const name = operands[0] === "help" ? operands[1] : operands[0];
  const named = commands.filter(({ names }) => name !== undefined && names.includes(name));
  return named.length > 0 ? named : commands;
}

/** The words that are neither a flag nor the value of the only one that stands before a command. */
function operandsIn(args: readonly string[]): string[] {
  return args.filter((arg, i) => !arg.startsWith("-") && args[i - 1] !== "--data");
}
