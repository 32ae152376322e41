// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @notice A token that anybody can make, for rehearsals.
contract Token is ERC20 {
    constructor(string memory name_) ERC20(name_, name_) {}

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// @notice A pool of two tokens that says what Uniswap's second version says. Its price of the moment is anybody's to move.
contract Pair {
    IERC20 public immutable token0;
    IERC20 public immutable token1;
    uint256 public reserve0;
    uint256 public reserve1;

    event Sync(uint112 reserve0, uint112 reserve1);
    event Swap(
        address indexed sender, uint256 amount0In, uint256 amount1In, uint256 amount0Out, uint256 amount1Out, address indexed to
    );

    constructor(IERC20 token0_, IERC20 token1_) {
        (token0, token1) = (token0_, token1_);
    }

    function sync() public {
        (reserve0, reserve1) = (token0.balanceOf(address(this)), token1.balanceOf(address(this)));
        emit Sync(uint112(reserve0), uint112(reserve1));
    }

    /// @notice Sells `amountIn` of `tokenIn` for the other token, less 0.3 %.
    function swap(IERC20 tokenIn, uint256 amountIn) external returns (uint256 out) {
        bool isFirst = tokenIn == token0;
        (uint256 a, uint256 b) = isFirst ? (reserve0, reserve1) : (reserve1, reserve0);
        uint256 paid = amountIn * 997 / 1000;
        out = b * paid / (a + paid);
        tokenIn.transferFrom(msg.sender, address(this), amountIn);
        (isFirst ? token1 : token0).transfer(msg.sender, out);
        sync();
        if (isFirst) emit Swap(msg.sender, amountIn, 0, 0, out, msg.sender);
        else emit Swap(msg.sender, 0, amountIn, out, 0, msg.sender);
    }

    /// @notice Units of `token1` for one of `token0`, in WAD.
    function spotWad() external view returns (uint256) {
        return reserve1 * 1e18 / reserve0;
    }
}

interface IBorrower {
    function onFlashLoan(address initiator, address token, uint256 amount, uint256 fee, bytes calldata data)
        external
        returns (bytes32);
}

/// @notice Lends for the length of a call, for nothing (ERC-3156).
contract FlashLender {
    function flashLoan(IBorrower receiver, IERC20 token, uint256 amount, bytes calldata data) external returns (bool) {
        token.transfer(address(receiver), amount);
        receiver.onFlashLoan(msg.sender, address(token), amount, 0, data);
        token.transferFrom(address(receiver), address(this), amount);
        return true;
    }
}

/// @notice A price that its keeper writes.
contract KeeperFeed {
    address public immutable keeper = msg.sender;
    uint256 public priceWad;
    uint256 public updatedAt;

    event PriceSet(uint256 priceWad);

    constructor(uint256 price) {
        _set(price);
    }

    function set(uint256 price) external {
        require(msg.sender == keeper, "not the keeper");
        _set(price);
    }

    function _set(uint256 price) private {
        (priceWad, updatedAt) = (price, block.timestamp);
        emit PriceSet(price);
    }
}

/// @notice Buys and sells a token at the feed's price, without a spread.
contract FeedDesk {
    IERC20 public immutable money;
    IERC20 public immutable token;
    KeeperFeed public immutable feed;

    constructor(IERC20 money_, IERC20 token_, KeeperFeed feed_) {
        (money, token, feed) = (money_, token_, feed_);
    }

    function buy(uint256 amount) external {
        money.transferFrom(msg.sender, address(this), amount * feed.priceWad() / 1e18);
        token.transfer(msg.sender, amount);
    }

    function sell(uint256 amount) external {
        token.transferFrom(msg.sender, address(this), amount);
        money.transfer(msg.sender, amount * feed.priceWad() / 1e18);
    }
}
