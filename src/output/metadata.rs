//! Metadata of files.

/// Metadata of a file, in the order written.
pub type Metadata = Vec<(String, String)>;

/// Builds the metadata of a file: the version of the program, and `said`.
pub fn metadata(said: &[(&str, String)]) -> Metadata {
    let program = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("results_version", crate::RESULTS_VERSION.to_string()),
    ];
    let all = program.iter().chain(said);
    all.map(|(key, value)| (format!("conviction.{key}"), value.clone()))
        .collect()
}
