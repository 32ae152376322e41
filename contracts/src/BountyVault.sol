// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Address} from "@openzeppelin/contracts/utils/Address.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAccountable} from "./interfaces/IAccountable.sol";
import {IBountyRules, Price} from "./interfaces/IBountyRules.sol";
import {
    Attestation,
    Commit,
    Funds,
    IBountyVault,
    Report,
    ReportState,
    Root,
    Ruling
} from "./interfaces/IBountyVault.sol";
import {BountyClock} from "./libraries/BountyClock.sol";
import {Award, BountyLedger, Ledger} from "./libraries/BountyLedger.sol";
import {BountyMath} from "./libraries/BountyMath.sol";
import {Why} from "./libraries/Why.sol";

/// @title BountyVault
contract BountyVault is IBountyVault, EIP712, ReentrancyGuardTransient {
    using BountyLedger for Ledger;
    using BountyLedger for Report;
    using SafeERC20 for IERC20;

    struct Notice {
        uint128 amount;
        uint40 from;
    }

    /* IMMUTABLES */

    /// @inheritdoc IBountyVault
    address public immutable owner;
    /// @inheritdoc IBountyVault
    IBountyRules public immutable rules;
    /// @inheritdoc IBountyVault
    address public immutable asset;

    bytes32 private constant COMMIT_TYPEHASH =
        keccak256("Commit(bytes32 reportHash,bytes32 salt,address beneficiary,uint256 chainId,address vault)");
    bytes32 private constant ATTESTATION_TYPEHASH = keccak256(
        "Attestation(bytes32 reportId,bytes32 rootId,uint8 severity,uint256 fundsAtRisk,uint16 awardBps,uint256 deadline)"
    );
    bytes32 private constant COMMITS = "COMMITS";
    /// So many open reports hold the owner's money; more, and empty reports could lock all of it.
    uint256 private constant MAX_HELD = 7;
    uint256 private constant HEALTH_GAS = 20_000;

    /* STORAGE */

    Ledger private _ledger;
    Notice private _notice;
    mapping(bytes32 commit => Commit) private _commits;
    mapping(bytes32 kind => mapping(bytes32 root => Commit)) private _anchors;
    /// @inheritdoc IBountyVault
    mapping(address account => uint256) public owed;
    /// @inheritdoc IBountyVault
    mapping(address account => uint256) public bondsOwed;

    /* CONSTRUCTOR */

    /// @param owner_ The protocol. @param rules_ Terms, attestors and provers. @param asset_ The ERC-20 of all amounts.
    constructor(address owner_, IBountyRules rules_, address asset_) EIP712("Testudo Bounty Vault", "1") {
        (owner, rules, asset) = (owner_, rules_, asset_);
    }

    /* MODIFIERS */

    modifier onlyOwner() {
        if (msg.sender != owner) revert Bounty_NotAllowed(msg.sender);
        _;
    }

    /* OWNER FUNCTIONS */

    /// @inheritdoc IBountyVault
    function requestWithdrawal(uint256 amount) external onlyOwner {
        uint40 from = uint40(block.timestamp) + BountyClock.NOTICE;
        if (amount > type(uint128).max) revert Bounty_Reserved(type(uint128).max);
        _notice = Notice(uint128(amount), from);
        emit WithdrawalRequested(amount, from, from + BountyClock.NOTICE_WINDOW);
    }

    /// @inheritdoc IBountyVault
    function withdrawFree(uint256 amount, address to) external onlyOwner nonReentrant {
        Notice memory n = _notice;
        BountyClock.requireAfter(n.from);
        BountyClock.requireBefore(n.from + BountyClock.NOTICE_WINDOW);
        uint256 most = Math.min(n.amount, _takeable(_balance()));
        if (amount > most) revert Bounty_Reserved(most);
        _notice.amount = uint128(n.amount - amount);
        emit OwnerWithdrew(to, amount);
        _send(to, amount);
    }

    /* ARBITRATOR FUNCTIONS */

    /// @inheritdoc IBountyVault
    function rule(bytes32 reportId, Ruling calldata ruling, Why calldata why) external nonReentrant {
        Report storage r = _ledger.reports[reportId];
        (address arbitrator, uint96 bond) = rules.arbitrationOf(r.version);
        if (msg.sender != arbitrator) revert Bounty_NotAllowed(msg.sender);
        if (why.evidence == 0) revert Bounty_NoEvidence();
        if (r.state == ReportState.PAID) return _clawBack(reportId, r, ruling.clawbackBps);
        _requireState(reportId, r, ReportState.CHALLENGED, ReportState.ESCALATED);
        BountyClock.requireBefore(r.since + BountyClock.ARBITRATION);
        Award memory a = Award(ruling.rootId, ruling.severity, ruling.fundsAtRisk, ruling.awardBps);
        _rule(reportId, r, a, bond);
        emit Ruled(reportId, ruling, why.reason, why.evidence);
    }

    /* PROVER FUNCTIONS */

    /// @inheritdoc IBountyVault
    function reserveProven(bytes32 reportId, address beneficiary, uint8 severity)
        external
        nonReentrant
        returns (uint256 reserved)
    {
        if (!rules.isProver(msg.sender)) revert Bounty_NotAllowed(msg.sender);
        if (severity > BountyLedger.CRITICAL || beneficiary == address(0)) revert Bounty_BadAward(severity, 0);
        _requireState(reportId, _ledger.reports[reportId], ReportState.NONE, ReportState.NONE);
        Report storage r = _ledger.open(reportId, beneficiary);
        r.setPlace(_ledger.place(rules.termsVersion()), 0);
        reserved = _ledger.reserveFloor(r, _priceOf(r, severity), severity, _balance());
        emit Revealed(reportId, 0, beneficiary, r.index, 0);
        emit Proven(reportId, beneficiary, severity, reserved);
    }

    /* FUNCTIONS FOR ALL */

    /// @inheritdoc IBountyVault
    function commitReport(bytes32 commit) external {
        if (BountyClock.isFresh(_commits[commit])) return;
        Commit memory c = _ledger.place(rules.termsVersion());
        _commits[commit] = c;
        emit Committed(commit, c.index, c.version);
    }

    /// @inheritdoc IBountyVault
    function anchor(bytes32 kind, bytes32 root) external {
        if (BountyClock.isFresh(_anchors[kind][root])) return;
        Commit memory c = _ledger.place(rules.termsVersion());
        _anchors[kind][root] = c;
        emit Anchored(kind, root, msg.sender, c.index, c.version);
    }

    /// @inheritdoc IBountyVault
    function reveal(bytes32 reportHash, bytes32 salt, address beneficiary) external returns (bytes32 reportId) {
        reportId = commitOf(reportHash, salt, beneficiary);
        _reveal(reportId, reportHash, beneficiary, _commits[reportId], 0);
    }

    /// @inheritdoc IBountyVault
    function revealBatched(bytes32 reportHash, bytes32 salt, address beneficiary, bytes32[] calldata proof, uint32 seq)
        external
        returns (bytes32 reportId)
    {
        reportId = commitOf(reportHash, salt, beneficiary);
        _reveal(reportId, reportHash, beneficiary, _batchOf(reportId, proof, seq), seq);
    }

    /// @inheritdoc IBountyVault
    function attest(Attestation calldata a, bytes[] calldata sigs) external nonReentrant {
        BountyClock.requireInTime(a.deadline);
        rules.requireQuorum(_hashTypedDataV4(keccak256(abi.encode(ATTESTATION_TYPEHASH, a))), sigs);
        Report storage r = _ledger.reports[a.reportId];
        _requireState(a.reportId, r, ReportState.REVEALED, ReportState.REVEALED);
        // All duplicates are in before anyone's share is told.
        BountyClock.requireAfter(r.committedAt + BountyClock.BLIND);
        Award memory award = Award(a.rootId, a.severity, a.fundsAtRisk, a.awardBps);
        _ledger.assign(a.reportId, award, _priceOf(r, a.severity), _balance());
        (r.state, r.since) = (ReportState.ATTESTED, uint40(block.timestamp));
        --_ledger.openCount;
        emit Attested(a.reportId, a.rootId, a.severity, a.fundsAtRisk, a.awardBps, _ledger.awardOf(a.reportId));
    }

    /// @inheritdoc IBountyVault
    function challenge(bytes32 reportId) external payable {
        Report storage r = _ledger.reports[reportId];
        // Strangers could else keep the arbitrator busy for a bond that a friend wins.
        if (msg.sender != owner && msg.sender != r.beneficiary) revert Bounty_NotAllowed(msg.sender);
        _requireState(reportId, r, ReportState.ATTESTED, ReportState.ATTESTED);
        BountyClock.requireBefore(r.since + BountyClock.CHALLENGE);
        (, uint96 bond) = rules.arbitrationOf(r.version);
        if (msg.value != bond) revert Bounty_Bond(msg.value, bond);
        (r.state, r.since) = (ReportState.CHALLENGED, uint40(block.timestamp));
        r.byOwner = msg.sender == owner;
        ++_ledger.openCount;
        emit Challenged(reportId, msg.sender);
    }

    /// @inheritdoc IBountyVault
    function timeoutEscalate(bytes32 reportId) external {
        Report storage r = _ledger.reports[reportId];
        _requireState(reportId, r, ReportState.REVEALED, ReportState.REVEALED);
        BountyClock.requireAfter(r.since + BountyClock.ATTEST);
        (r.state, r.since) = (ReportState.ESCALATED, uint40(block.timestamp));
        emit Escalated(reportId);
    }

    /// @inheritdoc IBountyVault
    function payout(bytes32 reportId) external {
        Report storage r = _ledger.reports[reportId];
        ReportState state = r.state;
        if (state == ReportState.PAID) return _settle(reportId, r);
        if (state == ReportState.ATTESTED) BountyClock.requireAfter(r.since + BountyClock.CHALLENGE);
        else if (state != ReportState.RULED) _endSilence(reportId, r);
        uint256 award = _ledger.awardOf(reportId);
        if (award == 0) return _ledger.reject(reportId);
        (uint16 vestBps, uint32 vestSeconds) = rules.vestingOf(r.version);
        (uint256 due, uint256 rest) = r.pay(award, vestBps, vestSeconds);
        owed[r.beneficiary] += due;
        emit Paid(reportId, r.beneficiary, due, rest);
    }

    /// @inheritdoc IBountyVault
    function withdraw() external nonReentrant {
        uint256 amount = owed[msg.sender];
        delete owed[msg.sender];
        _ledger.liabilities -= uint160(amount);
        emit Withdrawn(msg.sender, amount);
        _send(msg.sender, amount);
    }

    /// @inheritdoc IBountyVault
    function withdrawBonds() external {
        uint256 amount = bondsOwed[msg.sender];
        delete bondsOwed[msg.sender];
        Address.sendValue(payable(msg.sender), amount);
    }

    /// @inheritdoc IBountyVault
    function closeRoot(bytes32 rootId) external {
        uint40 at = _ledger.roots[rootId].at;
        if (at == 0) revert Bounty_BadRoot(rootId);
        BountyClock.requireAfter(at + BountyClock.ROOT_LIFE);
        emit RootClosed(rootId, _ledger.closeRoot(rootId));
    }

    /* VIEWS */

    /// @inheritdoc IBountyVault
    function commitOf(bytes32 reportHash, bytes32 salt, address beneficiary) public view returns (bytes32) {
        return keccak256(abi.encode(COMMIT_TYPEHASH, reportHash, salt, beneficiary, block.chainid, address(this)));
    }

    /// @inheritdoc IBountyVault
    function commits(bytes32 commit) external view returns (Commit memory) {
        return _commits[commit];
    }

    /// @inheritdoc IBountyVault
    function anchors(bytes32 kind, bytes32 root) external view returns (Commit memory) {
        return _anchors[kind][root];
    }

    /// @inheritdoc IBountyVault
    function reportOf(bytes32 reportId) external view returns (Report memory) {
        return _ledger.reports[reportId];
    }

    /// @inheritdoc IBountyVault
    function stateOf(bytes32 reportId) external view returns (ReportState) {
        return _ledger.reports[reportId].state;
    }

    /// @inheritdoc IBountyVault
    function rootOf(bytes32 rootId) external view returns (Root memory) {
        return _ledger.roots[rootId];
    }

    /// @inheritdoc IBountyVault
    function awardOf(bytes32 reportId) external view returns (uint256) {
        return _ledger.awardOf(reportId);
    }

    /// @inheritdoc IBountyVault
    function funds() external view nonReentrantView returns (Funds memory) {
        uint256 balance = _balance();
        uint256 takeable = _takeable(balance);
        return Funds(balance, _ledger.liabilities, takeable, _ledger.openCount, _notice.amount, _notice.from);
    }

    /// @inheritdoc IBountyVault
    function domainSeparator() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /// @inheritdoc IAccountable
    function healthy() external view returns (bool, bytes32) {
        if (address(rules).code.length == 0) return (false, "rules have no code");
        if (asset.code.length == 0) return (false, "asset has no code");
        bytes memory data = _ask(asset, abi.encodeCall(IERC20.balanceOf, address(this)), 32);
        if (data.length == 0) return (false, "balance cannot be read");
        uint256 balance = abi.decode(data, (uint256));
        if (balance < _ledger.liabilities) return (false, "owes more than it holds");
        data = _ask(address(rules), abi.encodeCall(IBountyRules.holds, ()), 64);
        if (data.length == 0) return (false, "rules cannot be read");
        (, uint256 floor) = abi.decode(data, (uint256, uint256));
        if (balance - _ledger.liabilities < floor) return (false, "free below the largest floor");
        return (true, 0);
    }

    /* INTERNAL: REPORTS */

    function _reveal(bytes32 id, bytes32 reportHash, address beneficiary, Commit memory c, uint32 seq) private {
        if (c.at == 0 || beneficiary == address(0)) revert Bounty_Unknown(id);
        if (!BountyClock.isFresh(c)) revert Bounty_Expired(c.at + BountyClock.REVEAL);
        Report storage r = _ledger.reports[id];
        if (r.state == ReportState.NONE) {
            r = _ledger.open(id, beneficiary);
        } else if (r.state != ReportState.REVEALED || !BountyLedger.isBefore(c.index, seq, r)) {
            // An earlier commit of the same lifts the place: else whoever sees a reveal could make it by a later one.
            revert Bounty_State(id, r.state);
        }
        r.setPlace(c, seq);
        _ledger.claimHash(id, reportHash);
        emit Revealed(id, reportHash, beneficiary, c.index, seq);
    }

    // A leaf is hashed twice, so that no inner node is one.
    function _batchOf(bytes32 id, bytes32[] calldata proof, uint32 seq) private view returns (Commit memory) {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(id, seq))));
        return _anchors[COMMITS][MerkleProof.processProofCalldata(proof, leaf)];
    }

    // A severity that does not exist has no price, and is refused with its award.
    function _priceOf(Report storage r, uint8 severity) private view returns (Price memory price) {
        if (severity <= BountyLedger.CRITICAL) price = rules.priceOf(r.version, severity);
    }

    // Nobody ruled, so nobody lost a bond.
    function _endSilence(bytes32 id, Report storage r) private {
        _requireState(id, r, ReportState.CHALLENGED, ReportState.ESCALATED);
        BountyClock.requireAfter(r.since + BountyClock.ARBITRATION);
        --_ledger.openCount;
        if (r.state == ReportState.ESCALATED) return;
        (, uint96 bond) = rules.arbitrationOf(r.version);
        _credit(r.byOwner, r.beneficiary, bond);
    }

    function _settle(bytes32 id, Report storage r) private {
        uint256 due = r.vest();
        owed[r.beneficiary] += due;
        emit Paid(id, r.beneficiary, due, r.rest);
    }

    function _rule(bytes32 id, Report storage r, Award memory a, uint96 bond) private {
        bool challenged = r.state == ReportState.CHALLENGED;
        uint256 before = _ledger.awardOf(id);
        _ledger.unassign(id);
        _ledger.assign(id, a, _priceOf(r, a.severity), _balance());
        r.state = ReportState.RULED;
        --_ledger.openCount;
        if (challenged) _awardBond(r, bond, before, _ledger.awardOf(id));
    }

    function _clawBack(bytes32 id, Report storage r, uint16 bps) private {
        if (bps > BountyMath.BPS) revert Bounty_BadAward(r.severity, bps);
        _settle(id, r);
        emit ClawedBack(id, _ledger.clawBack(r, bps));
    }

    function _awardBond(Report storage r, uint96 bond, uint256 before, uint256 afterwards) private {
        bool won = r.byOwner ? afterwards < before : afterwards > before;
        _credit(r.byOwner == won, r.beneficiary, bond);
    }

    function _credit(bool toOwner, address beneficiary, uint96 bond) private {
        bondsOwed[toOwner ? owner : beneficiary] += bond;
    }

    /* INTERNAL: MONEY */

    function _balance() private view returns (uint256) {
        return IERC20(asset).balanceOf(address(this));
    }

    function _takeable(uint256 balance) private view returns (uint256) {
        (uint256 reserve, uint256 floor) = rules.holds();
        return Math.saturatingSub(_ledger.freeOf(balance), reserve + Math.min(_ledger.openCount, MAX_HELD) * floor);
    }

    // A token that takes a fee on top of what was sent would take it from the others.
    function _send(address to, uint256 amount) private {
        uint256 before = _balance();
        IERC20(asset).safeTransfer(to, amount);
        uint256 gone = Math.saturatingSub(before, _balance());
        if (gone > amount) revert Bounty_Token(gone, amount);
    }

    /// @dev Empty unless `account` answers with `size` bytes.
    function _ask(address account, bytes memory call, uint256 size) private view returns (bytes memory answer) {
        (bool ok, bytes memory data) = account.staticcall{gas: HEALTH_GAS}(call);
        if (ok && data.length == size) answer = data;
    }

    function _requireState(bytes32 id, Report storage r, ReportState a, ReportState b) private view {
        if (r.state != a && r.state != b) revert Bounty_State(id, r.state);
    }
}
