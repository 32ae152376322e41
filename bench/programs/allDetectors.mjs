import { perpDetectors } from "@testudo/core/detectors/derivativeDetectors";
import { detectBadProposal } from "@testudo/core/detectors/detectBadProposal";
import { detectBridgeUnbacked } from "@testudo/core/detectors/detectBridgeUnbacked";
import { detectFlashVote } from "@testudo/core/detectors/detectFlashVote";
import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { detectOracleFrontrun } from "@testudo/core/detectors/detectOracleFrontrun";
import { detectOracleStale } from "@testudo/core/detectors/detectOracleStale";
import { detectOracleWriter } from "@testudo/core/detectors/detectOracleWriter";
import { detectSuspiciousDeploy } from "@testudo/core/detectors/detectSuspiciousDeploy";
import { detectUnseenPath } from "@testudo/core/detectors/detectUnseenPath";
import { detectVolume } from "@testudo/core/detectors/detectVolume";
import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { defaultComposite } from "@testudo/core/model/CompositeRule";
import { useDetector } from "@testudo/core/model/Detector";
import { eventTopic, functionSelector } from "@testudo/core/model/signatureHash";
import { treasuryAdapter } from "./treasuryAdapter.mjs";

// Nobody votes in the load, as on most days nobody does.
const governor = `0x60${"0".repeat(37)}1`;

/**
 * The whole catalogue: 25 detectors of blocks, composite, which the pipeline runs over their findings, and self-health, which
 * is always there; and the two judges of the zero-configuration set that the catalogue does not number (asset-drain, call-tree).
 */
export function createProgram({ chainId, treasury, token }) {
  return {
    chainId,
    watched: [treasury, token],
    detectors: [
      ...zeroConfigDetectors(),
      ...perpDetectors(treasuryAdapter({ treasury, token })),
      ...toldDetectors({ treasury, token }),
    ],
    playbooks: [],
    policy: null,
    composite: defaultComposite,
  };
}

/** Those that are told what to look at. */
function toldDetectors({ treasury, token }) {
  const reading = (to, signature, decimals) => ({ to, data: functionSelector(signature), decimals, word: 0 });
  const price = reading(treasury, "price()", 8);
  const debt = reading(treasury, "debt()", 18);
  const held = { ...reading(token, "balanceOf(address)", 18) };
  held.data += treasury.slice(2).padStart(64, "0");
  const feed = { name: "price", subject: treasury };
  const governors = [{ governor, subject: treasury }];
  const transfer = {
    name: "paid",
    subject: treasury,
    emitter: token,
    topic: eventTopic("Transfer(address,address,uint256)"),
  };
  return [
    useDetector(detectOracleDeviation, {
      feeds: [{ ...feed, feed: price, references: [price], twapSeconds: 1_800, maxDeviation: 0.02 }],
    }),
    useDetector(detectOracleStale, {
      feeds: [
        { ...feed, feed: { value: price, updatedAt: reading(treasury, "pricedAt()", 0) }, heartbeatSeconds: 3_600 },
      ],
    }),
    useDetector(detectOracleWriter, { oracles: [{ ...feed, oracle: treasury, writers: [], selectors: [] }] }),
    useDetector(detectFlashVote, { governors: governors.map((one) => ({ ...one, token })) }),
    useDetector(detectBadProposal, { governors }),
    useDetector(detectSuspiciousDeploy),
    useDetector(detectBridgeUnbacked, {
      routes: [{ name: "lock", subject: treasury, locked: held, minted: debt, lagSeconds: 3_600 }],
      tolerance: 1,
      atOnce: 1,
    }),
    useDetector(detectOracleFrontrun, { oracles: [treasury] }),
    useDetector(detectUnseenPath),
    useDetector(detectVolume, { series: [{ ...transfer, word: 0, decimals: 18 }] }),
    invariant({
      id: "covered",
      frameLogs: [],
      reads: () => [held, debt].map(({ to, data }) => ({ kind: "call", at: "block", to, data })),
      predicate: ([have, owed]) => ({
        holds: have.ok && owed.ok && BigInt(have.value) * 2n >= BigInt(owed.value),
        reason: "The treasury holds less than half of what it owes.",
        evidence: { have: have.ok ? have.value : null, owed: owed.ok ? owed.value : null },
      }),
    }),
  ];
}
