// The example with bounty, hook, bridge and a tripper of a market: everything that can be deployed.
import type { DeploymentConfig } from "./Deployment.ts";
import { exampleDeployment, type Named, nowhere } from "./example.testkit.ts";

const account = (digits: string) => `0x${digits.repeat(20)}` as const;

export const owner = account("d1");
export const arbitrator = account("d2");
export const source = account("d3");
export const attestors = [account("e1"), account("e2"), account("e3")] as const;
export const relays = [account("f1"), account("f2"), account("f3")] as const;

interface Outside {
  readonly honk: `0x${string}`;
  readonly collateral: `0x${string}`;
}

/** Every module over one vault; `honk` is the verifier of a circuit. */
export function allModules(named: Named & Outside = { ...nowhere, honk: account("d4"), collateral: account("d5") }) {
  const { vault, token, honk, collateral } = named;
  const whole = exampleDeployment(named);
  return {
    ...whole,
    // A cap that the limiter keeps rounded, and one that is a share alone.
    flow: whole.flow.map((limiter) => ({
      ...limiter,
      limits: [
        ...limiter.limits.map((limit) => ({ ...limit, capAbs: 1_234_567_890_123_456_789_012n })),
        { asset: collateral, capBpsOfTvl: 1_000, windowSeconds: 86_400, mode: "revert" as const, tripBps: 9_000 },
      ],
    })),
    groups: [...whole.groups, { name: "loans", members: [{ contract: "Vault", function: "borrow(uint256)" }] }],
    oracleTrippers: [{ market: "ETH/USD", group: "exits", tripSeconds: 3_600, minSilenceSeconds: 120 }],
    morpho: [
      {
        market: "ETH/USD",
        loan: { token, decimals: 18 },
        collateral: { token: collateral, decimals: 18 },
        maxRiseBps: 1_000,
      },
    ],
    bounty: {
      owner,
      asset: token,
      panel: { attestors: [...attestors], need: 2 },
      terms: {
        arbitrator,
        bondWei: 10n ** 17n,
        termsHash: `0x${"6".repeat(64)}`,
        shareBps: 5_000,
        vestBps: 3_000,
        vestSeconds: 90 * 86_400,
        reserve: 5_000n,
        tiers: {
          low: { floor: 0n, cap: 100n, bps: 100 },
          medium: { floor: 10n, cap: 500n, bps: 300 },
          high: { floor: 100n, cap: 2_000n, bps: 500 },
          critical: { floor: 1_000n, cap: 10_000n, bps: 1_000 },
        },
      },
    },
    hook: {
      programs: [
        {
          id: "vault-v1",
          honk,
          source,
          pauseSeconds: 6 * 3_600,
          modelVersion: 1,
          group: "exits",
          vkHash: `0x${"8".repeat(64)}`,
          targets: [vault],
          buckets: [
            { lossLowerBound: 1_000n, severity: "high" },
            { lossLowerBound: 50_000n, severity: "critical" },
          ],
        },
      ],
    },
    bridge: [
      {
        contract: "Vault",
        group: "exits",
        propagated: [] as string[],
        tripSeconds: 3_600,
        network: "vault-bridge",
        attestors: [...relays],
        quorum: 2,
        routes: [
          {
            remote: 10,
            token,
            side: "home",
            peer: account("c1"),
            remoteToken: account("c2"),
            cap: 1_000n,
            windowSeconds: 86_400,
            tripBps: 9_000,
            tiers: [
              { aboveBps: 1_000, delaySeconds: 3_600 },
              { aboveBps: 5_000, delaySeconds: 86_400 },
            ],
          },
        ],
      },
    ],
  } satisfies DeploymentConfig;
}
