// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An ERC-1271 wallet that can misbehave, and a slow wallet with a threshold.
contract MockWallet {
    enum Mode {
        VALID,
        INVALID,
        REVERTS,
        BURNS,
        BOMBS,
        SHORT
    }

    Mode public mode;
    uint256 private padding;
    uint256 public getThreshold;
    bytes32 public approved;

    function set(Mode mode_, bytes32 approved_, uint256 threshold_) external {
        mode = mode_;
        approved = approved_;
        getThreshold = threshold_;
    }

    function isValidSignature(bytes32 digest, bytes calldata) external view returns (bytes4) {
        if (mode == Mode.REVERTS) revert("no");
        if (mode == Mode.BURNS) while (true) {}
        if (mode == Mode.BOMBS) {
            assembly {
                return(0, 100000)
            }
        }
        if (mode == Mode.SHORT) {
            assembly {
                mstore(0, shl(224, 0x1626ba7e))
                return(0, 4)
            }
        }
        return mode == Mode.VALID && digest == approved ? this.isValidSignature.selector : bytes4(0xffffffff);
    }
}
