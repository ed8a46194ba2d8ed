//! Computes a constant-product pool in closed form: payments, proceeds, and the end of arbitrage.
//!
//! Follows the rules of Uniswap v2 (Adams, Zinsmeister, Robinson, 2020), in real numbers. A pool holds H Honey
//! and D xDai; its price is D/H, xDai per Honey. A fee φ of every payment stays in the pool and buys nothing.
//!
//! If a trade changes one reserve by a function of the other alone, the factor is computed first and then
//! applied, so that the next trade need not wait for a division.

/// A reserve split by a trade.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Parted {
    /// Amount bought: W a(1−φ) / (X + a(1−φ)).
    pub got: f64,
    /// Rest of the reserve: W X / (X + a(1−φ)). Not computed as a difference, which loses digits if a trade
    /// takes nearly all.
    pub left: f64,
}

/// Splits a reserve `out`, W, by a payment `paid`, a, into a reserve `into`, X. The trade never buys all of W.
pub fn bought_for(paid: f64, into: f64, out: f64, fee: f64) -> Parted {
    let counted = paid * (1.0 - fee);
    Parted {
        got: out * (counted / (into + counted)),
        left: out * (into / (into + counted)),
    }
}

/// Returns the payment into a reserve `into` for exactly `bought` of a larger reserve `out`: X o / ((W − o)(1 −
/// φ)).
pub fn cost_of(bought: f64, into: f64, out: f64, fee: f64) -> f64 {
    into * (bought / ((out - bought) * (1.0 - fee)))
}

/// Returns the payment into reserve `into` after which the pool's price of that token, `into`/`out` less the fee,
/// equals the price outside, `worth`: (√(P X W (1−φ)) − X) / (1−φ). At most 0 if arbitrage gains nothing.
pub fn arbitrage(worth: f64, into: f64, out: f64, fee: f64) -> f64 {
    (libm::sqrt(worth * into * out * (1.0 - fee)) - into) / (1.0 - fee)
}

/// Returns the value of a share in the pool relative to holding the tokens, after the price has changed by a
/// ratio: 2√k / (1 + k) − 1, ignoring fees.
pub fn impermanent_loss(ratio: f64) -> f64 {
    2.0 * libm::sqrt(ratio) / (1.0 + ratio) - 1.0
}

/// Amounts of Honey and xDai.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Tokens {
    /// Honey.
    pub honey: f64,
    /// xDai.
    pub xdai: f64,
}

/// Reserves and shares of the pool.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pool {
    /// H: Honey in the pool.
    pub honey: f64,
    /// D: xDai in the pool.
    pub xdai: f64,
    /// Z: shares issued.
    pub shares: f64,
}

impl Pool {
    /// Creates a pool with this much Honey at a price, xDai per Honey: √(H D) shares.
    pub fn at(honey: f64, price: f64) -> Self {
        let xdai = price * honey;
        Self {
            honey,
            xdai,
            shares: libm::sqrt(honey * xdai),
        }
    }

    /// Returns the price, xDai per Honey.
    pub fn price(&self) -> f64 {
        self.xdai / self.honey
    }

    /// Sells Honey to the pool; returns the xDai received.
    pub fn sell(&mut self, honey: f64, fee: f64) -> f64 {
        let xdai = bought_for(honey, self.honey, self.xdai, fee);
        self.honey += honey;
        self.xdai = xdai.left;
        xdai.got
    }

    /// Buys Honey for this much xDai; returns the Honey.
    pub fn spend(&mut self, xdai: f64, fee: f64) -> f64 {
        let honey = bought_for(xdai, self.xdai, self.honey, fee);
        self.xdai += xdai;
        self.honey = honey.left;
        honey.got
    }

    /// Buys exactly this much Honey, less than the pool holds; returns the xDai paid.
    pub fn buy(&mut self, honey: f64, fee: f64) -> f64 {
        let paid = cost_of(honey, self.xdai, self.honey, fee);
        self.xdai += paid;
        self.honey -= honey;
        paid
    }

    /// Adds Honey, and xDai at the pool's price; returns the new shares and the xDai.
    pub fn mint(&mut self, honey: f64) -> Minted {
        let minted = Minted {
            shares: self.shares * honey / self.honey,
            xdai: honey * self.xdai / self.honey,
        };
        self.honey += honey;
        self.xdai += minted.xdai;
        self.shares += minted.shares;
        minted
    }

    /// Redeems shares.
    pub fn burn(&mut self, shares: f64) -> Tokens {
        let part = shares / self.shares;
        let paid = Tokens {
            honey: part * self.honey,
            xdai: part * self.xdai,
        };
        self.honey -= paid.honey;
        self.xdai -= paid.xdai;
        self.shares -= shares;
        paid
    }

    /// Withdraws the part of the fees that does not stay in the pool, of each token at most half of the reserve,
    /// since others may have bought it. Its xDai buys Honey without a fee. Returns the Honey.
    pub fn collect(&mut self, fees: Tokens) -> f64 {
        let honey = fees.honey.min(self.honey / 2.0);
        let xdai = fees.xdai.min(self.xdai / 2.0);
        self.honey -= honey;
        self.xdai -= xdai;
        honey + self.spend(xdai, 0.0)
    }
}

/// New shares in the pool, and their cost besides the Honey.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Minted {
    /// Shares.
    pub shares: f64,
    /// xDai.
    pub xdai: f64,
}
