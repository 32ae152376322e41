// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ReferencePerp} from "../../../src/reference/ReferencePerp.sol";

/// Makes the market for its users and lends them up to four fifths of what their part of its shares is worth, as the
/// exchange says. It trusts that view, as lenders do.
contract MakerLender {
    uint256 private constant LTV_BPS = 8_000;

    ReferencePerp public immutable perp;
    IERC20 public immutable asset;
    bytes32 public immutable market;
    mapping(address user => uint256) public sharesOf;
    mapping(address user => uint256) public debtOf;

    error MakerLender_Value(uint256 debt, uint256 most);

    constructor(ReferencePerp perp_, bytes32 market_) {
        (perp, market, asset) = (perp_, market_, perp_.modules().collateral);
        asset.approve(address(perp_), type(uint256).max);
    }

    function supply(uint256 amount) external {
        asset.transferFrom(msg.sender, address(this), amount);
        perp.deposit(amount);
        sharesOf[msg.sender] += perp.addLiquidity(market, amount);
    }

    function redeem(uint256 shares) external {
        sharesOf[msg.sender] -= shares;
        uint256 amount = perp.removeLiquidity(market, shares);
        _requireValue(msg.sender);
        asset.transfer(msg.sender, amount);
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        _requireValue(msg.sender);
        asset.transfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        debtOf[msg.sender] -= amount;
        asset.transferFrom(msg.sender, address(this), amount);
    }

    /// What `user` could take out after paying his debt.
    function equityOf(address user) external view returns (uint256) {
        (uint256 value, uint256 debt) = (_valueOf(user), debtOf[user]);
        return value > debt ? value - debt : 0;
    }

    function _requireValue(address user) private view {
        uint256 debt = debtOf[user];
        if (debt == 0) return;
        uint256 most = _valueOf(user) * LTV_BPS / 10_000;
        if (debt > most) revert MakerLender_Value(debt, most);
    }

    function _valueOf(address user) private view returns (uint256) {
        uint256 held = perp.sharesOf(address(this), market);
        return held == 0 ? 0 : perp.makerValue(address(this), market) * sharesOf[user] / held;
    }
}
