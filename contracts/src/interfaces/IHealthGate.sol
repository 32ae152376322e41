// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice How an account stands. All in units of the collateral; `excess` is its whole equity less maintenance margin,
/// `collateral` counts unrealised profit only as far as it could be realised, `initial` is the initial margin.
struct Health {
    int256 excess;
    int256 collateral;
    uint256 initial;
}

/// @title What every call that touches an account has to pass at its end.
interface IHealthGate {
    /// @notice Whether an account may go from `before` to `afterwards`.
    function allows(Health calldata before, Health calldata afterwards) external view returns (bool);
}
