import { addr, type CaseLog, frame, runDetector, topicOf, word } from "@testudo/core/model/detectorCase.testkit";
import { type Hex, toWord } from "@testudo/core/model/Hex";
import type { StateRead } from "@testudo/core/model/StateRead";
import { AbiEvent, AbiFunction } from "ox";
import { describe, expect, test } from "vitest";
import { RulesInvalid, readRules } from "./readRules.ts";

const vault = addr(0xa17);
const other = addr(0xb22);
const [alice, bob] = [addr(0xa11ce), addr(0xb0b)];
const signature = "event Withdraw(address indexed user, uint256 amount)";

function log(user: Hex, amount: bigint, from = vault): CaseLog {
  const { topics } = AbiEvent.encode(AbiEvent.from(signature), { user });
  return { address: from, topics: topics as Hex[], data: `0x${toWord(amount)}` };
}

const head = `defaults: { severity: high, owner: risk, runbook: RUNBOOK.md }
rules:`;
const use = (rules: string) => readRules("testudo.rules.yaml", head + rules)[0]!;
const tx = (...logs: CaseLog[]) => ({ from: alice, to: vault, logs });
const keysOf = (found: readonly (readonly { key: readonly string[] }[])[]) =>
  found.map((list) => list.map(({ key }) => key));

describe("a rule of signature, expression, window and severity", () => {
  test("DET-08: finds the events that its expression holds for, with their values", () => {
    const rule = use(`
  - id: big
    severity: critical
    event: ${signature}
    where: amount > 1_000 and user != ${bob}
    reason: A big withdrawal.`);
    const [found] = runDetector(
      rule,
      [vault],
      [{ txs: [tx(log(alice, 1_000n), log(bob, 5_000n), log(alice, 1_001n), log(alice, 9_999n, other))] }],
    );
    expect(found).toEqual([
      {
        severity: "critical",
        reason: "A big withdrawal.",
        subject: vault,
        addresses: [alice],
        txHash: topicOf(100_000n),
        logIndex: 2,
        key: [topicOf(100_000n)],
        score: 1,
        evidence: { where: `amount > 1_000 and user != ${bob}`, values: { user: alice, amount: 1_001n } },
      },
    ]);
    expect(rule.meta).toMatchObject({ id: "big", owner: "risk", runbook: "RUNBOOK.md", needs: { all: ["X", "L"] } });
  });

  test("DET-08: sums over a window by a value, and forgets", () => {
    const rule = use(`
  - id: many
    event: ${signature}
    window: { over: 1h, sum: amount, by: [user], when: sum > 100 }`);
    const at = (timestamp: number, ...logs: CaseLog[]) => ({ timestamp, txs: [tx(...logs)] });
    const found = runDetector(
      rule,
      [vault],
      [at(10, log(alice, 60n)), at(20, log(bob, 60n)), at(30, log(alice, 41n)), at(3_700, log(alice, 60n))],
    );
    expect(keysOf(found)).toEqual([[], [], [["window", alice]], []]);
    expect(found[2]![0]!.evidence).toMatchObject({ sum: 101n, count: 2n, when: "sum > 100" });
  });

  test("DET-08: compares with a view of the contract before the block", () => {
    const rule = use(`
  - id: share
    event: ${signature}
    reads: { assets: { call: "function totalAssets() view returns (uint256)" } }
    where: amount * 10 > assets`);
    const state = (read: StateRead) => (read.kind === "call" && read.at === "parent" ? word(500n) : undefined);
    expect(
      runDetector(
        rule,
        [vault],
        [
          { state, txs: [tx(log(alice, 50n))] },
          { state, txs: [tx(log(alice, 51n))] },
        ],
      ).map((l) => l.length),
    ).toEqual([0, 1]);
  });

  test("DET-08: a figure that divides by zero ends that match, is told, and stops no other", () => {
    const rule = use(`
  - id: ratio
    event: ${signature}
    where: 100 / amount > 10`);
    const [found] = runDetector(rule, [vault], [{ txs: [tx(log(alice, 0n)), tx(log(alice, 2n))] }]);
    expect(found!.map(({ severity, class: kind }) => [severity, kind])).toEqual([
      ["high", undefined],
      ["medium", "health"],
    ]);
  });
});

describe("calls", () => {
  const input = AbiFunction.encodeData(AbiFunction.from("function withdraw(uint256 amount)"), [7n]);

  test("DET-08: entry is what a transaction itself calls, call is any call in its tree", () => {
    const byTx = { from: alice, to: vault, trace: frame({ from: alice, to: vault, input }) };
    const within = {
      from: alice,
      to: other,
      trace: frame({ from: alice, to: other, calls: [frame({ from: other, to: vault, input })] }),
    };
    const entry = use(`
  - id: direct
    entry: function withdraw(uint256 amount)
    where: amount == 7`);
    const call = use(`
  - id: anyhow
    call: function withdraw(uint256 amount)
    where: amount == 7`);
    const block = { txs: [byTx, within] };
    expect(runDetector(entry, [vault], [block]).flat()).toHaveLength(1);
    expect(runDetector(call, [vault], [block]).flat()).toHaveLength(2);
  });

  test("DET-08: of several matches one does, and what is asked of the transaction holds beside it", () => {
    const rule = use(`
  - id: several
    address: [${vault}, ${other}]
    any:
      - { event: "${signature}", where: amount > 100 }
      - { entry: function withdraw(uint256 amount) }
    tx: { status: success, where: value >= 1e18 }`);
    const of = (value: bigint, error?: string) => ({
      from: alice,
      to: vault,
      value,
      trace: frame({ from: alice, to: vault, value, input, ...(error === undefined ? {} : { error }) }),
    });
    const found = runDetector(
      rule,
      [],
      [
        {
          txs: [
            of(10n ** 18n),
            of(1n),
            of(10n ** 18n, "execution reverted"),
            { from: alice, to: other, value: 10n ** 18n, logs: [log(alice, 101n, other)] },
          ],
        },
      ],
    );
    expect(keysOf(found)).toEqual([[[topicOf(100_000n)], [topicOf(100_003n)]]]);
    expect(rule.meta.needs.degraded).toEqual(["T"]);
  });

  test("DET-08: without event, call or entry any transaction that touches the address matches", () => {
    const rule = use(`
  - id: touch
    tx: { where: from == ${alice} }`);
    const found = runDetector(
      rule,
      [vault],
      [
        {
          txs: [
            tx(),
            { from: bob, to: vault },
            { from: alice, to: other },
            { from: alice, to: other, logs: [log(bob, 1n)] },
          ],
        },
      ],
    );
    expect(keysOf(found)).toEqual([[[topicOf(100_000n)], [topicOf(100_003n)]]]);
  });
});

test("DET-08: JSON is read as well, and an address without quotes keeps its digits", () => {
  const json = JSON.stringify({
    rules: [{ id: "a", severity: "low", owner: "o", runbook: "r", address: vault, event: signature }],
  });
  expect(runDetector(readRules("r.json", json)[0]!, [], [{ txs: [tx(log(alice, 1n))] }]).flat()).toHaveLength(1);
  const yaml = use(`
  - id: a
    address: ${vault}
    event: ${signature}`);
  expect(runDetector(yaml, [], [{ txs: [tx(log(alice, 1n))] }]).flat()).toHaveLength(1);
});

test.each([
  [
    "  - id: a\n    event: event Withdraw(address user, uint256 amount)\n    where: amont > 1",
    'rules.yaml:5:12 `rules[0].where`: "amont" is not known here. (column 1 of the expression)\n- Allowed: tx, block, address, user, amount.',
  ],
  [
    "  - id: a\n    event: event Withdraw(address user\n",
    'rules.yaml:4:12 `rules[0].event`: "event Withdraw(address user" is no event:',
  ],
  [
    "  - id: a\n    event: function f()\n",
    'rules.yaml:4:12 `rules[0].event`: "function f()" is no event: it is no event',
  ],
  [
    "  - id: a\n    event: event A(uin256 x)\n",
    '"event A(uin256 x)" is no event: Unknown type. Type "uin256" is not a valid ABI type.',
  ],
  ["  - id: a\n    event: *x\n", "Allowed: *name of a value that stands above it with the anchor &name."],
  ["  - id: a\n    evnt: x\n", 'rules.yaml:4:11 `rules[0]` has the unknown key "evnt".'],
  ["  - id: a\n    event: event A()\n    call: function f()\n", "Allowed: one of event, call, entry, any"],
  ["  - id: A\n    event: event A()\n", "Allowed: lower case, digits and hyphens."],
  ["  - id: a\n    event: event A()\n  - id: a\n    event: event B()\n", 'rules.yaml:5:9 `rules[1].id` is "a" again.'],
  [
    "  - id: a\n    event: event A(uint256 x)\n    window: { over: 1y, when: sum > 1 }\n",
    'rules.yaml:5:21 `rules[0].window.over` is "1y", a string.',
  ],
  [
    "  - id: a\n    event: event A(uint256 x)\n    window: { over: 1h, when: total > 1 }\n",
    '`rules[0].window.when`: "total" is not known here.',
  ],
  [
    "  - id: a\n    event: event A(uint256[] x)\n    window: { over: 1h, by: [x], when: sum > 1 }\n",
    '`rules[0].window.by[0]`: "x" is not known here, or no single value.',
  ],
  ["  - id: a\n   event: b\n", "rules.yaml:"],
  ["  - id: a\n    id: b\n", "does not parse: Map keys must be unique"],
  ["  - id: a\n    address: 0x12\n    event: event A()\n", "Allowed: an address"],
])("error: %j names the line", (rules, message) => {
  try {
    readRules("rules.yaml", `${head}\n${rules}`);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(RulesInvalid);
    expect((error as Error).message).toContain(message);
  }
});

const never = (signature: string, where: string, more = "") =>
  `  - id: a\n    event: ${signature}\n    where: ${where}\n${more}`;
const at = (column: number) => `(column ${column} of the expression)`;
const [good, mistyped] = ["0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD"];

test.each([
  ["event A(address u)", "u == '0x1234'", `"0x1234" is no address. ${at(6)}\n- Allowed: 0x and 40 hexadecimal digits.`],
  ["event A(address u)", "u != 0x1234", `"0x1234" is no address. ${at(6)}`],
  ["event A(address u)", "'0x1234' == u", `"0x1234" is no address. ${at(1)}`],
  ["event A(address u)", `u == ${mistyped}`, `"${mistyped}" has a wrong checksum: a digit is mistyped. ${at(6)}`],
  ["event A(address u)", "u starts_with 'abc'", `"abc" is no part of address. ${at(15)}`],
  ["event A(address u, bytes32 h)", "u == h", "an address is never equal to a bytes32."],
  [
    "event A(string indexed s)",
    "s == 'text'",
    `"text" is no hash: of an indexed string the log holds its keccak256 hash alone. ${at(6)}`,
  ],
  ["event A(bytes indexed b)", "b == 0x1234", `"0x1234" is no hash: of an indexed bytes`],
  ["event A(string indexed s)", "s contains 'text'", `"text" is no part of hash`],
  ["event A(string indexed s, string t)", "s == t", "the hash of an indexed string is never equal to a string."],
  ["event A(uint256[] indexed l)", "l == '1'", `"1" is no hash: of an indexed uint256[]`],
  ["event A(bytes4 b)", "b == '0x12'", `"0x12" is no bytes4. ${at(6)}\n- Allowed: 0x and 8 hexadecimal digits.`],
  ["event A(bytes b)", "b == '0x123'", '"0x123" is no bytes.'],
  ["event A(uint8 x)", "x > 1000", `The comparison never holds: on the left is 0 to 255, on the right 1000. ${at(5)}`],
  ["event A(uint8 x)", "x > 255", "The comparison never holds"],
  ["event A(uint8 x)", "x == 0x100", "The comparison never holds"],
  ["event A(uint8 x)", "x < 1000", "The comparison always holds"],
  ["event A(uint8 x)", "x * 2 > 510", "The comparison never holds: on the left is 0 to 510"],
  ["event A(uint256 x)", "x < 0", "The comparison never holds: on the left is 0 to 2^256-1, on the right 0."],
  ["event A(int8 x)", "x < -128", "The comparison never holds: on the left is -128 to 127, on the right -128."],
  ["event A(uint256 x)", "not (x >= 0)", "What always holds is negated."],
  ["event A(uint256 x)", "x > 1 and false", "The expression never holds."],
  ["event A(uint8[] l)", "l contains 256", `"256" is no uint8. ${at(12)}`],
  ["event A(uint8[] l)", "l contains 0x10", `"0x10" is no uint8.`],
  ["event A(address[] l)", "l contains '0x12'", '"0x12" is no address.'],
  ["event A(uint8[3] l)", "l[3] == 1", `"l" has no "3".`],
  ["event A(uint256 x)", "tx.from == '0x12'", '"0x12" is no address.'],
  ["event A(uint256 x)", "block.number < 0", "The comparison never holds"],
])("DET-08: of %s, %s is refused with its place", (signature, where, message) => {
  const read = () => readRules("rules.yaml", `${head}\n${never(signature, JSON.stringify(where))}`);
  expect(read).toThrow(RulesInvalid);
  expect(read).toThrow("rules.yaml:5:12 `rules[0].where`: ");
  expect(read).toThrow(message);
});

test.each([
  ["event A(address u)", `u == ${good} or u == ${good.toLowerCase()} or u contains 'beaed'`],
  ["event A(uint256 x)", "tx.to == '' and x >= 0"],
  ["event A(string indexed s)", `s == 0x${"ab".repeat(32)} or s starts_with '0xab'`],
  ["event A(bytes32 h, string indexed s)", "h == s"],
  ["event A(string s, bytes4 b, bytes c)", "s == '0x12' or b == 0x12345678 or c contains '1234'"],
  ["event A(uint8 x, int16 y)", "x == 255 or x >= 1 or y < 0 or x - 1 < 0 or x / 2 == 127 or y * x > 1000"],
  ["event A((uint8 n, string s) t)", "t contains 'text' or t contains 255 or t.n > 254"],
])("DET-08: of %s, %s can hold and is taken", (signature, where) => {
  expect(readRules("rules.yaml", `${head}\n${never(signature, JSON.stringify(where))}`)).toHaveLength(1);
});

test.each([
  ["__proto__", '7:7 has the key "__proto__".'],
  ["amount", '7:15 `rules[0].reads.amount`: "amount" is the name of something else here.'],
  ["tx", '"tx" is the name of something else here.'],
  ["count", '"count" is the name of something else here.'],
])("DET-08: a read named %s does not vanish, it is refused", (name, message) => {
  const reads = `    reads:\n      ${name}: { call: "function f() view returns (uint256)" }\n`;
  const read = () => readRules("rules.yaml", `${head}\n${never("event A(uint256 amount)", "amount > 1", reads)}`);
  expect(read).toThrow(RulesInvalid);
  expect(read).toThrow(message);
});

test("DET-08: a window that can never be over is refused", () => {
  const window = "    window: { over: 1h, when: count < 0 }\n";
  const read = () => readRules("rules.yaml", `${head}\n${never("event A(uint256 x)", "x > 1", window)}`);
  expect(read).toThrow("`rules[0].window.when`: The comparison never holds");
});

test("error: a rule without an owner is refused, for nobody would read it", () => {
  expect(() => readRules("rules.yaml", `rules:\n  - { id: a, severity: low, runbook: r, event: event A() }`)).toThrow(
    "rules.yaml:2:5 `rules[0].owner` is missing.\n- Needed: owner, here or in `defaults`.",
  );
});

test("error: what is wrong with the rules that are formed is told beside what is wrong with the others, each at its own place", () => {
  const text = `
defaults: { severity: high, owner: risk }
rules:
  - { id: a, event: "${signature}", runbook: " " }
  - { id: b, event: "${signature}" }
  - { id: c, event: "${signature}", runbook: R, where: amont > 1 }
  - { id: c, event: "${signature}", runbook: R }
`;
  const failure = () => {
    try {
      readRules("r.yaml", text);
    } catch (error) {
      if (error instanceof RulesInvalid) return error.mistakes.map(({ place, what }) => `${place.line} ${what}`);
    }
    return [];
  };
  expect(failure()).toEqual([
    '4 `rules[0].runbook` is " ", a string.',
    "5 `rules[1].runbook` is missing.",
    '6 `rules[2].where`: "amont" is not known here. (column 1 of the expression)',
    '7 `rules[3].id` is "c" again.',
  ]);
});

test("error: aliases cannot blow a file up", () => {
  const bomb = `a: &a [x, x, x, x, x, x, x, x, x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]\nd: [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]`;
  expect(() => readRules("rules.yaml", bomb)).toThrow(RulesInvalid);
});
