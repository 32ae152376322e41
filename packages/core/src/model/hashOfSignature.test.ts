import { expect, test } from "vitest";
import { bySelector, byTopic, selectorOfFunction, topicOfEvent } from "./hashOfSignature.ts";
import { selector, signatureText, topic } from "./KnownSignature.ts";

test("hashes are those that nodes show", () => {
  expect(topicOfEvent(signatureText.topic.transfer)).toBe(topic.transfer);
  expect(selectorOfFunction(signatureText.selector.balanceOf)).toBe(selector.balanceOf);
  expect(byTopic([signatureText.topic.syncV2]).get(topic.syncV2)).toBe(signatureText.topic.syncV2);
  expect(bySelector([signatureText.selector.mint]).get(selector.mint)).toBe(signatureText.selector.mint);
});
