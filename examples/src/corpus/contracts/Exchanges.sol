// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// @notice Keeps balances and gives part of the fee back. The second tier's rate was entered in millionths of a per cent, as
/// if it were basis points (Futureswap's fee, in another unit than the code's).
contract RebateExchange {
    IERC20 public immutable money;
    uint256 public constant FEE_BPS = 30;
    uint256[2] public rebateBps = [1_000, 10_000_000];
    mapping(address account => uint256) public balanceOf;
    uint256 public owed;

    constructor(IERC20 money_) {
        money = money_;
    }

    function deposit(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount);
        _credit(msg.sender, amount);
    }

    function trade(uint256 size, uint256 tier) external {
        uint256 fee = size * FEE_BPS / 10_000;
        _debit(msg.sender, fee);
        _credit(msg.sender, fee * rebateBps[tier] / 10_000);
    }

    function withdraw(uint256 amount) external {
        _debit(msg.sender, amount);
        money.transfer(msg.sender, amount);
    }

    function _credit(address account, uint256 amount) private {
        balanceOf[account] += amount;
        owed += amount;
    }

    function _debit(address account, uint256 amount) private {
        balanceOf[account] -= amount;
        owed -= amount;
    }
}

/// @notice Pays traders for what they traded in past epochs. Whether an epoch was paid is asked of each entry before any is
/// marked, so that the same one counts as often as it is named (Level).
contract ReferralPool {
    IERC20 public immutable money;
    mapping(address account => address) public referrerOf;
    mapping(address account => mapping(uint256 epoch => uint256)) public earned;
    mapping(address account => mapping(uint256 epoch => bool)) public isPaid;

    constructor(IERC20 money_) {
        money = money_;
    }

    function setReferrer(address referrer) external {
        referrerOf[msg.sender] = referrer;
    }

    function trade(uint256 size, uint256 epoch) external {
        money.transferFrom(msg.sender, address(this), size / 1_000);
        earned[msg.sender][epoch] += size / 2_000;
    }

    function claimMultiple(uint256[] calldata epochs) external {
        uint256 sum;
        for (uint256 i; i < epochs.length; ++i) {
            if (!isPaid[msg.sender][epochs[i]]) sum += earned[msg.sender][epochs[i]];
        }
        for (uint256 i; i < epochs.length; ++i) {
            isPaid[msg.sender][epochs[i]] = true;
        }
        money.transfer(msg.sender, sum);
    }
}

contract ManyClaims {
    function run(ReferralPool pool, uint256 size, uint256 times) external {
        IERC20 money = pool.money();
        money.transferFrom(msg.sender, address(this), size / 1_000);
        money.approve(address(pool), type(uint256).max);
        pool.setReferrer(msg.sender);
        pool.trade(size, 7);
        uint256[] memory epochs = new uint256[](times);
        for (uint256 i; i < times; ++i) epochs[i] = 7;
        pool.claimMultiple(epochs);
        money.transfer(msg.sender, money.balanceOf(address(this)));
    }
}

/// @notice A pool of two tokens at a fixed rate, owned in shares. What is paid for a purchase is rounded down (Balancer,
/// KyberSwap, Radiant): `heavy` has two decimals, `light` six, and less than one smallest unit of `heavy` costs nothing.
contract FixedRatePool {
    IERC20 public immutable light;
    IERC20 public immutable heavy;
    uint256 public constant LIGHT_PER_HEAVY = 10_000;
    uint256 public shares;
    mapping(address account => uint256) public sharesOf;

    constructor(IERC20 light_, IERC20 heavy_) {
        (light, heavy) = (light_, heavy_);
    }

    function join(uint256 amount) external {
        uint256 got = shares == 0 ? amount : amount * shares / worth();
        light.transferFrom(msg.sender, address(this), amount);
        sharesOf[msg.sender] += got;
        shares += got;
    }

    function exit(uint256 amount) external {
        uint256 paid = amount * worth() / shares;
        sharesOf[msg.sender] -= amount;
        shares -= amount;
        light.transfer(msg.sender, paid);
    }

    function buyLight(uint256 amount) external {
        heavy.transferFrom(msg.sender, address(this), amount / LIGHT_PER_HEAVY);
        light.transfer(msg.sender, amount);
    }

    /// @notice All that is held, in `light`.
    function worth() public view returns (uint256) {
        return light.balanceOf(address(this)) + heavy.balanceOf(address(this)) * LIGHT_PER_HEAVY;
    }

    function shareWad() external view returns (uint256) {
        return shares == 0 ? 1e18 : worth() * 1e18 / shares;
    }
}

contract ManyPurchases {
    function run(FixedRatePool pool, uint256 own, uint256 each, uint256 times) external {
        IERC20 light = pool.light();
        light.transferFrom(msg.sender, address(this), own);
        light.approve(address(pool), own);
        pool.join(own);
        for (uint256 i; i < times; ++i) pool.buyLight(each);
        pool.exit(pool.sharesOf(address(this)));
        light.transfer(msg.sender, light.balanceOf(address(this)));
    }
}
