//! Where the tokens are.

/// Where the tokens are, Honey. `total` = `funds` + `effective` + `other`, always.
#[derive(Default, Clone, Copy, Debug, PartialEq)]
pub struct Supply {
    /// F: the funding pool.
    pub funds: f64,
    /// E: committed to voting.
    pub effective: f64,
    /// L: everything else.
    pub other: f64,
    /// S.
    pub total: f64,
}
