// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SelectorBreaker} from "../../../contracts/src/SelectorBreaker.sol";

/// Keeps people's tokens and has a hole: it never asks whose money is withdrawn.
contract Till is SelectorBreaker {
    address public immutable token;
    uint256 public owed;

    constructor(address controller, address token_, uint256 owed_) SelectorBreaker(controller) {
        token = token_;
        owed = owed_;
    }

    function withdraw(uint256 amount) external whenLive {
        // As careful libraries do: no answer counts as success, for tokens that give none.
        (bool ok, bytes memory answer) =
            token.call(abi.encodeWithSignature("transfer(address,uint256)", msg.sender, amount));
        require(ok && (answer.length == 0 || abi.decode(answer, (bool))), "transfer failed");
    }

    /// The same hole, and no guard is on it.
    function sweep(uint256 amount) external {
        (bool ok,) = token.call(abi.encodeWithSignature("transfer(address,uint256)", msg.sender, amount));
        require(ok, "transfer failed");
    }

    function pay(uint256 amount) external {
        owed -= amount;
    }
}

/// Steals while it is being created.
contract BornThief {
    constructor(Till till, uint256 amount) {
        till.withdraw(amount);
    }
}

/// Steals when it is told, by what is open: first by the front door, then by the back door if there is one for it.
contract Thief {
    function steal(Till till, uint256 amount, bool isStubborn) external {
        try till.withdraw(amount) {}
        catch {
            require(isStubborn, "shut");
            till.sweep(amount);
        }
    }
}

/// Steals by the front door; and, whatever comes of that, says that money left the till which is of its own making, and plays the
/// till's own function on its own books.
contract SlyThief {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    function steal(Till till, uint256 amount) external {
        emit Transfer(address(till), msg.sender, amount);
        (bool ok,) = address(till).delegatecall(abi.encodeCall(Till.withdraw, (0)));
        require(ok, "not played");
        try till.withdraw(amount) {} catch {}
    }
}

/// The books of a token, minted to `holder` at once.
abstract contract Books {
    event Transfer(address indexed from, address indexed to, uint256 amount);

    mapping(address => uint256) public balanceOf;

    constructor(address holder, uint256 amount) {
        balanceOf[holder] = amount;
        emit Transfer(address(0), holder, amount);
    }

    function _move(address to, uint256 amount) internal {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
    }
}

/// As the standard says.
contract HonestToken is Books {
    constructor(address holder, uint256 amount) Books(holder, amount) {}

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(to, amount);
        return true;
    }
}

/// Moves, and answers nothing.
contract MuteToken is Books {
    constructor(address holder, uint256 amount) Books(holder, amount) {}

    function transfer(address to, uint256 amount) external {
        _move(to, amount);
    }
}

/// Moves, and says so to nobody: no event.
contract SilentToken is Books {
    constructor(address holder, uint256 amount) Books(holder, amount) {}

    function transfer(address to, uint256 amount) external returns (bool) {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}

/// Says that it moved, by event and by answer, and moves nothing.
contract LyingToken is Books {
    constructor(address holder, uint256 amount) Books(holder, amount) {}

    function transfer(address to, uint256 amount) external returns (bool) {
        emit Transfer(msg.sender, to, amount);
        return true;
    }

    /// Anyone may have it tell of anyone's transfer.
    function forge(address from, address to, uint256 amount) external {
        emit Transfer(from, to, amount);
    }
}
