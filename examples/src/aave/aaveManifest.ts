import { classify, type Manifest } from "../curie/manifest.ts";

const emode = "(uint16,uint16,uint16,address,string)";

/** Aave v3.0's `Pool` (`@aave/core-v3` 1.19.3). */
export const poolManifest: Manifest = classify({
  outflow: [
    "withdraw(address,uint256,address)",
    "flashLoan(address,address[],uint256[],uint256[],address,bytes,uint16)",
    "flashLoanSimple(address,address,uint256,bytes,uint16)",
  ],
  riskIncreasing: [
    "borrow(address,uint256,uint256,uint16,address)",
    "mintUnbacked(address,uint256,address,uint16)",
    // Either may take security or its weight away from a debt.
    "setUserUseReserveAsCollateral(address,bool)",
    "setUserEMode(uint8)",
    "swapBorrowRateMode(address,uint256)",
  ],
  admin: [
    "initialize(address)",
    "initReserve(address,address,address,address,address)",
    "dropReserve(address)",
    "setReserveInterestRateStrategyAddress(address,address)",
    "setConfiguration(address,(uint256))",
    `configureEModeCategory(uint8,${emode})`,
    "updateBridgeProtocolFee(uint256)",
    "updateFlashloanPremiums(uint128,uint128)",
    "resetIsolationModeTotalDebt(address)",
    "rescueTokens(address,address,uint256)",
  ],
  exempt: [
    "supply(address,uint256,address,uint16)",
    "supplyWithPermit(address,uint256,address,uint16,uint256,uint8,bytes32,bytes32)",
    "deposit(address,uint256,address,uint16)",
    "repay(address,uint256,uint256,address)",
    "repayWithPermit(address,uint256,uint256,address,uint256,uint8,bytes32,bytes32)",
    "repayWithATokens(address,uint256,uint256)",
    "liquidationCall(address,address,address,uint256,bool)",
    "backUnbacked(address,uint256,uint256)",
    "rebalanceStableBorrowRate(address,address)",
    "mintToTreasury(address[])",
    // Called by the aTokens when they are sent on; it checks the caller.
    "finalizeTransfer(address,address,address,uint256,uint256,uint256)",
    "ADDRESSES_PROVIDER()",
    "BRIDGE_PROTOCOL_FEE()",
    "FLASHLOAN_PREMIUM_TOTAL()",
    "FLASHLOAN_PREMIUM_TO_PROTOCOL()",
    "MAX_NUMBER_RESERVES()",
    "MAX_STABLE_RATE_BORROW_SIZE_PERCENT()",
    "POOL_REVISION()",
    "getConfiguration(address)",
    "getEModeCategoryData(uint8)",
    "getReserveAddressById(uint16)",
    "getReserveData(address)",
    "getReserveNormalizedIncome(address)",
    "getReserveNormalizedVariableDebt(address)",
    "getReservesList()",
    "getUserAccountData(address)",
    "getUserConfiguration(address)",
    "getUserEMode(address)",
  ],
});
