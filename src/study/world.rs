//! Names the random world of a run in files.

use toml::de::DeValue;

/// Number of a random world: of a replicate, which all points share, or of a single run, with the highest bit
/// set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct World(pub u64);

/// Bit that distinguishes worlds of single runs from those of replicates.
const OF_RUN: u64 = 1 << 63;

impl World {
    /// Description of valid values.
    pub const EXPECTED: &str = "expected the number of a replicate, such as world = 3, or of a run with its own world, \
                                such as world = \"run 3\"";

    /// Returns the world of a replicate, shared by all points.
    pub fn of_replicate(replicate: u32) -> Self {
        Self(u64::from(replicate))
    }

    /// Returns the world of a single run.
    pub fn of_run(run: u64) -> Self {
        Self(OF_RUN | run)
    }

    /// Formats the world as TOML: `3`, or `"run 3"`.
    pub fn text(self) -> String {
        match self.0 & OF_RUN {
            0 => self.0.to_string(),
            _ => format!("\"run {}\"", self.0 & !OF_RUN),
        }
    }

    /// Parses a world from a value of a file.
    pub(super) fn read(value: &DeValue) -> Option<Self> {
        match value {
            DeValue::String(text) => {
                let run: u64 = text.strip_prefix("run ")?.parse().ok()?;
                (run < OF_RUN).then(|| Self::of_run(run))
            }
            DeValue::Integer(number) => {
                let number = u64::from_str_radix(number.as_str(), number.radix()).ok()?;
                (number < OF_RUN).then_some(Self(number))
            }
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_world_is_read_as_it_is_written() {
        for world in [
            World(0),
            World::of_replicate(199),
            World::of_run(0),
            World::of_run(7_000_000_000),
        ] {
            let text = world.text();
            let value = DeValue::parse(&text).unwrap().into_inner();
            assert_eq!(World::read(&value), Some(world), "{text}");
        }
        for wrong in [
            "-1",
            "1.5",
            "true",
            "\"run\"",
            "\"run -1\"",
            "\"3\"",
            "\"run 9223372036854775808\"",
        ] {
            let value = DeValue::parse(wrong).unwrap().into_inner();
            assert_eq!(World::read(&value), None, "{wrong}");
        }
    }
}
