// A load for rules files: contracts that many rules listen to, and blocks made in process in which they are used. The
// same arguments give the same bytes; nothing is random.
import { encodeEventTopics, toFunctionSelector } from "viem";

const users = 500;
const firstBlock = 1_000_000;
const secondsPerBlock = 12;
// One amount in so many is over a rule's limit, so that findings, incidents and notices are part of the work.
const oneIn = 997;

const signatures = {
  Transfer: "event Transfer(address indexed from, address indexed to, uint256 value)",
  Withdraw: "event Withdraw(address indexed user, uint256 amount)",
  Deposit: "event Deposit(address indexed user, uint256 amount)",
  Borrow: "event Borrow(address indexed user, uint256 amount)",
  Swap: "event Swap(address indexed trader, uint256 amountIn, uint256 amountOut)",
};
const kinds = Object.keys(signatures);
const topics = Object.fromEntries(
  kinds.map((kind) => [kind, encodeEventTopics({ abi: [eventOf(signatures[kind])], eventName: kind })[0]]),
);
const selectors = kinds.map((_, i) => toFunctionSelector(`function act${i}(uint256 amount)`));

/** The ten rules that one contract has; with more contracts they are the same ten at other addresses. */
const forms = [
  ["big-transfer", `event: ${signatures.Transfer}`, "where: value > 1000e18"],
  [
    "outflow-by-user",
    `event: ${signatures.Withdraw}`,
    "window: { over: 1h, sum: amount, by: [user], when: sum > 5000e18 }",
  ],
  ["many-borrows", `event: ${signatures.Borrow}`, "window: { over: 10m, when: count > 1000000 }"],
  ["new-oracle", "call: function setOracle(address oracle)"],
  ["big-entry", "entry: function act1(uint256 amount)", "where: amount > 1000e18"],
  [
    "taken-over",
    "any: [{ event: 'event OwnershipTransferred(address indexed previousOwner, address indexed newOwner)' }, { event: 'event Upgraded(address indexed implementation)' }]",
  ],
  ["much-ether", "tx: { where: value > 100e18 }"],
  ["bad-swap", `event: ${signatures.Swap}`, "where: amountOut * 100 < amountIn"],
  ["volume", `event: ${signatures.Transfer}`, "window: { over: 5m, sum: value, when: sum > 1000000e18 }"],
  ["deposit-by-self", `event: ${signatures.Deposit}`, "where: user == address or amount > 1000e18"],
];

/** A rules file of `rules` rules on `contracts` contracts, as a person writes it. */
export function rulesText(rules, contracts) {
  const items = Array.from({ length: rules }, (_, i) => {
    const [name, ...lines] = forms[Math.floor(i / contracts) % forms.length];
    const round = Math.floor(i / (contracts * forms.length));
    const address = contractAt(i % contracts);
    return [`  - id: ${name}-${i % contracts}-${round}`, `address: "${address}"`, ...lines].join("\n    ");
  });
  return `defaults: { severity: high, owner: risk, runbook: RUNBOOK.md#rules }\nrules:\n${items.join("\n")}\n`;
}

/** What a stream tells of `blocks` blocks with `eventsPerBlock` transactions of one event each; finality follows behind. */
export async function* streamOf({ blocks, eventsPerBlock, contracts }) {
  let parentHash = hashOf("a", 0);
  for (let i = 0; i < blocks; i++) {
    const ref = {
      number: BigInt(firstBlock + i),
      hash: hashOf("b", i + 1),
      parentHash,
      timestamp: BigInt(1_700_000_000 + i * secondsPerBlock),
    };
    parentHash = ref.hash;
    yield {
      kind: "block",
      bundle: bundleOf(ref, i * eventsPerBlock, eventsPerBlock, contracts),
      phase: "history",
      receivedAtMs: 0,
    };
    if (i % 32 === 31 && i >= 64)
      yield { kind: "finalize", tag: "finalized", ref: { ...ref, number: ref.number - 64n } };
  }
}

/** The number of the last block of such a stream. */
export function lastBlockOf(blocks) {
  return BigInt(firstBlock + blocks - 1);
}

function bundleOf(ref, firstEvent, count, contracts) {
  const parts = Array.from({ length: count }, (_, index) => eventAt(firstEvent + index, index, contracts));
  return {
    ref,
    txs: parts.map(({ tx }) => tx),
    logs: parts.map(({ log }) => log),
    traces: parts.map(({ trace }) => trace),
    traceSource: "debug_traceBlockByHash",
    has: ["X", "L", "T"],
    sources: ["bench"],
  };
}

// Steps without a common divisor, so that every user meets every contract and every kind of event.
function eventAt(n, index, contracts) {
  const to = contractAt((n * 7) % contracts);
  const kind = Math.floor(n / 3) % kinds.length;
  const user = userAt((n * 13) % users);
  const amount = word(n % oneIn === 0 ? 2_000n * 10n ** 18n : BigInt(1 + (n % 50)) * 10n ** 17n);
  const input = `${selectors[kind]}${amount}`;
  const log = { address: to, ...logOf(kinds[kind], user, amount), index, txIndex: index };
  const { address, topics: told, data } = log;
  const trace = {
    type: "CALL",
    from: user,
    to,
    value: 0n,
    input,
    output: "0x",
    calls: [],
    logs: [{ address, topics: told, data, position: 0 }],
  };
  return { tx: { hash: hashOf("c", n), index, from: user, to, value: 0n, input, nonce: n }, log, trace };
}

function logOf(kind, user, amount) {
  const who = `0x${user.slice(2).padStart(64, "0")}`;
  if (kind === "Transfer") return { topics: [topics.Transfer, who, topicOfUser(1)], data: `0x${amount}` };
  if (kind === "Swap") return { topics: [topics.Swap, who], data: `0x${amount}${amount}` };
  return { topics: [topics[kind], who], data: `0x${amount}` };
}

function eventOf(signature) {
  const [, name, inputs] = /^event (\w+)\((.*)\)$/.exec(signature);
  const parsed = inputs.split(", ").map((input) => {
    const parts = input.split(" ");
    return { type: parts[0], name: parts.at(-1), indexed: parts.length === 3 };
  });
  return { type: "event", name, inputs: parsed };
}

function contractAt(i) {
  return `0xc0${i.toString(16).padStart(38, "0")}`;
}

function userAt(i) {
  return `0xaa${i.toString(16).padStart(38, "0")}`;
}

function topicOfUser(i) {
  return `0x${userAt(i).slice(2).padStart(64, "0")}`;
}

function word(value) {
  return value.toString(16).padStart(64, "0");
}

function hashOf(family, n) {
  return `0x${family}${n.toString(16).padStart(63, "0")}`;
}
