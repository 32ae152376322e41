// Read by tsc, which runs over all tests: a line under @ts-expect-error that compiles is an error itself.
import type { Address } from "@testudo/core/model/Hex";
import { expect, expectTypeOf, test } from "vitest";
import { DetectorMalformed, defineDetector } from "./defineDetector.ts";

const about = { version: "1.0.0", kind: "anomaly", runbook: "RUNBOOK.md", owner: "risk" } as const;

const jsonAbi = [
  {
    type: "event",
    name: "Moved",
    inputs: [
      { name: "id", type: "uint8", indexed: true },
      { name: "memo", type: "string", indexed: true },
      { name: "path", type: "tuple[]", indexed: false, components: [{ name: "pool", type: "address" }] },
    ],
  },
  {
    type: "function",
    name: "pair",
    stateMutability: "view",
    inputs: [],
    outputs: [{ type: "uint256" }, { type: "bool" }],
  },
] as const;

test("DET-03: arguments of events, results of views and arguments of calls have the types of the ABI", () => {
  defineDetector({
    ...about,
    id: "typed",
    defaults: { maxBps: 500 },
    contracts: {
      Perp: {
        abi: [
          "event Withdraw(address indexed token, uint256 amount, bool)",
          "function withdraw(address token, uint256 amount)",
          "function totalAssets() view returns (uint256)",
          "function balanceOf(address account) view returns (uint256 held, uint64 since)",
        ],
      },
      Json: { address: "0x0000000000000000000000000000000000000001", abi: jsonAbi },
    },
    setup(app, p) {
      expectTypeOf(p).toEqualTypeOf<{ maxBps: number }>();
      app.on("Perp:Withdraw", (c) => {
        expectTypeOf(c.event.args.token).toEqualTypeOf<Address>();
        expectTypeOf(c.event.args.amount).toEqualTypeOf<bigint>();
        expectTypeOf(c.event.args[2]).toEqualTypeOf<boolean>();
        expectTypeOf(c.read.Perp.totalAssets({ at: "parent" })).toEqualTypeOf<bigint>();
        expectTypeOf(c.read.Perp.balanceOf([c.event.args.token])).toEqualTypeOf<
          readonly [held: bigint, since: bigint]
        >();
        expectTypeOf(c.p.maxBps).toEqualTypeOf<number>();
        const both = c.together(
          () => c.read.Perp.totalAssets(),
          () => c.read.Json.pair(),
        );
        expectTypeOf(both).toEqualTypeOf<[bigint, readonly [bigint, boolean]]>();
      });
      app.on("Json:Moved", (c) => {
        expectTypeOf(c.event.args.id).toEqualTypeOf<number>();
        // Indexed and without fixed size: the log holds its hash.
        expectTypeOf(c.event.args.memo).toEqualTypeOf<`0x${string}`>();
        expectTypeOf(c.event.args.path[0]!.pool).toEqualTypeOf<Address>();
      });
      app.trace("Perp.withdraw", (c) => {
        expectTypeOf(c.frame.args.amount).toEqualTypeOf<bigint>();
      });
      app.trace("Perp.*", (c) => {
        expectTypeOf(c.frame.args).toEqualTypeOf<{ readonly [name: string]: unknown } | undefined>();
      });
    },
  });
});

test("DET-03: a wrong name or type fails tsc", () => {
  const wrong = () =>
    defineDetector({
      ...about,
      id: "wrong",
      defaults: { maxBps: 500 },
      contracts: {
        Perp: {
          abi: [
            "event Withdraw(address indexed token, uint256 amount)",
            "function totalAssets() view returns (uint256)",
            "function pause()",
          ],
        },
      },
      setup(app) {
        // @ts-expect-error there is no such event
        app.on("Perp:Withdrawn", () => undefined);
        // @ts-expect-error there is no such contract
        app.on("Pool:Withdraw", () => undefined);
        // @ts-expect-error there is no such function
        app.trace("Perp.halt", () => undefined);
        app.on("Perp:Withdraw", (c) => {
          // @ts-expect-error there is no such argument
          c.event.args.user;
          // @ts-expect-error an amount is a bigint
          const amount: number = c.event.args.amount;
          // @ts-expect-error there is no such view
          c.read.Perp.totalSupply();
          // @ts-expect-error it is no view
          c.read.Perp.pause();
          // @ts-expect-error it takes no arguments
          c.read.Perp.totalAssets([1n]);
          // @ts-expect-error there is no such parameter
          c.p.maxbps;
          // @ts-expect-error what stands for a revert has the result's type
          c.read.Perp.totalAssets({ or: "nothing" });
          return amount;
        });
      },
    });
  expect(wrong).toThrow(DetectorMalformed);
});
