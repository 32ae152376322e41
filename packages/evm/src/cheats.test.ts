import { beforeAll, describe, expect, test } from "vitest";
import { assemble } from "./assemble.testkit.ts";
import { cheatAddress, consoleAddress } from "./cheats.ts";
import { type CompiledContract, compileSolidity } from "./compileSolidity.testkit.ts";
import { type Address, fromHex, toHex } from "./hex.ts";
import { type Engine, type EngineAccount, openEngine } from "./openEngine.ts";

const sender: Address = `0x${"5e".repeat(20)}`;
const alice: Address = `0x${"a11ce".padStart(40, "0")}`;
const block = {
  number: 100n,
  timestamp: 1_800_000_000n,
  gasLimit: 30_000_000n,
  baseFeePerGas: 0n,
  coinbase: `0x${"cb".repeat(20)}` as Address,
  prevRandao: 0n,
  excessBlobGas: 0n,
};
const word = (value: bigint | string) => BigInt(value).toString(16).padStart(64, "0");
const cheat = (selector: string, ...words: bigint[]) => `${selector}${words.map(word).join("")}`;
const warpTo = (time: bigint) => cheat("e5d6bf02", time);

function open(accounts: Record<Address, Uint8Array> = {}, cheats = true): Promise<Engine> {
  const given = Object.entries(accounts).map(([address, code]): [Address, EngineAccount] => [
    address as Address,
    { balance: 0n, nonce: 1n, code },
  ]);
  return openEngine({ fork: "cancun", chainId: 1n, block, accounts: new Map(given), cheats });
}

/** Code that calls the cheat codes with each of these inputs, then goes on. */
function calling(inputs: readonly string[], rest: string): Uint8Array {
  const calls = inputs.map((input) => {
    const stores = (input.match(/.{1,64}/g) ?? []).map((part, i) => `0x${part.padEnd(64, "0")} ${i * 32} MSTORE`);
    return `${stores.join(" ")} 0 0 ${input.length / 2} 0 0 ${cheatAddress} GAS CALL POP`;
  });
  return assemble(`${calls.join(" ")} ${rest}`);
}
const returnWord = "PUSH0 MSTORE 32 PUSH0 RETURN";

describe("EVM-09: a harness ends in the engine as it ends in forge", () => {
  let engine: Engine;
  let harness: Address;
  let compiled: CompiledContract;
  beforeAll(async () => {
    compiled = compileSolidity(new URL("./CheatHarness.testkit.sol", import.meta.url)).CheatHarness!;
    engine = await open();
    harness = engine.call({ from: sender, to: null, input: compiled.creation }).created!;
    // As forge gives it to the contract of a test.
    engine.setBalance(harness, 2n ** 96n - 1n);
    expect(run("setUp()").succeeded).toBe(true);
  });
  const run = (signature: string) =>
    engine.call({ from: sender, to: harness, input: fromHex(`0x${compiled.selectors[signature]!}`) });

  test("EVM-09: forge's verdict on each test of the harness is the engine's too", () => {
    const names = Object.keys(compiled.selectors).filter((name) => name.startsWith("test_"));
    expect(names).toHaveLength(27);
    const mark = engine.snapshot();
    const verdicts = names.map((name) => {
      const outcome = run(name);
      engine.rollback(mark);
      return [name, outcome.succeeded];
    });
    expect(verdicts).toEqual(names.map((name) => [name, !name.includes("Fails")]));
  });

  test("EVM-09: why a cheat code failed stands in the error that the harness passes on", () => {
    const text = (name: string) => new TextDecoder().decode(run(name).output.slice(68)).replaceAll("\0", "");
    expect(toHex(run("test_prank_twiceFails()").output.slice(0, 4))).toBe("0xeeaa9e6f");
    expect(text("test_prank_twiceFails()")).toBe("cannot overwrite a prank until it is applied at least once");
    expect(text("test_expectRevert_callSucceedsFails()")).toBe("next call did not revert as expected");
    expect(text("test_expectRevert_noDataFails()")).toBe("call reverted as expected, but without data");
  });

  test("EVM-09: labels and lines of the console can be read afterwards, also those of a frame that failed", () => {
    expect(run("test_label_andConsole()").succeeded).toBe(true);
    expect(engine.labels()).toEqual(new Map([[alice, "alice"]]));
    expect(engine.console()).toEqual([
      { text: "height 7", values: ["height %d", 7n] },
      { text: "true", values: [true] },
    ]);
  });
});

test("EVM-09: a false assumption ends the whole run as rejected, and nothing of it stays", async () => {
  const inner: Address = `0x${"11".repeat(20)}`;
  const outer: Address = `0x${"22".repeat(20)}`;
  const engine = await open({
    [inner]: calling([cheat("4c63e562", 0n)], `1 1 SSTORE 7 ${returnWord}`),
    [outer]: assemble(`5 5 SSTORE 0 0 LOG0 0 0 0 0 0 ${inner} GAS CALL 6 SSTORE`),
  });
  engine.setHooks({ trace: true });
  const outcome = engine.call({ from: sender, to: outer });
  expect(outcome).toMatchObject({ succeeded: false, isRejected: true, error: "assumption failed" });
  expect(outcome.gasUsed).toBeGreaterThan(0n);
  expect(outcome.gasUsed).toBeLessThan(100_000n);
  expect(engine.slot(outer, 5n)).toBe(0n);
  expect(engine.logs()).toEqual([]);
  expect(engine.trace()).toMatchObject({ to: outer, calls: [{ to: inner, calls: [{ to: cheatAddress }] }] });
  // The next run is not about it any more.
  expect(engine.call({ from: sender, to: alice })).not.toHaveProperty("isRejected");
  const [first, second] = engine.batch([
    { from: sender, to: outer, input: new Uint8Array(), gas: 1_000_000n },
    { from: sender, to: alice, input: new Uint8Array(), gas: 1_000_000n },
  ]);
  expect(first).toMatchObject({ succeeded: false, isRejected: true });
  expect(second).not.toHaveProperty("isRejected");
});

test("EVM-09: a true assumption changes nothing", async () => {
  const place: Address = `0x${"11".repeat(20)}`;
  const engine = await open({ [place]: calling([cheat("4c63e562", 1n)], `7 ${returnWord}`) });
  expect(toHex(engine.call({ from: sender, to: place }).output)).toBe(`0x${word(7n)}`);
});

test("EVM-09: time and height that a harness set stay for later runs, and a rollback takes them back", async () => {
  const place: Address = `0x${"11".repeat(20)}`;
  const clock: Address = `0x${"22".repeat(20)}`;
  const engine = await open({
    [place]: calling([warpTo(5n), cheat("1f7b4f30", 6n)], "STOP"),
    [clock]: assemble(`TIMESTAMP PUSH0 MSTORE NUMBER 32 MSTORE 64 PUSH0 RETURN`),
  });
  const read = () => toHex(engine.call({ from: sender, to: clock }).output);
  const mark = engine.snapshot();
  engine.call({ from: sender, to: place });
  expect(read()).toBe(`0x${word(5n)}${word(6n)}`);
  engine.rollback(mark);
  expect(read()).toBe(`0x${word(block.timestamp)}${word(block.number)}`);
});

test("EVM-09: call data that is cut, too long or unknown fails the cheat code, and never the engine", async () => {
  const place: Address = `0x${"11".repeat(20)}`;
  // It calls the cheat codes with its own call data, and returns whether that worked.
  const code = assemble(`CALLDATASIZE 0 0 CALLDATACOPY 0 0 CALLDATASIZE 0 0 ${cheatAddress} GAS CALL ${returnWord}`);
  const engine = await open({ [place]: code });
  const ask = (input: string) => toHex(engine.call({ from: sender, to: place, input: fromHex(`0x${input}`) }).output);
  const good = [warpTo(1n), cheat("90c5013b"), cheat("f28dceb3", 32n, 0n), `${warpTo(1n)}ff`];
  const bad = [
    "",
    "e5d6bf",
    "e5d6bf02",
    warpTo(1n).slice(2),
    cheat("c88a5e6d", 1n),
    cheat("deadbeef", 1n),
    cheat("f28dceb3", 2n ** 255n, 1n),
    cheat("f28dceb3", 32n, 2n ** 32n),
    cheat("f28dceb3", 32n, 1n),
    cheat("f28dceb3", 0xffffffffn, 1n),
  ];
  for (const input of good) {
    // What is expected of a call that never comes fails the frame: its own output says so.
    if (!input.startsWith("f28dceb3")) expect(ask(input), input).toBe(`0x${word(1n)}`);
    else expect(ask(input), input).toMatch(/^0xeeaa9e6f/);
  }
  for (const input of bad) expect(ask(input), input).toBe(`0x${word(0n)}`);
});

test("EVM-09: accounts that a cheat code names are asked of the source, once", async () => {
  const place: Address = `0x${"11".repeat(20)}`;
  const code = calling([cheat("c88a5e6d", BigInt(alice), 9n)], `${alice} BALANCE ${returnWord}`);
  const asked: Address[] = [];
  const engine = await openEngine({
    fork: "cancun",
    chainId: 1n,
    block,
    cheats: true,
    source: {
      account: async (address) => {
        asked.push(address);
        return { balance: 1n, nonce: 0n, code: address === place ? code : new Uint8Array() };
      },
      slot: async () => 0n,
      blockHash: async () => new Uint8Array(32),
    },
  });
  expect(toHex((await engine.callAsync({ from: sender, to: place })).output)).toBe(`0x${word(9n)}`);
  expect(asked).toEqual([sender, block.coinbase, place, alice]);
});

test("EVM-09: off, the addresses are empty accounts, and a call of them costs what such a call costs", async () => {
  const place: Address = `0x${"11".repeat(20)}`;
  const probe = (target: Address) =>
    assemble(
      `${target} EXTCODESIZE ${target} BALANCE ADD 0 0 0 0 0 ${target} GAS CALL RETURNDATASIZE ADD ADD TIMESTAMP ADD ${returnWord}`,
    );
  const runs = [];
  for (const target of [cheatAddress, consoleAddress, `0x${"77".repeat(20)}` as Address]) {
    const engine = await open({ [place]: probe(target) }, false);
    const { gasUsed, output } = engine.call({ from: sender, to: place });
    runs.push({ gasUsed, output: toHex(output) });
    expect(engine.console()).toEqual([]);
    expect(engine.labels()).toEqual(new Map());
    expect(engine.account(target)).toMatchObject({ balance: 0n, nonce: 0n, code: new Uint8Array() });
  }
  // One for the call that succeeded, and the time as it was.
  expect(runs[0]!.output).toBe(`0x${word(block.timestamp + 1n)}`);
  expect(runs[1]).toEqual(runs[0]);
  expect(runs[2]).toEqual(runs[0]);
});

test("EVM-09: off, a harness's cheat codes do nothing", async () => {
  const place: Address = `0x${"11".repeat(20)}`;
  const engine = await open(
    { [place]: calling([warpTo(5n), cheat("4c63e562", 0n)], `TIMESTAMP ${returnWord}`) },
    false,
  );
  expect(toHex(engine.call({ from: sender, to: place }).output)).toBe(`0x${word(block.timestamp)}`);
});
