// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBountyRules} from "../interfaces/IBountyRules.sol";
import {IBountyVault} from "../interfaces/IBountyVault.sol";

/// @notice Whether a contract that pauses and opens reports for what is proven can do so.
library ProverHealth {
    /// `rules` of the vault and `isProver` of its rules cost about 3,000 gas each, cold.
    uint256 private constant HEALTH_GAS = 12_000;

    /// @dev Zero when nothing is wrong.
    function illness(address timelock, address breaker, address vault) internal view returns (bytes32) {
        if (timelock.code.length == 0) return "timelock has no code";
        if (breaker.code.length == 0) return "breaker has no code";
        if (vault.code.length == 0) return "vault has no code";
        (bool ok, uint256 rules) = ask(vault, abi.encodeCall(IBountyVault.rules, ()));
        if (!ok) return "vault has no rules";
        (bool answered, uint256 prover) =
            ask(address(uint160(rules)), abi.encodeCall(IBountyRules.isProver, (address(this))));
        return answered && prover == 1 ? bytes32(0) : bytes32("not a prover of the vault");
    }

    function ask(address account, bytes memory call) private view returns (bool ok, uint256 answer) {
        bytes memory data;
        (ok, data) = account.staticcall{gas: HEALTH_GAS}(call);
        ok = ok && data.length == 32;
        if (ok) answer = uint256(bytes32(data));
    }
}
