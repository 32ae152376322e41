import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { eventTopic } from "@testudo/core/model/signatureHash";
import { holdingRead } from "@testudo/core/signs/Holding";
import fc from "fast-check";
import { encodeErrorResult, encodeFunctionData, parseAbi } from "viem/utils";
import { describe, expect, test } from "vitest";
import type { Examined } from "./Examined.ts";
import {
  addr,
  bot,
  call,
  create,
  data,
  examined,
  examinedTree,
  feed,
  frame,
  held,
  look,
  owner,
  pool,
  pull,
  recover,
  send,
  sender,
  state,
  token,
  transferLog,
  unit,
  usd,
  vault,
  word,
  zero,
} from "./examined.testkit.ts";
import { examineTransaction } from "./examineTransaction.ts";
import type { AttackClass } from "./Report.ts";

/** What takes all that the vault has, by a call of a function that nobody knows. */
const drain = call(bot, vault, "0x11223344", [], [send(usd, vault, bot, 100n * unit)]);
const known = state([held(usd, vault, 100n * unit), ...token(usd, "USD", 6n)]);

describe("LAB-10: the call tree", () => {
  test("is read by the ABIs that were given, before the common signatures", async () => {
    const abis = [parseAbi(["function pourOut(address to, uint256 amount) returns (bool)", "error Dry(uint256 left)"])];
    const input = encodeFunctionData({ abi: abis[0]!, functionName: "pourOut", args: [bot, 5n] });
    const output = encodeErrorResult({ abi: abis[0]!, errorName: "Dry", args: [7n] });
    const failing = frame(bot, vault, input, { error: "execution reverted", output });
    const { callTree } = await examineTransaction(examined([failing], { abis }));
    expect(callTree.calls[0]).toMatchObject({
      id: 1,
      function: "pourOut(address,uint256)",
      args: [
        { name: "to", type: "address", value: bot },
        { name: "amount", type: "uint256", value: "5" },
      ],
      error: "execution reverted",
      reason: "Dry(7)",
    });
  });

  test("has the words of a revert, events with their arguments, and calldata that lies about its lengths unread", async () => {
    const words = `0x08c379a0${word(32n).slice(2)}${word(3n).slice(2)}${"6e6f2e".padEnd(64, "0")}` as Hex;
    const refused = frame(bot, usd, data("0xa9059cbb", [vault]), { error: "execution reverted", output: words });
    const { callTree } = await examineTransaction(examined([refused, send(usd, vault, bot, 5n)]));
    expect(callTree.calls[0]).toMatchObject({ function: "transfer(address,uint256)", args: [], reason: "no." });
    expect(callTree.calls[1]!.events[0]).toMatchObject({
      name: "Transfer",
      args: [{ value: vault }, { value: bot }, { value: "5" }],
    });
  });
});

describe("LAB-11: the flow of assets", () => {
  test("sums to zero for each asset, with what was minted and burned named", async () => {
    const holders = [sender, bot, vault, pool, zero, addr(99)];
    const moves = fc.array(fc.tuple(fc.nat(5), fc.nat(5), fc.bigInt(0n, 10n ** 24n)), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(moves, async (list) => {
        const calls = list.map(([from, to, amount]) => pull(usd, bot, holders[from]!, holders[to]!, amount));
        const { flow, parties } = await examineTransaction(examined(calls));
        const total = (amounts: readonly { amount: bigint }[]) => amounts.reduce((sum, one) => sum + one.amount, 0n);
        expect(total(flow.net.flatMap(({ amounts }) => amounts))).toBe(0n);
        expect(total(parties.flatMap(({ net }) => net))).toBe(0n);
        const minted = list.reduce((sum, [from, to, amount]) => (from === 4 && to !== 4 ? sum + amount : sum), 0n);
        const burned = list.reduce((sum, [from, to, amount]) => (to === 4 && from !== 4 ? sum + amount : sum), 0n);
        expect(total(flow.minted) - total(flow.burned)).toBe(minted - burned);
      }),
      { numRuns: 60 },
    );
  });

  test("counts what the actor created, here or before, as one party with it", async () => {
    const [helper, older] = [addr(0x91), addr(0x92)];
    const calls = [
      create(bot, helper),
      call(bot, vault, "0x11223344", [], [send(usd, vault, helper, 60n), send(usd, vault, older, 40n)]),
    ];
    const { parties } = await examineTransaction(
      examined(calls, { before: [{ hash: word(1n), created: [bot, older] }] }),
    );
    expect(parties[0]).toMatchObject({ role: "actor", net: [{ asset: usd, amount: 100n }] });
    expect(new Set(parties[0]!.addresses)).toEqual(new Set([sender, bot, helper, older]));
  });
});

describe("LAB-12: gains and losses", () => {
  test("are told as a share of what was held, and in money where prices are given", async () => {
    const prices = { currency: "EUR", prices: new Map([[usd, 0.5]]) };
    const report = await examineTransaction(examined([drain], { answer: known, prices }));
    expect(report.losses).toEqual([
      { party: vault, holder: vault, asset: usd, amount: 100n * unit, held: 100n * unit, share: 1 },
    ]);
    expect(report.parties.map(({ role, worth }) => [role, worth])).toEqual([
      ["actor", 50],
      ["victim", -50],
    ]);
    expect(report.flow.currency).toBe("EUR");
  });

  test("without a price for one of the assets are told in tokens alone", async () => {
    const prices = { currency: "EUR", prices: new Map<string, number>() };
    const { parties } = await examineTransaction(examined([drain], { answer: known, prices }));
    expect(parties[0]!.worth).toBe(null);
  });
});

describe("LAB-13: state that changed", () => {
  const implementation = "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc";

  test("names an implementation, an owner and a role that changed, by slot or by event", async () => {
    const diff = {
      pre: { [vault]: { balance: "0x0", nonce: 1, code: "0x60", storage: { [implementation]: word(owner) } } },
      post: { [vault]: { storage: { [implementation]: word(bot) } } },
    } as const;
    const told = (event: string, topics: readonly Hex[]) =>
      frame(bot, vault, "0x11223344", {
        logs: [{ address: vault, topics: [eventTopic(event), ...topics], data: "0x" }],
      });
    const calls = [
      told("OwnershipTransferred(address,address)", [word(owner), word(bot)]),
      told("RoleGranted(bytes32,address,address)", [word(5n), word(bot), word(owner)]),
    ];
    const { stateChanges } = await examineTransaction(examined(calls, { diff }));
    expect(stateChanges.control).toMatchObject([
      { what: "owner", before: owner, after: bot, call: 1 },
      { what: "role granted", call: 2 },
      { what: "implementation (slot)", before: owner, after: bot, call: null },
    ]);
    expect(stateChanges.contracts[0]!.slots).toEqual([
      { slot: implementation, before: word(owner), after: word(bot), name: "implementation" },
    ]);
  });

  test("names variables by a storage layout, and places of mappings by what was hashed", async () => {
    const slot = word(0xbeefn);
    const diff = { pre: {}, post: { [vault]: { storage: { [word(3n)]: word(1n), [slot]: word(9n) } } } } as const;
    const layouts = new Map([
      [
        vault,
        [
          { label: "total", slot: 3n, type: "uint256" },
          { label: "balances", slot: 4n, type: "mapping" },
        ],
      ],
    ]);
    const hashed = new Map([[slot, [word(sender), word(4n)] as const]]);
    const { stateChanges } = await examineTransaction(examined([], { diff, layouts, hashed }));
    expect(stateChanges.contracts[0]!.slots.map(({ name }) => name)).toEqual(["total", `balances[${sender}]`]);
  });
});

describe("LAB-14: prices that were read", () => {
  test("have what the source said, what it says on the state before, and the trade that moved it", async () => {
    const swap = frame(bot, pool, "0x022c0d9f", {
      logs: [
        {
          address: pool,
          topics: [eventTopic("Sync(uint112,uint112)")],
          data: `${word(200n * unit)}${word(50n * unit).slice(2)}`,
          position: 0,
        },
        {
          address: pool,
          topics: [eventTopic("Swap(address,uint256,uint256,uint256,uint256,address)"), word(bot), word(bot)],
          data: `0x${[100n * unit, 0n, 0n, 50n * unit].map((n) => word(n).slice(2)).join("")}`,
          position: 0,
        },
      ],
    });
    const read = frame(vault, pool, "0x0902f1ac", {
      type: "STATICCALL",
      output: `${word(200n * unit)}${word(50n * unit).slice(2)}`,
    });
    const borrow = call(bot, vault, "0x11223344", [], [read, send(usd, vault, bot, 100n * unit)]);
    const answer = state([
      held(usd, vault, 100n * unit),
      [
        { kind: "call", at: "parent", to: pool, data: "0x0902f1ac" },
        `${word(100n * unit)}${word(100n * unit).slice(2)}`,
      ],
    ]);
    const report = await examineTransaction(examined([swap, borrow], { answer }));
    expect(report.oracleReads).toEqual([
      {
        call: 3,
        reader: vault,
        source: pool,
        method: "getReserves()",
        inside: 25n * 10n ** 16n,
        before: 10n ** 18n,
        change: -0.75,
        movedBy: [{ call: 1, pool, change: expect.closeTo(-0.75, 9) }],
      },
    ]);
    expect(report.rootCause).toMatchObject({ class: "price-manipulation", contract: pool, call: 3 });
  });

  test("of the actor itself are left out", async () => {
    const { oracleReads } = await examineTransaction(
      examined([look(bot, feed, "0x50d25bcd", 5n), drain], { answer: known }),
    );
    expect(oracleReads).toEqual([]);
  });
});

describe("LAB-15: the classification", () => {
  const paid = send(usd, vault, bot, 100n * unit);
  const flash = call(
    bot,
    pool,
    "0x5cffe9de",
    [bot, usd, 100n],
    [send(usd, pool, bot, 100n), call(pool, bot, "0x23e30c8b", [bot, usd, 100n, 0n], [send(usd, bot, pool, 100n)])],
  );
  const moved = (selector: Hex, source: Address) => ({
    calls: [call(bot, vault, "0x11223344", [], [look(vault, source, selector, 300n), paid])],
    answer: state([held(usd, vault, 100n * unit), [{ kind: "call", at: "parent", to: source, data: selector }, 100n]]),
  });
  const victim = addr(0x77);
  const take = data("0x23b872dd", [victim, bot, 50n * unit]);
  const cases: readonly (readonly [AttackClass, readonly CallFrame[], Partial<Examined>?])[] = [
    ["flash-loan", [flash]],
    ["price-manipulation", moved("0x50d25bcd", feed).calls, { answer: moved("0x50d25bcd", feed).answer }],
    ["donation", moved("0x99530b06", feed).calls, { answer: moved("0x99530b06", feed).answer }],
    [
      "reentrancy",
      [
        call(
          bot,
          vault,
          "0x2e1a7d4d",
          [1n],
          [frame(vault, bot, "0x", { calls: [call(bot, vault, "0x11223344", [], [paid])] })],
        ),
      ],
    ],
    ["rounding", [call(bot, vault, "0xdb006a75", [2n], [paid])]],
    ["access-control", [drain]],
    [
      "arbitrary-call",
      [
        frame(bot, vault, `0x11223344${word(usd).slice(2)}${take.slice(2)}`, {
          calls: [frame(vault, usd, take, { output: word(1n), logs: [transferLog(usd, victim, bot, 50n * unit)] })],
        }),
      ],
    ],
    ["approval-drain", [call(bot, vault, "0x11223344", [], [pull(usd, vault, victim, bot, 50n * unit)])]],
    ["uninitialised-proxy", [call(bot, vault, "0x8129fc1c"), drain]],
    ["governance", [call(bot, vault, "0x56781388", [1n, 1n])], { before: [{ hash: word(1n), created: [bot] }] }],
    [
      "bridge-message",
      [
        call(
          bot,
          vault,
          "0x11223344",
          [],
          [look(vault, recover, "0x1234", 7n), look(vault, recover, "0x1235", 8n), paid],
        ),
      ],
    ],
  ];

  for (const [one, calls, more] of cases)
    test(`tells ${one} with what shows it`, async () => {
      const { classification } = await examineTransaction(examined(calls, { answer: known, ...more }));
      const found = classification.find((told) => told.class === one);
      expect(found?.evidence.length).toBeGreaterThan(0);
      for (const { text } of found!.evidence) expect(text).toMatch(/\.$/);
    });

  test("tells read-only re-entrancy where a view was relied on while its contract was open", async () => {
    // The pool calls out in the middle of a withdrawal; a lender asks it for a price and pays by it.
    const lender = addr(0x78);
    const borrow = call(
      bot,
      lender,
      "0xc5ebeaec",
      [5n],
      [look(lender, pool, "0xbb7b8b80", 300n), send(usd, lender, bot, 100n * unit)],
    );
    const open = call(
      bot,
      pool,
      "0x5b36389c",
      [1n],
      [frame(pool, bot, "0x", { value: 5n, calls: [borrow] }), send(usd, pool, bot, 5n)],
    );
    const { classification } = await examineTransaction(
      examined([open], { answer: state([held(usd, lender, 100n * unit)]) }),
    );
    expect(classification.map((told) => told.class)).toContain("read-only-reentrancy");
  });

  test("of a plain payment is empty, and its verdict ordinary", async () => {
    const plain = frame(sender, owner, "0x", { value: 5n * 10n ** 18n });
    const report = await examineTransaction(
      examinedTree(plain, { answer: state([[holdingRead("native", owner, "parent"), 1n]]) }),
    );
    expect(report).toMatchObject({
      verdict: "ordinary",
      classification: [],
      rootCause: null,
      defences: [],
      findings: [],
    });
    expect(report.sentence).toBe("0x5e5e…0a01 sent 5 ETH to recipient 0x5e5e…0a08.");
  });

  test("of a plain trade is ordinary too", async () => {
    const trade = frame(sender, pool, "0x022c0d9f", { calls: [send(usd, pool, sender, 5n)], logs: [] });
    const pay = pull(addr(0x55), pool, sender, pool, 7n);
    const report = await examineTransaction(
      examinedTree({ ...trade, calls: [pay, ...trade.calls] }, { answer: known }),
    );
    expect(report.verdict).toBe("ordinary");
  });
});

describe("LAB-15: who is protected", () => {
  // A twelfth leaves by a function that nobody knows, to somebody who calls it himself.
  const small = frame(sender, vault, "0x11223344", { calls: [send(usd, vault, sender, 8n * unit)] });
  const answer = state([held(usd, vault, 96n * unit), ...token(usd, "USD", 6n)]);

  test("and lost something by a kind of attack is told so", async () => {
    const report = await examineTransaction(examinedTree(small, { answer, protect: [vault] }));
    expect(report.verdict).toBe("suspicious");
    expect(report.sentence).toContain("Protected 0x5e5e…0a03 lost 8.3 % of what it held.");
    expect(report.parties.find(({ id }) => id === vault)).toMatchObject({
      role: "counterparty",
      name: "protected 0x5e5e…0a03",
      isProtected: true,
    });
  });

  test("and lost nothing makes nothing suspicious", async () => {
    const pays = frame(sender, vault, "0x11223344", { calls: [pull(usd, vault, sender, vault, 8n * unit)] });
    const report = await examineTransaction(examinedTree(pays, { answer, protect: [vault] }));
    expect(report.verdict).toBe("ordinary");
  });

  test("a kind of attack that somebody lost by is never ordinary", async () => {
    const report = await examineTransaction(examinedTree(small, { answer }));
    expect(report.classification.map((one) => one.class)).toEqual(["access-control"]);
    expect(report.verdict).toBe("suspicious");
    expect(report.sentence).toContain(" One sign of missing access control is there.");
  });
});

describe("LAB-16: what a person reads", () => {
  test("begins with one sentence of who took what from whom, and how", async () => {
    const { sentence, verdict, defences } = await examineTransaction(examined([drain], { answer: known }));
    expect(verdict).toBe("attack");
    expect(sentence).toBe(
      "0x5e5e…0a01 with 1 contract of its own took 100 USD from 0x5e5e…0a03, up to 100 % of what was held there.",
    );
    expect(defences[0]).toEqual({
      module: "FlowLimiter",
      effect: "100 USD left, 100 % of what was held. A cap of 10 % an hour would have let 10 USD go and held the rest.",
    });
  });

  test("of a transaction that failed is its reason", async () => {
    const output = `0x08c379a0${word(32n).slice(2)}${word(4n).slice(2)}${"46756c6c".padEnd(64, "0")}` as Hex;
    const failed = frame(sender, vault, "0x11223344", { error: "execution reverted", output });
    const { sentence, verdict } = await examineTransaction(examinedTree(failed));
    expect([sentence, verdict]).toEqual(["The transaction failed (Full) and changed nothing but its fee.", "ordinary"]);
  });

  test("has the steps in their order, each with its call", async () => {
    const { timeline } = await examineTransaction(examined([drain], { answer: known }));
    expect(timeline).toEqual([
      { kind: "begin", call: 0, text: "The sender 0x5e5e…0a01 called attack() of the actor's 0x5e5e…0a02." },
      { kind: "transfer", call: 2, text: "Victim 0x5e5e…0a03 sent 100 USD to the actor's 0x5e5e…0a02." },
    ]);
  });

  test("says what could not be known", async () => {
    const { limits } = await examineTransaction(examined([drain]));
    expect(limits[0]).toContain("No state is known");
  });
});
