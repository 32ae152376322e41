import {
  findAccessControl,
  findApprovalDrain,
  findArbitraryCall,
  findBridgeMessage,
  findGovernance,
  findUninitialised,
} from "./classify/findAccess.ts";
import { findDonation } from "./classify/findDonation.ts";
import { findFlashLoan } from "./classify/findFlashLoan.ts";
import { findPriceManipulation } from "./classify/findPriceManipulation.ts";
import { findReadOnlyReentrancy, findReentrancy } from "./classify/findReentrancy.ts";
import { findRounding } from "./classify/findRounding.ts";
import type { Sign, Traces } from "./classify/Sign.ts";
import type { AttackClass, Classified } from "./Report.ts";

/** In the order in which they explain: what comes first makes what follows possible. */
const signs: readonly Sign[] = [
  findUninitialised,
  findGovernance,
  findBridgeMessage,
  findArbitraryCall,
  findApprovalDrain,
  findReentrancy,
  findReadOnlyReentrancy,
  findDonation,
  findRounding,
  findPriceManipulation,
  findAccessControl,
  findFlashLoan,
];
const sureness: readonly Classified["confidence"][] = ["certain", "likely", "possible"];
/** Ways of paying for an attack rather than of making one. */
const means: ReadonlySet<AttackClass> = new Set<AttackClass>(["flash-loan"]);

/** What kinds of attack the transaction shows, the surest first; several may hold (LAB-15). */
export function classify(traces: Traces): Classified[] {
  const found = signs.flatMap((sign) => sign(traces) ?? []);
  const rank = (one: Classified) => sureness.indexOf(one.confidence) + (means.has(one.class) ? sureness.length : 0);
  return found.sort((a, b) => rank(a) - rank(b));
}
