// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Health} from "../../interfaces/IHealthGate.sol";
import {IPerpParameters, Limits} from "../../interfaces/IPerpParameters.sol";

/// @title NaiveParameters: fixed margins whatever the size, no cap, every gain as good as money. One key sets them.
contract NaiveParameters is IPerpParameters {
    uint256 private constant WAD = 1e18;

    address public immutable admin;
    uint256 public initialWad = 0.1e18;
    uint256 public maintenanceWad = 0.05e18;

    error Naive_NotAdmin(address caller);

    constructor(address admin_) {
        admin = admin_;
    }

    /// @notice Sets both margins at once, to anything.
    function setMargins(uint256 initial, uint256 maintenance) external {
        if (msg.sender != admin) revert Naive_NotAdmin(msg.sender);
        (initialWad, maintenanceWad) = (initial, maintenance);
    }

    /// @inheritdoc IPerpParameters
    function limitsOf(bytes32) external pure returns (Limits memory) {
        return Limits({
            oiCap: type(uint256).max,
            depth: type(uint128).max,
            penalty: 0.05e18,
            fee: 0,
            fundingCap: 1_000e18,
            skewScale: 100_000_000e6,
            liquidationCap: type(uint128).max,
            liquidationWindow: 1,
            makerDelay: 0
        });
    }

    /// @inheritdoc IPerpParameters
    function keeperFeeOf(bytes32) external pure returns (uint256) {
        return 0;
    }

    /// @inheritdoc IPerpParameters
    function healthOf(bytes32, int256 own, int256 gain, uint256, uint256 notional)
        external
        view
        returns (Health memory)
    {
        int256 maintenance = int256(maintenanceWad * notional / WAD);
        return Health(own + gain - maintenance, own + gain, initialWad * notional / WAD);
    }
}
