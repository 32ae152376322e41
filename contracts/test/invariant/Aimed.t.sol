// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An invariant suite whose calls all go to one handler.
abstract contract Aimed {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    address[] private aims;
    bytes4[] private aimedAt;

    /// All functions of `handler`, or those of `packed`, four bytes each; one that stands twice is called twice as often.
    function aim(address handler, bytes memory packed) internal {
        aims.push(handler);
        for (uint256 i; i < packed.length; i += 4) {
            aimedAt.push(bytes4(bytes.concat(packed[i], packed[i + 1], packed[i + 2], packed[i + 3])));
        }
    }

    function targetContracts() external view returns (address[] memory) {
        return aims;
    }

    function targetSelectors() external view returns (FuzzSelector[] memory selectors) {
        if (aimedAt.length == 0) return selectors;
        selectors = new FuzzSelector[](1);
        selectors[0] = FuzzSelector(aims[0], aimedAt);
    }
}
