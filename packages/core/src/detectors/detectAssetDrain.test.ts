import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { zeroAddress } from "../model/Asset.ts";
import { useDetector } from "../model/Detector.ts";
import {
  addr,
  type CaseBlock,
  type CaseLog,
  frame,
  holdings,
  runDetector,
  topicOf,
  transferLog,
  word,
} from "../model/detectorCase.testkit.ts";
import { type Address, type Hex, toWord } from "../model/Hex.ts";
import { topic } from "../model/KnownSignature.ts";
import { poolState } from "./assetDrain/drainCase.testkit.ts";
import { detectAssetDrain } from "./detectAssetDrain.ts";

const vault = addr(0x1001);
const [thief, contract, helper, lender, pool] = [addr(0xbad), addr(0xbad1), addr(0xbad2), addr(0x1e4d), addr(0x9001)];
const [usd, eth, junk] = [addr(0x701), addr(0x702), addr(0x703)];
const use = useDetector(detectAssetDrain);
const lots = 10n ** 24n;

/** A call into the vault, whose code looks at its balance of what is paid, as pools do. */
const enters = frame({
  from: contract,
  to: vault,
  calls: [frame({ type: "STATICCALL", from: vault, to: eth, input: `0x70a08231${toWord(vault)}` })],
});

type Row = readonly [Address, string, bigint, bigint];
const run = (blocks: readonly CaseBlock[], watched: readonly Address[] = [vault]) =>
  runDetector(use, watched, blocks).map((list) => list.map((f) => f));
const flagsOf = (f: { evidence: object } | undefined) => (f?.evidence as { flags: string[] } | undefined)?.flags;

/** A call of the thief's contract into the vault, which pays `amount` of `token` to `to`. */
const drainCall = (token: Address, to: Address, amount: bigint, more: readonly ReturnType<typeof frame>[] = []) =>
  frame({
    from: thief,
    to: contract,
    calls: [
      ...more,
      frame({
        from: contract,
        to: vault,
        input: "0x11111111",
        calls: [
          frame({
            from: vault,
            to: token,
            input: `0xa9059cbb${toWord(to)}${toWord(amount)}`,
            output: `0x${toWord(1n)}`,
          }),
        ],
      }),
    ],
  });
const drain = (
  amount: bigint,
  rows: readonly Row[],
  extra: { logs?: readonly CaseLog[]; has?: CaseBlock["has"] } = {},
): CaseBlock => ({
  txs: [
    {
      from: thief,
      to: contract,
      logs: [transferLog(usd, vault, contract, amount), ...(extra.logs ?? [])],
      trace: drainCall(usd, contract, amount),
    },
  ],
  state: holdings(rows),
  ...(extra.has ? { has: extra.has } : {}),
});

describe("Z1 with and without a sign", () => {
  test("a full drain by an old contract is high, by one created in view critical", () => {
    const old = run([drain(lots, [[vault, usd, lots, 0n]])]);
    expect(old[0]).toMatchObject([
      { severity: "high", subject: vault, score: 1, evidence: { loss: 1, flags: ["Z1", "Z2"] } },
    ]);
    const deploy: CaseBlock = {
      txs: [{ from: thief, to: null, trace: frame({ type: "CREATE", from: thief, to: contract }) }],
    };
    const young = run([deploy, drain(lots, [[vault, usd, lots, 0n]])]);
    expect(young[1]).toMatchObject([{ severity: "critical", evidence: { flags: ["Z1", "Z2", "Z3"] } }]);
  });

  test("Z3 ends when the contract is no longer young, and what is known of its making is given back later", () => {
    const deploy: CaseBlock = {
      number: 100,
      txs: [{ from: thief, to: null, trace: frame({ type: "CREATE", from: thief, to: contract }) }],
    };
    const cells = new Map();
    runDetector(use, [vault], [deploy], cells);
    expect([...cells.keys()].filter((k) => k.includes(contract))).toHaveLength(1);
    const late = runDetector(use, [vault], [{ ...drain(lots, [[vault, usd, lots, 0n]]), number: 9_500 }], cells);
    expect(late[0]).toMatchObject([{ severity: "high" }]);
    const known = () => [...cells.keys()].filter((k) => k.includes(`made:${contract}`)).length;
    expect(known()).toBe(1);
    runDetector(use, [vault], [{ txs: [], number: 52_000 }], cells);
    expect(known()).toBe(0);
  });

  test("a flash loan beside it makes it critical (Z4)", () => {
    const block = drain(lots, [[vault, usd, lots, 0n]], {
      logs: [transferLog(eth, lender, contract, 5n), transferLog(eth, contract, lender, 5n)],
    });
    expect(flagsOf(run([block])[0]![0])).toEqual(["Z1", "Z2", "Z4"]);
    expect(run([block])[0]).toMatchObject([{ severity: "critical" }]);
  });

  test("a re-entered vault makes it critical (Z5)", () => {
    const inner = frame({ from: contract, to: vault, input: "0x33333333" });
    const trace = frame({
      from: thief,
      to: contract,
      calls: [
        frame({
          from: contract,
          to: vault,
          input: "0x22222222",
          calls: [frame({ from: vault, to: contract, calls: [inner] })],
        }),
      ],
    });
    const block: CaseBlock = {
      txs: [{ from: thief, to: contract, logs: [transferLog(usd, vault, contract, lots)], trace }],
      state: holdings([[vault, usd, lots, 0n]]),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "critical", evidence: { flags: ["Z1", "Z2", "Z5"] } }]);
  });

  test("an upgrade in the same transaction makes it critical (Z7), native value included", () => {
    const trace = frame({
      from: thief,
      to: contract,
      calls: [frame({ from: contract, to: vault, calls: [frame({ from: vault, to: contract, value: 50n })] })],
    });
    const log: CaseLog = {
      address: vault,
      topics: ["0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b", topicOf(contract)],
      data: "0x",
    };
    const block: CaseBlock = {
      txs: [{ from: thief, to: contract, logs: [log], trace }],
      state: holdings([[vault, "native", 50n, 0n]]),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "critical", evidence: { flags: ["Z1", "Z2", "Z7"] } }]);
  });

  test("less than the threshold is nothing", () => {
    expect(run([drain(lots / 5n - 1n, [[vault, usd, lots, (lots * 4n) / 5n + 1n]])])[0]).toEqual([]);
  });
});

describe("evasion", () => {
  const deploy: CaseBlock = {
    txs: [{ from: thief, to: null, trace: frame({ type: "CREATE", from: thief, to: contract }) }],
  };

  test("junk sent in does not hide a drain, not even when dust of it was air-dropped before", () => {
    const drop: CaseBlock = {
      txs: [{ from: thief, to: junk, logs: [transferLog(junk, thief, vault, 1n)] }],
      state: holdings([[vault, junk, 0n, 1n]]),
    };
    const paid = drain(
      lots,
      [
        [vault, usd, lots, 0n],
        [vault, junk, 1n, 1000n],
      ],
      { logs: [transferLog(junk, contract, vault, 999n)] },
    );
    expect(run([deploy, drop, paid])[2]).toMatchObject([{ severity: "critical", evidence: { loss: 1 } }]);
    const fresh = drain(
      lots,
      [
        [vault, usd, lots, 0n],
        [vault, junk, 0n, 999n],
      ],
      { logs: [transferLog(junk, contract, vault, 999n)] },
    );
    expect(run([deploy, fresh])[1]).toMatchObject([{ severity: "critical", evidence: { loss: 1 } }]);
  });

  test("a junk token that claims a balance of long standing is no payment either", () => {
    const paid = drain(
      lots,
      [
        [vault, usd, lots, 0n],
        [vault, junk, 10n ** 18n, 10n ** 30n],
      ],
      { logs: [transferLog(junk, contract, vault, 10n ** 30n - 10n ** 18n)] },
    );
    expect(run([deploy, paid])[1]).toMatchObject([{ severity: "critical", evidence: { loss: 1 } }]);
  });

  test("loot split over contracts that only receive still counts as kept", () => {
    const parts = [addr(0xd1), addr(0xd2), addr(0xd3)].map((to) => transferLog(usd, vault, to, lots / 3n));
    const block: CaseBlock = {
      txs: [{ from: thief, to: contract, logs: parts, trace: drainCall(usd, helper, lots / 3n) }],
      state: holdings([[vault, usd, lots, lots % 3n]]),
    };
    expect(flagsOf(run([deploy, block])[1]![0])).toContain("Z2");
  });

  test("a call straight to the protected address is judged too", () => {
    const trace = frame({
      from: thief,
      to: vault,
      calls: [frame({ from: vault, to: usd, input: `0xa9059cbb${toWord(thief)}${toWord(lots)}` })],
    });
    const block: CaseBlock = {
      txs: [{ from: thief, to: vault, logs: [transferLog(usd, vault, thief, lots)], trace }],
      state: holdings([[vault, usd, lots, 0n]]),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "high", evidence: { flags: ["Z1", "Z2"] } }]);
  });

  test("a drain out of a constructor counts as a young caller", () => {
    const trace = frame({
      type: "CREATE",
      from: thief,
      to: contract,
      calls: [frame({ from: contract, to: vault }), frame({ type: "SELFDESTRUCT", from: contract, to: thief })],
    });
    const block: CaseBlock = {
      txs: [{ from: thief, to: null, logs: [transferLog(usd, vault, thief, lots)], trace }],
      state: holdings([[vault, usd, lots, 0n]]),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "critical", evidence: { flags: ["Z1", "Z2", "Z3"] } }]);
  });

  test("a drain cut into ten transactions of one block is seen over the block", () => {
    const txs = Array.from({ length: 10 }, () => ({
      from: thief,
      to: contract,
      logs: [transferLog(usd, vault, contract, 3n)],
      trace: drainCall(usd, contract, 3n),
    }));
    expect(run([{ txs, state: holdings([[vault, usd, 100n, 70n]]) }])[0]).toMatchObject([
      { severity: "high", key: ["block"], evidence: { loss: 0.3 } },
    ]);
  });

  test("one's own deposit given back is no more than medium, and speaks only once", () => {
    const put: CaseBlock = {
      txs: [
        {
          from: thief,
          to: vault,
          logs: [transferLog(usd, thief, vault, 30n)],
          trace: frame({ from: thief, to: vault }),
        },
      ],
      state: holdings([[vault, usd, 70n, 100n]]),
    };
    const take = drain(30n, [[vault, usd, 100n, 70n]]);
    const [, first, second] = run([put, take, take]);
    expect(first).toMatchObject([{ severity: "medium", evidence: { isOwnMoney: true } }]);
    expect(second).toMatchObject([{ severity: "high" }]);
  });

  test("a day's interest comes back with one's own deposit, a stranger's money does not", () => {
    const put: CaseBlock = {
      txs: [
        {
          from: thief,
          to: vault,
          logs: [transferLog(usd, thief, vault, 30_000n)],
          trace: frame({ from: thief, to: vault }),
        },
      ],
      state: holdings([[vault, usd, 70_000n, 100_000n]]),
    };
    const take = (amount: bigint) => drain(amount, [[vault, usd, 100_000n, 100_000n - amount]]);
    expect(run([put, take(30_060n)])[1]).toMatchObject([{ severity: "medium", evidence: { isOwnMoney: true } }]);
    expect(run([put, take(30_070n)])[1]).toMatchObject([{ severity: "high", evidence: { isOwnMoney: false } }]);
  });
});

describe("honest business", () => {
  test("a large swap through a young contract with a flash loan raises nothing at a pool that tells its reserves", () => {
    const rows: Row[] = [
      [vault, usd, 100n, 70n],
      [vault, eth, 100n, 143n],
    ];
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: null,
          logs: [
            transferLog(eth, lender, contract, 50n),
            transferLog(eth, contract, vault, 43n),
            transferLog(usd, vault, contract, 30n),
            transferLog(eth, contract, lender, 50n),
          ],
          trace: frame({ type: "CREATE", from: thief, to: contract, calls: [enters] }),
        },
      ],
      state: poolState(vault, [usd, 100n], [eth, 100n], rows),
    };
    expect(run([block])[0]).toEqual([]);
    expect(run([{ ...block, state: holdings(rows) }])[0]).toMatchObject([{ severity: "high" }]);
  });

  test("an owner of 90 % who burns its shares through a fresh wallet raises nothing", () => {
    const state = holdings([
      [vault, usd, 100n, 10n],
      [vault, eth, 50n, 5n],
      [vault, vault, 0n, 0n],
    ]);
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: null,
          logs: [
            transferLog(vault, contract, vault, 900n),
            transferLog(vault, vault, zeroAddress, 900n),
            transferLog(usd, vault, contract, 90n),
            transferLog(eth, vault, contract, 45n),
          ],
          trace: frame({ type: "CREATE", from: thief, to: contract, calls: [enters] }),
        },
      ],
      state: (r) => (r.kind === "call" && r.to === vault && r.data === "0x18160ddd" ? word(1000n) : state(r)),
    };
    expect(run([block])[0]).toEqual([]);
    const cheap = {
      ...block,
      state: (r: Parameters<typeof state>[0]) =>
        r.kind === "call" && r.to === vault && r.data === "0x18160ddd" ? word(90_000n) : state(r),
    };
    expect(run([cheap])[0]).toMatchObject([{ severity: "critical" }]);
  });

  test("a concentrated pool that sells at its own price raises nothing, above it it does", () => {
    const sqrtPrice = 1n << 96n; // token1 per token0 = 1
    const quoted =
      (rows: readonly Row[]): NonNullable<CaseBlock["state"]> =>
      (r) => {
        if (r.kind !== "call" || r.to !== vault) return holdings(rows)(r);
        return r.data === "0x3850c7bd"
          ? word(sqrtPrice)
          : r.data === "0x0dfe1681"
            ? word(usd)
            : r.data === "0xd21220a7"
              ? word(eth)
              : undefined;
      };
    const swap = (paid: bigint): CaseBlock => ({
      txs: [
        {
          from: thief,
          to: null,
          logs: [transferLog(usd, vault, contract, 90n), transferLog(eth, contract, vault, paid)],
          trace: frame({ type: "CREATE", from: thief, to: contract, calls: [enters] }),
        },
      ],
      state: quoted([
        [vault, usd, 100n, 10n],
        [vault, eth, 10_000n, 10_000n + paid],
      ]),
    });
    expect(run([swap(95n)])[0]).toEqual([]);
    expect(run([swap(60n)])[0]).toMatchObject([{ severity: "critical" }]);
  });

  test("an exchange at the holder's usual rate raises nothing", () => {
    const trade = (out: bigint, paid: bigint): CaseBlock => ({
      txs: [
        {
          from: helper,
          to: vault,
          logs: [transferLog(usd, vault, helper, out), transferLog(eth, helper, vault, paid)],
          trace: frame({ ...enters, from: helper }),
        },
      ],
      state: holdings([
        [vault, usd, 1000n, 1000n - out],
        [vault, eth, 10n ** 9n, 10n ** 9n + paid],
      ]),
    });
    const calm = Array.from({ length: 10 }, () => trade(10n, 100n));
    expect(run([...calm, trade(500n, 5000n)])[10]).toEqual([]);
    expect(run([...calm, trade(500n, 2500n)])[10]).toMatchObject([{ severity: expect.stringMatching(/medium|high/) }]);
  });

  test("a holding of book-keeping tokens that is burned, with no gain for anybody, is medium", () => {
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: vault,
          logs: [transferLog(usd, vault, zeroAddress, 90n)],
          trace: frame({ from: thief, to: vault }),
        },
      ],
      state: holdings([[vault, usd, 100n, 10n]]),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "medium", evidence: { flags: ["Z1"] } }]);
  });

  test("of a holding beyond measure, as of book-keeping tokens minted to the full, no share is told", () => {
    const move = (from: Address, to: Address, amount: bigint) => ({
      from: thief,
      to: vault,
      logs: [transferLog(usd, from, to, amount)],
      trace: frame({ from: thief, to: vault }),
    });
    const full = 2n ** 256n - 10n;
    const state = holdings([[vault, usd, full, full]]);
    expect(run([{ txs: [move(pool, vault, 5n), move(vault, pool, 5n)], state }])[0]).toEqual([]);
  });

  test("moves between protected addresses are no loss", () => {
    const other = addr(0x1002);
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: vault,
          logs: [transferLog(usd, vault, other, 100n)],
          trace: frame({ from: thief, to: vault }),
        },
      ],
      state: holdings([
        [vault, usd, 100n, 0n],
        [other, usd, 0n, 100n],
      ]),
    };
    expect(run([block], [vault, other])[0]).toEqual([]);
  });

  test("an arbitrage whose other side paid the same price is high, not critical", () => {
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: null,
          logs: [
            transferLog(eth, contract, vault, 10n),
            transferLog(usd, vault, contract, 50n),
            transferLog(usd, contract, pool, 50n),
            transferLog(eth, pool, contract, 11n),
          ],
          trace: frame({ type: "CREATE", from: thief, to: contract, calls: [enters] }),
        },
      ],
      state: poolState(
        pool,
        [usd, 1000n],
        [eth, 230n],
        [
          [vault, usd, 100n, 50n],
          [vault, eth, 1000n, 1010n],
          [pool, usd, 1000n, 1050n],
        ],
      ),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "high", evidence: { vouchedByOthers: true } }]);
  });
});

describe("a small share of a large holding", () => {
  const claims = addr(0x704);
  const deploy: CaseBlock = {
    txs: [{ from: thief, to: null, trace: frame({ type: "CREATE", from: thief, to: contract }) }],
  };
  const loan = [transferLog(eth, lender, contract, 5n), transferLog(eth, contract, lender, 5n)];
  const taken = (logs: readonly CaseLog[], rows: readonly Row[] = []) =>
    drain(4n, [[vault, usd, 1000n, 996n], ...rows], { logs });

  test("a young contract with a loan that keeps it and paid nothing is critical, an old one high, without a loan nothing", () => {
    expect(run([deploy, taken(loan)])[1]).toMatchObject([
      { severity: "critical", evidence: { flags: ["Z2", "Z3", "Z4"] } },
    ]);
    expect(run([taken(loan)])[0]).toMatchObject([{ severity: "high" }]);
    expect(run([deploy, taken([])])[1]).toEqual([]);
  });

  test("the share counts from where balances are exact: 0.01 % of the holding", () => {
    const kept = (parts: bigint) => drain(parts, [[vault, usd, 100_000n, 100_000n - parts]], { logs: loan });
    expect(run([deploy, kept(10n)])[1]).toMatchObject([{ severity: "critical" }]);
    expect(run([deploy, kept(9n)])[1]).toEqual([]);
  });

  test("burning claims that it never held is no payment, burning those it held is", () => {
    const burn = [...loan, transferLog(claims, contract, zeroAddress, 4n)];
    expect(run([deploy, taken(burn, [[contract, claims, 0n, 0n]])])[1]).toMatchObject([{ severity: "critical" }]);
    expect(run([deploy, taken(burn, [[contract, claims, 4n, 0n]])])[1]).toEqual([]);
  });

  test("a loan sold on raises nothing where the proceeds go into another market; kept for nothing they are the loot", () => {
    const sold = [...loan, transferLog(usd, contract, pool, 4n), transferLog(eth, pool, contract, 9n)];
    expect(run([deploy, taken(sold)])[1]).toMatchObject([{ severity: "critical", evidence: { capture: 1 } }]);
    const block = taken([...sold, transferLog(eth, contract, helper, 8n)]);
    const [tx] = block.txs!;
    const market = frame({ from: contract, to: helper, input: "0x22222222" });
    const passedOn = { ...tx!, trace: { ...tx!.trace!, calls: [...tx!.trace!.calls, market] } };
    expect(run([deploy, { ...block, txs: [passedOn] }])[1]).toEqual([]);
  });
});

describe("tokens that lie", () => {
  test("ASSET-04: an event without a move of the balance is no loss", () => {
    expect(run([drain(lots, [[vault, usd, lots, lots]])])[0]).toEqual([]);
  });

  test("ASSET-04: a token whose balanceOf reverts, or answers garbage, is no loss", () => {
    expect(run([drain(lots, [])])[0]).toEqual([]);
    for (const value of ["0x", "0x01", `0x${"f".repeat(64)}`] as Hex[])
      expect(run([{ ...drain(lots, []), state: () => ({ ok: true, value }) }])[0]).toEqual([]);
  });

  test("ASSET-03: a transfer without its event is found in the balance", () => {
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: contract,
          logs: [transferLog(eth, thief, helper, 1n)],
          trace: drainCall(usd, contract, 80n),
        },
      ],
      state: holdings([[vault, usd, 100n, 20n]]),
    };
    expect(run([block])[0]).toMatchObject([{ severity: "high", evidence: { loss: 0.8, unbalanced: [usd] } }]);
  });

  test("ASSET-03: of a fee-on-transfer token the balance is believed", () => {
    const block: CaseBlock = {
      txs: [
        {
          from: thief,
          to: contract,
          logs: [transferLog(usd, vault, contract, 15n)],
          trace: drainCall(usd, contract, 15n),
        },
      ],
      state: holdings([[vault, usd, 100n, 70n]]),
    };
    expect(run([block])[0]).toMatchObject([{ evidence: { loss: 0.3 } }]);
  });

  test("without state only a gain with a strong sign is told, as an anomaly", () => {
    expect(run([drain(lots, [], { has: ["L", "X", "T"] })])[0]).toEqual([]);
    const loan = drain(lots, [], {
      has: ["L", "X", "T"],
      logs: [transferLog(eth, lender, contract, 5n), transferLog(eth, contract, lender, 5n)],
    });
    expect(run([loan])[0]).toMatchObject([{ severity: "high", class: "anomaly", evidence: { holdings: "unknown" } }]);
  });
});

test("NFTs of one collection are counted against the collection", () => {
  const logs = [1n, 2n, 3n].map(
    (id): CaseLog => ({
      address: junk,
      topics: [topic.transfer, topicOf(vault), topicOf(contract), topicOf(id)],
      data: "0x",
    }),
  );
  const block: CaseBlock = {
    txs: [
      {
        from: thief,
        to: contract,
        logs,
        trace: frame({ from: thief, to: contract, calls: [enters] }),
      },
    ],
    state: holdings([[vault, junk, 4n, 1n]]),
  };
  expect(run([block])[0]).toMatchObject([{ severity: "high", evidence: { loss: 0.75 } }]);
});

test("Z1: whatever share from 20 % up leaves uncompensated is found, and junk in any amount changes nothing", () => {
  fc.assert(
    fc.property(
      fc.bigInt(1n, 10n ** 30n),
      fc.integer({ min: 2001, max: 10_000 }),
      fc.bigInt(0n, 10n ** 30n),
      (held, bps, sent) => {
        const out = (held * BigInt(bps)) / 10_000n;
        fc.pre(out * 5n >= held);
        const rows: Row[] = [
          [vault, usd, held, held - out],
          [vault, junk, 0n, sent],
        ];
        const found = run([drain(out, rows, { logs: sent > 0n ? [transferLog(junk, contract, vault, sent)] : [] })]);
        expect(found[0]).toHaveLength(1);
      },
    ),
    { numRuns: 200 },
  );
});

test("DET-02: the same blocks twice give the same findings", () => {
  const block = drain(lots, [[vault, usd, lots, 0n]]);
  expect(run([block])).toEqual(run([block]));
});

test("a constant-product pool never raises, whatever the size of the trade", () => {
  fc.assert(
    fc.property(
      fc.bigInt(1_000n, 10n ** 27n),
      fc.bigInt(1_000n, 10n ** 27n),
      fc.bigInt(1n, 10n ** 28n),
      (x, y, paid) => {
        const out = (x * paid * 997n) / (y * 1000n + paid * 997n);
        fc.pre(out > 0n);
        const block: CaseBlock = {
          txs: [
            {
              from: thief,
              to: null,
              logs: [transferLog(eth, contract, vault, paid), transferLog(usd, vault, contract, out)],
              trace: frame({
                type: "CREATE",
                from: thief,
                to: contract,
                calls: [enters],
              }),
            },
          ],
          state: poolState(
            vault,
            [usd, x],
            [eth, y],
            [
              [vault, usd, x, x - out],
              [vault, eth, y, y + paid],
            ],
          ),
        };
        expect(run([block])[0]).toEqual([]);
      },
    ),
    { numRuns: 200 },
  );
});

const stuffedBy: Record<string, (count: number) => CaseBlock> = {
  "its transactions": (count) => ({
    txs: Array.from({ length: count }, (_, i) => ({
      from: addr(0x10_000 + i),
      to: contract,
      logs: [
        transferLog(addr(0x20_000 + i), contract, vault, 5n),
        transferLog(usd, vault, contract, 1n),
        transferLog(addr(0x30_000 + i), vault, contract, 5n),
      ],
      trace: frame({ from: addr(0x10_000 + i), to: contract, calls: Array.from({ length: 40 }, () => enters) }),
    })),
    state: (r) => word(r.kind === "call" && r.to === usd && r.at === "block" ? 9_500n : 10_000n),
  }),
  "the tokens of one": (count) => ({
    txs: [
      {
        from: thief,
        to: contract,
        logs: [
          transferLog(usd, vault, contract, 5_000n),
          ...Array.from({ length: 10 * count }, (_, i) =>
            transferLog(addr(0x30_000 + i), vault, addr(0x40_000 + i), 5n),
          ),
        ],
      },
    ],
    state: (r) => word(r.kind === "call" && r.to === usd && r.at === "block" ? 5_000n : 10_000n),
  }),
};

test.each(Object.entries(stuffedBy))(
  "DET-05: judging a block stuffed with junk tokens grows with %s, not with their square",
  (_, stuffed) => {
    // Time of our own on a processor, so that it says the same on a busy machine; the least of seven is nearly free of noise.
    const leastWork = (block: CaseBlock) =>
      Math.min(
        ...Array.from({ length: 7 }, () => {
          const before = process.cpuUsage();
          run([block]);
          const { user, system } = process.cpuUsage(before);
          return user + system;
        }),
      );
    const [small, large] = [stuffed(100), stuffed(800)];
    leastWork(small);
    // Eight times as many: a square would be 64 times the work.
    expect(leastWork(large) / leastWork(small)).toBeLessThan(30);
  },
);
