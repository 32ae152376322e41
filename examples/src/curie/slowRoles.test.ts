import { anvilAccount } from "@testudo/chain/fork/anvilAccount";
import { circuitBreaker, gateProxy, guardianCouncil } from "@testudo/contracts";
import type { Abi, Address, Hex, LocalAccount } from "viem";
import { zeroHash } from "viem";
import { encodeFunctionData, keccak256, toBytes, toFunctionSelector } from "viem/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
import { getCast } from "./Cast.ts";
import { skipTime } from "./ChainSession.ts";
import * as calls from "./curieCalls.ts";
import { type DefendedStage, onBranch, openDefendedStage, pauseCall } from "./defendedStage.testkit.ts";
import { outcomeOf } from "./outcomes.testkit.ts";
import {
  encodeExecute,
  encodeSchedule,
  type Operation,
  readOperationId,
  safeCall,
  timelockAbi,
  toOperation,
} from "./safeTx.testkit.ts";

// A real Safe 1.5.0 (3 of 5) and OpenZeppelin's timelock hold the slow roles of the real breaker and council, which
// guard the real Curie. Each test runs on a branch of the same chain.
const hour = 3_600;
const delay = 48 * hour;
const withdraw = toFunctionSelector("withdraw(address,uint256)");
const why = { reason: keccak256(toBytes("all clear")), evidence: keccak256(toBytes("the record")) } as const;

let stage: DefendedStage;
beforeAll(async () => {
  stage = await openDefendedStage();
});
afterAll(() => stage?.close());

const branch = (body: () => Promise<void>) => () => onBranch(stage.session, body);
const read = <T>(abi: Abi, address: Address, functionName: string, args: readonly unknown[] = []) =>
  stage.session.client.readContract({ abi, address, functionName, args }) as Promise<T>;
const three = () => stage.owners.slice(0, 3);
const viaSafe = async (to: Address, data: Hex, signers = three()) =>
  outcomeOf(stage.session, await safeCall(stage, signers, to, data));
const schedule = (operation: Operation, signers = three()) =>
  viaSafe(stage.defence.timelock, encodeSchedule(operation, delay), signers);
const executed = (operation: Operation) => viaSafe(stage.defence.timelock, encodeExecute(operation));
const withdrawal = () => outcomeOf(stage.session, calls.withdraw(stage.system, stage.groups.flat[0]!, calls.usdc(100)));
const direct = (from: LocalAccount, to: Address, data: Hex) => outcomeOf(stage.session, { from, to, data });

/** Pauses Vault.withdraw for 72 h by two guardians; the end of the pause. */
async function pauseWithdraw(): Promise<bigint> {
  const { call, until } = await pauseCall(
    stage,
    stage.system.vault,
    [withdraw],
    72 * hour,
    stage.guardians.slice(0, 2),
  );
  expect(await outcomeOf(stage.session, call)).toBe("success");
  return until;
}

const releaseData = () =>
  encodeFunctionData({ abi: circuitBreaker.abi, functionName: "release", args: [stage.system.vault, withdraw, why] });
const release = () => toOperation("release", stage.defence.breaker, releaseData());

const successor = anvilAccount(17);
const rotateData = () => {
  const args = [[successor.address], [stage.guardians[0]!.address], 2, 3, 3, why] as const;
  return encodeFunctionData({ abi: guardianCouncil.abi, functionName: "rotate", args });
};
const rotation = () => toOperation("rotate", stage.defence.council, rotateData());

async function vetoOutcome(opId: Hex, signers: readonly LocalAccount[]): Promise<string> {
  const { session, defence, relayer } = stage;
  const { timestamp } = await session.client.getBlock();
  const message = { opId, nonce: BigInt(opId), deadline: timestamp + 600n };
  const types = {
    Veto: [
      { name: "opId", type: "bytes32" },
      { name: "nonce", type: "uint256" },
      { name: "deadline", type: "uint256" },
    ],
  } as const;
  const domain = {
    name: "Testudo Council",
    version: "1",
    chainId: session.chainId,
    verifyingContract: defence.council,
  };
  const sorted = [...signers].sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  const sigs = await Promise.all(
    sorted.map((signer) => signer.signTypedData({ domain, types, primaryType: "Veto", message })),
  );
  const data = encodeFunctionData({ abi: guardianCouncil.abi, functionName: "vetoBySig", args: [message, sigs] });
  return direct(relayer, defence.council, data);
}

test("SYS-12: breaker, council and both gates report healthy with the Safe behind them", async () => {
  const { breaker, council } = stage.defence;
  const healthy = [true, zeroHash];
  expect(await read(circuitBreaker.abi, breaker, "healthy")).toEqual(healthy);
  expect(await read(guardianCouncil.abi, council, "healthy")).toEqual(healthy);
  for (const gate of [stage.system.vault, stage.system.clearingHouse])
    expect(await read(gateProxy.abi, gate, "gateHealthy")).toEqual(healthy);
});

test("COUNCIL-06: the timelock waits 48 h, administers itself, and nobody but the Safe proposes", async () => {
  const { timelock, safe, council } = stage.defence;
  const hasRole = (role: Hex, account: Address) => read<boolean>(timelockAbi, timelock, "hasRole", [role, account]);
  const role = (name: string) => keccak256(toBytes(name));
  expect(await read(timelockAbi, timelock, "getMinDelay")).toBe(BigInt(delay));
  const outsiders = [getCast().deployer, ...stage.guardians, ...stage.owners].map((account) => account.address);
  const holders = async (name: Hex) => {
    const all = [timelock, safe, council, ...outsiders];
    const held = await Promise.all(all.map((account) => hasRole(name, account)));
    return all.filter((_, i) => held[i]);
  };
  expect(await holders(zeroHash)).toEqual([timelock]);
  expect(await holders(role("PROPOSER_ROLE"))).toEqual([safe]);
  expect(await holders(role("EXECUTOR_ROLE"))).toEqual([safe]);
  expect(await holders(role("CANCELLER_ROLE"))).toEqual([safe, council]);
});

test(
  "BREAKER-03: two guardians shut Vault.withdraw, and neither guardian, Safe nor deployer can open it directly",
  branch(async () => {
    const { breaker, safe } = stage.defence;
    expect(await withdrawal()).toBe("success");
    const until = await pauseWithdraw();
    expect(await withdrawal()).toBe(`Breaker_Paused(${withdraw}, ${until})`);
    const [guardian, deployer] = [stage.guardians[0]!, getCast().deployer];
    for (const from of [guardian, deployer, stage.owners[0]!])
      expect(await direct(from, breaker, releaseData())).toBe(`Breaker_NotAllowed(${from.address})`);
    expect((await viaSafe(breaker, releaseData())).toLowerCase()).toBe(`breaker_notallowed(${safe})`);
    expect(await withdrawal()).toBe(`Breaker_Paused(${withdraw}, ${until})`);
  }),
);

test(
  "COUNCIL-06: the Safe releases a pause through the timelock, after 48 h and not before",
  branch(async () => {
    const until = await pauseWithdraw();
    expect(await schedule(release())).toBe("success");
    expect(await executed(release())).toMatch(/^TimelockUnexpectedOperationState/);
    await skipTime(stage.session, delay - 5 * 60);
    expect(await executed(release())).toMatch(/^TimelockUnexpectedOperationState/);
    await skipTime(stage.session, 5 * 60);
    expect(await withdrawal()).toBe(`Breaker_Paused(${withdraw}, ${until})`);
    expect(await executed(release())).toBe("success");
    expect(await read(circuitBreaker.abi, stage.defence.breaker, "pausedUntil", [stage.system.vault, withdraw])).toBe(
      0,
    );
    expect(await withdrawal()).toBe("success");
  }),
);

test(
  "COUNCIL-06: no operation is scheduled with less than 48 h of delay",
  branch(async () => {
    const outcome = await viaSafe(stage.defence.timelock, encodeSchedule(release(), delay - 1));
    expect(outcome).toBe(`TimelockInsufficientDelay(${delay - 1}, ${delay})`);
  }),
);

test(
  "COUNCIL-06: the council is rotated through the timelock alone; the new member's key counts, the old one's no more",
  branch(async () => {
    const { council, timelock, safe } = stage.defence;
    const [dropped, kept] = stage.guardians as [LocalAccount, LocalAccount];
    expect((await viaSafe(council, rotateData())).toLowerCase()).toBe(`council_nottimelock(${safe})`);
    expect(await direct(dropped, council, rotateData())).toBe(`Council_NotTimelock(${dropped.address})`);
    expect(await schedule(rotation())).toBe("success");
    expect(await executed(rotation())).toMatch(/^TimelockUnexpectedOperationState/);
    await skipTime(stage.session, delay);
    expect(await executed(rotation())).toBe("success");
    expect(
      await read(timelockAbi, timelock, "isOperationDone", [
        await readOperationId(stage.session, timelock, rotation()),
      ]),
    ).toBe(true);
    const paused = async (signers: LocalAccount[]) =>
      outcomeOf(stage.session, (await pauseCall(stage, stage.system.vault, [withdraw], hour, signers)).call);
    expect(await paused([dropped, kept])).toMatch(/^Council_BadSignature/);
    expect(await paused([successor, kept])).toBe("success");
    expect(await read(guardianCouncil.abi, council, "healthy")).toEqual([true, zeroHash]);
  }),
);

test(
  "COUNCIL-05: three guardians cancel what the Safe has scheduled, two do not, and it can never be executed",
  branch(async () => {
    const { timelock } = stage.defence;
    await pauseWithdraw();
    expect(await schedule(release())).toBe("success");
    const opId = await readOperationId(stage.session, timelock, release());
    expect(await vetoOutcome(opId, stage.guardians.slice(0, 2))).toBe("Council_Threshold(2, 3)");
    expect(await read(timelockAbi, timelock, "isOperation", [opId])).toBe(true);
    expect(await vetoOutcome(opId, stage.guardians)).toBe("success");
    expect(await read(timelockAbi, timelock, "isOperation", [opId])).toBe(false);
    await skipTime(stage.session, delay);
    expect(await executed(release())).toMatch(/^TimelockUnexpectedOperationState/);
    expect(await withdrawal()).toMatch(/^Breaker_Paused/);
  }),
);

test(
  "COUNCIL-06: two owners are not enough, nor one of them twice, nor a guardian as the third",
  branch(async () => {
    const [a, b] = stage.owners as [LocalAccount, LocalAccount];
    expect(await schedule(release(), [a, b])).toBe("GS020");
    expect(await schedule(release(), [a, b, b])).toBe("GS026");
    expect(await schedule(release(), [a, b, stage.guardians[0]!])).toBe("GS026");
    expect(await schedule(release())).toBe("success");
  }),
);

test(
  "BREAKER-02: a pause that nobody releases ends by itself after its 72 h",
  branch(async () => {
    await pauseWithdraw();
    await skipTime(stage.session, 72 * hour - 60);
    expect(await withdrawal()).toMatch(/^Breaker_Paused/);
    await skipTime(stage.session, 60);
    expect(await withdrawal()).toBe("success");
  }),
);
