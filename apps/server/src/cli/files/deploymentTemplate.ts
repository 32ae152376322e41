/** The text of a first deployment: what is needed, with the values to replace, and what is possible. */
export function deploymentTemplate(): string {
  return `import { defineDeployment } from "testudo";

// Every value is checked before anything is sent; what is dangerous is refused with the reason. Amounts are bigints.
// \`testudo deploy --chain URL --keystore FILE --dry-run\` shows addresses, gas and what each role could do.
export default defineDeployment({
  chainId: 1,

  // "inline": the contract is a SelectorBreaker or stands behind a GateProxy, made for the breaker's address, which
  // --dry-run tells beforehand. "external": it asks the breaker (Guarded).
  protect: [
    {
      name: "Vault",
      address: "0x…",
      mode: "inline",
      guarded: ["withdraw(uint256)", "borrow(uint256)"],
      // What lets users reduce their risk. It stays open under every guardian pause, for ever.
      exempt: ["repay(uint256)"],
    },
  ],

  // m1 pause, m2 halt, extend and veto, m3 veto a rotation; the Safe needs m3 signatures too.
  council: { guardians: ["0x…", "0x…", "0x…", "0x…", "0x…"], m1: 2, m2: 3, m3: 4 },
  // A Safe that stands already: testudo deploys none.
  slowWallet: "0x…",
  timelock: { delaySeconds: 2 * 86_400, graceSeconds: 7 * 86_400 },

  // Guarded functions that fall together.
  // groups: [{ name: "exits", members: [{ contract: "Vault", function: "withdraw(uint256)" }] }],

  // The key of a watch that sets guard rules by itself, and where.
  // programs: [{ caller: "0x…", contract: "Vault", function: "withdraw(uint256)" }],

  // How much may leave, and what it pauses when that is reached.
  // flow: [
  //   {
  //     contract: "Vault",
  //     group: "exits",
  //     tripSeconds: 6 * 3_600,
  //     limits: [{ asset: "0x…", capBpsOfTvl: 1_000, windowSeconds: 86_400, mode: "revert", tripBps: 9_000 }],
  //   },
  // ],

  // What reporters get, who finds it and who rules on it. It is unwell until the reserve was sent to it.
  // bounty: {
  //   owner: "0x…",
  //   asset: "0x…",
  //   panel: { attestors: ["0x…", "0x…", "0x…"], need: 2 },
  //   terms: {
  //     arbitrator: "0x…",
  //     bondWei: 10n ** 17n,
  //     termsHash: "0x…",
  //     shareBps: 5_000,
  //     vestBps: 3_000,
  //     vestSeconds: 90 * 86_400,
  //     reserve: 200_000_000000n,
  //     tiers: {
  //       low: { floor: 0n, cap: 1_000_000000n, bps: 100 },
  //       medium: { floor: 1_000_000000n, cap: 10_000_000000n, bps: 300 },
  //       high: { floor: 10_000_000000n, cap: 100_000_000000n, bps: 500 },
  //       critical: { floor: 50_000_000000n, cap: 1_000_000_000000n, bps: 1_000 },
  //     },
  //   },
  // },

  // What may arrive over a bridge, and how long large transfers wait for guardians to hold them.
  // bridge: [
  //   {
  //     contract: "Vault",
  //     group: "exits",
  //     tripSeconds: 6 * 3_600,
  //     network: "my-bridge",
  //     attestors: ["0x…", "0x…", "0x…"],
  //     quorum: 2,
  //     routes: [
  //       {
  //         remote: 10,
  //         token: "0x…",
  //         side: "home",
  //         peer: "0x…",
  //         remoteToken: "0x…",
  //         cap: 1_000_000_000000n,
  //         windowSeconds: 86_400,
  //         tripBps: 9_000,
  //         tiers: [{ aboveBps: 1_000, delaySeconds: 6 * 3_600 }],
  //       },
  //     ],
  //   },
  // ],

  // oracle, oracleTrippers, morpho, latency, fund, steward, margin, hook (beside a bounty): the editor knows their fields.
});
`;
}
