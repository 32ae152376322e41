import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { addr, frame } from "../../model/detectorCase.testkit.ts";
import type { Address, Hex } from "../../model/Hex.ts";
import { foldLoops, pathsOf } from "./pathOf.ts";

const [vault, oracle, token, user] = [1, 2, 3, 4].map((n) => addr(0x1000 + n)) as Address[];
const set = new Set([vault!, oracle!]);
const [deposit, read, transfer] = ["0x11111111", "0x22222222", "0x33333333"] as Hex[];
const call = (from: Address, to: Address, input: Hex, calls: ReturnType<typeof frame>[] = [], more = {}) =>
  frame({ from, to, input, calls, ...more });
const texts = (root: ReturnType<typeof frame>) => pathsOf(root, set).map((p) => `${p.kind} ${p.text}`);

describe("a path", () => {
  const use = (via: Address, tokenAt: Address, argument: string, rounds = 1, more = {}) =>
    call(user!, via, "0x99999999", [
      call(
        via,
        vault!,
        `${deposit}${argument}` as Hex,
        [
          call(vault!, oracle!, read!),
          ...Array.from({ length: rounds }, () =>
            call(vault!, tokenAt, transfer!, [call(tokenAt, user!, "0x44444444")]),
          ),
        ],
        more,
      ),
    ]);

  test("shows protected code and what it calls, not who calls it nor what others do among themselves", () => {
    expect(texts(use(user!, token!, ""))).toEqual([`entry ${vault}:${deposit}(${oracle}:${read} x:${transfer})`]);
  });

  test("is the same for any caller, token, argument and number of rounds", () => {
    const [same] = pathsOf(use(user!, token!, ""), set);
    fc.assert(
      fc.property(
        fc.integer({ min: 0x5000, max: 0x6000 }).map(addr),
        fc.integer({ min: 0x6001, max: 0x7000 }).map(addr),
        fc.integer({ min: 0, max: 2 ** 30 }),
        fc.integer({ min: 1, max: 20 }),
        (via, tokenAt, argument, rounds) => {
          const [path] = pathsOf(use(via, tokenAt, argument.toString(16).padStart(64, "0"), rounds), set);
          expect(path!.hash).toBe(same!.hash);
        },
      ),
    );
  });

  test("differs when code is called back through a stranger, and when its order changes", () => {
    const back = call(user!, vault!, deposit!, [call(vault!, token!, transfer!, [call(token!, vault!, read!)])]);
    expect(texts(back)).toEqual([`entry ${vault}:${deposit}(x:${transfer}(${vault}:${read}))`]);
    const deep = call(user!, vault!, deposit!, [
      call(vault!, token!, transfer!, [call(token!, user!, "0x", [call(user!, vault!, read!)])]),
    ]);
    expect(texts(deep)).toEqual(texts(back));
    const order = (...inputs: Hex[]) =>
      call(
        user!,
        vault!,
        deposit!,
        inputs.map((i) => call(vault!, token!, i)),
      );
    expect(texts(order(read!, transfer!))).not.toEqual(texts(order(transfer!, read!)));
  });

  test("leaves out what failed; plain sends have a name; several entries have an order", () => {
    expect(pathsOf(use(user!, token!, "", 1, { error: "execution reverted" }), set)).toEqual([]);
    const two = call(user!, user!, "0x", [
      call(user!, vault!, "0x"),
      call(user!, oracle!, read!),
      call(user!, oracle!, read!),
    ]);
    expect(texts(two)).toEqual([
      `entry ${vault}:send`,
      `entry ${oracle}:${read}`,
      `entry ${oracle}:${read}`,
      `sequence ${vault}:send ${oracle}:${read}`,
    ]);
  });

  test("runs through code that is delegated to as its own", () => {
    const proxied = call(user!, vault!, deposit!, [
      call(vault!, token!, deposit!, [call(vault!, oracle!, read!)], { type: "DELEGATECALL" }),
    ]);
    expect(texts(proxied)).toEqual([`entry ${vault}:${deposit}(${vault}:${deposit}(${oracle}:${read}))`]);
  });
});

test("loops of one to four calls a round fold to one round, whatever their number; folding twice is folding once", () => {
  expect(foldLoops(["a", "a", "a"])).toEqual(["a"]);
  expect(foldLoops(["a", "b", "a", "b", "c"])).toEqual(["a", "b", "c"]);
  expect(foldLoops(["a", "b", "c", "d", "a", "b", "c", "d"])).toEqual(["a", "b", "c", "d"]);
  const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 12 });
  fc.assert(
    fc.property(letters, fc.integer({ min: 1, max: 5 }), (round, times) => {
      const once = foldLoops(round);
      fc.pre(once.length > 0 && once.length <= 4);
      expect(foldLoops(Array.from({ length: times }, () => once).flat()).length).toBeLessThanOrEqual(once.length);
    }),
  );
});
