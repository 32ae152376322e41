import fc from "fast-check";
import { expect, test } from "vitest";
import { addr, topicOf, viewsOf, word } from "../model/detectorCase.testkit.ts";
import { type Hex, toWord } from "../model/Hex.ts";
import type { OptionsMarket } from "../model/OptionsVaultAdapter.ts";
import type { PerpMarket } from "../model/PerpAdapter.ts";
import type { Trade } from "../model/ProtocolEvent.ts";
import { eventTopic, mappingSlot } from "../model/signatureHash.ts";
import { aaveAdapter } from "./aaveAdapter.ts";
import { coveredCallAdapter } from "./coveredCallAdapter.ts";
import { curieAdapter } from "./curieAdapter.ts";
import { morphoBlueAdapter } from "./morphoBlueAdapter.ts";
import { referencePerpAdapter } from "./referencePerpAdapter.ts";

const id = topicOf(7n);
const [core, account, other, base] = [addr(0xc0), addr(0xa), addr(0xb), addr(0xba5e)];
const adapters = [
  referencePerpAdapter({
    perp: core,
    oracle: core,
    parameters: core,
    fund: core,
    decimals: 6,
    markets: [{ name: "M", id }],
  }),
  curieAdapter({
    clearingHouse: core,
    vault: core,
    accountBalance: core,
    exchange: core,
    insuranceFund: addr(0xf),
    clearingHouseConfig: core,
    markets: [{ name: "M", baseToken: base, pool: addr(0x900) }],
  }),
  morphoBlueAdapter({
    morpho: core,
    markets: [
      {
        name: "M",
        id,
        oracle: core,
        collateralToken: core,
        loanDecimals: 6,
        collateralDecimals: 18,
        lltv: 8n * 10n ** 17n,
      },
    ],
  }),
  coveredCallAdapter({ vault: core, underlyingDecimals: 18 }),
  aaveAdapter({
    pool: core,
    oracle: core,
    markets: [{ name: "M", collateral: base, collateralDecimals: 18, aToken: core, debt: other, debtDecimals: 6 }],
  }),
];
const log = (text: string, topics: readonly Hex[], words: readonly (bigint | Hex)[]) => ({
  address: core,
  topics: [eventTopic(text), ...topics],
  data: `0x${words.map((w) => (typeof w === "bigint" ? toWord(BigInt.asUintN(256, w)) : toWord(w))).join("")}` as Hex,
});
const events = (adapter: (typeof adapters)[number], ...logs: ReturnType<typeof log>[]) =>
  adapter.events(viewsOf({ txs: [{ logs }] })[0]!);

test("DERIV-01: a forced fill on ReferencePerp is told from a wanted one by the word that follows it", () => {
  const filled = log(
    "Filled(address,bytes32,int256,uint256,int256)",
    [topicOf(account), id],
    [-3n * 10n ** 18n, 2n * 10n ** 21n, 0n],
  );
  expect(events(adapters[0]!, filled)).toMatchObject([{ kind: "trade", size: -3n * 10n ** 18n, role: "taker" }]);
  const forced = log(
    "Liquidated(address,bytes32,address,int256,uint256)",
    [topicOf(account), id, topicOf(other)],
    [-3n * 10n ** 18n, 1n],
  );
  expect(events(adapters[0]!, filled, forced)).toMatchObject([
    { kind: "trade", role: "liquidation" },
    { kind: "liquidation", account, by: other, notional: 6_000n * 10n ** 18n },
  ]);
});

test("DERIV-02: on Curie what an order brings when it is taken away is its maker's, and a liquidator no taker", () => {
  const changed = (who: Hex) =>
    log(
      "PositionChanged(address,address,int256,int256,uint256,int256,int256,uint256)",
      [topicOf(who), topicOf(base)],
      [2n * 10n ** 18n, -202n * 10n ** 18n, 0n, 0n, 0n, 0n],
    );
  expect(events(adapters[1]!, changed(account))).toMatchObject([{ role: "taker", price: 101n * 10n ** 18n }]);
  const away = log(
    "LiquidityChanged(address,address,address,int24,int24,int256,int256,int128,uint256)",
    [topicOf(account), topicOf(base), topicOf(base)],
    [45_900n, 46_200n, 0n, 0n, -5n, 0n],
  );
  for (const order of [[changed(account), away] as const, [away, changed(account)] as const])
    expect(events(adapters[1]!, ...order).find(({ kind }) => kind === "trade")).toMatchObject({ role: "maker" });
  const forced = log(
    "PositionLiquidated(address,address,uint256,uint256,uint256,address)",
    [topicOf(account), topicOf(base)],
    [202n * 10n ** 18n, 2n * 10n ** 18n, 0n, other],
  );
  const roles = events(adapters[1]!, changed(account), changed(other), forced).map((e) =>
    e.kind === "trade" ? e.role : e.kind,
  );
  expect(roles).toEqual(["liquidation", "liquidation", "liquidation"]);
});

test("DERIV-03: on Morpho Blue a loan is its owner's, whoever asks for it", () => {
  const lent = log(
    "Borrow(bytes32,address,address,address,uint256,uint256)",
    [id, topicOf(account), topicOf(other)],
    [other, 5_000_000n, 1n],
  );
  expect(events(adapters[2]!, lent)).toMatchObject([{ kind: "debt", account, by: other, amount: 5n * 10n ** 18n }]);
  const read = adapters[2]!.account("M", account, "block");
  const answers = [
    { ok: true, value: `0x${toWord(0n)}${toWord(80n * 10n ** 12n)}${toWord(100n * 10n ** 18n)}` as Hex },
    { ok: true, value: `0x${[0n, 0n, 80_000_000n, 80n * 10n ** 12n].map(toWord).join("")}` as Hex },
    word(2n * 10n ** 24n),
  ] as const;
  expect(read.decode(answers)).toMatchObject({
    collateral: 200n * 10n ** 18n,
    size: 100n * 10n ** 18n,
    debt: 80n * 10n ** 18n,
  });
});

test("DERIV-03: on Aave what is given, borrowed and sent on is its owner's, in v3 and v2, and another reserve's is not", () => {
  const [usdc, thin] = [topicOf(other), topicOf(base)];
  const given = (name: string) =>
    log(
      `${name}(address,address,address,uint256,uint16)`,
      [thin, topicOf(account), topicOf(0n)],
      [other, 7n * 10n ** 18n],
    );
  const lent = (mode: string) =>
    log(
      `Borrow(address,address,address,uint256,${mode},uint256,uint16)`,
      [usdc, topicOf(account), topicOf(0n)],
      [other, 5_000_000n, 2n, 1n],
    );
  const wad = 10n ** 18n;
  for (const log of [given("Supply"), given("Deposit")])
    expect(events(adapters[4]!, log)).toMatchObject([{ kind: "collateral", account, by: other, amount: 7n * wad }]);
  for (const log of [lent("uint8"), lent("uint256")])
    expect(events(adapters[4]!, log)).toMatchObject([{ kind: "debt", account, by: other, amount: 5n * wad }]);
  expect(
    events(adapters[4]!, { ...lent("uint8"), topics: [lent("uint8").topics[0]!, thin, topicOf(account), id] }),
  ).toEqual([]);
  const sent = (from: Hex, to: Hex) =>
    log("Transfer(address,address,uint256)", [topicOf(from), topicOf(to)], [3n * wad]);
  expect(events(adapters[4]!, sent(account, other))).toMatchObject([
    { kind: "collateral", account, amount: -3n * wad },
    { kind: "collateral", account: other, amount: 3n * wad },
  ]);
  expect(events(adapters[4]!, sent(addr(0), account), sent(account, addr(0)))).toEqual([]);
  const forced = log(
    "LiquidationCall(address,address,address,uint256,uint256,address,bool)",
    [thin, usdc, topicOf(account)],
    [2_000_000n, wad, other, 0n],
  );
  expect(events(adapters[4]!, forced)).toMatchObject([{ kind: "liquidation", account, by: other, notional: 2n * wad }]);
});

test("DERIV-03: on Aave an account is one over all its reserves, in units of what is owed, at the threshold that it has", () => {
  const words = (...values: readonly bigint[]) =>
    ({ ok: true, value: `0x${values.map(toWord).join("")}` as Hex }) as const;
  const wad = 10n ** 18n;
  // 300 dollars of collateral, 100 of it in this reserve at 2 a piece; 80 are owed in a token that is worth half a dollar.
  const account5 = adapters[4]!.account("M", account, "block");
  const prices = [words(200_000_000n), words(50_000_000n)];
  const sums = words(300n * 10n ** 8n, 80n * 10n ** 8n, 0n, 8_000n, 7_500n, 3n * wad);
  expect(account5.decode([sums, words(50n * wad), ...prices])).toEqual({
    collateral: 600n * wad,
    debt: 160n * wad,
    required: 200n * wad,
    size: 50n * wad,
    exposure: 200n * wad,
    requiredExposure: 0n,
  });
  // The reserve's number stands elsewhere on v2; two bits of the account's own word are of it.
  const [token, used] = [BigInt(core), (id: bigint) => words(2n << (2n * id))];
  const [v3, v2] = [
    [0n, 0n, 0n, 0n, 0n, 0n, 3n, token],
    [0n, 0n, 0n, 0n, 0n, 0n, token, 0n, 0n, 0n, 3n],
  ];
  const exposed = (threshold: bigint, rest: readonly bigint[], usage: bigint) => {
    const reserve = words(threshold << 16n, ...rest);
    return account5.decode([sums, words(50n * wad), ...prices, reserve, used(usage)])!.exposure;
  };
  expect([v3, v2].map((reserve) => exposed(8_000n, reserve, 3n))).toEqual([200n * wad, 200n * wad]);
  expect([v3, v2].map((reserve) => exposed(8_000n, reserve, 2n))).toEqual([0n, 0n]);
  expect([v3, v2].map((reserve) => exposed(0n, reserve, 3n))).toEqual([0n, 0n]);
  const market = adapters[4]!.market("M", "block");
  // Loan to value 75 %, threshold 80 %.
  const configuration = words((8_000n << 16n) | 7_500n);
  expect(market.decode([...prices, configuration, words(9n * wad)])).toEqual({
    price: 4n * wad,
    fund: 0n,
    liquidationLtv: (8n * wad) / 10n,
    collateralSupply: 9n * wad,
  });
  expect(market.decode([prices[0]!, words(0n), configuration, words(9n * wad)])).toBeUndefined();
});

test("DERIV-04: what an option is held to be worth is never above the normal model's price", () => {
  // Time value of Bachelier: σ√T·S·(φ(d) − d·(1 − Φ(d))), Φ by numerical integration.
  const bachelier = (distance: number, width: number) => {
    const d = distance / width;
    const phi = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
    const steps = 20_000;
    let tail = 0;
    for (let i = 0; i < steps; i++) tail += phi(d + ((i + 0.5) * 12) / steps) * (12 / steps);
    return width * (phi(d) - d * tail);
  };
  const wad = (x: number) => BigInt(Math.round(x * 1e9)) * 10n ** 9n;
  const range = fc.double({ min: 0.5, max: 2, noNaN: true });
  fc.assert(
    fc.property(range, fc.integer({ min: 3_600, max: 60 * 86_400 }), (moneyness, seconds) => {
      const market = {
        price: wad(100),
        reference: wad(100),
        strike: wad(100 * moneyness),
        expiry: BigInt(seconds),
        now: 0n,
        outstanding: 0n,
      };
      const trade = {
        kind: "trade",
        role: "taker",
        size: 1n,
        price: 0n,
        market: "calls",
        account,
        logIndex: 0,
      } as Trade;
      const { value } = coveredCallAdapter({ vault: core, underlyingDecimals: 18 }).worth(
        trade,
        market as OptionsMarket,
      )!;
      const width = 0.3 * Math.sqrt(seconds / 31_536_000);
      const most = Math.max(0, 1 - moneyness) + bachelier(Math.abs(Math.log(moneyness)), width);
      expect(Number(value) / 1e20).toBeLessThanOrEqual(most + 1e-6);
    }),
    { numRuns: 60 },
  );
});

test("DERIV-11: ReferencePerp's funding is bounded by its formula at the prices of both blocks", () => {
  const perp = referencePerpAdapter({
    perp: core,
    oracle: core,
    parameters: core,
    fund: core,
    decimals: 6,
    markets: [{ name: "M", id }],
  });
  const wad = 10n ** 18n;
  const at = (price: bigint, accruedAt: bigint): PerpMarket => ({
    price: price * wad,
    long: 30n * wad,
    short: 10n * wad,
    accruedAt,
    funding: { rate: 0n, cap: wad / 100n, scale: 400_000n * wad, cumulative: 0n },
  });
  // 20 of 2,000 is a tenth of the scale: 0.1 % a day; half a day at 2,000 is 1 and at 2,200 (a skew of 44,000) 1.21.
  const bounds = perp.fundingBounds!("M", at(2_000n, 1_000n), at(2_200n, 1_000n + 43_200n))!;
  expect(Number(bounds.least) / 1e18).toBeCloseTo(1, 9);
  expect(Number(bounds.most) / 1e18).toBeCloseTo(1.21, 9);
  expect(perp.fundingBounds!("M", at(2_000n, 5n), at(2_200n, 5n))).toEqual({ least: 0n, most: 0n });
  expect(perp.fundingBounds!("M", at(2_000n, 0n), at(2_200n, 5n))).toBeUndefined();
});

test("DET-05: nothing that anybody emits or answers makes an adapter throw", () => {
  const bytes = fc.uint8Array({ maxLength: 400 }).map((b) => `0x${Buffer.from(b).toString("hex")}` as Hex);
  const topics = [
    "Filled(address,bytes32,int256,uint256,int256)",
    "Liquidated(address,bytes32,address,int256,uint256)",
    "PositionChanged(address,address,int256,int256,uint256,int256,int256,uint256)",
    "LiquidityChanged(address,address,address,int24,int24,int256,int256,int128,uint256)",
    "PositionLiquidated(address,address,uint256,uint256,uint256,address)",
    "Borrow(bytes32,address,address,address,uint256,uint256)",
    "Liquidate(bytes32,address,address,uint256,uint256,uint256,uint256,uint256)",
    "OptionBought(address,uint256,uint256)",
    "Supply(address,address,address,uint256,uint16)",
    "Repay(address,address,address,uint256,bool)",
    "LiquidationCall(address,address,address,uint256,uint256,address,bool)",
    "Transfer(address,address,uint256)",
  ].map(eventTopic);
  const topic = fc.constantFrom(...topics, id, topicOf(base), topicOf(account));
  const logs = fc.array(fc.record({ topics: fc.array(topic, { maxLength: 4 }), data: bytes }), { maxLength: 6 });
  fc.assert(
    fc.property(
      logs,
      fc.array(fc.oneof(bytes, fc.constant(undefined)), { minLength: 8, maxLength: 8 }),
      (list, values) => {
        for (const adapter of adapters) {
          adapter.events(viewsOf({ txs: [{ logs: list.map((l) => ({ ...l, address: core })) }] })[0]!);
          for (const query of [
            adapter.market(adapter.markets[0]!, "block"),
            adapter.account(adapter.markets[0]!, account, "block"),
          ])
            query.decode(
              values
                .slice(0, query.reads.length)
                .map((v) => (v === undefined ? { ok: false, error: "" } : { ok: true, value: v })),
            );
        }
      },
    ),
  );
});

test("a mapping's slot is the hash of key and slot, as Solidity lays it out", () => {
  expect(eventTopic("Transfer(address,address,uint256)")).toMatch(/^0xddf252ad/);
  // The hash of 64 zero bytes, and of a one followed by a zero: known from every storage dump.
  expect(mappingSlot(topicOf(0n), 0n)).toBe(0xad3228b676f7d3cd4284a5443f17f1962b36e491b30a40b2405849e597ba5fb5n);
  expect(mappingSlot(topicOf(1n), 0n)).toBe(0xada5013122d395ba3c54772283fb069b10426056ef8ca54750cb9bb552a59e7dn);
});

const upper = (text: Hex): Hex => `0x${text.slice(2).toUpperCase()}`;

test("CAT-02: addresses and ids in whatever case are the ones that logs have in lower case", () => {
  const [house, token, key] = [addr(0xcafe), addr(0xba5e), topicOf(0xabcdefn)];
  const curie = curieAdapter({
    clearingHouse: upper(house),
    vault: upper(house),
    accountBalance: house,
    exchange: house,
    insuranceFund: house,
    clearingHouseConfig: house,
    markets: [{ name: "M", baseToken: upper(token), pool: house }],
  });
  const terms = { name: "M", loanDecimals: 6, collateralDecimals: 18, lltv: 8n * 10n ** 17n };
  const morpho = morphoBlueAdapter({
    morpho: upper(house),
    markets: [{ ...terms, id: upper(key), oracle: house, collateralToken: house }],
  });
  const opened = log(
    "PositionChanged(address,address,int256,int256,uint256,int256,int256,uint256)",
    [topicOf(account), topicOf(token)],
    [10n ** 18n, -(10n ** 20n), 0n, 0n, 0n, 0n],
  );
  const secured = log(
    "SupplyCollateral(bytes32,address,address,uint256)",
    [key, topicOf(account), topicOf(account)],
    [5n],
  );
  const heard = (adapter: Pick<typeof curie, "events">, one: typeof opened) =>
    adapter.events(viewsOf({ txs: [{ logs: [{ ...one, address: house }] }] })[0]!).map(({ kind }) => kind);
  expect([curie.subject, morpho.subject]).toEqual([house, house]);
  expect([heard(curie, opened), heard(morpho, secured)]).toEqual([["trade"], ["collateral"]]);
});

test("error: a place that is left out, or no address, is refused by name", () => {
  const place = { vault: core, underlyingDecimals: 18 };
  expect(() => coveredCallAdapter({ ...place, vault: "0x12" })).toThrow(
    "`vault` of coveredCallAdapter: it is no address.",
  );
  expect(() => curieAdapter({ vault: core } as never)).toThrow(
    "`clearingHouse` of curieAdapter: an address is needed.",
  );
  const market = { name: "M", id: "0x07" as Hex, oracle: core, collateralToken: core };
  expect(() => morphoBlueAdapter({ morpho: core, markets: [market as never] })).toThrow(
    "`markets.0.id` of morphoBlueAdapter",
  );
});
