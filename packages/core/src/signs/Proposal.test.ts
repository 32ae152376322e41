import fc from "fast-check";
import { expect, test } from "vitest";
import { addr, type CaseLog, viewsOf } from "../model/detectorCase.testkit.ts";
import type { Hex } from "../model/Hex.ts";
import { functionSelector } from "../model/signatureHash.ts";
import { proposalCreated, proposalsIn } from "./Proposal.ts";
import { proposalLog, scheduledLog } from "./proposal.testkit.ts";

const [governor, timelock, user] = [addr(0x1), addr(0x2), addr(0x3)];
const set = new Set([governor, timelock]);
const read = (logs: readonly CaseLog[]) => proposalsIn(viewsOf({ txs: [{ from: user, to: governor, logs }] })[0]!, set);
const anyCall = fc.record({
  to: fc.integer({ min: 1, max: 2 ** 30 }).map(addr),
  value: fc.bigInt(0n, 2n ** 128n),
  data: fc.uint8Array({ maxLength: 70 }).map((b): Hex => `0x${Buffer.from(b).toString("hex")}`),
});

test("any proposal is read as it was written, a vote's and a timelock's", () => {
  fc.assert(
    fc.property(fc.array(anyCall, { minLength: 1, maxLength: 5 }), (calls) => {
      expect(read([proposalLog(governor, { id: 7n, proposer: user, calls })])).toEqual([
        { governor, by: "vote", id: "7", proposer: user, calls, logIndex: 0 },
      ]);
      const [operation, ...others] = read(calls.map((call, i) => scheduledLog(timelock, 9n, BigInt(i), call)));
      expect([operation?.by, operation?.calls, others]).toEqual(["timelock", calls, []]);
    }),
    { numRuns: 50 },
  );
});

test("Compound's signatures go before their arguments", () => {
  const text: Hex = `0x${Buffer.from("setDelay(uint256)").toString("hex")}`;
  const call = { to: timelock, value: 0n, data: `0x${"00".repeat(31)}05` as Hex };
  const [proposal] = read([proposalLog(governor, { id: 1n, proposer: user, calls: [call], signatures: [text] })]);
  expect(proposal?.calls?.[0]?.data).toBe(`${functionSelector("setDelay(uint256)")}${"00".repeat(31)}05`);
});

test("a signature of any length throws nothing", () => {
  const text: Hex = `0x${"61".repeat(300_000)}`;
  const call = { to: timelock, value: 0n, data: "0x05" as Hex };
  const [proposal] = read([proposalLog(governor, { id: 1n, proposer: user, calls: [call], signatures: [text] })]);
  expect(proposal?.calls?.[0]?.data).toBe(`${functionSelector("a".repeat(300_000))}05`);
});

test("what is malformed or too long has no calls and throws nothing; strangers' events are passed over", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
      const log = {
        address: governor,
        topics: [proposalCreated],
        data: `0x${Buffer.from(bytes).toString("hex")}` as Hex,
      };
      expect(read([log])).toHaveLength(1);
      expect(read([{ ...log, address: user }])).toEqual([]);
    }),
  );
  const call = { to: timelock, value: 0n, data: "0x" as Hex };
  const many = Array.from({ length: 65 }, () => call);
  expect(read([proposalLog(governor, { id: 1n, proposer: user, calls: many })])[0]?.calls).toBeUndefined();
  expect(read(many.map((c, i) => scheduledLog(timelock, 1n, BigInt(i), c)))[0]?.calls).toBeUndefined();
});
