import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { expect, test } from "vitest";
import { selector, signatureText, topic } from "../model/KnownSignature.ts";
import { adminEvents } from "./AdminEvent.ts";
import { flashCallbacks, flashEvents, flashFunctions } from "./FlashLoan.ts";
import { hookCalls, poolCallbacks, swapCallbacks, tokenHooks } from "./PoolCallback.ts";

const hash = (text: string) => `0x${bytesToHex(keccak_256(utf8ToBytes(text)))}`;

test("every topic and selector is the hash of its signature", () => {
  for (const [name, value] of Object.entries(topic))
    expect(value, name).toBe(hash(signatureText.topic[name as keyof typeof topic]));
  for (const [name, value] of Object.entries(selector))
    expect(value, name).toBe(hash(signatureText.selector[name as keyof typeof selector]).slice(0, 10));
});

test("every flash-loan, pool and admin signature is the hash of its text", () => {
  for (const [value, text] of [...flashEvents, ...adminEvents]) expect(value, text).toBe(hash(text));
  for (const [value, text] of [
    ...flashFunctions,
    ...flashCallbacks,
    ...swapCallbacks,
    ...poolCallbacks,
    ...tokenHooks,
    ...hookCalls,
  ])
    expect(value, text).toBe(hash(text).slice(0, 10));
});
