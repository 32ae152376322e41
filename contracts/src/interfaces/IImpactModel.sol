// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What the impact checks ask of a protocol: its own arithmetic, at prices that no transaction can move.
interface IImpactModel {
    /// @notice Hash of what only time and honest people change: the reference prices, the parameters. A claim counts
    /// while it stays: a price that came in during an exploit, and what it did to accounts, is no exploit.
    function pinned() external view returns (bytes32);

    /// @notice Books what is due by now, funding and interest. Anyone.
    function settle() external;
}

/// @title What bad debt is seen by (D01).
interface ISolvencyModel is IImpactModel {
    /// @notice What the protocol has, and what it owes; of what `subject` owes the part that he cannot pay counts as
    /// owed by the protocol, and no one else's surplus makes up for it. At reference prices, in the bounty's token.
    function solvency(address subject) external view returns (uint256 assets, uint256 claims);
}

/// @title What a manipulated mark price is seen by (D02).
interface IMarkModel is IImpactModel {
    /// @notice The price by which the protocol deals, and the one it should be near, WAD.
    function marks() external view returns (uint256 markWad, uint256 referenceWad);

    /// @notice What all but `subject` have in the protocol at the reference price, less what `subject` owes and cannot
    /// pay. A trade at a fair price does not lower it, and money that was spent to move the mark is not in it.
    function worthOfOthers(address subject) external view returns (int256);

    /// @notice In how many shares the makers' capital is held. Whoever brings or takes his own at a fair price moves
    /// `worthOfOthers` and harms nobody, so a claim to a mark counts while it stays.
    function makerShares() external view returns (uint256);
}

/// @title What margin accounting is seen by (D12).
interface ICollateralModel is IImpactModel {
    /// @notice What `account` could take out or put behind new risk now, and what it brought in and honestly has.
    function collateralOf(address account) external view returns (uint256 free, uint256 worth);
}
