//! Declares the command line's arguments. Has no effects.

mod contract;
mod values;

pub use contract::{
    ContractArgs, ContractCommand, ContractReplayArgs, ConvictionArgs, Deployed, PointsArgs,
    StreamingArgs, ThresholdArgs, WeightedAverageArgs,
};

use crate::RESULTS_VERSION;
use crate::engine::Model;
use crate::report::attack::SHARES;
use clap::builder::PossibleValuesParser;
use clap::{Args, Command as Parsed, CommandFactory, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use std::path::PathBuf;
use std::sync::LazyLock;
use values::{directory, part, real, seed, share};

/// Text of `--version`: programs of one results version give equal numbers for equal specs.
static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
    let features = [
        ("cloud", cfg!(feature = "cloud")),
        ("debug-assertions", cfg!(debug_assertions)),
    ];
    let enabled: Vec<_> = features.iter().filter(|f| f.1).map(|f| f.0).collect();
    let features = match enabled.is_empty() {
        true => "none".to_owned(),
        false => enabled.join(", "),
    };
    let version = env!("CARGO_PKG_VERSION");
    format!("{version}\nresults version: {RESULTS_VERSION}\nfeatures: {features}")
});

/// Simulates Conviction Voting: one run in detail, or millions, written to Parquet.
#[derive(Parser)]
#[command(version, long_version = LONG_VERSION.as_str(), about, max_term_width = 100)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Simulate one run and print a summary.
    Run(RunArgs),
    /// Replay a recorded run of the published program.
    Replay(ReplayArgs),
    /// Simulate every run of a spec and write a Parquet dataset: the main command.
    Sweep(SweepArgs),
    /// Check a dataset; exits with 1 if it is incomplete or damaged.
    Verify(VerifyArgs),
    /// Draw a run, a replay or a sweep from its directory, as one HTML file.
    Report(ReportArgs),
    /// Compare the lever settings of a sweep over its worlds: means, regret, criteria met, Pareto sets.
    Robust(RobustArgs),
    /// Find the settings of the world in which a condition on runs mostly holds (PRIM).
    Discover(DiscoverArgs),
    /// Search settings that no other beats, generation by generation; or the worlds that hurt one setting most.
    Search(SearchArgs),
    /// Show which settings decide the outcomes of a sweep: Sobol and PAWN indices, elementary effects.
    Sensitivity(SensitivityArgs),
    /// Describe a dataset: its tables and columns, with types, units and meanings.
    Describe(DescribeArgs),
    /// Show what a setting means before any simulation: which requests pass, after how many days, and how much
    /// attackers could take.
    Trigger(TriggerArgs),
    /// List presets: settings of real organisations from which a run, a spec or a trigger can start.
    Presets(PresetsArgs),
    /// Compute like a deployed contract, in 256-bit integers and blocks.
    Contract(ContractArgs),
    /// Print every table, column and setting, with types, units and meanings.
    Schema(SchemaArgs),
    /// Write a spec to start from: every key at its default, with unit and meaning.
    Init(InitArgs),
    /// Print a completion script for a shell.
    Completions(CompletionsArgs),
    /// Write manual pages.
    Man(ManArgs),
}

#[derive(Args)]
pub struct RunArgs {
    /// TOML file with seed, days, [model] and [initial], or - for standard input; other keys keep their
    /// defaults.
    #[arg(value_name = "SPEC", conflicts_with_all = ["config", "from"])]
    pub spec: Option<PathBuf>,
    /// Same as SPEC.
    #[arg(long, value_name = "FILE", conflicts_with = "from")]
    pub config: Option<PathBuf>,
    /// Start from a preset; `conviction presets` lists them. A file selects one with preset = "NAME".
    #[arg(long, value_name = "NAME", conflicts_with_all = ["spec", "config", "from"])]
    pub preset: Option<String>,
    /// Set a key, such as beta=0.3 or initial.participants=100; may be repeated.
    #[arg(long, value_name = "KEY=VALUE", conflicts_with = "from")]
    pub set: Vec<String>,
    /// Root seed, a whole number below 2^63; overrides the seed in the file.
    #[arg(long, value_name = "N", conflicts_with = "from", value_parser = seed)]
    pub seed: Option<u64>,
    /// Take seed and settings from a run of this dataset.
    #[arg(long, value_name = "DATASET", requires = "run")]
    pub from: Option<PathBuf>,
    /// Number of that run.
    #[arg(long, value_name = "N", requires = "from")]
    pub run: Option<u64>,
    /// Write every day in detail as Parquet tables to this directory, which must be new or empty.
    #[arg(short, long, value_name = "DIR", value_parser = directory())]
    pub out: Option<PathBuf>,
    /// Print only warnings and errors.
    #[arg(short, long, requires = "out")]
    pub quiet: bool,
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args)]
pub struct ReplayArgs {
    /// Directory of a recorded run: scenario.json and its tables.
    pub scenario: PathBuf,
    /// Output directory, new or empty.
    #[arg(short, long, value_name = "DIR", value_parser = directory())]
    pub out: PathBuf,
    /// Rule set: "v3", "corrected", or a table such as '{ base = "v3", over_release = "corrected" }'.
    #[arg(long, default_value = "v3")]
    pub rules: String,
    /// Print only errors.
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Args)]
pub struct SweepArgs {
    /// TOML spec of the sweep, or - for standard input; `conviction init` writes one to start from.
    pub spec: PathBuf,
    /// Output, new or empty: a directory, or a folder of an object store (s3://bucket/folder,
    /// gs://bucket/folder, az://container/folder; requires the feature cloud).
    #[arg(short, long, value_name = "PLACE", required_unless_present = "dry_run", value_parser = directory())]
    pub out: Option<PathBuf>,
    /// Set a key of the spec, such as beta=0.3 or days=10, or its seed or replicates; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Number of worker threads; defaults to the cores that this process may use. Does not change results.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub threads: Option<u32>,
    /// Complete the existing dataset: keep complete parts, and simulate the rest.
    #[arg(long)]
    pub resume: bool,
    /// How to recognise complete parts: by file size, or by checksum, which reads every file.
    #[arg(long, value_enum, default_value_t = Check::Size, requires = "resume")]
    pub check: Check,
    /// Simulate a slice of the parts, together with other processes in one directory or in several: I/N is
    /// slice I of N; array/N takes I from the task of an array job (Slurm, Kubernetes, AWS Batch, PBS, SGE);
    /// any takes whatever parts are missing.
    #[arg(long, value_name = "I/N|array/N|any")]
    pub shard: Option<String>,
    /// How to handle failed runs.
    #[arg(long, value_enum, default_value_t = OnFailure::Record)]
    pub on_failure: OnFailure,
    /// Print the resolved spec and the expected time and size; write nothing.
    #[arg(long)]
    pub dry_run: bool,
    /// Print neither progress nor results; warnings and errors are still printed.
    #[arg(short, long)]
    pub quiet: bool,
    /// Report every completed part.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Output format: text for people; JSON for programs, including progress as JSON lines on standard error.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text.
    Text,
    /// A JSON document.
    Json,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum OnFailure {
    /// Record the failure in the run's row, and continue.
    Record,
    /// Stop the sweep.
    Stop,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Check {
    /// By size.
    Size,
    /// By checksum.
    Full,
}

#[derive(Args)]
pub struct VerifyArgs {
    /// Dataset: a directory, or a folder of an object store.
    pub dataset: PathBuf,
    /// Remove the temporary files of killed sweeps; those of running sweeps are kept.
    #[arg(long)]
    pub clean: bool,
    /// Print nothing; report only through the exit status.
    #[arg(short, long)]
    pub quiet: bool,
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args)]
pub struct ReportArgs {
    /// Directory of a run (`run --out`), a replay (`replay --out`) or a sweep, or a folder of an object store.
    pub directory: PathBuf,
    /// HTML file to write, or - for standard output.
    #[arg(short, long, value_name = "FILE", default_value = "report.html")]
    pub out: PathBuf,
    /// Print only errors.
    #[arg(short, long)]
    pub quiet: bool,
}

#[derive(Args)]
pub struct RobustArgs {
    /// Dataset: a directory, or a folder of an object store.
    pub dataset: PathBuf,
    /// Objective: NAME = COLUMN [max|min] [meet BOUND] [empty fail|worst|drop], such as
    /// 'take = attacker_0_take_share min meet <= 0.1'; may be repeated. Overrides [[objective]] in the spec.
    #[arg(long, value_name = "OBJECTIVE")]
    pub objective: Vec<String>,
    /// Definition of a world: each run, or each uncertain point with the mean of its replicates. Default: run,
    /// or point if randomness is independent.
    #[arg(long, value_enum)]
    pub world: Option<World>,
    /// Number of the uncertain point from which changes and distances to failure are measured.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub base: usize,
    /// Number of the lever setting with which the others are paired.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub reference: usize,
    /// Levers, separated by commas; everything else that varies is then uncertain.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub levers: Option<Vec<String>>,
    /// Regret in the unit of the outcome, or as a share of the best outcome of each world. Worlds whose best is 0 are
    /// left out of shares.
    #[arg(long, value_enum, default_value_t = RegretIn::Units)]
    pub regret: RegretIn,
    /// Compare Pareto sets by this quantile, counted from the worst, instead of by means: at 0.1, a tenth of worlds is
    /// worse.
    #[arg(long, value_name = "SHARE", value_parser = real)]
    pub pareto_quantile: Option<f64>,
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
    /// Write the comparison as an HTML file.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum RegretIn {
    /// In the unit of the outcome.
    Units,
    /// Relative to the best outcome.
    Shares,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum World {
    /// An uncertain point and a replicate.
    Run,
    /// An uncertain point, with the mean of its replicates.
    Point,
}

#[derive(Args)]
pub struct DiscoverArgs {
    /// Dataset: a directory, or a folder of an object store.
    pub dataset: PathBuf,
    /// Condition on columns of runs, such as 'attacker_0_take_share > 0.1 and proposals_granted < 50', or
    /// 'median_days_to_pass is empty'.
    #[arg(long = "where", value_name = "CONDITION")]
    pub condition: String,
    /// Inputs, separated by commas. Default: the uncertainties, or without uncertainties everything that varies.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub inputs: Vec<String>,
    /// Only the runs of this lever setting.
    #[arg(long, value_name = "N")]
    pub lever: Option<usize>,
    /// Density that the box should reach.
    #[arg(long, value_name = "SHARE", default_value_t = 0.8, value_parser = share)]
    pub threshold: f64,
    /// Share of the box that each peel removes.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = part)]
    pub peel: f64,
    /// Share of the runs beyond a limit that each paste adds.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = part)]
    pub paste: f64,
    /// Minimum share of all runs in the box.
    #[arg(long, value_name = "SHARE", default_value_t = 0.05, value_parser = share)]
    pub least_mass: f64,
    /// Criterion of improvement, as in EMA Workbench.
    #[arg(long, value_enum, default_value_t = Gain::Lenient1)]
    pub objective: Gain,
    /// Step to choose. Default: the last one that reaches the threshold.
    #[arg(long, value_name = "N")]
    pub step: Option<usize>,
    /// Share of the uncertain points to hold out for testing the chosen box.
    #[arg(long, value_name = "SHARE", value_parser = part)]
    pub hold_out: Option<f64>,
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args)]
pub struct SearchArgs {
    /// TOML file of a sweep with [levers], their design, and [[objective]]; or - for standard input. The design of the
    /// levers is the first generation.
    pub spec: PathBuf,
    /// Output directory, new or empty, or a folder of an object store. Every generation becomes a dataset.
    #[arg(short, long, value_name = "PLACE", value_parser = directory())]
    pub out: PathBuf,
    /// Number of generations.
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub generations: u32,
    /// Settings that each generation after the first tries.
    #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(2..=100_000))]
    pub population: u32,
    /// Fewest worlds (runs) in which a setting is tried before it may enter the archive.
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub least_worlds: u64,
    /// Half widths of an objective's interval by which settings must differ to count as different; with 0, all do.
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = real)]
    pub epsilon: f64,
    /// Objective: NAME = COLUMN [max|min] [meet BOUND] [empty fail|worst|drop]; may be repeated. Overrides
    /// [[objective]] in the spec. A mean that does not meet its bound keeps a setting out.
    #[arg(long, value_name = "OBJECTIVE")]
    pub objective: Vec<String>,
    /// Search the uncertainties instead, such as an attacker's ask, stake and hold, for what hurts one lever setting
    /// most.
    #[arg(long)]
    pub worst: bool,
    /// Number of that lever setting, as `conviction robust` numbers them.
    #[arg(long, value_name = "N", default_value_t = 0, requires = "worst")]
    pub lever: usize,
    /// Change one setting of the spec, such as beta=0.3 or days=10, or its seed or replicates; may be repeated.
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
    /// Worker threads; if not given, one per core that this process may use. Changes no result.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=4096))]
    pub threads: Option<u32>,
    /// Continue the search in the directory; more generations than before prolong it.
    #[arg(long)]
    pub resume: bool,
    /// Share the parts of each generation with other processes in the same directory: I/N does slice I of N first, any
    /// whatever is missing.
    #[arg(long, value_name = "I/N|array/N|any")]
    pub shard: Option<String>,
    /// Report neither progress nor the archive; warnings and errors are printed.
    #[arg(short, long)]
    pub quiet: bool,
    /// Report every part.
    #[arg(short, long, conflicts_with = "quiet")]
    pub verbose: bool,
    /// Output: text for people; JSON for programs, then also progress, as JSON lines on standard error.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args)]
pub struct SensitivityArgs {
    /// The dataset: a directory, or a folder of an object store.
    pub dataset: PathBuf,
    /// Outcomes, columns of numbers of runs, separated by commas; may be repeated. Default: every column that declares
    /// a goal.
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    pub outcome: Vec<String>,
    /// Number of the combination of settings outside of a saltelli or morris design, such as a variant or a lever
    /// setting, whose points give Sobol indices or elementary effects.
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub combination: usize,
    /// Output: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Gain {
    /// Gain of mean over loss of mass.
    Lenient1,
    /// The same times the remaining mass.
    Lenient2,
    /// The mean alone.
    Original,
}

#[derive(Args)]
pub struct TriggerArgs {
    /// TOML file with [model] and [chain], or - for standard input; other keys keep their defaults.
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Start from a preset; `conviction presets` lists them. Several --preset options are compared side by
    /// side. A file selects one with preset = "NAME".
    #[arg(long, value_name = "NAME", conflicts_with = "config")]
    pub preset: Vec<String>,
    /// Days in which conviction halves once the stake is withdrawn.
    #[arg(long, value_name = "DAYS", conflicts_with = "alpha")]
    pub half_life_days: Option<f64>,
    /// Share of conviction kept each day.
    #[arg(long)]
    pub alpha: Option<f64>,
    /// Upper bound on the share of the pool that one proposal can take.
    #[arg(long, conflicts_with = "spending_limit", value_parser = real)]
    pub beta: Option<f64>,
    /// Largest request that can pass, as a share of the pool.
    #[arg(long, value_name = "SHARE", conflicts_with_all = ["beta", "spending_limit"])]
    pub largest_request: Option<f64>,
    /// Share of the pool that one proposal can take, in the sense of --spending-limit-means.
    #[arg(long, value_name = "SHARE", requires = "spending_limit_means", value_parser = real)]
    pub spending_limit: Option<f64>,
    /// Sense of --spending-limit, which differs between dashboards: the contract's maxRatio, which no request
    /// can reach, or the largest request that can pass.
    #[arg(long, value_enum, requires = "spending_limit")]
    pub spending_limit_means: Option<SpendingLimitMeans>,
    /// Scale of the trigger.
    #[arg(long, conflicts_with = "minimum_conviction")]
    pub rho: Option<f64>,
    /// Minimum conviction that passes anything, as a share of the largest possible.
    #[arg(long, value_name = "SHARE", value_parser = real)]
    pub minimum_conviction: Option<f64>,
    /// Block time in seconds, for the contract's integers.
    #[arg(long, value_name = "SECONDS")]
    pub block_time_seconds: Option<f64>,
    /// Shares of the effective supply that attack, separated by commas.
    #[arg(long, value_name = "SHARES", value_delimiter = ',', value_parser = share,
        default_values_t = SHARES)]
    pub attack_shares: Vec<f64>,
    /// Write an HTML report as well: the trigger's shape, time to pass, growth and decay of conviction, and attacks. With -,
    /// print it instead of the text.
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SpendingLimitMeans {
    /// The contract's maxRatio, beta (1Hive, Commons Config Dashboard).
    MaxRatio,
    /// The largest share that can ever pass, beta - sqrt(rho) (Gardens v2).
    LargestPassable,
}

#[derive(Args)]
pub struct PresetsArgs {
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args)]
pub struct SchemaArgs {
    /// Table, such as runs; key or column, such as beta; or "settings" for all keys. Default: everything.
    pub name: Option<String>,
    /// Output format: text for people, JSON for programs.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

#[derive(Args)]
pub struct DescribeArgs {
    /// Dataset: a directory, or a folder of an object store.
    pub dataset: PathBuf,
    /// Output format.
    #[arg(long, value_enum, default_value_t = Description::Markdown)]
    pub format: Description,
    /// Output file, such as README.md or croissant.json in the dataset; defaults to standard output.
    #[arg(short, long, value_name = "FILE")]
    pub out: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub enum Description {
    /// For people.
    Markdown,
    /// For programs.
    Json,
    /// For data catalogues: Croissant, in JSON-LD.
    Croissant,
}

#[derive(Args)]
pub struct InitArgs {
    /// Write a small study of your own DAO, with comments, instead of all defaults: the pool, the supply, the
    /// voters, the settings to choose from, and an attacker.
    #[arg(long)]
    pub dao: bool,
    /// File to write, which must not exist; - for standard output.
    #[arg(default_value = "sweep.toml")]
    pub file: PathBuf,
}

#[derive(Args)]
pub struct CompletionsArgs {
    /// Shell.
    pub shell: Shell,
}

#[derive(Args)]
pub struct ManArgs {
    /// Output directory; created if missing.
    #[arg(value_parser = directory())]
    pub directory: PathBuf,
}

/// Builds the command line of a model, with the model's presets.
pub fn program(model: &Model) -> Parsed {
    let names = || PossibleValuesParser::new(model.presets().iter().map(|preset| preset.name));
    let with_presets =
        |command: Parsed| command.mut_arg("preset", |preset| preset.value_parser(names()));
    // A negative number is a value, which is then told to be wrong, and no unknown option.
    let with_negative_numbers = |command: Parsed| {
        command.mut_args(|arg| match arg.get_action().takes_values() {
            true => arg.allow_negative_numbers(true),
            false => arg,
        })
    };
    Arguments::command()
        .mut_subcommand("run", with_presets)
        .mut_subcommand("trigger", with_presets)
        .mut_subcommands(with_negative_numbers)
}
