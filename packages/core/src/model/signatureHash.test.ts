import { expect, test } from "vitest";
import { selector, signatureText, topic } from "./KnownSignature.ts";
import { bySelector, byTopic, eventTopic, functionSelector } from "./signatureHash.ts";

test("hashes are those that nodes show", () => {
  expect(eventTopic(signatureText.topic.transfer)).toBe(topic.transfer);
  expect(functionSelector(signatureText.selector.balanceOf)).toBe(selector.balanceOf);
  expect(byTopic([signatureText.topic.syncV2]).get(topic.syncV2)).toBe(signatureText.topic.syncV2);
  expect(bySelector([signatureText.selector.mint]).get(selector.mint)).toBe(signatureText.selector.mint);
});
