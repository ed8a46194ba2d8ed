//! Determines how much memory this process may still take.

use super::Failure;
use super::text::bytes;
use crate::engine::Setting;
use crate::voting::participants::InitialParticipants;
use crate::voting::proposals::InitialProposals;
use std::path::Path;

/// Builds the error of a run that requires more memory than is free.
pub fn too_large(run: &str, setting: &Setting, needed: f64, free: u64) -> Failure {
    let InitialParticipants { participants } = setting.group();
    let InitialProposals { proposals } = setting.group();
    Failure::Input(format!(
        "{run} requires about {} of memory with {participants} participants and {proposals} proposals, but {} \
         are free; use fewer of them, or a larger machine",
        bytes(needed as u64),
        bytes(free)
    ))
}

/// Returns the free bytes, by the machine and by the limits of the process's control groups; `None` if neither
/// is known.
pub fn available() -> Option<u64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok();
    let machine = meminfo.and_then(|text| free(&text));
    let groups = std::fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
    let limits = groups
        .lines()
        .flat_map(|line| limit(Path::new("/sys/fs/cgroup"), line));
    machine.into_iter().chain(limits).min()
}

/// Returns the kernel's estimate of memory available without swapping.
fn free(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Returns the lowest limit of a control group, a line of `/proc/self/cgroup`, and its ancestors.
fn limit(root: &Path, line: &str) -> Option<u64> {
    let own = root.join(line.strip_prefix("0::/")?);
    let groups = own.ancestors().take_while(|group| group.starts_with(root));
    let most = |group: &Path| {
        let text = std::fs::read_to_string(group.join("memory.max")).ok()?;
        text.trim().parse::<u64>().ok()
    };
    groups.filter_map(most).min()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_limit_counts() {
        let meminfo = "MemTotal:       24000000 kB\nMemAvailable:   1000 kB\n";
        assert_eq!(free(meminfo), Some(1_024_000));
        assert_eq!(free("MemTotal: 3 kB"), None);
        let root = tempfile::tempdir().unwrap();
        let job = root.path().join("jobs/job");
        std::fs::create_dir_all(&job).unwrap();
        std::fs::write(job.join("memory.max"), "max\n").unwrap();
        assert_eq!(limit(root.path(), "0::/jobs/job"), None);
        std::fs::write(root.path().join("jobs/memory.max"), "5000\n").unwrap();
        assert_eq!(limit(root.path(), "0::/jobs/job"), Some(5000));
        assert_eq!(limit(root.path(), "12:memory:/jobs"), None);
    }
}
