// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC1967Proxy} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Proxy.sol";
import {ERC1967Utils} from "@openzeppelin/contracts/proxy/ERC1967/ERC1967Utils.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice A lending pool's till behind a proxy; whoever holds the owner's keys may give it other code (Radiant).
contract Till {
    address public owner;
    IERC20 public money;

    function start(address owner_, IERC20 money_) external {
        require(owner == address(0), "started");
        (owner, money) = (owner_, money_);
    }

    function put(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount);
    }

    function upgrade(address code) external {
        require(msg.sender == owner, "not the owner");
        ERC1967Utils.upgradeToAndCall(code, "");
    }
}

contract TillProxy is ERC1967Proxy {
    constructor(address code, bytes memory data) ERC1967Proxy(code, data) {}
}

/// @notice The next version of the till: a hundredth is swept to its owner.
contract FeeTill is Till {
    function sweep() external {
        require(msg.sender == owner, "not the owner");
        money.transfer(owner, money.balanceOf(address(this)) / 100);
    }
}

/// @notice The same for anybody, and all of it.
contract SweptTill is Till {
    function sweep() external {
        money.transfer(msg.sender, money.balanceOf(address(this)));
    }
}

/// @notice Both books of a bridge. One attestor's word releases what is locked (KelpDAO's route).
contract OneAttestorBridge {
    IERC20 public immutable money;
    address public immutable attestor;
    uint256 public minted;
    mapping(uint256 nonce => bool) public isUsed;

    constructor(IERC20 money_, address attestor_) {
        (money, attestor) = (money_, attestor_);
    }

    function lock(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount);
    }

    /// @notice The other side's word that `amount` was minted or, negative, burnt there.
    function report(int256 amount) external {
        require(msg.sender == attestor, "not the attestor");
        minted = uint256(int256(minted) + amount);
    }

    /// @notice Releases what the attestor says was burnt on the other side.
    function release(uint256 nonce, address to, uint256 amount) external {
        require(msg.sender == attestor && !isUsed[nonce], "no");
        isUsed[nonce] = true;
        money.transfer(to, amount);
    }
}
