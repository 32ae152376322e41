import { toLower } from "@testudo/core/model/Hex";
import { afterAll, beforeAll, expect, test } from "vitest";
import { vaultAbi } from "../curie/curieAbi.ts";
import { onBranch } from "../curie/defendedStage.testkit.ts";
import { type CurieSuite, openCurieSuite } from "./openCurieSuite.ts";

let suite: CurieSuite;
let honest: Awaited<ReturnType<CurieSuite["trade"]>>;
beforeAll(async () => {
  suite = await openCurieSuite();
  honest = await suite.trade(0, 30);
}, 600_000);
afterAll(() => suite?.close());

const branch = <T>(play: () => Promise<T>) => onBranch(suite.session, () => suite.watch.onBranch(play));

test("DERIV-02, CAT-04: founding and filling the market on Curie says nothing", () => {
  expect(suite.genesis.map((f) => `${f.detector}: ${f.reason} ${f.severity}`)).toEqual([]);
});
test("DERIV-02, CAT-01: honest trading on Curie says nothing", () => {
  expect(honest.map((f) => `${f.detector}: ${f.reason} ${f.severity}`)).toEqual([]);
});

test("DERIV-02: the thin-liquidity pump is told as it is prepared, and as damage a block before the money leaves", () =>
  branch(async () => {
    const found = await suite.attack();
    const first = (detector: string, severity: string) =>
      found.find((f) => f.detector === detector && f.severity === severity)?.blockNumber;
    const withdrawn = await blockOfWithdrawal(suite);
    const damage = found.find((f) => f.class === "damage")!;
    expect(damage).toMatchObject({ detector: "collateral-jump", severity: "high" });
    expect(damage.blockNumber).toBeLessThan(withdrawn);
    // The account that took the loss, which nobody but the attackers' other one gained by.
    expect(damage.addresses).toEqual([toLower(suite.cast.attackerA.address)]);
    expect(first("skew-oi", "high")).toBeLessThan(damage.blockNumber);
    expect(first("order-flow", "high")).toBeLessThan(damage.blockNumber);
    const close = found.filter((f) => f.detector === "exec-vs-mark" && f.blockNumber === damage.blockNumber);
    expect(close.map((f) => f.addresses[0])).toContain(toLower(suite.cast.attackerB.address));
  }));

/** The block in which B took its profit out of the Vault. */
async function blockOfWithdrawal({ session, system, cast }: CurieSuite): Promise<bigint> {
  const logs = await session.client.getContractEvents({
    abi: vaultAbi,
    address: system.vault,
    eventName: "Withdrawn",
    args: { trader: cast.attackerB.address },
    fromBlock: 0n,
  });
  return logs[0]!.blockNumber;
}
