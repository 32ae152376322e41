import type { PlayReport } from "./readReport.ts";

// Undefended, the attack takes between 100,000 and 130,000 USD (scenario.test.ts, `testudo drill`); a tenth of it may go.
const mostLostUsd = 10_000;

/** What a play lost or did twice, one line each; empty when it is as it must be. */
export function faultsOf(report: PlayReport): readonly string[] {
  return [...chainFaults(report), ...storeFaults(report), ...deliveryFaults(report)];
}

function chainFaults({ pauses, nonce, sender, transactions, lossUsd }: PlayReport): string[] {
  const faults: string[] = [];
  const tripped = pauses.flatMap((pause) => pause.tripped);
  const twice = tripped.filter((function_, i) => tripped.indexOf(function_) !== i);
  if (pauses.length === 0) faults.push("nothing was paused");
  if (twice.length > 0) faults.push(`paused twice: ${twice.join(", ")}`);
  const strange = pauses.find((pause) => pause.sender !== sender);
  if (strange !== undefined) faults.push(`transaction ${strange.txHash} is not the sender's`);
  // A transaction that reverts uses a nonce up too: every one has to be a pause.
  if (nonce !== pauses.length) faults.push(`${nonce} transactions were sent for ${pauses.length} pauses`);
  const actions = new Set(transactions.map(({ action }) => action));
  if (new Set(transactions.map((tx) => tx.nonce)).size !== actions.size)
    faults.push(`${actions.size} actions have nonces ${transactions.map((tx) => tx.nonce).join(", ")}`);
  if (lossUsd > mostLostUsd) faults.push(`${lossUsd} USD were lost`);
  return faults;
}

function storeFaults({ storeFault, actions, pauses }: PlayReport): string[] {
  const faults = storeFault === undefined ? [] : [storeFault];
  const active = actions.filter(({ states }) => states.includes("active"));
  if (active.length !== pauses.length) faults.push(`${active.length} actions are active for ${pauses.length} pauses`);
  for (const { id, states, approvals } of active) {
    const again = states.filter((state, i) => states.indexOf(state) !== i);
    if (again.length > 0) faults.push(`action ${id} was ${again.join(", ")} twice`);
    if (approvals !== 2) faults.push(`action ${id} has ${approvals} approvals`);
  }
  return faults;
}

function deliveryFaults({ notices, outbox, receiver }: PlayReport): string[] {
  const faults: string[] = [];
  const accepted = new Set(receiver.accepted);
  const missing = notices.filter(({ id }) => !accepted.has(id));
  if (missing.length > 0) faults.push(`${missing.length} notices were not received, first "${missing[0]!.title}"`);
  const known = new Set<string>(notices.map(({ id }) => id));
  const invented = receiver.accepted.filter((id) => !known.has(id));
  if (invented.length > 0) faults.push(`${invented.length} notices were received that are not stored: ${invented[0]}`);
  const unsigned = receiver.requests.filter(({ signed }) => !signed).length;
  if (unsigned > 0) faults.push(`${unsigned} requests were not signed`);
  if (outbox.sent !== notices.length)
    faults.push(`${notices.length} notices have outbox rows ${JSON.stringify(outbox)}`);
  return faults;
}

/** How the notices about findings differ between two plays of one seed, as far as both had the same blocks: until the first pause. */
export function differenceOf(a: PlayReport, b: PlayReport): readonly string[] {
  const until = Math.min(...[a, b].map(({ pauses }) => Math.min(...pauses.map(({ blockNumber }) => blockNumber))));
  const [inA, inB] = [a, b].map(
    ({ notices }) =>
      new Map(
        notices
          .filter((notice) => notice.topic === "finding" && Number(notice.blockNumber) < until)
          .map(({ id, title }) => [id, title]),
      ),
  );
  const only = (x: typeof inA, y: typeof inB) => [...x!].filter(([id]) => !y!.has(id)).map(([, title]) => title);
  return [
    ...only(inA, inB).map((title) => `only in the first: ${title}`),
    ...only(inB, inA).map((title) => `only in the second: ${title}`),
  ];
}
