import { readdirSync } from "node:fs";
import { join } from "node:path";
import { countOf } from "@testudo/core/model/countOf";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { timeText } from "@testudo/core/model/timeText";
import type { CompiledContract } from "@testudo/lab/adversary/deployTarget";
import type { SourceInput } from "@testudo/lab/patch/candidateUpgrades";
import type { Invariant, Patch } from "@testudo/lab/patch/Patch";
import type { TryProgress } from "@testudo/lab/patch/proposePatch";
import type { RaidBudget } from "@testudo/lab/patch/raidPatched";
import type { Capsule } from "@testudo/lab/record/Capsule";
import { type Command, Option } from "commander";
import { type Engine, engines, withEngine } from "../capsule/withEngine.ts";
import { UsageError } from "../config/UsageError.ts";
import { printable } from "../deliver/printable.ts";
import { makeOutFolder } from "./files/outFolder.ts";
import { wholeNumber } from "./flags/wholeNumber.ts";
import { AnsweredNo } from "./terminal/AnsweredNo.ts";
import { printLine, printNote } from "./terminal/printLine.ts";
import { progressLine } from "./terminal/progressLine.ts";
import { interruptedCode, stopSignal } from "./terminal/stopSignal.ts";

interface SharedFlags {
  readonly capsule: string;
  readonly victim?: string[];
  readonly holder?: string[];
  readonly attack?: string[];
  readonly exempt?: string[];
  readonly invariants?: string;
  readonly maxLoss: string;
  readonly hardfork?: string;
  readonly properties?: string;
  readonly scenario?: string;
  readonly calls: string;
  readonly seconds?: string;
  readonly seed: string;
  readonly json?: true;
}

type SimulateFlags = SharedFlags & { readonly patch: string; readonly engine: Engine };
type ProposeFlags = SharedFlags & {
  readonly out?: string;
  readonly steward?: string;
  readonly sources?: string;
  readonly hours: string;
  readonly tries: string;
};

interface EncodeFlags {
  readonly patch: string;
  readonly evidence: string;
  readonly json?: true;
}

// What the breaker grants a program at once.
const hoursMax = 36;
const defaultCalls = "2000";
const mostCalls = 1e9;
const mostSeconds = 86_400;
const codes = "\nExit codes: 0 it holds, 1 it does not, 2 the input is wrong. docs/patch.md tells the forms.";

/** `testudo patch`: what would stop an attack, tried on a copy. */
export function registerPatch(program: Command): void {
  const command = program
    .command("patch")
    .description("what would stop a recorded attack, tried on a copy of the chain");
  shared(command.command("simulate"))
    .description("run the attack and everybody else's transactions with a patch in force")
    .requiredOption("--patch <file>", "the patch, testudo-patch/1")
    .addOption(new Option("--engine <name>", "what executes all of it").choices(engines).default("ours"))
    .action(simulate);
  shared(command.command("propose"))
    .description("make patches by itself, smallest power first, and keep those that hold")
    .option("--out <dir>", "write each patch that holds, best first")
    .option("--steward <address>", "who may propose at the protocol's RiskSteward; without it no parameter is tried")
    .option("--sources <file>", "the victims' sources, solc's standard JSON input; without it no upgrade is tried")
    .option("--hours <n>", "how long a guard rule lasts", "6")
    .option("--tries <n>", "most candidates that are tried", "64")
    .action(propose);
  command
    .command("encode")
    .description("the calls that put a patch's guard rules in force from now, and those that take them back")
    .requiredOption("--patch <file>", "the patch, testudo-patch/1, of kind guardRule")
    .requiredOption("--evidence <hash>", "what the rule is set for; the breaker writes it into its events")
    .option("--json", "one JSON object and nothing else")
    .action(encode);
}

function shared(command: Command): Command {
  return command
    .requiredOption("--capsule <file>", "the recorded attack, testudo-capsule/1, with everybody else's transactions")
    .option("--victim <address...>", "contracts that are attacked; default: the capsule's")
    .option("--holder <address...>", "whose holdings the attack takes; default: the victims'")
    .option("--attack <hash...>", "transactions that are the attack; default: those the capsule marks")
    .option("--exempt <selector...>", "selectors that no rule may touch; default: the capsule's")
    .option("--invariants <file>", "views and the bounds that their answers have to keep")
    .option(
      "--properties <file[:contract]>",
      "Solidity with check_…, invariant_… or echidna_… functions, asked beside it",
    )
    .option("--calls <n>", "calls of the adversary on the patched state; 0: none searches", defaultCalls)
    .option("--seconds <n>", "end his search then, too; what it finds depends on the machine")
    .option("--seed <n>", "what his random choices start from", "1")
    .option("--scenario <file>", "what is declared of him, as for `testudo attack --config`; default: guessed")
    .option("--hardfork <name>", "rules, such as \"cancun\", instead of the capsule's or the chain's")
    .option("--max-loss <n>", "most of each holding that may be lost, in its smallest unit", "0")
    .option("--json", "one JSON object and nothing else")
    .addHelpText("after", codes);
}

async function simulate(flags: SimulateFlags): Promise<void> {
  const { parsePatch } = await import("@testudo/lab/patch/parsePatch");
  const { playBaseline } = await import("@testudo/lab/patch/playBaseline");
  const { simulatePatch } = await import("@testudo/lab/patch/simulatePatch");
  const { refusingPatch } = await import("../capsule/refusedPatch.ts");
  const { readBytes } = await import("../capsule/readCapsuleFile.ts");
  const patch = await refusingPatch(() => parsePatch(readBytes(flags.patch), flags.patch));
  const { capsule, baselineOptions, ...options } = await readShared(flags, patch);
  const report = await refusingPatch(() =>
    withEngine(flags.engine, async (engine) =>
      simulatePatch(await playBaseline(capsule, { ...baselineOptions, ...engine }), patch, { ...options, ...engine }),
    ),
  );
  const { reportLines } = await import("./terminal/patchLines.ts");
  printLine(flags.json ? toJson(report) : reportLines(report).map(printable).join("\n"));
  if (!report.ok) throw new AnsweredNo();
}

async function propose(flags: ProposeFlags): Promise<void> {
  const { proposePatch } = await import("@testudo/lab/patch/proposePatch");
  const { writePatch } = await import("@testudo/lab/patch/writePatch");
  const { refusingPatch } = await import("../capsule/refusedPatch.ts");
  const { replaceFile } = await import("../operator/writeFile.ts");
  const seconds = 3_600 * wholeNumber("--hours", flags.hours, 1, hoursMax);
  const tries = wholeNumber("--tries", flags.tries, 1, 10_000);
  if (flags.out !== undefined) openOut(flags.out);
  const { capsule, baselineOptions, ...options } = await readShared(flags);
  const now = () => performance.now();
  const signal = stopSignal();
  const line = progressLine();
  const goOn = async ({ tried, of, held, name }: TryProgress) => {
    line.show({
      done: tried,
      total: of,
      what: printable(`${tried} of ${countOf(of, "candidate")} tried, ${held} held; ${name}`),
    });
    // Trying waits for nothing outside: without a pause no signal would come through.
    await new Promise((resolve) => setImmediate(resolve));
    return !signal.aborted;
  };
  const proposed = await refusingPatch(async () =>
    proposePatch(capsule, {
      ...{ ...baselineOptions, ...options, ...stewardOf(flags), ...(await sourceOf(flags)) },
      ...{ seconds, tries, now, goOn },
    }),
  );
  line.end();
  // Told before it is written: a full disk takes nothing away.
  const { proposalLines } = await import("./terminal/patchLines.ts");
  printLine(flags.json ? toJson(proposed) : proposalLines(proposed).map(printable).join("\n"));
  for (const [i, { patch }] of proposed.proposals.entries())
    if (flags.out !== undefined) replaceFile(join(flags.out, `${i + 1}.patch.json`), writePatch(patch));
  if (proposed.scorecard.stopped) {
    printNote("Stopped before the end: only those candidates were tried that are told of.");
    process.exitCode = interruptedCode;
    return;
  }
  if (!proposed.ok) throw new AnsweredNo();
}

/** Patches of two runs in one folder would be taken for one list, best first. */
function openOut(folder: string): void {
  makeOutFolder(`--out "${folder}"`, folder);
  const old = readdirSync(folder).find((name) => name.endsWith(".patch.json"));
  if (old === undefined) return;
  throw new UsageError(
    `--out "${folder}" holds "${old}", which is of an earlier run.`,
    "Allowed: a folder without patches.",
    "Name another one, or take them away.",
  );
}

function stewardOf({ steward }: ProposeFlags): { steward?: Address } {
  return steward === undefined ? {} : { steward: hexOf("--steward", steward, 20) };
}

async function sourceOf({ sources }: ProposeFlags): Promise<{ source?: SourceInput }> {
  if (sources === undefined) return {};
  return { source: (await import("../capsule/readSources.ts")).readSources(sources) };
}

async function encode({ patch: path, evidence: text, json }: EncodeFlags): Promise<void> {
  const { encodeClearRule, encodeSetRule } = await import("@testudo/lab/patch/encodeRule");
  const { parsePatch } = await import("@testudo/lab/patch/parsePatch");
  const { refusingPatch } = await import("../capsule/refusedPatch.ts");
  const { readBytes } = await import("../capsule/readCapsuleFile.ts");
  const evidence = hexOf("--evidence", text, 32);
  const patch = await refusingPatch(() => parsePatch(readBytes(path), path));
  if (patch.kind !== "guardRule" || BigInt(evidence) === 0n)
    throw new UsageError(
      patch.kind === "guardRule" ? "--evidence is zero." : `"${path}" is a patch of kind ${patch.kind}.`,
      "Allowed: a guardRule, with the hash of what it is set for.",
      "What is no rule goes through the steward or the timelock.",
    );
  const until = BigInt(Math.floor(Date.now() / 1_000) + patch.seconds);
  const calls = patch.rules.map((rule) => ({
    ...{ target: rule.target, selector: rule.selector, until },
    set: encodeSetRule(rule, until, evidence),
    clear: encodeClearRule(rule, evidence),
  }));
  if (json) return printLine(toJson({ calls }));
  for (const { target, selector, set, clear } of calls)
    printLine(`${target} ${selector}, until ${timeText(until)}\n  set    ${set}\n  clear  ${clear}`);
}

async function readShared(flags: SharedFlags, patch?: Patch) {
  const { readBytes, readCapsuleFile } = await import("../capsule/readCapsuleFile.ts");
  const { refusingPatch } = await import("../capsule/refusedPatch.ts");
  const { parseInvariants } = await import("@testudo/lab/patch/parsePatch");
  const victims = flags.victim?.map((text) => hexOf("--victim", text, 20) as Address);
  const holders = flags.holder?.map((text) => hexOf("--holder", text, 20) as Address);
  const exempt = flags.exempt?.map((text) => hexOf("--exempt", text, 4));
  const { invariants: path } = flags;
  const invariants: readonly Invariant[] =
    path === undefined ? [] : await refusingPatch(() => parseInvariants(readBytes(path), path));
  const read = withAttack(await readCapsuleFile(flags.capsule), flags);
  const named = flags.hardfork === undefined ? read : { ...read, hardfork: flags.hardfork };
  const capsule = await refusingPatch(() => withGateRules(named));
  for (const gap of capsule.gaps ?? []) printNote(`gap: ${printable(gap)}`);
  return {
    capsule,
    baselineOptions: {
      ...(victims === undefined ? {} : { victims }),
      ...(holders === undefined ? {} : { holders }),
      ...(await propertiesBy(flags)),
      invariants,
    },
    adversary: await budgetBy(flags, capsule, patch),
    maxLoss: amountOf(flags.maxLoss),
    ...(exempt === undefined ? {} : { exempt }),
  };
}

async function propertiesBy({ properties }: SharedFlags): Promise<{ properties?: CompiledContract }> {
  if (properties === undefined) return {};
  return { properties: (await import("../capsule/readPropertyContract.ts")).readPropertyContract(properties) };
}

/** A search without calls is one that says so. */
async function budgetBy(
  { calls, seconds, seed, scenario: path }: SharedFlags,
  capsule: Capsule,
  patch: Patch | undefined,
): Promise<RaidBudget> {
  const bounds = {
    calls: wholeNumber("--calls", calls, 0, mostCalls),
    seed: wholeNumber("--seed", seed, 0, 2 ** 31),
    ...(seconds === undefined ? {} : { seconds: wholeNumber("--seconds", seconds, 1, mostSeconds) }),
    now: () => performance.now(),
    peer: (await import("../capsule/openAnvil.ts")).anvilPeer,
  };
  if (path === undefined) return bounds;
  // What is searched is the capsule with the patch on it, wherever the scenario's own state may lie.
  const { assertCode, codedIn, readDeclared } = await import("../raid/readDeclared.ts");
  const declared = readDeclared(path, "--scenario");
  // What a patch's own transactions create stands there once they have run; the search itself looks then.
  for (const address of patch?.kind === "transactions" ? [] : codedIn(declared))
    assertCode(capsule.accounts.get(address)?.code, address, `--scenario "${path}"`);
  const { scenario, leastWad } = declared;
  return { ...bounds, declared: { scenario, leastWad, coded: codedIn(declared) } };
}

/**
 * `capsule` by rules that our gates and our engine know: older ones have no transient storage, which contracts do not mind, and
 * in the place of newer ones stand our newest.
 */
async function withGateRules(capsule: Capsule): Promise<Capsule> {
  const { blockOf } = await import("@testudo/lab/record/blockOf");
  const { assertRules, isBeforeCancun } = await import("@testudo/lab/record/chainRules");
  const { hardforkOf, isOurFork, newestFork } = await import("@testudo/lab/record/hardforkOf");
  assertRules(capsule);
  const fork = hardforkOf(blockOf(capsule));
  if (isOurFork(fork)) return capsule;
  const isOld = isBeforeCancun(fork);
  printNote(
    isOld
      ? "gap: Its rules are older than Cancun's, which our gates need: it is tried by Cancun's."
      : `gap: Its rules, ${fork}, are newer than our engine's: it is tried by those of ${newestFork}.`,
  );
  return { ...capsule, hardfork: isOld ? "cancun" : newestFork };
}

/** `capsule` with the transactions that the flags name as its attack, and no others. */
function withAttack(capsule: Capsule, { attack }: SharedFlags): Capsule {
  if (attack === undefined) return capsule;
  const hashes = attack.map((text) => hexOf("--attack", text, 32));
  const { transactions = [] } = capsule;
  const absent = hashes.find((hash) => !transactions.some((tx) => tx.hash === hash));
  if (absent !== undefined)
    throw new UsageError(
      `--attack ${absent} is none of the capsule's transactions.`,
      "Allowed: the hash of one that it holds.",
      "Look at them: `testudo replay FILE`.",
    );
  const roleOf = (hash?: Hex) => (hash !== undefined && hashes.includes(hash) ? "attack" : "benign");
  return { ...capsule, transactions: transactions.map((tx) => ({ ...tx, role: roleOf(tx.hash) })) };
}

function hexOf(flag: string, text: string, bytes: number): Hex {
  if (/^0x[0-9a-fA-F]*$/.test(text) && text.length === 2 + 2 * bytes) return text.toLowerCase() as Hex;
  throw new UsageError(`${flag} "${text}" is not possible.`, `Allowed: 0x and ${2 * bytes} digits.`, "Copy it whole.");
}

function amountOf(text: string): bigint {
  if (/^\d{1,78}$/.test(text)) return BigInt(text);
  throw new UsageError(`--max-loss "${text}" is not possible.`, "Allowed: a whole number.", "Give the smallest unit.");
}

function toJson(value: unknown): string {
  return JSON.stringify(value, (_, inner) => (typeof inner === "bigint" ? inner.toString() : inner));
}
