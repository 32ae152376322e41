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

  // How much may leave, and what it pauses when that is reached.
  // flow: [
  //   {
  //     contract: "Vault",
  //     group: "exits",
  //     tripSeconds: 6 * 3_600,
  //     limits: [{ asset: "0x…", capBpsOfTvl: 1_000, windowSeconds: 86_400, mode: "queue", tripBps: 9_000 }],
  //   },
  // ],

  // oracle, latency, fund, steward, margin: the editor knows their fields.
});
`;
}
