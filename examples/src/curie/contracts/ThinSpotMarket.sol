// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IUsdc {
    function transfer(address to, uint256 value) external returns (bool);
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// @notice The shallow spot market behind the index price: a constant-product pool of USDC (6 decimals) against an
/// asset (18 decimals). Whoever moves the price pays for it here, so that an attack's true cost is measured.
/// @dev Assets are entries in this contract's own book; only USDC is a token. The fee goes to the pool's providers.
contract ThinSpotMarket {
    uint256 private constant FEE_BPS = 30;

    struct Observation {
        uint64 at;
        uint192 priceWad;
        uint256 cumulative; // sum of priceWad * seconds up to `at`
    }

    IUsdc public immutable usdc;
    uint256 public assetReserve;
    uint256 public usdcReserve;
    uint256 public feesUsdc;
    mapping(address => uint256) public assetOf;
    Observation[] private _observations;

    event SpotTraded(address indexed trader, int256 assetDelta, int256 usdcDelta, uint256 priceWad);

    error Spot_Asset(address trader, uint256 have, uint256 need);
    error Spot_Price(uint256 priceWad);

    constructor(address usdc_, uint256 assetReserve_, uint256 usdcReserve_, address holder, uint256 holderAssets) {
        usdc = IUsdc(usdc_);
        assetReserve = assetReserve_;
        usdcReserve = usdcReserve_;
        assetOf[holder] = holderAssets;
        _observations.push(Observation(uint64(block.timestamp), uint192(spotWad()), 0));
    }

    /// @notice Buys or sells for the caller exactly as much as moves the price to `priceWad` (USD per asset).
    function tradeTo(uint256 priceWad) external {
        if (priceWad == 0) revert Spot_Price(priceWad);
        uint256 k = assetReserve * usdcReserve;
        uint256 nextUsdc = _sqrt(k * priceWad / 1e30);
        _settle(k / nextUsdc, nextUsdc);
    }

    /// @notice Sells all the caller's assets at whatever the pool pays.
    function sellAll() external {
        uint256 k = assetReserve * usdcReserve;
        uint256 nextAsset = assetReserve + assetOf[msg.sender];
        _settle(nextAsset, k / nextAsset);
    }

    function spotWad() public view returns (uint256) {
        return usdcReserve * 1e30 / assetReserve;
    }

    /// @notice Time-weighted mean over the last `interval` seconds, or over all history if that is shorter.
    function twapWad(uint256 interval) external view returns (uint256) {
        Observation memory last = _observations[_observations.length - 1];
        uint256 from = block.timestamp > interval ? block.timestamp - interval : 0;
        if (from < _observations[0].at) from = _observations[0].at;
        if (interval == 0 || from >= block.timestamp) return last.priceWad;
        return (_cumulativeAt(block.timestamp) - _cumulativeAt(from)) / (block.timestamp - from);
    }

    function _settle(uint256 nextAsset, uint256 nextUsdc) private {
        int256 assetDelta = int256(assetReserve) - int256(nextAsset);
        int256 usdcDelta = int256(usdcReserve) - int256(nextUsdc);
        (assetReserve, usdcReserve) = (nextAsset, nextUsdc);
        _book(assetDelta);
        _observe();
        emit SpotTraded(msg.sender, assetDelta, usdcDelta, spotWad());
        _pay(usdcDelta);
    }

    function _book(int256 assetDelta) private {
        uint256 have = assetOf[msg.sender];
        if (assetDelta < 0 && have < uint256(-assetDelta)) revert Spot_Asset(msg.sender, have, uint256(-assetDelta));
        assetOf[msg.sender] = uint256(int256(have) + assetDelta);
    }

    function _pay(int256 usdcDelta) private {
        uint256 size = uint256(usdcDelta < 0 ? -usdcDelta : usdcDelta);
        uint256 fee = size * FEE_BPS / 10_000;
        feesUsdc += fee;
        if (usdcDelta < 0) usdc.transferFrom(msg.sender, address(this), size + fee);
        else usdc.transfer(msg.sender, size - fee);
    }

    function _observe() private {
        Observation storage last = _observations[_observations.length - 1];
        uint192 price = uint192(spotWad());
        if (last.at == block.timestamp) last.priceWad = price;
        else _observations.push(Observation(uint64(block.timestamp), price, _cumulativeAt(block.timestamp)));
    }

    /// @dev Walks back from the newest entry: a drill writes some dozens of them.
    function _cumulativeAt(uint256 at) private view returns (uint256) {
        uint256 i = _observations.length - 1;
        while (i > 0 && _observations[i].at > at) --i;
        Observation memory o = _observations[i];
        return o.cumulative + uint256(o.priceWad) * (at - o.at);
    }

    function _sqrt(uint256 x) private pure returns (uint256 y) {
        if (x == 0) return 0;
        uint256 z = (x + 1) / 2;
        y = x;
        while (z < y) (y, z) = (z, (x / z + z) / 2);
    }
}
