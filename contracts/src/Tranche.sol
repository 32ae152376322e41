// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626, IERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IInsuranceFund} from "./interfaces/IInsuranceFund.sol";
import {ITranche, Request} from "./interfaces/ITranche.sol";

/// @title Tranche
contract Tranche is ITranche, ERC4626 {
    struct Freeze {
        uint40 start;
        uint40 end;
        uint96 lastId;
    }

    /* IMMUTABLES */

    /// @inheritdoc ITranche
    address public immutable controller;

    uint256 private constant COOLDOWN = 10 days;
    uint256 private constant WINDOW = 2 days;

    /* STORAGE */

    Freeze private _freeze;
    mapping(uint256 id => Request) private _requests;

    /* CONSTRUCTOR */

    /// @dev Made by the InsuranceFund, its controller.
    constructor(IERC20 asset_, string memory name_, string memory symbol_) ERC20(name_, symbol_) ERC4626(asset_) {
        controller = msg.sender;
    }

    /* MODIFIERS */

    modifier onlyController() {
        if (msg.sender != controller) revert Fund_NotAllowed(msg.sender);
        _;
    }

    /* CONTROLLER FUNCTIONS */

    /// @inheritdoc ITranche
    function slash(address to, uint256 amount) external onlyController {
        emit Slashed(amount);
        _transferOut(to, amount);
    }

    /// @inheritdoc ITranche
    function freeze(uint40 start, uint40 end) external onlyController {
        (_freeze.start, _freeze.end) = (start, end);
        emit Frozen(start, end);
    }

    /* USER FUNCTIONS */

    /// @inheritdoc ITranche
    function requestRedeem(uint256 shares) external returns (uint256 id) {
        Freeze memory f = _requireThawed();
        if (shares == 0) revert Fund_NoShares();
        _freeze.lastId = ++f.lastId;
        id = (uint256(uint160(msg.sender)) << 96) | f.lastId;
        uint48 readyAt = uint48(block.timestamp + COOLDOWN);
        _requests[id] = Request(SafeCast.toUint208(shares), readyAt);
        emit RedeemRequested(id, msg.sender, shares, readyAt);
        _transfer(msg.sender, address(this), shares);
    }

    /// @inheritdoc ITranche
    function redeem(uint256 requestId) external returns (uint256 assets) {
        Freeze memory f = _requireThawed();
        Request memory r = _own(requestId);
        (uint256 start, uint256 end) = _window(r, f);
        if (block.timestamp < start || block.timestamp > end) revert Fund_Window(requestId);
        delete _requests[requestId];
        assets = previewRedeem(r.shares);
        _withdraw(address(this), msg.sender, address(this), assets, r.shares);
    }

    /// @inheritdoc ITranche
    function cancelRequest(uint256 requestId) external {
        uint256 shares = _own(requestId).shares;
        delete _requests[requestId];
        emit RequestCancelled(requestId);
        _transfer(address(this), msg.sender, shares);
    }

    /* VIEWS */

    /// @inheritdoc ITranche
    function requestOf(uint256 requestId) external view returns (Request memory) {
        return _requests[requestId];
    }

    /// @inheritdoc ITranche
    function windowOf(uint256 requestId) external view returns (uint256 start, uint256 end) {
        return _window(_requests[requestId], _freeze);
    }

    /// @inheritdoc ITranche
    function frozen() external view returns (uint40 start, uint40 end) {
        return (_freeze.start, _freeze.end);
    }

    /// @dev Shares leave by requests alone.
    function maxWithdraw(address) public pure override(ERC4626, IERC4626) returns (uint256) {
        return 0;
    }

    /// @dev Shares leave by requests alone.
    function maxRedeem(address) public pure override(ERC4626, IERC4626) returns (uint256) {
        return 0;
    }

    /* INTERNAL */

    function _requireThawed() private view returns (Freeze memory f) {
        f = _freeze;
        if (block.timestamp < f.end) revert Fund_LossPending(IInsuranceFund(controller).pendingLoss());
    }

    function _own(uint256 requestId) private view returns (Request memory r) {
        if (address(uint160(requestId >> 96)) != msg.sender) revert Fund_NotAllowed(msg.sender);
        r = _requests[requestId];
        if (r.shares == 0) revert Fund_NoShares();
    }

    // A loss that began before the window's end shut a part of it, so the window begins anew when it is over.
    function _window(Request memory r, Freeze memory f) private pure returns (uint256 start, uint256 end) {
        start = r.readyAt;
        end = start + WINDOW;
        if (f.start <= end && f.end > start) end = Math.max(end, f.end + WINDOW);
    }

    function _transferIn(address from, uint256 assets) internal override {
        uint256 before = totalAssets();
        super._transferIn(from, assets);
        uint256 got = totalAssets() - before;
        if (got < assets) revert Fund_Received(got, assets);
    }

    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}
