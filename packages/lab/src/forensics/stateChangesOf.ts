import { type Address, addressOfWord, type Hex } from "@testudo/core/model/Hex";
import { eventTopic } from "@testudo/core/model/signatureHash";
import { changesOf } from "@testudo/core/signs/ControlChange";
import type { PrestateAccount, StateDiff } from "../tracer/prestateResult.ts";
import type { Examined, LayoutEntry } from "./Examined.ts";
import type { Changed, ContractChange, ControlChanged, DecodedValue, StateChanges } from "./Report.ts";
import type { Study } from "./Study.ts";

/** EIP-1967's slots, and the one that OpenZeppelin's first proxies used. */
const proxySlots: ReadonlyMap<string, string> = new Map([
  ["0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc", "implementation"],
  ["0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103", "admin"],
  ["0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50", "beacon"],
  ["0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3", "implementation (OpenZeppelin 1)"],
  ["0x9016d09d72d40fdae2fd8ceac6b6234c7706214fd39c1cd1e609a0528c199300", "owner"],
  ["0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00", "initialised version"],
]);
const zeroWord: Hex = `0x${"0".repeat(64)}`;

/** What the transaction left changed, account by account, with changes of control named. */
export function stateChangesOf(study: Study, partyOf: (address: Address) => string): StateChanges {
  const { examined } = study;
  const { diff } = examined;
  const contracts =
    diff === undefined ? [] : addressesIn(diff).map((address) => changeOf(address, diff, examined, partyOf));
  return { isKnown: diff !== undefined, contracts, control: [...controlByEvents(study), ...controlBySlots(contracts)] };
}

function addressesIn({ pre, post }: StateDiff): Address[] {
  return [...new Set([...Object.keys(pre), ...Object.keys(post)])] as Address[];
}

function changeOf(
  address: Address,
  { pre, post }: StateDiff,
  examined: Examined,
  partyOf: (address: Address) => string,
): ContractChange {
  const was: PrestateAccount = pre[address] ?? {};
  // What destroyed itself is in `pre` alone.
  const isGone = !(address in post);
  const now: PrestateAccount = post[address] ?? {};
  const slots = slotsOf(was, now, isGone).map((slot) => ({ ...slot, name: nameOfSlot(address, slot.slot, examined) }));
  return {
    address,
    party: partyOf(address),
    balance: now.balance === undefined ? null : { before: BigInt(was.balance ?? 0), after: BigInt(now.balance) },
    nonce: now.nonce === undefined ? null : { before: was.nonce ?? 0, after: now.nonce },
    code: codeChange(was, now, isGone),
    slots,
  };
}

function slotsOf(was: PrestateAccount, now: PrestateAccount, isGone: boolean): (Changed<Hex> & { slot: Hex })[] {
  const [old, fresh] = [was.storage ?? {}, now.storage ?? {}];
  const keys = [...new Set([...Object.keys(old), ...Object.keys(fresh)])] as Hex[];
  return keys
    .map((slot) => ({ slot, before: old[slot] ?? zeroWord, after: isGone ? zeroWord : (fresh[slot] ?? zeroWord) }))
    .filter(({ before, after }) => before !== after);
}

function codeChange(was: PrestateAccount, now: PrestateAccount, isGone: boolean): ContractChange["code"] {
  if (isGone && was.code !== undefined) return "destroyed";
  if (now.code === undefined) return null;
  if (now.code === "0x") return "destroyed";
  if (now.code.startsWith("0xef0100")) return "delegated";
  return was.code === undefined ? "created" : "changed";
}

/** What a slot is called: a proxy's, a variable of the layout, or the place in a mapping that was hashed for it. */
function nameOfSlot(address: Address, slot: Hex, { layouts, hashed }: Examined): string | null {
  const proxy = proxySlots.get(slot);
  if (proxy !== undefined) return proxy;
  const layout = layouts?.get(address) ?? [];
  const direct = layout.find((entry) => entry.slot === BigInt(slot));
  return direct?.label ?? mappingName(slot, layout, hashed, 0);
}

function mappingName(
  slot: Hex,
  layout: readonly LayoutEntry[],
  hashed: Examined["hashed"],
  depth: number,
): string | null {
  const preimage = hashed?.get(slot);
  if (preimage === undefined || depth > 4) return null;
  const [key, base] = preimage;
  const shown = BigInt(key) >> 160n === 0n && BigInt(key) > 1n << 64n ? addressOfWord(key) : BigInt(key).toString();
  const outer =
    layout.find((entry) => entry.slot === BigInt(base))?.label ??
    mappingName(base, layout, hashed, depth + 1) ??
    (BigInt(base) < 1n << 32n ? `mapping at slot ${BigInt(base)}` : null);
  return outer === null ? null : `${outer}[${shown}]`;
}

const revoked = eventTopic("RoleRevoked(bytes32,address,address)");
const namedEvents: { readonly [name: string]: string } = {
  "Upgraded(address)": "implementation",
  "AdminChanged(address,address)": "proxy admin",
  "BeaconUpgraded(address)": "beacon",
  "RoleGranted(bytes32,address,address)": "role granted",
  "OwnershipTransferred(address,address)": "owner",
  "Initialized(uint8)": "initialised",
  "Initialized(uint64)": "initialised",
  "AddedOwner(address)": "Safe owner added",
  "RemovedOwner(address)": "Safe owner removed",
  "ChangedThreshold(uint256)": "Safe threshold",
  "EnabledModule(address)": "Safe module enabled",
};

/** Changes of control that contracts told of by events, whoever they are. */
function controlByEvents(study: Study): ControlChanged[] {
  const { view, callOfLog, decoder } = study;
  const everybody = new Set(view.logs.map((log) => log.address));
  const told = changesOf(view, everybody).map(({ address, signature, logIndex }): ControlChanged => {
    const args = decoder.event(view.logs[logIndex]!)?.args ?? [];
    const isPair =
      signature === "OwnershipTransferred(address,address)" || signature === "AdminChanged(address,address)";
    const what = namedEvents[signature] ?? signature.slice(0, signature.indexOf("("));
    return {
      address,
      what,
      before: isPair ? (args[0]?.value ?? null) : null,
      after: isPair ? (args[1]?.value ?? null) : saidOf(args),
      call: callOfLog[logIndex]!,
    };
  });
  const taken = view.logs.flatMap((log, i): ControlChanged[] => {
    if (log.topics[0] !== revoked) return [];
    const args = decoder.event(log)?.args ?? [];
    const after = args.map(({ name, value }) => `${name} ${value}`).join(", ");
    return [{ address: log.address, what: "role revoked", before: null, after, call: callOfLog[i]! }];
  });
  return [...told, ...taken];
}

/** One argument speaks for itself; several need their names. */
function saidOf(args: readonly DecodedValue[]): string | null {
  if (args.length < 2) return args[0]?.value ?? null;
  return args.map(({ name, value }) => `${name} ${value}`).join(", ");
}

/** The same by slots, for contracts that tell nothing. */
function controlBySlots(contracts: readonly ContractChange[]): ControlChanged[] {
  return contracts.flatMap(({ address, slots }) =>
    slots.flatMap(({ slot, before, after }): ControlChanged[] => {
      const name = proxySlots.get(slot);
      if (name === undefined || name === "initialised version") return [];
      return [
        { address, what: `${name} (slot)`, before: addressOfWord(before), after: addressOfWord(after), call: null },
      ];
    }),
  );
}
