// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {Health} from "../../src/interfaces/IHealthGate.sol";
import {Order} from "../../src/interfaces/IReferencePerp.sol";
import {Attack} from "./Attack.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// An attacker with several accounts. Their orders are executed as soon as a world lets them be.
abstract contract Crew is Attack {
    struct Pending {
        bytes32 id;
        Actor account;
        int128 size;
    }

    Actor[] internal accounts;
    Pending[] private _pending;

    constructor(World world_) Attack(world_) {}

    function wealth() public view override returns (uint256 sum) {
        sum = super.wealth();
        for (uint256 i; i < accounts.length; ++i) sum += world.wealthOf(address(accounts[i]));
    }

    function executeFor(Actor account, bytes32 id, int128 size) external {
        require(msg.sender == address(this), "not the attacker");
        uint256 limit = size > 0 ? type(uint128).max : 0;
        perp.executeOrder(id, Order(address(account), MARKET, size, limit), buffer.firstRound(id));
    }

    /// Another account, with `margin` of what this one has.
    function _hire(uint256 margin) internal returns (Actor account) {
        account = new Actor();
        accounts.push(account);
        account.act(address(usd), abi.encodeCall(IERC20.approve, (address(perp), type(uint256).max)));
        if (margin == 0) return account;
        usd.transfer(address(account), margin);
        _do(account, abi.encodeCall(perp.deposit, (margin)));
        _do(account, abi.encodeCall(perp.addMargin, (MARKET, margin)));
    }

    function _order(Actor account, int128 size) internal {
        uint128 limit = size > 0 ? type(uint128).max : 0;
        bytes memory answer = _do(account, abi.encodeCall(perp.requestOrder, (MARKET, size, limit)));
        _pending.push(Pending(abi.decode(answer, (bytes32)), account, size));
    }

    /// Executes what may be executed by now.
    function _fill() internal {
        for (uint256 i = _pending.length; i > 0; --i) {
            Pending memory p = _pending[i - 1];
            try this.executeFor(p.account, p.id, p.size) {
                _pending[i - 1] = _pending[_pending.length - 1];
                _pending.pop();
            } catch {}
        }
    }

    function _closeOf(Actor account) internal {
        int256 size = perp.positionOf(address(account), MARKET).size;
        uint256 limit = size > 0 ? 0 : type(uint256).max;
        if (size != 0) _do(account, abi.encodeCall(perp.closePosition, (MARKET, limit)));
    }

    /// Brings `amount` of the account's margin and unrealised profit here.
    function _drawOf(Actor account, uint256 amount) internal {
        if (amount == 0) return;
        _do(account, abi.encodeCall(perp.removeMargin, (MARKET, amount)));
        _do(account, abi.encodeCall(perp.withdraw, (amount)));
        account.act(address(usd), abi.encodeCall(IERC20.transfer, (address(this), amount)));
    }

    /// Takes the account's margin and what counts of its profit out, or where that is refused what is not initial margin.
    function _drain(Actor account) internal {
        perp.settleFunding(MARKET);
        // Funding is rounded against him, and what he owes of it is still in the margin.
        uint256 margin = _marginOf(address(account)) * 999 / 1_000;
        bool passed = margin == 0;
        if (!passed) {
            try this.draw(account, margin) {
                passed = true;
            } catch {}
        }
        Health memory h = perp.accountHealth(address(account), MARKET);
        int256 rest = passed ? h.collateral : h.collateral - int256(h.initial);
        if (rest > 10) try this.draw(account, uint256(rest - 10)) {} catch {}
    }

    function draw(Actor account, uint256 amount) external {
        require(msg.sender == address(this), "not the attacker");
        _drawOf(account, amount);
    }

    function _cancel() internal {
        for (; _pending.length > 0; _pending.pop()) {
            Pending memory p = _pending[_pending.length - 1];
            _do(p.account, abi.encodeCall(perp.cancelOrder, (p.id)));
        }
    }

    function _do(Actor account, bytes memory data) internal returns (bytes memory) {
        return account.act(address(perp), data);
    }

    function _marginOf(address account) internal view returns (uint256) {
        return perp.positionOf(account, MARKET).margin;
    }
}
