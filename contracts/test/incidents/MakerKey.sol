// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Attack, Deed} from "./Attack.sol";
import {Actor} from "./worlds/Actor.sol";
import {World} from "./worlds/World.sol";

/// The stolen key of the largest maker: a claim on the exchange that holds in any world. What counts is what left: a
/// claim that is still inside goes out through the same limit.
abstract contract MakerKey is Attack {
    uint256 public constant CAP = 50_000 * USD;
    Actor internal immutable victim;

    constructor(World world_) Attack(world_) {
        victim = world_.maker();
    }

    /// The key is stolen first. Before each later step somebody pokes.
    function others(uint256 step) external view virtual override returns (Deed[] memory deeds) {
        deeds = new Deed[](1);
        deeds[0] = step == 0 ? _theft() : Deed(address(limiter), abi.encodeCall(limiter.poke, (address(usd))), true);
    }

    function wealth() public view override returns (uint256) {
        return usd.balanceOf(address(this));
    }

    function _theft() internal view returns (Deed memory) {
        return Deed(address(world), abi.encodeCall(world.giveKey, (address(victim), address(this))), false);
    }

    /// Takes `amount`, rounded down, out of the maker's share and away.
    function _take(uint256 amount) internal {
        perp.settleFunding(MARKET);
        uint256 shares = perp.sharesOf(address(victim), MARKET) * amount / perp.makerValue(address(victim), MARKET);
        bytes memory answer = _as(address(perp), abi.encodeCall(perp.removeLiquidity, (MARKET, shares)));
        _as(address(usd), abi.encodeCall(usd.transfer, (address(this), abi.decode(answer, (uint256)))));
    }

    /// All but what the pool needs for the positions it carries.
    function _takeAll() internal {
        _take(perp.makerValue(address(victim), MARKET) - 1_500 * USD);
    }

    function _as(address target, bytes memory data) private returns (bytes memory) {
        bytes memory answer = world.speak(address(victim), abi.encodeCall(victim.act, (target, data)));
        return abi.decode(answer, (bytes));
    }
}
