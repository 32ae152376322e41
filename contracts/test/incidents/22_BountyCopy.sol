// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {BountyRules} from "../../src/BountyRules.sol";
import {BountyVault} from "../../src/BountyVault.sol";
import {Terms, Tier} from "../../src/interfaces/IBountyRules.sol";
import {Attestation} from "../../src/interfaces/IBountyVault.sol";
import {Attack, Deed} from "./Attack.sol";
import {Actor} from "./worlds/Actor.sol";
import {Attestors} from "./worlds/Attestors.sol";
import {FirstReveal} from "./worlds/FirstReveal.sol";
import {HardenedWorld} from "./worlds/HardenedWorld.sol";
import {World} from "./worlds/World.sol";

/// A reporter's reveal lies in the mempool, and whoever copies it and pays more for his place is the first: what happens
/// to every payment for a secret that does not say for whom, as generalised front-runners took rescues and rewards since
/// 2020. BountyVault's commit binds the beneficiary, so that a copy names its author; a commit made afterwards has the
/// later place, and the same report is paid once.
contract BountyCopy is Attack {
    uint256 private constant PRIZE = 100_000 * USD;
    bytes32 private constant REPORT = keccak256("report");
    bytes32 private constant SALT = keccak256("salt");
    bytes32 private constant ATTESTATION = keccak256(
        "Attestation(bytes32 reportId,bytes32 rootId,uint8 severity,uint256 fundsAtRisk,uint16 awardBps,uint256 deadline)"
    );
    BountyVault public immutable vault;
    FirstReveal private immutable bare;
    Attestors private immutable attestors;
    Actor public immutable author;

    /// The bounty of each world is deployed here; its attestors are honest.
    constructor(World world_) Attack(world_) {
        author = world_.longTrader();
        if (!world_.isHardened()) {
            bare = new FirstReveal(usd, keccak256(abi.encode(REPORT, SALT)));
            return;
        }
        address timelock = address(HardenedWorld(address(world_)).timelock());
        attestors = new Attestors(3, world_.owner());
        Terms memory t;
        (t.arbitrator, t.bond, t.shareBps, t.termsHash) = (timelock, 0.1 ether, 5_000, keccak256("terms"));
        for (uint256 i; i < 4; ++i) t.tiers[i] = Tier(uint128(1_000 * USD), uint128(1_000_000 * USD), 1_000);
        BountyRules rules = new BountyRules(timelock, address(0), attestors.members(), 2, t);
        vault = new BountyVault(timelock, rules, address(usd));
    }

    function naiveLoss() external pure override returns (uint256) {
        return PRIZE;
    }

    function bound() external pure override returns (uint256) {
        return 0;
    }

    function steps() external pure override returns (uint256) {
        return 5;
    }

    /// The author's commit; the reveal is seen; it is mined; the attestors' 72 h; three days to challenge.
    function waitBefore(uint256 step) external pure override returns (uint256) {
        return step < 3 ? 12 : 3 days + 1;
    }

    function others(uint256 step) external view override returns (Deed[] memory deeds) {
        if (!world.isHardened()) {
            if (step > 0) return deeds;
            deeds = new Deed[](1);
            deeds[0] = _sent(address(world), abi.encodeCall(world.grant, (address(bare), PRIZE, 0)));
            return deeds;
        }
        bytes32 id = vault.commitOf(REPORT, SALT, address(author));
        deeds = new Deed[](step == 1 ? 0 : step == 2 || step == 4 ? 1 : 2);
        if (step == 0) {
            deeds[0] = _sent(address(world), abi.encodeCall(world.grant, (address(vault), 10 * PRIZE, 0)));
            deeds[1] = _authors(abi.encodeCall(vault.commitReport, (id)));
        }
        if (step == 2) deeds[0] = _authors(abi.encodeCall(vault.reveal, (REPORT, SALT, address(author))));
        if (step == 3) (deeds[0], deeds[1]) = _attested(id);
        if (step == 4) deeds[0] = _sent(address(vault), abi.encodeCall(vault.payout, (id)));
    }

    /// The copy itself; the same report by a commit of one's own; what either is worth in the end.
    function _step(uint256 step) internal override {
        if (!world.isHardened()) {
            if (step == 0) bare.reveal(REPORT, SALT);
            return;
        }
        if (step > 0) try vault.reveal(REPORT, SALT, address(this)) {} catch {}
        if (step == 1 || step == 3) try this.commitOwn(bytes32(step)) {} catch {}
        if (step == 4) {
            try vault.payout(vault.commitOf(REPORT, bytes32(uint256(1)), address(this))) {} catch {}
            vault.withdraw();
        }
    }

    function commitOwn(bytes32 salt) external {
        vault.commitReport(vault.commitOf(REPORT, salt, address(this)));
        vault.reveal(REPORT, salt, address(this));
    }

    /// 10 % of a million at risk.
    function _attested(bytes32 id) private view returns (Deed memory, Deed memory) {
        Attestation memory a = Attestation(id, id, 3, 10 * PRIZE, 10_000, block.timestamp + 1 days);
        bytes32 digest =
            MessageHashUtils.toTypedDataHash(vault.domainSeparator(), keccak256(abi.encode(ATTESTATION, a)));
        return (
            _sent(address(attestors), abi.encodeCall(attestors.sign, (digest, 2))),
            _sent(address(vault), abi.encodeCall(vault.attest, (a, attestors.signatures(2))))
        );
    }

    function _authors(bytes memory data) private view returns (Deed memory) {
        return _sent(address(world), abi.encodeCall(world.direct, (author, address(vault), data)));
    }

    function _sent(address to, bytes memory data) private pure returns (Deed memory) {
        return Deed(to, data, false);
    }
}
