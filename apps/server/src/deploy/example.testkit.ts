// A whole deployment that is in order, for tests to break in one place.
import type { DeploymentConfig } from "./Deployment.ts";

const account = (digit: string) => `0x${digit.repeat(40)}` as const;

/** The addresses that a deployment names. */
export interface Named {
  readonly vault: `0x${string}`;
  readonly token: `0x${string}`;
  readonly feeds: readonly [`0x${string}`, `0x${string}`];
  readonly handler: `0x${string}`;
  readonly safe: `0x${string}`;
  readonly slowWallet: `0x${string}`;
}

/** Addresses where nothing has to stand. */
export const nowhere: Named = {
  vault: account("a"),
  token: account("b"),
  feeds: [account("c"), account("d")],
  handler: account("e"),
  safe: account("f"),
  slowWallet: account("9"),
};

export const guardians = [account("1"), account("2"), account("3")] as const;
export const steward = account("5");

/** Every module over one vault. */
export function exampleDeployment({ vault, token, feeds, handler, safe, slowWallet }: Named = nowhere) {
  return {
    chainId: 31_337,
    protect: [
      {
        name: "Vault",
        address: vault,
        mode: "inline",
        guarded: ["withdraw(uint256)", "borrow(uint256)"],
        exempt: ["repay(uint256)"],
      },
    ],
    groups: [{ name: "exits", members: [{ contract: "Vault", function: "withdraw(uint256)" }] }],
    trippers: [{ caller: account("6"), group: "exits" }],
    council: { guardians: [...guardians], m1: 2, m2: 3, m3: 3 },
    slowWallet,
    timelock: {
      delaySeconds: 86_400,
      graceSeconds: 7 * 86_400,
      selectorDelays: [
        { contract: "breaker", function: "release(address,bytes4,(bytes32,bytes32))", delaySeconds: 172_800 },
      ],
    },
    oracle: {
      roundSpacingSeconds: 12,
      adapters: {
        first: { kind: "chainlink", feed: feeds[0], minAnswer: 1n, maxAnswer: 10n ** 20n },
        second: { kind: "chainlink", feed: feeds[1], minAnswer: 1n, maxAnswer: 10n ** 20n },
      },
      markets: [
        {
          name: "ETH/USD",
          feeds: [
            { adapter: "first", weight: 1, heartbeatSeconds: 3_600, maxConfBps: 100 },
            { adapter: "second", weight: 2, heartbeatSeconds: 3_600, maxConfBps: 100 },
          ],
          quorum: 2,
          jumpQuorum: 2,
          maxSpreadBps: 200,
          maxJumpBps: 1_000,
          jumpWindowSeconds: 3_600,
          maxFallbackAgeSeconds: 600,
          floorWad: 123_456_789_012_345_678n,
        },
      ],
    },
    latency: { kinds: [{ id: 1, handler, market: "ETH/USD", minBlocks: 1, minSeconds: 0, windowSeconds: 300 }] },
    flow: [
      {
        contract: "Vault",
        group: "exits",
        tripSeconds: 3_600,
        limits: [{ asset: token, capAbs: 10n ** 21n, windowSeconds: 86_400, mode: "queue", tripBps: 9_000 }],
      },
    ],
    fund: { contract: "Vault", asset: token, caps: [{ market: "ETH/USD", bps: 2_500 }] },
    steward: {
      guardian: safe,
      stewards: [steward],
      parameters: [
        {
          id: "ETH/USD.imr",
          maxStepBps: 500,
          relative: true,
          cooldownSeconds: 86_400,
          floor: 10n ** 16n,
          ceil: 10n ** 18n,
          tighter: "higher",
          group: "ETH/USD",
          value: 10n ** 17n,
        },
        {
          id: "ETH/USD.mmr",
          maxStepBps: 500,
          relative: true,
          cooldownSeconds: 86_400,
          floor: 10n ** 16n,
          ceil: 10n ** 18n,
          tighter: "higher",
          group: "ETH/USD",
          value: 5n * 10n ** 16n,
        },
      ],
      invariants: [{ kind: "oracleMove", model: feeds[0], maxMoveBps: 100 }],
    },
    margin: { modelHash: `0x${"7".repeat(64)}` },
  } satisfies DeploymentConfig;
}
