// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BountyVault} from "../../src/BountyVault.sol";
import {Attestation, Funds, Report, ReportState, Root, Ruling} from "../../src/interfaces/IBountyVault.sol";
import {Why} from "../../src/libraries/Why.sol";
import {MockOddToken} from "../../src/mocks/MockOddToken.sol";
import {BountySetup} from "../BountySetup.t.sol";
import {Keys} from "../Keys.t.sol";

/// Reporters, thieves, attestors, arbitrator, prover and owner, with time passing. What is refused is no failure: each
/// act is tried, and the books are held against what was seen to move.
contract BountyHandler is Keys {
    BountyVault internal vault;
    MockOddToken internal token;
    address[3] internal roles; // owner, arbitrator, prover
    bytes32[] public ids;
    uint256 internal salts;

    /// What each report was credited with, over all, and the first award it was paid.
    mapping(bytes32 id => uint256) public creditedFor;
    mapping(bytes32 id => uint256) public awardOf;
    mapping(bytes32 id => uint256) public payments;
    mapping(bytes32 id => uint256) public finishedAt;
    mapping(bytes32 id => ReportState) public endOf;
    uint256 public credited;
    uint256 public withdrawn;
    uint256 public ownerTook;
    uint256 public lastNotice;
    uint256 public given;
    bool public reopened;
    uint256 public bondsIn;
    uint256 public bondsOut;

    address[3] internal people = [address(0xa11ce), address(0xb0b), address(0xca401)];

    constructor(BountyVault vault_, MockOddToken token_, address[3] memory roles_, uint256[] memory keys_) {
        (vault, token, roles) = (vault_, token_, roles_);
        for (uint256 i; i < keys_.length; ++i) keys.push(keys_[i]);
        given = token_.balanceOf(address(vault_));
    }

    function wait(uint256 time) external {
        vm.warp(vm.getBlockTimestamp() + bound(time, 1, 12 days));
    }

    function give(uint256 amount) external {
        amount = bound(amount, 0, 1e23);
        token.mint(address(vault), amount);
        given += amount;
    }

    /// Half of the time the same report under another name.
    function open(uint256 who, bool copy) external {
        bytes32 hash = copy ? bytes32(salts) : bytes32(++salts);
        address to = people[who % 3];
        bytes32 salt = keccak256(abi.encode(who, copy, salts));
        bytes32 id = vault.commitOf(hash, salt, to);
        vault.commitReport(id);
        if (tried(abi.encodeCall(vault.reveal, (hash, salt, to)))) push(id);
    }

    function prove(uint256 who, uint8 severity) external {
        bytes32 id = keccak256(abi.encode("proof", ++salts));
        vm.prank(roles[2]);
        if (tried(abi.encodeCall(vault.reserveProven, (id, people[who % 3], severity % 4)))) push(id);
    }

    function attest(uint256 which, uint256 root, uint8 severity, uint256 risk, uint16 bps) external {
        (bytes32 id, bytes32 rootId) = pick(which, root);
        if (id == 0) return;
        Attestation memory a = Attestation(
            id, rootId, severity % 4, bound(risk, 0, 1e26), uint16(bound(bps, 0, 10_000)), vm.getBlockTimestamp()
        );
        tried(abi.encodeCall(vault.attest, (a, signAll(2, digestOf(a)))));
    }

    function challenge(uint256 which, bool byOwner) external {
        (bytes32 id,) = pick(which, 0);
        if (id == 0) return;
        address by = byOwner ? roles[0] : vault.reportOf(id).beneficiary;
        vm.deal(by, 0.1 ether);
        vm.prank(by);
        (bool ok,) = address(vault).call{value: 0.1 ether}(abi.encodeCall(vault.challenge, (id)));
        if (ok) bondsIn += 0.1 ether;
    }

    function rule(uint256 which, uint256 root, uint256 risk, uint16 bps, uint16 clawback) external {
        (bytes32 id, bytes32 rootId) = pick(which, root);
        if (id == 0) return;
        Ruling memory r =
            Ruling(rootId, 3, bound(risk, 0, 1e26), uint16(bound(bps, 0, 10_000)), uint16(bound(clawback, 0, 10_000)));
        uint256 before = vault.owed(vault.reportOf(id).beneficiary);
        vm.prank(roles[1]);
        if (tried(abi.encodeCall(vault.rule, (id, r, Why("test", "evidence"))))) count(id, before);
    }

    function escalateAndPay(uint256 which) external {
        (bytes32 id,) = pick(which, 0);
        if (id == 0) return;
        tried(abi.encodeCall(vault.timeoutEscalate, (id)));
        uint256 before = vault.owed(vault.reportOf(id).beneficiary);
        if (tried(abi.encodeCall(vault.payout, (id)))) count(id, before);
    }

    function closeRoot(uint256 which) external {
        (bytes32 id,) = pick(which, 0);
        tried(abi.encodeCall(vault.closeRoot, (id)));
    }

    function withdraw(uint256 who) external {
        address by = people[who % 3];
        uint256 before = token.balanceOf(by);
        vm.prank(by);
        vault.withdraw();
        withdrawn += token.balanceOf(by) - before;
        uint256 bonds = vault.bondsOwed(by);
        vm.prank(by);
        vault.withdrawBonds();
        bondsOut += bonds;
    }

    function requestWithdrawal(uint256 amount) external {
        vm.prank(roles[0]);
        vault.requestWithdrawal(bound(amount, 0, 1e25));
        lastNotice = vm.getBlockTimestamp();
    }

    function withdrawFree(uint256 amount) external {
        Funds memory f = vault.funds();
        amount = bound(amount, 0, f.balance);
        vm.prank(roles[0]);
        if (!tried(abi.encodeCall(vault.withdrawFree, (amount, address(0x999))))) return;
        ownerTook += amount;
        atMost(lastNotice + 60 days, vm.getBlockTimestamp(), "BOUNTY-03: without notice");
        uint256 held = f.reserved + (f.openReports < 7 ? f.openReports : 7) * 50_000e18;
        if (amount > 0) atMost(held, token.balanceOf(address(vault)), "BOUNTY-03: below what is reserved and open");
    }

    function reports() external view returns (uint256) {
        return ids.length;
    }

    function push(bytes32 id) internal {
        ids.push(id);
    }

    function pick(uint256 a, uint256 b) internal view returns (bytes32, bytes32) {
        if (ids.length == 0) return (0, 0);
        bytes32 id = ids[a % ids.length];
        return (id, b % 2 == 0 ? id : ids[b % ids.length]);
    }

    function count(bytes32 id, uint256 before) internal {
        Report memory r = vault.reportOf(id);
        uint256 got = vault.owed(r.beneficiary) - before;
        credited += got;
        creditedFor[id] += got;
        bool isEnd = r.state == ReportState.PAID || r.state == ReportState.REJECTED;
        if (!isEnd) return;
        if (finishedAt[id] == 0) {
            (finishedAt[id], endOf[id], awardOf[id]) = (vm.getBlockTimestamp(), r.state, r.award);
            if (r.state == ReportState.PAID) ++payments[id];
        } else if (endOf[id] != r.state) {
            reopened = true;
        }
    }

    function tried(bytes memory data) internal returns (bool ok) {
        (ok,) = address(vault).call(data);
    }

    function digestOf(Attestation memory a) internal view returns (bytes32) {
        bytes32 typeHash = keccak256(
            "Attestation(bytes32 reportId,bytes32 rootId,uint8 severity,uint256 fundsAtRisk,uint16 awardBps,uint256 deadline)"
        );
        return keccak256(abi.encodePacked("\x19\x01", vault.domainSeparator(), keccak256(abi.encode(typeHash, a))));
    }
}

contract BountyInvariants is BountySetup {
    BountyHandler internal handler;

    function setUp() public override {
        super.setUp();
        vm.prank(timelock);
        rules.setAttestors(memberList(), 2, why());
        handler = new BountyHandler(vault, token, [owner, arbitrator, prover], keys);
    }

    function targetContracts() external view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(handler);
    }

    function invariant_BOUNTY_02_owedAndReservedNeverExceedTheBalance() external view {
        Funds memory f = vault.funds();
        atMost(f.reserved, f.balance, "held");
        uint256 unpaid = handler.credited() - handler.withdrawn();
        atMost(unpaid, f.reserved, "owed is reserved");
        eq(f.balance, handler.given() - handler.withdrawn() - handler.ownerTook(), "balance");
    }

    /// Each promise is reserved: what was credited, what vests, what a proof put aside, and the awards to come.
    function invariant_BOUNTY_02_allPromisesAreReserved() external view {
        uint256 sum = handler.credited() - handler.withdrawn();
        uint256 n = handler.reports();
        for (uint256 i; i < n; ++i) {
            bytes32 id = handler.ids(i);
            Report memory r = vault.reportOf(id);
            bool isPaid = r.state == ReportState.PAID;
            sum += isPaid ? r.rest : r.award;
            if (!isPaid && r.awardBps > 0) sum += vault.awardOf(id);
        }
        atMost(sum, vault.funds().reserved, "promises");
    }

    function invariant_BOUNTY_02_noReportIsPaidMoreThanItsAwardOrTwice() external view {
        uint256 n = handler.reports();
        for (uint256 i; i < n; ++i) {
            bytes32 id = handler.ids(i);
            atMost(handler.payments(id), 1, "payments");
            atMost(handler.creditedFor(id), handler.awardOf(id), "credited");
        }
        no(handler.reopened(), "an end is an end");
    }

    function invariant_BOUNTY_02_noRootGivesMoreThanAll() external view {
        uint256 n = handler.reports();
        for (uint256 i; i < n; ++i) {
            bytes32 rootId = handler.ids(i);
            Root memory root = vault.rootOf(rootId);
            atMost(root.awardedBps, 10_000, "parts");
            (uint256 parts, uint256 awards) = (0, 0);
            for (uint256 j; j < n; ++j) {
                Report memory r = vault.reportOf(handler.ids(j));
                bool isIn = r.awardBps > 0 && (r.rootId == rootId || (r.rootId == 0 && i == j));
                if (!isIn) continue;
                parts += r.awardBps;
                awards += r.state == ReportState.PAID ? handler.awardOf(handler.ids(j)) : vault.awardOf(handler.ids(j));
            }
            atMost(parts, root.awardedBps, "given");
            atMost(awards, root.base, "awards");
        }
    }

    function invariant_BOUNTY_11_bondsAreAllThere() external view {
        eq(address(vault).balance, handler.bondsIn() - handler.bondsOut(), "bonds");
    }
}
