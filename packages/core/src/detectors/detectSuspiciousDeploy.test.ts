import { expect, test } from "vitest";
import { useDetector } from "../model/Detector.ts";
import { addr, type CaseTx, frame, runDetector } from "../model/detectorCase.testkit.ts";
import type { Address, Hex } from "../model/Hex.ts";
import { detectSuspiciousDeploy } from "./detectSuspiciousDeploy.ts";

const vault = addr(0xaa);
const mixer = addr(0x3173);
const deployer = addr(0xd0);
const made = addr(0xbad);
const withdraw = "2e1a7d4d";
const flashLoan = "5cffe9de";
const use = useDetector(detectSuspiciousDeploy, { sources: [mixer] });

const push20 = (address: Address) => `73${address.slice(2)}`;
const push4 = (selector: string) => `63${selector}`;
const creates = (code: string, change: Partial<CaseTx> & { init?: Hex } = {}): CaseTx => ({
  from: deployer,
  to: null,
  nonce: 1,
  ...change,
  trace: frame({
    type: "CREATE",
    from: change.from ?? deployer,
    to: made,
    input: change.init ?? "0x6000",
    output: `0x${code}`,
  }),
});
const pays = (from: Address, to: Address, value = 10n ** 18n): CaseTx => ({
  from: addr(0xee),
  trace: frame({ from: addr(0xee), to: from, calls: [frame({ from, to, value })] }),
});
const enters: CaseTx = { trace: frame({ from: addr(0x5e), to: vault, input: `0x${withdraw}${"00".repeat(32)}` }) };
const run = (...blocks: (readonly CaseTx[])[]) =>
  runDetector(
    use,
    [vault],
    blocks.map((txs) => ({ txs })),
  ).flat();

test("CAT-01: a contract with our address and a flash loan in its code is high, before it does anything", () => {
  const [finding, ...more] = run([creates(push20(vault) + push4(flashLoan))]);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({
    severity: "high",
    subject: vault,
    key: [made],
    score: 0.7,
    evidence: { signs: ["names-us", "flash", "fresh"], flash: [`0x${flashLoan}`] },
  });
});

test("CAT-01: money from a mixer over two hops makes a contract that names us high, over three it does not", () => {
  const [middle, late] = [addr(0x11), addr(0x12)];
  const names = creates(push20(vault), { nonce: 100 });
  expect(run([pays(mixer, middle)], [pays(middle, deployer)], [names])).toMatchObject([
    { severity: "high", evidence: { funding: { hops: 2, source: mixer } } },
  ]);
  expect(run([pays(mixer, middle)], [pays(middle, late)], [pays(late, deployer)], [names])).toEqual([]);
});

test("behavior: the address may stand as an immutable variable, a word with zeros before it", () => {
  const other: Address = `0x${"c0ffee".padEnd(40, "5")}`;
  const code = `7f${"0".repeat(24)}${other.slice(2)}${push4(flashLoan)}`;
  const [findings] = runDetector(use, [other], [{ txs: [creates(code)] }]);
  expect(findings).toMatchObject([{ severity: "high", subject: other }]);
});

test("behavior: the address may stand in the constructor's data instead of the code", () => {
  const init: Hex = `0x6000${"0".repeat(24)}${vault.slice(2)}`;
  expect(run([creates(push4(flashLoan), { init })])).toMatchObject([{ severity: "high" }]);
});

test("behavior: a selector by which we were entered, beside a flash loan, is as good as our address", () => {
  const code = push4(withdraw) + push4(flashLoan);
  expect(run([creates(code)])).toEqual([]);
  expect(run([enters], [creates(code)])).toMatchObject([
    { severity: "medium", evidence: { signs: ["calls-us", "flash", "fresh"], called: [`0x${withdraw}`] } },
  ]);
});

test("look-alike: an integration by an old account, which names us and borrows nothing, is not told", () => {
  expect(run([creates(push20(vault), { nonce: 400 })])).toEqual([]);
});

test("look-alike: who deployed the protected contract may deploy what calls it", () => {
  const own: CaseTx = { ...creates("00"), trace: frame({ type: "CREATE", from: deployer, to: vault, output: "0x00" }) };
  expect(run([own], [creates(push20(vault) + push4(flashLoan))])).toEqual([]);
});

test("look-alike: bytes of our address within another word are not our address", () => {
  const padded = `7f${"11".repeat(6)}${push20(vault)}${"11".repeat(5)}`;
  expect(run([creates(padded + push4(flashLoan))])).toEqual([]);
});

test("look-alike: a creation that reverted made nothing", () => {
  const code = push20(vault) + push4(flashLoan);
  const failed = creates(code);
  expect(run([{ ...failed, trace: { ...failed.trace!, error: "execution reverted" } }])).toEqual([]);
});

test("evasion: an address that is only in calldata of a later call is not seen here", () => {
  expect(run([enters], [creates(push4("deadbeef"))])).toEqual([]);
});
