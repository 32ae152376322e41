import { literalOf } from "../../config/literalOf.ts";

/** The text of a first configuration: what is needed is filled in, what is possible is shown. */
export function configTemplate({
  rpc,
  protect,
}: {
  readonly rpc: readonly string[];
  readonly protect: readonly string[];
}): string {
  return `import { defineConfig } from "testudo";

// Every key is checked when the file is loaded; an error names the line and what is allowed.
// Secrets belong into the environment: import { env } too, and write env("NAME").
export default defineConfig({
  // One node can lie or lag unnoticed. With two or more, a block counts when \`quorum\` of them name the same hash.
  rpc: [${rpc.map(literalOf).join(", ")}],
  // quorum: 2,
  // With a WebSocket that says when to ask, a block is known sooner. What it says is not believed.
  // heads: ["wss://…"],

  // What to protect: an address, or { name, address }.
  protect: [${protect.map(literalOf).join(", ")}],

  // Without \`detectors\` a set runs that needs no parameters. Named ones replace it:
  // import { detectOutflow, useDetector, zeroConfigDetectors } from "testudo";
  // detectors: [useDetector(detectOutflow, { /* its parameters */ })],

  // Alerts go to the terminal, and to signed webhooks.
  channels: [
    { type: "terminal" },
    // { type: "webhook", url: "https://…", secrets: [env("TESTUDO_WEBHOOK_SECRET")], minSeverity: "high" },
  ],

  // Whoever settles and reviews alarms under a name that his own token proves.
  // people: [{ name: "ana", token: { env: "TESTUDO_ANA" } }, { name: "bo", token: { env: "TESTUDO_BO" } }],

  // Before the block: judge what waits in the pools, probe new contracts, take transactions by POST /pending. What a probe
  // finds is kept encrypted for the guardians' keys, as \`age-keygen\` prints them.
  // preblock: { pool: true, probe: true, endpoint: true, recipients: ["age1…"] },

  // To act on chain, a playbook has to plan it, a policy has to allow it, and guardians have to sign it.
  // import { pause, when } from "testudo";
  // playbooks: [
  //   when("asset-drain", { and: "flash-loan", within: "2 blocks" }).respond(pause("0x…", ["withdraw(uint256)"], 6 * 3600)),
  // ],
  // policy: {
  //   expiresAt: "2027-01-31",
  //   permissions: [
  //     { target: "0x…", name: "Vault", selectors: ["withdraw(uint256)"], exempt: ["repay(uint256)"], maxDurationSeconds: 6 * 3600 },
  //   ],
  //   guardians: ["0x…", "0x…", "0x…"],
  //   quorum: 2,
  //   council: "0x…",
  //   breaker: "0x…",
  //   // A private relay gets signed bytes first, the nodes after so many blocks, or "never".
  //   relay: { url: env("TESTUDO_RELAY_URL"), publicAfterBlocks: 2 },
  // },
  // sender: { keystore: "sender.json", passwordFile: "sender.password" },
});
`;
}
