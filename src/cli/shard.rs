//! Parses `--shard`: the parts that this process simulates.

use crate::study::execute::Slice;

/// Variables with the task's number in an array job, by scheduler, in order of precedence.
const TASKS: [(&str, &str); 5] = [
    ("SLURM_ARRAY_TASK_ID", "Slurm"),
    ("JOB_COMPLETION_INDEX", "Kubernetes"),
    ("AWS_BATCH_JOB_ARRAY_INDEX", "AWS Batch"),
    ("PBS_ARRAY_INDEX", "PBS"),
    ("SGE_TASK_ID", "SGE"),
];

/// Parses `I/N`, `array/N` or `any`. `variable` reads the environment.
pub fn slice(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Slice, String> {
    let expected =
        "expected I/N with I from 1 to N, such as 3/8; array/N in a task of an array job; or any";
    match text {
        "any" => return Ok(Slice::Any),
        "slurm" | "array" => {
            return Err(format!(
                "--shard {text}: number of slices missing; write array/8, for example. Otherwise an array of only \
                 the missing tasks would select other slices"
            ));
        }
        _ => {}
    }
    let fault = || format!("--shard {text}: {expected}");
    let (number, of) = text.split_once('/').ok_or_else(fault)?;
    let of = of
        .trim()
        .parse()
        .ok()
        .filter(|&of| of > 0)
        .ok_or_else(fault)?;
    if number.trim() == "array" {
        let task = task(variable).map_err(|why| format!("--shard {text}: {why}"))?;
        // Arrays count from 0 or from 1; either way consecutive tasks get different slices.
        return Ok(Slice::Every {
            number: task % of + 1,
            of,
        });
    }
    let number = number.trim().parse().ok();
    let number = number.filter(|number| (1..=of).contains(number));
    Ok(Slice::Every {
        number: number.ok_or_else(fault)?,
        of,
    })
}

/// Returns the number of this task in its array.
fn task(variable: impl Fn(&str) -> Option<String>) -> Result<u64, String> {
    // SGE sets "undefined" outside arrays.
    let set = TASKS.iter().find_map(|&(name, _)| {
        let value = variable(name).filter(|value| !value.is_empty() && value != "undefined")?;
        Some((name, value))
    });
    let Some((name, value)) = set else {
        let known: Vec<_> = TASKS
            .iter()
            .map(|(name, of)| format!("{name} ({of})"))
            .collect();
        return Err(format!(
            "not a task of an array job: none of {} is set; pass the slice itself, such as 1/8",
            known.join(", ")
        ));
    };
    let number = value.trim().parse();
    number.map_err(|_| format!("{name} is {value}, expected a whole number"))
}

/// Returns the number of threads that a process may use: the minimum of the scheduler's allocation, its cores,
/// and the limit of its control group.
pub fn threads(variable: impl Fn(&str) -> Option<String>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let given = variable("SLURM_CPUS_PER_TASK").and_then(|given| given.trim().parse().ok());
    given
        .filter(|&given| given > 0)
        .map_or(cores, |given: usize| given.min(cores))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slice_with(text: &str, set: &[(&str, &str)]) -> Result<Slice, String> {
        slice(text, |name| {
            let found = set.iter().find(|(set, _)| *set == name);
            found.map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn slices_are_read() {
        let every = |number, of| Ok(Slice::Every { number, of });
        assert_eq!(slice_with("3/8", &[]), every(3, 8));
        assert_eq!(slice_with("any", &[]), Ok(Slice::Any));
        for text in [
            "0/3", "4/3", "x", "1/0", "slurm", "array", "array/0", "array/3", "1/", "/2",
        ] {
            let error = slice_with(text, &[]).unwrap_err();
            assert!(error.contains("--shard"), "{error}");
        }
        assert!(slice_with("slurm", &[]).unwrap_err().contains("array/8"));
    }

    #[test]
    fn tasks_of_arrays_have_slices_of_their_own() {
        for (name, first) in [
            ("SLURM_ARRAY_TASK_ID", 0),
            ("SLURM_ARRAY_TASK_ID", 1),
            ("JOB_COMPLETION_INDEX", 0),
            ("AWS_BATCH_JOB_ARRAY_INDEX", 0),
            ("PBS_ARRAY_INDEX", 1),
            ("SGE_TASK_ID", 1),
        ] {
            let mut numbers: Vec<_> = (first..first + 8)
                .map(
                    |task| match slice_with("array/8", &[(name, &task.to_string())]) {
                        Ok(Slice::Every { number, of: 8 }) => number,
                        other => panic!("{other:?}"),
                    },
                )
                .collect();
            numbers.sort_unstable();
            assert_eq!(numbers, (1..=8).collect::<Vec<_>>());
        }
        // Other variables of the scheduler change nothing.
        let alone = [
            ("SLURM_ARRAY_TASK_ID", "5"),
            ("SLURM_ARRAY_TASK_COUNT", "1"),
        ];
        assert_eq!(
            slice_with("array/8", &alone),
            slice_with("array/8", &alone[..1])
        );
        let outside = [("SGE_TASK_ID", "undefined")];
        assert!(
            slice_with("array/8", &outside)
                .unwrap_err()
                .contains("not a task")
        );
        let wrong = [("SLURM_ARRAY_TASK_ID", "x")];
        assert!(
            slice_with("array/8", &wrong)
                .unwrap_err()
                .contains("SLURM_ARRAY_TASK_ID is x")
        );
    }

    #[test]
    fn a_scheduler_says_how_many_threads() {
        let cores = threads(|_| None);
        assert_eq!(threads(|_| Some("1".to_owned())), 1);
        assert_eq!(threads(|_| Some("100000".to_owned())), cores);
        assert_eq!(threads(|_| Some("x".to_owned())), cores);
    }
}
