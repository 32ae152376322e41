// A transaction by somebody who writes markup into every text that a contract may choose.
import type { CallFrame } from "@testudo/core/model/BlockBundle";
import type { Address, Hex } from "@testudo/core/model/Hex";
import { toWord } from "@testudo/core/model/Hex";
import { topic } from "@testudo/core/model/KnownSignature";
import { examineTransaction } from "@testudo/lab/forensics/examineTransaction";
import type { ForensicReport } from "@testudo/lab/forensics/Report";

const address = (n: number): Address => `0x${"7a".repeat(10)}${n.toString(16).padStart(20, "0")}`;
export const [sender, bot, vault, token] = [1, 2, 3, 4].map(address) as [Address, Address, Address, Address];
export const markup = `<script>alert(1)</script><img src=x onerror=alert(2)>"'&`;
const word = (value: bigint | Address): Hex => `0x${toWord(value)}`;
const text = (said: string): Hex => {
  const hex = Buffer.from(said).toString("hex");
  return `${word(32n)}${toWord(BigInt(hex.length / 2))}${hex.padEnd(Math.ceil(hex.length / 64) * 64, "0")}`;
};

function frame(from: Address, to: Address, input: Hex, more: Partial<CallFrame> = {}): CallFrame {
  return { type: "CALL", from, to, value: 0n, input, output: "0x", calls: [], logs: [], ...more };
}

export function hostileTrace(): CallFrame {
  const log = { address: token, topics: [topic.transfer, word(vault), word(bot)], data: word(1_000n), position: 0 };
  const paid = frame(vault, token, `0xa9059cbb${toWord(bot)}${toWord(1_000n)}`, { output: word(1n), logs: [log] });
  const refused = frame(bot, vault, "0x99999999", {
    error: "execution reverted",
    output: `0x08c379a0${text(markup).slice(2)}`,
  });
  return frame(sender, bot, "0x9e5faafc", { calls: [refused, frame(bot, vault, "0x11223344", { calls: [paid] })] });
}

/** Its report, with a token that is named by markup. */
export function hostileReport(): Promise<ForensicReport> {
  const trace = hostileTrace();
  return examineTransaction({
    chainId: 1,
    tx: { hash: word(5n), index: 0, from: sender, to: bot, value: 0n, input: trace.input, nonce: 1 },
    block: { number: 9n, timestamp: 1_750_000_000n },
    succeeded: true,
    trace,
    answer: async (reads) =>
      reads.map((read) => {
        if (read.kind !== "call" || read.to !== token) return { ok: false, error: markup };
        if (read.at === "block" && read.data.startsWith("0x70a08231")) return { ok: true, value: word(0n) };
        return {
          ok: true,
          value: read.data === "0x95d89b41" ? text(markup) : read.data === "0x313ce567" ? word(0n) : word(1_000n),
        };
      }),
  });
}
