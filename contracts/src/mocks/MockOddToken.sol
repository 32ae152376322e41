// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// A token of every bad habit: a fee for either side, no return value, a hook before or after it moves, a receiver it
/// refuses, a balance that cannot be read, no transfer of nothing.
contract MockOddToken is ERC20 {
    uint8 private immutable _decimals;
    uint256 public feeBps;
    uint256 public payerFeeBps;
    bool public isSilent;
    bool public isBlind;
    bool public isStrict;
    address public refused;
    address public hookFrom;
    address public hookTarget;
    bytes public hookData;
    bool public hookBefore;

    constructor(uint8 decimals_) ERC20("Odd", "ODD") {
        _decimals = decimals_;
    }

    function setFee(uint256 bps) external {
        feeBps = bps;
    }

    function setPayerFee(uint256 bps) external {
        payerFeeBps = bps;
    }

    function setSilent(bool silent) external {
        isSilent = silent;
    }

    function setBlind(bool blind) external {
        isBlind = blind;
    }

    function setStrict(bool strict) external {
        isStrict = strict;
    }

    function refuse(address account) external {
        refused = account;
    }

    /// Calls `target` once when `from` pays next.
    function setHook(address from, address target, bytes calldata data, bool before) external {
        (hookFrom, hookTarget, hookData, hookBefore) = (from, target, data, before);
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function burn(address from, uint256 amount) external {
        _burn(from, amount);
    }

    function decimals() public view override returns (uint8) {
        return _decimals;
    }

    function balanceOf(address account) public view override returns (uint256) {
        require(!isBlind, "blind");
        return super.balanceOf(account);
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        _mute();
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        super.transferFrom(from, to, amount);
        _mute();
        return true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(to != refused || to == address(0), "refused");
        require(!isStrict || amount > 0, "nothing");
        bool calls = hookTarget != address(0) && from == hookFrom;
        if (calls && hookBefore) _hook();
        if (from != address(0) && to != address(0) && feeBps > 0) {
            uint256 fee = amount * feeBps / 10_000;
            super._update(from, address(0), fee);
            amount -= fee;
        }
        super._update(from, to, amount);
        if (from != address(0) && payerFeeBps > 0) super._update(from, address(0), amount * payerFeeBps / 10_000);
        if (calls && !hookBefore) _hook();
    }

    function _hook() private {
        address target = hookTarget;
        hookTarget = address(0);
        (bool ok,) = target.call(hookData);
        require(ok, "hook failed");
    }

    function _mute() private view {
        if (!isSilent) return;
        assembly {
            return(0, 0)
        }
    }
}
