// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// Ether for shares. It pays before it writes off the money: in the middle of a withdrawal its shares seem worth more than they are.
contract ShareVault {
    uint256 public assets;
    uint256 public shares;
    mapping(address => uint256) public sharesOf;

    function deposit() external payable returns (uint256 made) {
        made = shares == 0 ? msg.value : msg.value * shares / assets;
        assets += msg.value;
        shares += made;
        sharesOf[msg.sender] += made;
    }

    function withdraw(uint256 given) external {
        uint256 paid = given * assets / shares;
        sharesOf[msg.sender] -= given;
        shares -= given;
        (bool good,) = msg.sender.call{value: paid}("");
        require(good);
        assets -= paid;
    }

    function sharePrice() external view returns (uint256) {
        return shares == 0 ? 1e18 : assets * 1e18 / shares;
    }
}

/// The same with a lock that its view looks at too.
contract LockedVault {
    uint256 public assets;
    uint256 public shares;
    mapping(address => uint256) public sharesOf;
    uint256 private transient lock;

    function deposit() external payable {
        assets += msg.value;
        shares += msg.value;
        sharesOf[msg.sender] += msg.value;
    }

    function withdraw(uint256 given) external {
        require(lock == 0);
        lock = 1;
        uint256 paid = given * assets / shares;
        sharesOf[msg.sender] -= given;
        shares -= given;
        (bool good,) = msg.sender.call{value: paid}("");
        require(good);
        assets -= paid;
        lock = 0;
    }

    function sharePrice() external view returns (uint256) {
        require(lock == 0);
        return shares == 0 ? 1e18 : assets * 1e18 / shares;
    }
}

interface IVault {
    function deposit() external payable;
    function withdraw(uint256 given) external;
    function sharesOf(address holder) external view returns (uint256);
    function sharePrice() external view returns (uint256);
}

/// Lends ether on shares, and believes the vault.
contract ShareLender {
    IVault private immutable vault;
    mapping(address => uint256) public debtOf;

    constructor(IVault vault_) payable {
        vault = vault_;
    }

    function borrow(uint256 amount) external {
        debtOf[msg.sender] += amount;
        require(debtOf[msg.sender] <= vault.sharesOf(msg.sender) * vault.sharePrice() / 1e18);
        (bool good,) = msg.sender.call{value: amount}("");
        require(good);
    }
}

/// Takes shares back, and borrows on the rest.
contract Borrower {
    IVault private immutable vault;
    ShareLender private immutable lender;
    uint256 private loan;

    constructor(IVault vault_, ShareLender lender_) payable {
        (vault, lender) = (vault_, lender_);
        vault.deposit{value: msg.value}();
    }

    /// Within the withdrawal.
    function borrowWithin(uint256 shares, uint256 amount) external {
        loan = amount;
        vault.withdraw(shares);
    }

    /// Behind it, as anybody may.
    function borrowBehind(uint256 shares, uint256 amount) external {
        vault.withdraw(shares);
        lender.borrow(amount);
    }

    /// As within, and all of it in vain.
    function borrowInVain(uint256 shares, uint256 amount) external {
        try this.borrowAndFail(shares, amount) {} catch {}
    }

    function borrowAndFail(uint256 shares, uint256 amount) external {
        loan = amount;
        vault.withdraw(shares);
        revert();
    }

    receive() external payable {
        if (loan == 0 || msg.sender != address(vault)) return;
        uint256 amount = loan;
        loan = 0;
        vault.sharesOf(address(this));
        // A vault that keeps its view shut lends nothing; the withdrawal stands.
        try lender.borrow(amount) {} catch {}
    }
}
