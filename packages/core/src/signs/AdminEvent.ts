import type { Log } from "../model/BlockBundle.ts";
import type { Address } from "../model/Hex.ts";
import { oncePer } from "../model/oncePer.ts";
import type { TxView } from "../model/TxView.ts";

/** An event by which a contract tells that who controls it, or what code it runs, has changed. */
export interface AdminEvent {
  readonly address: Address;
  readonly signature: string;
  readonly logIndex: number;
  readonly topics: readonly string[];
  readonly data: string;
}

/** EIP-1967 proxies, OpenZeppelin access control and timelock, Safe, and EIP-2535 diamonds. */
export const adminEvents: ReadonlyMap<string, string> = new Map([
  ["0xbc7cd75a20ee27fd9adebab32041f755214dbc6bffa90cc0225b39da2e5c2d3b", "Upgraded(address)"],
  ["0x7e644d79422f17c01e4894b5f4f588d331ebfa28653d42ae832dc59e38c9798f", "AdminChanged(address,address)"],
  ["0x1cf3b03a6cf19fa2baba4df148e9dcabedea7f8a5c07840e207e5c089be95d3e", "BeaconUpgraded(address)"],
  ["0x2f8788117e7eff1d82e926ec794901d17c78024a50270940304540a733656f0d", "RoleGranted(bytes32,address,address)"],
  ["0xbd79b86ffe0ab8e8776151514217cd7cacd52c909f66475c3af44e129f0b00ff", "RoleAdminChanged(bytes32,bytes32,bytes32)"],
  ["0x8be0079c531659141344cd1fd0a4f28419497f9722a3daafe3b4186f6b6457e0", "OwnershipTransferred(address,address)"],
  ["0x7f26b83ff96e1f2b6a682f133852f6798a09c465da95921460cefb3847402498", "Initialized(uint8)"],
  ["0xc7f505b2f371ae2175ee4913f4499e1f2633a7b5936321eed1cdaeb6115181d2", "Initialized(uint64)"],
  ["0x11c24f4ead16507c69ac467fbd5e4eed5fb5c699626d2cc6d66421df253886d5", "MinDelayChange(uint256,uint256)"],
  ["0x9465fa0c962cc76958e6373a993326400c1c94f8be2fe3a952adfa7f60b2ea26", "AddedOwner(address)"],
  ["0xf8d49fc529812e9a7c5c50e69c20f0dccc0db8fa95c98bc58cc9a4f1c1299eaf", "RemovedOwner(address)"],
  ["0x610f7ff2b304ae8903c3de74c60c6ab1f7d6226b3f52c5161905bb5ad4039c93", "ChangedThreshold(uint256)"],
  ["0xecdf3a3effea5783a3c4c2140e677577666428d44ed9d474a0b3a4c9943f8440", "EnabledModule(address)"],
  ["0x1151116914515bc0891ff9047a6cb32cf902546f83066499bcf8ba33d2353fa2", "ChangedGuard(address)"],
  ["0xcd1966d6be16bc0c030cc741a06c6e0efaf8d00de2c8b6a9e11827e125de8bb8", "ChangedModuleGuard(address)"],
  ["0x75e41bc35ff1bf14d81d1d2f649c0084a0f974f9289c803ec9898eeec4c8d0b8", "ChangedMasterCopy(address)"],
  [
    "0x8faa70878671ccd212d20771b795c50af8fd3ff6cf27f4bde57e5d4de0aeb673",
    "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
  ],
]);

/** Whether a log is one of these events, whoever emitted it. */
export function isAdminLog({ topics }: Pick<Log, "topics">): boolean {
  return adminEvents.has(topics[0] ?? "");
}

/** The admin events that addresses of `set` emitted in this transaction, in order. */
export function findAdminEvents(view: TxView, set: ReadonlySet<Address>): AdminEvent[] {
  return adminEventsIn(view).filter(({ address }) => set.has(address));
}

const adminEventsIn = oncePer((view: TxView): readonly AdminEvent[] =>
  view.logs.flatMap((log) => {
    const signature = adminEvents.get(log.topics[0] ?? "");
    return signature === undefined
      ? []
      : [{ address: log.address, signature, logIndex: log.index, topics: log.topics.slice(1), data: log.data }];
  }),
);
