//! Derives random streams: root seed → world → stream.
//!
//! Each process of a model has its own stream, so that an extra draw in one does not shift another. A stream is
//! Xoshiro256++ (Blackman and Vigna), seeded through SplitMix64 from the root seed, the world's number and the
//! stream's number:
//!
//! ```text
//! seed(root, world, stream) = hash64(hash64(hash64(root) ^ world) ^ stream)
//! hash64(x) = the first output of SplitMix64 seeded with x
//! ```
//!
//! A stream's number is fixed in its declaration, or derived from its name. It depends on no other stream, so a
//! new one reseeds nothing. The processes that draw most use eight generators in lockstep ([`Lanes`]). A change
//! to the derivation changes every result, and so the version of the results.
//!
//! Exponentials are −ln(1 − u), normals use two uniforms ([`normal`]), and a gamma of integer shape is −ln of a
//! product, all through the `libm` crate. The ziggurats of `rand_distr` call the platform's `ln` and `exp`,
//! whose last digits differ between platforms.

mod hash;
mod lanes;
mod source;

pub(crate) use hash::hash64;
pub use lanes::Lanes;
pub use source::{Geometric, Source, normal};

use std::cell::RefCell;

/// Number of a stream, which distinguishes its seed from others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stream {
    number: u64,
    name: Option<&'static str>,
}

impl Stream {
    /// Returns the stream with a fixed number, below 2³².
    pub const fn numbered(number: u32) -> Self {
        Self {
            number: number as u64,
            name: None,
        }
    }

    /// Returns the stream with a name. Its number is FNV-1a of the name with the highest bit set, which fixed
    /// numbers lack.
    pub const fn named(name: &'static str) -> Self {
        let (bytes, mut hash, mut place) = (name.as_bytes(), 0xcbf2_9ce4_8422_2325_u64, 0);
        while place < bytes.len() {
            hash = (hash ^ bytes[place] as u64).wrapping_mul(0x0100_0000_01b3);
            place += 1;
        }
        Self {
            number: hash | 1 << 63,
            name: Some(name),
        }
    }
}

impl std::fmt::Display for Stream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name {
            Some(name) => write!(f, "\"{name}\""),
            None => write!(f, "{}", self.number),
        }
    }
}

/// Seeds of its random streams.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seeds {
    /// Root seed.
    pub root: u64,
    /// Number of the world.
    pub world: u64,
}

impl Seeds {
    /// Returns the seed of a stream.
    pub fn seed(self, stream: Stream) -> u64 {
        hash64(hash64(hash64(self.root) ^ self.world) ^ stream.number)
    }

    /// Returns a stream.
    pub fn source(self, stream: Stream) -> Source {
        Source::seeded(self.seed(stream))
    }

    /// Returns a stream of eight generators in lockstep.
    pub fn lanes(self, stream: Stream) -> Lanes {
        Lanes::new(self.seed(stream))
    }
}

/// Seeds of the streams of one component, which owns every stream that it takes: another component with the same
/// stream is an error of registration.
#[derive(Clone, Copy, Debug)]
pub struct StreamSeeds<'a> {
    seeds: Seeds,
    taken: Option<&'a RefCell<Vec<Stream>>>,
}

impl From<Seeds> for StreamSeeds<'_> {
    fn from(seeds: Seeds) -> Self {
        Self { seeds, taken: None }
    }
}

impl StreamSeeds<'_> {
    /// Returns the streams that a component takes.
    pub(super) fn taken_by<C: Seeded>() -> Vec<Stream> {
        let taken = RefCell::default();
        C::default().seed(StreamSeeds {
            seeds: Seeds { root: 0, world: 0 },
            taken: Some(&taken),
        });
        taken.into_inner()
    }

    fn take(self, stream: Stream) {
        if let Some(taken) = self.taken {
            taken.borrow_mut().push(stream);
        }
    }

    /// Returns a stream.
    pub fn source(self, stream: Stream) -> Source {
        self.take(stream);
        self.seeds.source(stream)
    }

    /// Returns a stream of eight generators in lockstep.
    pub fn lanes(self, stream: Stream) -> Lanes {
        self.take(stream);
        self.seeds.lanes(stream)
    }

    /// Returns the seed of a stream that another component owns, to draw the same numbers again.
    pub fn seed_of_other(self, stream: Stream) -> u64 {
        self.seeds.seed(stream)
    }
}

/// Component of every run that holds streams, seeded when a run begins.
///
/// ```
/// use conviction::prelude::*;
///
/// /// What a market draws.
/// #[derive(Component, Default)]
/// struct Trades(Source);
///
/// impl Seeded for Trades {
///     fn seed(&mut self, seeds: StreamSeeds) {
///         self.0 = seeds.source(Stream::named("trades"));
///     }
/// }
/// ```
pub trait Seeded:
    bevy_ecs::component::Component<Mutability = bevy_ecs::component::Mutable> + Default
{
    /// Seeds its streams.
    fn seed(&mut self, seeds: StreamSeeds);
}
