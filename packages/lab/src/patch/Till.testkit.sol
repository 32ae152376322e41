// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IValues {
    function valueOf(bytes32 id) external view returns (uint256);
}

/// A till that pays out more than anybody paid in, unless its steward's limit forbids it.
contract Till {
    bytes32 public constant LIMIT = "limit";
    IValues private immutable VALUES;
    address private immutable KEEPER;

    mapping(address account => uint256) public balanceOf;
    bool public isShut;

    event Paid(address indexed account, uint256 amount);

    constructor(IValues values, address keeper) payable {
        VALUES = values;
        KEEPER = keeper;
    }

    function pay(uint256 note) external payable returns (uint256) {
        balanceOf[msg.sender] += msg.value;
        emit Paid(msg.sender, msg.value);
        return note;
    }

    /// Forgets to look at the balance.
    function take(uint256 amount) external {
        require(!isShut, "shut");
        require(amount <= VALUES.valueOf(LIMIT), "limit");
        unchecked {
            balanceOf[msg.sender] -= amount;
        }
        payable(msg.sender).transfer(amount);
    }

    function sweep() external {
        require(!isShut, "shut");
        payable(msg.sender).transfer(address(this).balance);
    }

    function shut() external {
        require(msg.sender == KEEPER, "keeper");
        isShut = true;
    }

    /// What governance may do to anybody.
    function settle(address account, uint256 amount) external {
        require(msg.sender == KEEPER, "keeper");
        balanceOf[account] = amount;
    }
}

/// The same with what was forgotten.
contract MendedTill {
    mapping(address account => uint256) public balanceOf;
    bool public isShut;

    event Paid(address indexed account, uint256 amount);

    function pay(uint256 note) external payable returns (uint256) {
        balanceOf[msg.sender] += msg.value;
        emit Paid(msg.sender, msg.value);
        return note;
    }

    function take(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        payable(msg.sender).transfer(amount);
    }
}

/// Tells when it was updated last.
contract Clock {
    uint256 public updatedAt;

    constructor(uint256 at) {
        updatedAt = at;
    }
}

/// Pays before it forgets the debt.
contract Vault {
    mapping(address account => uint256) public owed;

    constructor() payable {}

    function deposit() external payable {
        owed[msg.sender] += msg.value;
    }

    function withdraw() external {
        (bool ok,) = msg.sender.call{value: owed[msg.sender]}("");
        require(ok, "unpaid");
        owed[msg.sender] = 0;
    }
}

/// Comes back for more while it is paid.
contract Robber {
    Vault private immutable VAULT;

    constructor(Vault vault) {
        VAULT = vault;
    }

    function rob() external payable {
        VAULT.deposit{value: msg.value}();
        VAULT.withdraw();
    }

    receive() external payable {
        if (address(VAULT).balance >= msg.value) VAULT.withdraw();
    }
}

/// Belongs to whoever says so last.
contract Chest {
    address public boss;

    constructor(address first) payable {
        boss = first;
    }

    function initialize(address boss_) external {
        boss = boss_;
    }

    function open(uint256 amount) external {
        require(msg.sender == boss, "boss");
        payable(msg.sender).transfer(amount);
    }
}

/// Mended, with a door of its own.
contract DoorTill is MendedTill {
    function tidy(address payable to) external {
        to.transfer(address(this).balance);
    }
}

/// What has to be true of a till, whoever attacks it.
contract TillProperties {
    Till private immutable TILL;

    constructor(Till till) {
        TILL = till;
    }

    function invariant_hasMoney() external view {
        assert(address(TILL).balance >= 450 ether);
    }

    function echidna_isOpen() external view returns (bool) {
        return !TILL.isShut();
    }

    function check_isRich() external view returns (bool) {
        return address(TILL).balance >= 10_000 ether;
    }

    function check_owes(address account) external view returns (bool) {
        return TILL.balanceOf(account) <= address(TILL).balance;
    }
}

/// The hands of whoever robs the till by way of a contract.
contract Accomplice {
    Till private immutable TILL;
    bool public isStaked;

    constructor(Till till) {
        TILL = till;
    }

    receive() external payable {}

    function stake() external payable {
        isStaked = true;
    }

    function takeWithStake(uint256 amount) external {
        require(isStaked, "stake");
        TILL.take(amount);
    }

    function takeOften(uint256 amount, uint256 times) external {
        for (uint256 i; i < times; ++i) TILL.take(amount);
    }

    /// Goes its way with less or more gas than that, or fails.
    function takeWithin(uint256 amount, uint256 least, uint256 most, bool isLoud) external {
        bool isWithin = gasleft() >= least && gasleft() <= most;
        require(isWithin || !isLoud, "gas");
        if (isWithin) TILL.take(amount);
    }

    /// Has the till do it with no more gas than that.
    function takeWith(uint256 amount, uint256 given) external {
        TILL.take{gas: given}(amount);
    }

    /// Has the safe unwrap where it does not give.
    function takeOrUnwrap(Safe safe, uint256 amount) external {
        try safe.give(amount) {}
        catch {
            safe.unwrap(amount);
        }
    }

    /// Calls what a rule may refuse, and takes only where no gate stands before the till.
    function takeBare(uint256 amount, bytes32 bare) external {
        (bool isAnswered,) = address(TILL).call(hex"12345678");
        if (!isAnswered && address(TILL).codehash == bare) TILL.take(amount);
    }

    function takeEither(CoinTill till, uint256 amount) external {
        try till.takeFirst(amount) {}
        catch {
            till.takeSecond(amount);
        }
    }

    function tryNote(CoinTill till) external {
        try till.note() {} catch {}
    }

    /// Whatever comes of it, `mule` gets all that there is.
    function takeFor(uint256 amount, address mule) external {
        try TILL.take(amount) {} catch {}
        payable(mule).transfer(address(this).balance);
    }
}

/// Ether as a coin: what is taken out of it is told by no Transfer, as of WETH.
contract Wrapper {
    mapping(address account => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Withdrawal(address indexed account, uint256 value);

    function deposit() external payable {
        balanceOf[msg.sender] += msg.value;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    function withdraw(uint256 value) external {
        balanceOf[msg.sender] -= value;
        emit Withdrawal(msg.sender, value);
        (bool ok,) = msg.sender.call{value: value}("");
        require(ok, "unpaid");
    }
}

/// Gives whoever asks what it holds, wrapped or not.
contract Safe {
    Wrapper private immutable WRAPPER = new Wrapper();

    constructor() payable {
        WRAPPER.deposit{value: msg.value}();
    }

    receive() external payable {}

    function give(uint256 amount) external {
        WRAPPER.transfer(msg.sender, amount);
    }

    function unwrap(uint256 amount) external {
        WRAPPER.withdraw(amount);
        payable(msg.sender).transfer(amount);
    }
}

contract Coin {
    mapping(address account => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor() {
        balanceOf[msg.sender] = 1_000 ether;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        emit Transfer(msg.sender, to, value);
        return true;
    }

    /// Forgets to ask whose it is.
    function burn(address whose, uint256 value) external {
        balanceOf[whose] -= value;
        emit Transfer(whose, address(0), value);
    }
}

/// Holds two coins, and gives either away.
contract CoinTill {
    Coin public immutable FIRST = new Coin();
    Coin public immutable SECOND = new Coin();
    mapping(address account => uint256) public notes;

    function takeFirst(uint256 amount) external {
        FIRST.transfer(msg.sender, amount);
    }

    function takeSecond(uint256 amount) external {
        SECOND.transfer(msg.sender, amount);
    }

    function note() external {
        notes[msg.sender] = 1;
    }

    function count() external {
        notes[msg.sender] = FIRST.balanceOf(address(this));
    }
}
