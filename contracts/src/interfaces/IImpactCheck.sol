// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice What a check sees of a protocol.
/// @param pinned Hash of what no exploit may have moved, honest prices for one.
/// @param holds Whether the invariant holds. @param level What the protocol's honest side is worth, in the bounty's
/// token: a broken invariant costs what the level fell by.
struct Look {
    bytes32 pinned;
    bool holds;
    int256 level;
}

/// @title One impact of the taxonomy, as something to look at before an exploit and after it.
/// @dev Looks have to be cheap (a million gas) and to answer for a protocol that an exploit has left in any state.
interface IImpactCheck {
    /// @notice The impact's id: "D01".
    function impact() external view returns (bytes32);

    /// @notice Brings the protocol to now, so that what time has done is not taken for an exploit's doing. Anyone.
    function settle() external;

    /// @notice How the protocol stands. @param subject The account that the claim is about, where the impact has one.
    function look(address subject) external view returns (Look memory);
}
