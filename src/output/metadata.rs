//! What every file says of itself.

/// What every file says of itself, in the order written.
pub type Metadata = Vec<(String, String)>;

/// What every file says of itself: which program wrote it, and what else there is to say.
pub fn metadata(said: &[(&str, String)]) -> Metadata {
    let program = [
        ("version", env!("CARGO_PKG_VERSION").to_owned()),
        ("results_version", crate::RESULTS_VERSION.to_string()),
    ];
    let all = program.iter().chain(said);
    all.map(|(key, value)| (format!("conviction.{key}"), value.clone()))
        .collect()
}
