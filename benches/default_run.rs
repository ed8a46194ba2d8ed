//! Measures the default run, on one thread, without output:
//!
//! ```text
//! cargo bench --bench default_run -- [v3|corrected] [widest|avx2|sse2] [RUNS] [REPEATS]
//! ```
//!
//! Prints the median, minimum and maximum microseconds per run over the repeats.

#[path = "common/mod.rs"]
mod common;

use common::{argument, simulate};
use conviction::engine::{Simulator, TableRows};
use fearless_simd::Level;
use std::time::Instant;

#[global_allocator]
static ALLOCATOR: conviction::Aligned = conviction::Aligned;

fn main() {
    let rules = argument(0, "v3");
    let vectors = vectors(&argument(1, "widest"));
    let runs: u64 = argument(2, "20000").parse().expect("a number of runs");
    let repeats: usize = argument(3, "7").parse().expect("a number of repeats");

    let model = conviction::model();
    let setting = model.setting().with("rules", &*rules).expect("a rule set");
    let together = model.together(&setting) as u64;
    let mut simulator = Simulator::with_vectors(&model, &["runs"], vectors);
    let mut rows = TableRows::new(&model, "runs");
    let mut times: Vec<f64> = (0..repeats)
        .map(|_| {
            let begun = Instant::now();
            for first in (0..runs).step_by(together as usize) {
                let worlds = first..runs.min(first + together);
                simulate(&mut simulator, &setting, worlds, &mut rows);
            }
            begun.elapsed().as_secs_f64() * 1e6 / runs as f64
        })
        .collect();
    times.sort_by(f64::total_cmp);
    println!(
        "{rules} {vectors:?}: {:.1} us per run, {:.1} to {:.1}",
        times[repeats / 2],
        times[0],
        times[repeats - 1]
    );
}

/// Returns the vector level of this name, if the machine supports it.
fn vectors(name: &str) -> Level {
    let widest = Level::new();
    match name {
        "widest" => widest,
        #[cfg(target_arch = "x86_64")]
        "avx2" => Level::Avx2(widest.as_avx2().expect("a machine with AVX2")),
        #[cfg(target_arch = "x86_64")]
        "sse2" => Level::Sse2(widest.as_sse2().expect("a machine with SSE2")),
        other => panic!("{other}: not a vector level of this machine"),
    }
}
