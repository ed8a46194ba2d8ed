use conviction::{model::*, run::Simulator};
fn main() {
    let mut s = Simulator::new();
    for rules in [RuleSet::V3, RuleSet::Corrected] {
        let set = Setting {
            rules: rules.into(),
            ..Setting::default()
        };
        for _ in 0..3 {
            let t = std::time::Instant::now();
            let mut a = 0.0;
            for w in 0..5000 {
                a += s.run(&set, 1, w).state.funds;
            }
            println!(
                "{} {:.1} us/run {}",
                rules.name(),
                t.elapsed().as_secs_f64() * 1e6 / 5000.0,
                a / 5000.0
            );
        }
    }
}
