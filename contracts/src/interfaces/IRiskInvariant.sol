// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What must hold between the parameters before and after a change.
interface IRiskInvariant {
    /// @param before abi.encode(bytes32[] ids, uint256[] values) of the values in force.
    /// @param afterwards The same of the values that the change leads to, at the end of any ramp.
    /// @return ok Whether the change is allowed.
    /// @return why Zero when ok, else a short code in ASCII.
    function check(bytes calldata before, bytes calldata afterwards) external view returns (bool ok, bytes32 why);
}

/// @title What the invariants ask of a protocol: its own arithmetic, over parameters that are not in force.
interface IRiskModel {
    /// @notice The price that the protocol would use now with these parameters, WAD.
    function priceWith(bytes32[] calldata ids, uint256[] calldata values) external view returns (uint256 wad);

    /// @notice The notional that could be liquidated now with these parameters, and all open notional.
    function liquidatableWith(bytes32[] calldata ids, uint256[] calldata values)
        external
        view
        returns (uint256 liquidatable, uint256 total);
}
