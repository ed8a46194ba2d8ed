//! Formats numbers and curves as text.

/// Formats a number with thousands separators, and decimals that suit its size.
pub fn number(value: f64) -> String {
    if !value.is_finite() {
        return value.to_string();
    }
    let decimals = match value.abs() {
        v if v >= 1000.0 => 0,
        v if v >= 100.0 => 1,
        v if v >= 1.0 || v == 0.0 => 2,
        _ => 4,
    };
    let text = format!("{:.decimals$}", value.abs());
    let (whole, rest) = text.split_once('.').map_or((&*text, ""), |(w, r)| (w, r));
    let mut grouped = String::new();
    for (place, digit) in whole.chars().enumerate() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    let sign = if value < 0.0 { "-" } else { "" };
    let point = if rest.is_empty() { "" } else { "." };
    format!("{sign}{grouped}{point}{rest}")
}

/// Draws a curve in at most `width` block characters, each the mean of its interval.
pub fn sparkline(values: &[f64], width: usize) -> String {
    const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let columns = width.min(values.len());
    let means: Vec<f64> = (0..columns)
        .map(|column| {
            let stretch =
                &values[column * values.len() / columns..(column + 1) * values.len() / columns];
            stretch.iter().sum::<f64>() / stretch.len() as f64
        })
        .collect();
    let low = means.iter().copied().fold(f64::INFINITY, f64::min);
    let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    means
        .iter()
        .map(|mean| {
            let share = if high > low {
                (mean - low) / (high - low)
            } else {
                0.5
            };
            BLOCKS[((share * 8.0) as usize).min(7)]
        })
        .collect()
}

/// Returns the width of the terminal in characters; a usual number without a terminal.
pub fn width() -> usize {
    const USUAL: u16 = 100;
    comfy_table::Table::new().width().unwrap_or(USUAL).into()
}

/// Formats bytes in a suitable unit.
pub fn bytes(bytes: u64) -> String {
    indicatif::HumanBytes(bytes).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped() {
        assert_eq!(number(1234567.8), "1,234,568");
        assert_eq!(number(-12.346), "-12.35");
        assert_eq!(number(0.01234), "0.0123");
        assert_eq!(number(0.0), "0.00");
        assert_eq!(number(999.96), "1,000.0");
    }

    #[test]
    fn sparklines_span_their_range() {
        assert_eq!(sparkline(&[0.0, 1.0, 2.0, 3.0], 4), "▁▃▆█");
        assert_eq!(sparkline(&[5.0, 5.0], 4), "▅▅");
        assert_eq!(sparkline(&[], 4), "");
    }
}
