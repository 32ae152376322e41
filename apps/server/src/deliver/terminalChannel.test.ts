import fc from "fast-check";
import pc from "picocolors";
import { expect, test } from "vitest";
import { finding, notice } from "../store/chain.testkit.ts";
import { newThread } from "./Channel.ts";
import { channelSuite } from "./channelSuite.testkit.ts";
import { escapeLine, escapeLines } from "./escapeText.ts";
import { renderNotice, terminalChannel } from "./terminalChannel.ts";

const plain = pc.createColors(false);

test("behavior: a notice is printed for a person", async () => {
  const lines: string[] = [];
  const channel = terminalChannel({ write: (text) => void lines.push(text), color: false });
  await channel.deliver(
    { ...notice(finding(7)), title: "Vault lost half", body: "One.\nTwo." },
    new AbortController().signal,
    newThread,
  );
  expect(lines.join("")).toMatchInlineSnapshot(`
    " CRITICAL  Vault lost half (raised, block 7)
      │ One.
      │ Two.
      │ subject 0xabababababababababababababababababababab
      │ runbook RUNBOOK.md#it-paged
    "
  `);
});

test("DELIV-04: no text of a notice can colour, move, hide, turn or forge a line, whatever it is", () => {
  const nasty = fc.string({
    unit: fc.oneof(
      fc.constantFrom(
        "\u001b[2J",
        "\u001b]8;;http://x\u0007",
        "\u009b31m",
        "\n",
        "\r",
        "\u2028",
        "\u202e",
        "\u200b",
        "\ud800",
        "://",
        "e\u0301\u0301\u0301\u0301",
      ),
      fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
    ),
    maxLength: 60,
  });
  fc.assert(
    fc.property(nasty, nasty, nasty, (title, body, transition) => {
      const text = renderNotice({ ...notice(finding(1)), title, body, transition }, plain);
      expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[^[]:\/\//u);
      const [, ...rest] = text.trimEnd().split("\n");
      for (const line of rest) expect(line.startsWith("  │ ") || line === "  │").toBe(true);
    }),
    { numRuns: 500 },
  );
});

test("DELIV-04: what was meant stays readable", () => {
  expect(escapeLine("\u001b[31mUSDC\u001b[0m\r\nCRITICAL all is well")).toBe("USDC CRITICAL all is well");
  expect(escapeLine("claim at https://evil.example")).toBe("claim at https[://]evil.example");
  expect(escapeLine("Grüße, 世界 👋")).toBe("Grüße, 世界 👋");
  expect(escapeLine("x".repeat(500), 10)).toBe(`${"x".repeat(9)}…`);
  expect(escapeLines("a\n".repeat(30), 2)).toEqual(["a", "a", "… 29 more lines"]);
});

test("behavior: on a terminal no line is wider than it, and what is broken stays marked as quoted", () => {
  const title = `One transaction took 99.9 % of what 0x${"ef".repeat(20)} held of 0x${"ca".repeat(20)} (kept by the actors).`;
  for (const columns of [80, 100, 160]) {
    const lines = renderNotice({ ...notice(finding(7)), title }, plain, columns)
      .trimEnd()
      .split("\n");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
    for (const line of lines.slice(1)) expect(line.startsWith("  │ ")).toBe(true);
    expect(lines.join(" ").replaceAll("  │ ", "")).toContain(title);
  }
});

channelSuite(
  "terminal",
  async () => {
    const printed: string[] = [];
    const keyOf = (text: string) => text.match(/block (\d+)\)/)?.[1] ?? "";
    return {
      channel: terminalChannel({ write: (text) => void printed.push(text), color: false }),
      secrets: [],
      threads: () => {
        const keys = [...new Set(printed.map(keyOf))];
        return keys.map((key) =>
          printed.filter((text) => keyOf(text) === key).map((text) => text.replace("(retracted,", "(taken back,")),
        );
      },
      active: () =>
        printed.flatMap(
          (text) => text.replaceAll("\n", "").match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]|[^[]:\/\//gu) ?? [],
        ),
      breakNext: () => {},
      close: async () => {},
    };
  },
  { isOnce: true, isOneWay: true, faults: [] },
);
