import { detectCollateralJump } from "@testudo/core/detectors/detectCollateralJump";
import { detectOracleDeviation } from "@testudo/core/detectors/detectOracleDeviation";
import { invariant } from "@testudo/core/detectors/invariant";
import { zeroConfigDetectors } from "@testudo/core/detectors/zeroConfig";
import { useDetector } from "@testudo/core/model/Detector";
import { toFunctionSelector } from "viem";

const selector = (signature) => toFunctionSelector(`function ${signature}`);

/** Every detector there is: those without configuration, and the three that are told what to read. */
export function createProgram({ chainId, treasury, token }) {
  const price = { to: treasury, data: selector("price()"), decimals: 8, word: 0 };
  const debt = { to: treasury, data: selector("debt()"), decimals: 18, word: 0 };
  const holder = treasury.slice(2).padStart(64, "0");
  const held = { to: token, data: `${selector("balanceOf(address)")}${holder}`, decimals: 18, word: 0 };
  const feed = { name: "price", subject: treasury, feed: price, references: [price], twapSeconds: 1_800 };
  const position = { name: "treasury", subject: treasury, collateral: held, debt, price, beta: 0 };
  return {
    chainId,
    watched: [treasury, token],
    detectors: [
      ...zeroConfigDetectors(),
      useDetector(detectOracleDeviation, { feeds: [{ ...feed, maxDeviation: 0.02 }] }),
      useDetector(detectCollateralJump, { positions: [position] }),
      invariant({
        id: "covered",
        reads: () => [held, debt].map(({ to, data }) => ({ kind: "call", at: "block", to, data })),
        predicate: ([have, owed]) => ({
          holds: have.ok && owed.ok && BigInt(have.value) * 2n >= BigInt(owed.value),
          reason: "The treasury holds less than half of what it owes.",
          evidence: { have: have.ok ? have.value : null, owed: owed.ok ? owed.value : null },
        }),
      }),
    ],
    playbooks: [],
    policy: null,
  };
}
