import type { Severity } from "../../model/Finding.ts";
import { eventTopic } from "../../model/signatureHash.ts";
import type { AdminEvent } from "../../signs/AdminEvent.ts";
import { isFigure, isPriceSource, isTightened } from "../../signs/ControlChange.ts";

const takesControl = [
  "Upgraded(address)",
  "AdminChanged(address,address)",
  "BeaconUpgraded(address)",
  "OwnershipTransferred(address,address)",
  "DiamondCut((address,uint8,bytes4[])[],address,bytes)",
];
const grave = [
  "EnabledModule(address)",
  "ChangedGuard(address)",
  "ChangedModuleGuard(address)",
  "ChangedThreshold(uint256)",
  "ChangedMasterCopy(address)",
  "RoleAdminChanged(bytes32,bytes32,bytes32)",
  "NewDelay(uint256)",
  "NewAdmin(address)",
];

/** Roles that lead to all others, to code, or to money: OpenZeppelin's admin, its timelock's, and the usual names. */
const graveRoles: ReadonlySet<string> = new Set([
  `0x${"0".repeat(64)}`,
  ...["TIMELOCK_ADMIN_ROLE", "PROPOSER_ROLE", "EXECUTOR_ROLE", "UPGRADER_ROLE", "MINTER_ROLE"].map(eventTopic),
]);

/**
 * How grave the events of one address in one transaction are; undefined for nothing. `isRaised`: the Safe's threshold went
 * up. A grave change is high whatever an ordinary one is.
 */
export function severityOf(
  events: readonly AdminEvent[],
  ordinary: Severity,
  isRaised: (event: AdminEvent) => boolean,
): Severity | undefined {
  const first = events.findIndex((e) => e.signature.startsWith("Initialized"));
  if (first >= 0) {
    const upgradedBefore = events.slice(0, first).some((e) => e.signature === "Upgraded(address)");
    // An initialiser sets its owner before it says Initialized, so every change of owner beside it counts.
    const takenOver = events.some(
      (e, i) => takesControl.includes(e.signature) && (i > first || e.signature.startsWith("Ownership")),
    );
    if (!upgradedBefore) return takenOver ? "critical" : "high";
  }
  const counted = events.filter((e) => !isTightened(e));
  if (counted.length === 0) return undefined;
  const loosening = counted.filter((e) => !(e.signature.startsWith("ChangedThreshold") && isRaised(e)));
  if (loosening.length === 0) return "low";
  // Keepers and stewards do so every week: by itself it harms nobody, beside a price that is off it is the cause.
  if (loosening.every(isPriceSource)) return ordinary === "low" ? "low" : "medium";
  return loosening.some(isGrave) ? "high" : ordinary;
}

function isGrave(event: AdminEvent): boolean {
  if (event.signature.startsWith("RoleGranted")) return graveRoles.has(event.topics[0] ?? "");
  return grave.includes(event.signature) || isFigure(event);
}
