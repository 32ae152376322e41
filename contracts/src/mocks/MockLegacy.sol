// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// An initialiser-style implementation with the storage layout of OpenZeppelin 3.4's Initializable.
contract MockLegacy {
    bool private initialized;
    bool private initializing;
    uint256[50] private __gap;
    address public owner;
    uint256 public total;
    mapping(address => uint256) public balanceOf;

    error MockLegacy_Refused(uint256 value);

    function initialize(uint256 start) external payable {
        require(!initialized, "Initializable: contract is already initialized");
        initialized = true;
        owner = msg.sender;
        total = start;
    }

    function deposit(uint256 amount) external payable returns (uint256) {
        balanceOf[msg.sender] += amount;
        total += amount;
        return total;
    }

    function withdraw(uint256 amount) external returns (uint256) {
        if (amount > balanceOf[msg.sender]) revert MockLegacy_Refused(amount);
        balanceOf[msg.sender] -= amount;
        total -= amount;
        return total;
    }

    /// Like a UUPS implementation, writes ERC-1967's slot by itself.
    function upgradeTo(address implementation) external {
        bytes32 slot = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
        assembly {
            sstore(slot, implementation)
        }
    }

    receive() external payable {
        total += 1;
    }
}

/// A second version, to upgrade to.
contract MockLegacyV2 is MockLegacy {
    function version() external pure returns (uint256) {
        return 2;
    }
}

/// Has a function of GateProxy's own.
contract MockClash {
    function gate() external pure returns (uint256) {
        return 1;
    }
}
