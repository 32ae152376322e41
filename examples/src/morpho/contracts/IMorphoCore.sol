// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice What makes a market of Morpho Blue; the hash of its encoding is the market's id.
struct MarketParams {
    address loanToken;
    address collateralToken;
    address oracle;
    address irm;
    uint256 lltv;
}

/// @notice Morpho Blue as the example calls it, in our own words: its source is under another licence and is not copied.
/// Where there are `assets` and `shares`, one of them is zero.
interface IMorphoCore {
    function market(bytes32 id)
        external
        view
        returns (
            uint128 supplyAssets,
            uint128 supplyShares,
            uint128 borrowAssets,
            uint128 borrowShares,
            uint128 lastUpdate,
            uint128 fee
        );
    function position(bytes32 id, address account)
        external
        view
        returns (uint256 supplyShares, uint128 borrowShares, uint128 collateral);
    function supply(MarketParams memory params, uint256 assets, uint256 shares, address onBehalf, bytes memory data)
        external
        returns (uint256, uint256);
    function withdraw(MarketParams memory params, uint256 assets, uint256 shares, address onBehalf, address receiver)
        external
        returns (uint256, uint256);
    function borrow(MarketParams memory params, uint256 assets, uint256 shares, address onBehalf, address receiver)
        external
        returns (uint256, uint256);
    function repay(MarketParams memory params, uint256 assets, uint256 shares, address onBehalf, bytes memory data)
        external
        returns (uint256, uint256);
    function supplyCollateral(MarketParams memory params, uint256 assets, address onBehalf, bytes memory data) external;
    function isAuthorized(address owner, address authorized) external view returns (bool);
    function setAuthorization(address authorized, bool isAuthorized) external;
    function accrueInterest(MarketParams memory params) external;
}
