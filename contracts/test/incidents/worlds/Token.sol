// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// What an account that asked for it is told of its tokens, after they moved, as ERC-777 does.
interface IMoved {
    function onMoved(address from, address to, uint256 amount) external;
}

/// A token with callbacks for whoever wants them. Minters are named by the deployer.
contract Token is ERC20 {
    uint8 private immutable _decimals;
    mapping(address account => bool) public wantsCalls;
    mapping(address account => bool) public isMinter;

    error Token_NotMinter(address caller);

    constructor(string memory symbol_, uint8 decimals_) ERC20(symbol_, symbol_) {
        _decimals = decimals_;
        isMinter[msg.sender] = true;
    }

    function setMinter(address account) external {
        if (!isMinter[msg.sender]) revert Token_NotMinter(msg.sender);
        isMinter[account] = true;
    }

    function mint(address to, uint256 amount) external {
        if (!isMinter[msg.sender]) revert Token_NotMinter(msg.sender);
        _mint(to, amount);
    }

    function wantCalls(bool wants) external {
        wantsCalls[msg.sender] = wants;
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (wantsCalls[from]) IMoved(from).onMoved(from, to, amount);
        if (wantsCalls[to] && to != from) IMoved(to).onMoved(from, to, amount);
    }
}
