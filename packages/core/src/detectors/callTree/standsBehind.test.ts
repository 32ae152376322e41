import { expect, test } from "vitest";
import type { Asset } from "../../model/Asset.ts";
import { addr } from "../../model/detectorCase.testkit.ts";
import type { Address } from "../../model/Hex.ts";
import type { Story } from "./Story.ts";
import { openBehind } from "./standsBehind.ts";

const [router, actor, pool] = [addr(1), addr(2), addr(3)];
const coin: Asset = addr(9);

/** A story of which only what is looked at here is there. */
const story = (moves: readonly [Address, Address][], net: ReadonlyMap<Address, bigint> = new Map()) =>
  ({
    moves: moves.map(([from, to]) => ({ asset: coin, from, to, amount: 10n ** 18n })),
    net: new Map([...net].map(([a, n]) => [a, new Map([[coin, n]])])),
    wrapped: new Set(),
    actors: new Set([actor]),
  }) as unknown as Story;

test("behavior: who passes an asset on deals for others, who keeps it and the holder do not", () => {
  const routed = story([
    [actor, router],
    [pool, router],
  ]);
  expect([...openBehind(routed)(router, coin, "givers", pool)]).toEqual([router, actor]);
  const kept = story([[actor, router]], new Map([[router, 10n ** 18n]]));
  expect([...openBehind(kept)(router, coin, "givers", pool)]).toEqual([router]);
});

test("security: a crowd behind a router is looked at no further than 64, so that no transaction costs its square", () => {
  const crowd = story(Array.from({ length: 5_000 }, (_, i) => [addr(100 + i), router]));
  expect(openBehind(crowd)(router, coin, "givers", pool).size).toBe(64);
});
