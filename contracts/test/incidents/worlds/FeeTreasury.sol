// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {Initializable} from "@openzeppelin/contracts/proxy/utils/Initializable.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// Keeps a protocol's fees for its owner, whom the initialiser names, as contracts behind a proxy do.
contract FeeTreasury is Initializable {
    address public owner;

    error FeeTreasury_NotOwner(address caller);

    constructor() {
        _disableInitializers();
    }

    function initialize(address owner_) external initializer {
        owner = owner_;
    }

    function sweep(IERC20 token, address to, uint256 amount) external {
        if (msg.sender != owner) revert FeeTreasury_NotOwner(msg.sender);
        token.transfer(to, amount);
    }
}

/// A proxy whose initialiser is somebody's later transaction, as was the habit before OpenZeppelin 5.5.
contract BareProxy is ERC1967Proxy {
    constructor(address implementation) ERC1967Proxy(implementation, "") {}

    function _unsafeAllowUninitialized() internal pure override returns (bool) {
        return true;
    }
}
