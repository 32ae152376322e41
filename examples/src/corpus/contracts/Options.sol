// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {FlashLender, IBorrower, Pair} from "./Market.sol";

interface ITaker {
    function onBorrowed(uint256 amount) external;
}

/// @notice Lends on options, each worth what a pool's price of the moment says, and asks for health after the borrower had
/// his say (SharwaMargin).
contract MarginDesk {
    struct Option {
        address owner;
        uint256 size;
        uint256 strikeWad;
    }

    IERC20 public immutable money;
    Pair public immutable pair;
    Option[] public options;
    mapping(address account => uint256[]) private _held;
    mapping(address account => uint256) public debtOf;
    address[] private _debtors;

    constructor(IERC20 money_, Pair pair_) {
        (money, pair) = (money_, pair_);
    }

    /// @notice Writes an option; only for rehearsals is it anybody who may.
    function write(address owner, uint256 size, uint256 strikeWad) external returns (uint256 id) {
        id = options.length;
        options.push(Option(owner, size, strikeWad));
    }

    function depositOption(uint256 id) external {
        require(options[id].owner == msg.sender, "not the owner");
        options[id].owner = address(this);
        _held[msg.sender].push(id);
    }

    function borrow(uint256 amount) external {
        if (debtOf[msg.sender] == 0) _debtors.push(msg.sender);
        debtOf[msg.sender] += amount;
        money.transfer(msg.sender, amount);
        if (msg.sender.code.length > 0) ITaker(msg.sender).onBorrowed(amount);
        require(debtOf[msg.sender] * 10 <= worthOf(msg.sender, pair.spotWad()) * 8, "unhealthy");
    }

    function worthOf(address account, uint256 price) public view returns (uint256 sum) {
        for (uint256 i; i < _held[account].length; ++i) {
            Option memory o = options[_held[account][i]];
            if (price > o.strikeWad) sum += o.size * (price - o.strikeWad) / 1e18;
        }
    }

    /// @notice What debtors owe beyond their options' worth at `price`.
    function unbackedAt(uint256 price) external view returns (uint256 sum) {
        for (uint256 i; i < _debtors.length; ++i) {
            (uint256 debt, uint256 worth) = (debtOf[_debtors[i]], worthOf(_debtors[i], price));
            if (debt > worth) sum += debt - worth;
        }
    }
}

/// @notice Borrows on an option and hedges in between. With `late` the option is put up only after the hedge has moved the
/// pool, and the hedge is undone.
contract OptionTrader is IBorrower, ITaker {
    MarginDesk private _desk;
    uint256 private _option;
    uint256 private _hedge;
    uint256 private _got;
    bool private _late;

    function run(FlashLender lender, MarginDesk desk, uint256 option, uint256 amount, uint256 hedge, bool late) external {
        (_desk, _option, _hedge, _late) = (desk, option, hedge, late);
        if (late) lender.flashLoan(this, desk.money(), hedge, abi.encode(amount));
        else _trade(amount);
        desk.money().transfer(msg.sender, desk.money().balanceOf(address(this)));
    }

    function onFlashLoan(address, address, uint256 hedge, uint256, bytes calldata data) external returns (bytes32) {
        _trade(abi.decode(data, (uint256)));
        Pair pair = _desk.pair();
        pair.token0().approve(address(pair), _got);
        pair.swap(pair.token0(), _got);
        _desk.money().approve(msg.sender, hedge);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }

    function _trade(uint256 amount) private {
        if (!_late) _desk.depositOption(_option);
        _desk.borrow(amount);
    }

    function onBorrowed(uint256) external {
        (IERC20 money, Pair pair) = (_desk.money(), _desk.pair());
        money.approve(address(pair), _hedge);
        _got = pair.swap(money, _hedge);
        if (_late) _desk.depositOption(_option);
    }
}

/// @notice Tranches of money behind written options. One way out marks a tranche as closed, the other does not ask (Hegic).
contract TranchePool {
    struct Tranche {
        address owner;
        uint256 amount;
        bool isClosed;
    }

    IERC20 public immutable money;
    Tranche[] public tranches;
    uint256 public owed;

    constructor(IERC20 money_) {
        money = money_;
    }

    function count() external view returns (uint256) {
        return tranches.length;
    }

    function provide(uint256 amount) external returns (uint256 id) {
        id = tranches.length;
        money.transferFrom(msg.sender, address(this), amount);
        tranches.push(Tranche(msg.sender, amount, false));
        owed += amount;
    }

    function withdraw(uint256 id) external {
        require(!tranches[id].isClosed, "closed");
        tranches[id].isClosed = true;
        owed -= tranches[id].amount;
        _pay(id);
    }

    function withdrawWithoutHedge(uint256 id) external {
        if (!tranches[id].isClosed) owed -= tranches[id].amount;
        tranches[id].isClosed = true;
        _pay(id);
    }

    function _pay(uint256 id) private {
        require(tranches[id].owner == msg.sender, "not the owner");
        money.transfer(msg.sender, tranches[id].amount);
    }
}

contract TwiceOut {
    function run(TranchePool pool, uint256 amount) external {
        IERC20 money = pool.money();
        money.transferFrom(msg.sender, address(this), amount);
        money.approve(address(pool), amount);
        uint256 id = pool.provide(amount);
        pool.withdraw(id);
        while (money.balanceOf(address(pool)) >= amount) pool.withdrawWithoutHedge(id);
        money.transfer(msg.sender, money.balanceOf(address(this)));
    }
}

/// @notice Puts on ether, each backed by its writer's money. Whoever exercises against several writers at once pays his
/// ether once (Opyn).
contract PutSeller {
    IERC20 public immutable money;
    uint256 public constant STRIKE = 2_000;
    mapping(address writer => uint256) public moneyOf;
    mapping(address writer => uint256) public etherOf;
    mapping(address holder => uint256) public putsOf;
    uint256 public etherOwed;

    constructor(IERC20 money_) {
        money = money_;
    }

    /// @notice Writes `puts`, in wei of ether, and sells them to `buyer`.
    function write(uint256 puts, address buyer) external {
        money.transferFrom(msg.sender, address(this), puts * STRIKE);
        moneyOf[msg.sender] += puts * STRIKE;
        putsOf[buyer] += puts;
    }

    function exercise(uint256 each, address[] calldata writers) external payable {
        putsOf[msg.sender] -= each * writers.length;
        for (uint256 i; i < writers.length; ++i) {
            require(msg.value == each, "ether");
            moneyOf[writers[i]] -= each * STRIKE;
            etherOf[writers[i]] += each;
            etherOwed += each;
        }
        money.transfer(msg.sender, each * STRIKE * writers.length);
    }
}
