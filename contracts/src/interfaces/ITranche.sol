// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

/// @notice Shares that wait to be redeemed, from `readyAt` on. Times in Unix seconds.
struct Request {
    uint208 shares;
    uint48 readyAt;
}

/// @title Tranche: ERC-4626 shares in one layer of the insurance fund.
/// @notice Deposits are open. Shares leave by a request, a cooldown of 10 days and a window of 2 days; while they wait
/// they lie here, bear losses as before and cannot be sold. No request and no redemption passes while a loss is open,
/// and a window that a loss shut begins anew at its end. ERC-4626's own `withdraw` and `redeem` allow nothing.
/// @dev Virtual shares (offset 6) make a donation cost its giver more than it takes from others. A token that delivers
/// less than was sent is refused. Each total loss multiplies the shares of later deposits by what was lost: a tranche
/// that was emptied twice should be replaced before its share counts become too large to request.
interface ITranche is IERC4626 {
    /// @notice `owner` may redeem `shares` from `readyAt` on.
    event RedeemRequested(uint256 indexed id, address indexed owner, uint256 shares, uint48 readyAt);

    /// @notice The request `id` was taken back.
    event RequestCancelled(uint256 indexed id);

    /// @notice No request and no redemption passes from `start` until `end`.
    event Frozen(uint40 start, uint40 end);

    /// @notice The layer paid `amount` for a loss.
    event Slashed(uint256 amount);

    /// @notice The loss `id` is open.
    error Fund_LossPending(bytes32 id);

    /// @notice Outside the window of the request, which begins at its cooldown's end and lasts 2 days.
    error Fund_Window(uint256 id);

    /// @notice The caller lacks the role, or the request is another's.
    error Fund_NotAllowed(address caller);

    /// @notice The request has no shares.
    error Fund_NoShares();

    /// @notice The token delivered `have` where `want` was sent.
    error Fund_Received(uint256 have, uint256 want);

    /// @notice The InsuranceFund that slashes and freezes.
    function controller() external view returns (address);

    /// @notice Puts `shares` of the caller under cooldown. `id` holds the owner in its high 160 bits.
    function requestRedeem(uint256 shares) external returns (uint256 id);

    /// @notice Pays out a request of the caller within its window, at the price of now. Rounded down.
    function redeem(uint256 requestId) external returns (uint256 assets);

    /// @notice Gives the shares of a request back to its owner, the caller, at any time.
    function cancelRequest(uint256 requestId) external;

    /// @notice Pays `amount` to `to` for a loss. Controller.
    function slash(address to, uint256 amount) external;

    /// @notice Sets the time of the open losses. Controller.
    function freeze(uint40 start, uint40 end) external;

    /// @notice The request `requestId`; all zero when there is none.
    function requestOf(uint256 requestId) external view returns (Request memory);

    /// @notice The first and the last second in which the request can be redeemed, as far as is known now.
    function windowOf(uint256 requestId) external view returns (uint256 start, uint256 end);

    /// @notice The time of the last open losses: redemption is shut from `start` until `end`.
    function frozen() external view returns (uint40 start, uint40 end);
}
