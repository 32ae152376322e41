// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {Why} from "../libraries/Why.sol";
import {IAccountable} from "./IAccountable.sol";
import {ITranche} from "./ITranche.sol";

/// @notice A reported loss. `until` is the end of its hold on redemptions in Unix seconds, 1 once it was closed;
/// `isUsed` once it was covered.
struct Loss {
    bytes32 market;
    uint40 until;
    bool isUsed;
}

/// @title InsuranceFund: who pays for bad debt, in which order.
/// @notice After the account's own margin, which the protected contract takes: the market's liquidation-fee pot, then
/// out of the shared fund, up to the market's cap, the protocol's first loss, the junior tranche, the senior tranche.
/// What is left over is the protected contract's to deleverage or socialise.
/// @dev Roles: the protected contract covers and reports losses; the council reports them; the timelock confirms and
/// closes them, sets caps and takes back the first loss. The asset's hooks reach the protected contract alone.
interface IInsuranceFund is IAccountable {
    /// @notice `lossId` of about `estimate` in `market` is open: redemptions wait until `until`.
    event LossOpened(bytes32 indexed lossId, bytes32 indexed market, uint256 estimate, uint40 until);

    /// @notice `lossId` is real: its hold lasts until `until`.
    event LossConfirmed(bytes32 indexed lossId, uint40 until);

    /// @notice `lossId` holds redemptions no longer.
    event LossClosed(bytes32 indexed lossId);

    /// @notice What each layer paid for `lossId`; all five sum up to the loss.
    event Covered(
        bytes32 indexed lossId,
        uint256 fromPot,
        uint256 fromProtocol,
        uint256 fromJunior,
        uint256 fromSenior,
        uint256 residual
    );

    /// @notice The pot of `market` grew by `amount`.
    event PotFilled(bytes32 indexed market, uint256 amount);

    /// @notice The first loss is now `amount`.
    event FirstLossChanged(uint256 amount);

    /// @notice `market` may take `bps` of the shared fund, counted anew.
    event MarketCapSet(bytes32 indexed market, uint16 bps);

    /// @notice A loss is open, and the first loss stays.
    error Fund_LossPending(bytes32 id);

    /// @notice The loss was opened or covered before.
    error Fund_LossUsed(bytes32 id);

    /// @notice The loss is not open.
    error Fund_LossNotOpen(bytes32 id);

    /// @notice The market may take no more of the shared fund, so that no depositor needs to wait for it.
    error Fund_MarketCap(bytes32 market, uint256 left);

    /// @notice The share is above 10,000.
    error Fund_BadCap(uint256 bps);

    /// @notice Losses that nobody confirmed held redemptions lately: the next such hold can begin at `nextAt`.
    error Fund_TooSoon(uint40 nextAt);

    /// @notice The caller lacks the role.
    error Fund_NotAllowed(address caller);

    /// @notice `evidence` is zero.
    error Fund_NoEvidence();

    /// @notice The only caller of `cover`, and the receiver of what is paid.
    function protectedContract() external view returns (address);

    /// @notice May report losses.
    function council() external view returns (address);

    /// @notice May report, confirm and close losses, set caps and take back the first loss.
    function timelock() external view returns (address);

    /// @notice The ERC-20 in which losses are paid; without a fee on transfer, and not rebasing downwards.
    function asset() external view returns (address);

    /// @notice The tranche that pays first.
    function junior() external view returns (ITranche);

    /// @notice The tranche that pays last.
    function senior() external view returns (ITranche);

    /// @notice Pays `amount` of bad debt of `market`, as far as the layers reach, to the caller, once for each
    /// `lossId`; needs no open loss, and closes it if there is one, for whichever market. Does not revert for want of
    /// funds. Protected contract.
    /// @return paid What was paid; `amount - paid` is the residual.
    function cover(bytes32 lossId, bytes32 market, uint256 amount) external returns (uint256 paid);

    /// @notice Holds redemptions for a loss that is not yet known, for 7 days from the first loss of a row that nobody
    /// confirmed. A row can begin 30 days after the one before, so that nobody's reports lock depositors for ever.
    /// Council, protected contract; timelock, at any time.
    function openLoss(bytes32 lossId, bytes32 market, uint256 estimate, Why calldata why) external;

    /// @notice Keeps an open loss open for 30 days from now. Timelock.
    function confirmLoss(bytes32 lossId, Why calldata why) external;

    /// @notice Ends an open loss without a payment. Timelock, protected contract; anyone once it has expired.
    function closeLoss(bytes32 lossId, Why calldata why) external;

    /// @notice Lets `market` take `bps` of the shared fund, not counting what it took before. Timelock.
    function setMarketCap(bytes32 market, uint16 bps, Why calldata why) external;

    /// @notice Takes `amount` of the first loss back to `to`; not while a loss is open. Timelock.
    function withdrawFirstLoss(uint256 amount, address to, Why calldata why) external;

    /// @notice Adds `amount` of the caller's to the pot of `market`, which pays for that market alone. Anyone.
    function addToPot(bytes32 market, uint256 amount) external;

    /// @notice Adds `amount` of the caller's to the protocol's first loss. Anyone.
    function addFirstLoss(uint256 amount) external;

    /// @notice What `market` may still take of the shared fund.
    function marketLeft(bytes32 market) external view returns (uint256);

    /// @notice The share of the shared fund that `market` may take, and what it took since that was set.
    function marketOf(bytes32 market) external view returns (uint16 capBps, uint240 taken);

    /// @notice The liquidation fees set aside for `market`.
    function potOf(bytes32 market) external view returns (uint256);

    /// @notice The protocol's first loss.
    function firstLoss() external view returns (uint256);

    /// @notice The loss `lossId`.
    function lossOf(bytes32 lossId) external view returns (Loss memory);

    /// @notice The loss reported last; meaningful while redemptions are held.
    function pendingLoss() external view returns (bytes32);
}
