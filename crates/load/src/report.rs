//! What a run found: a table for people, and the same as JSON.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;
use serde::Serialize;

use crate::clock::{milliseconds, number};
use crate::histogram::Histogram;

/// Figures of one scenario.
#[derive(Clone, Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) scenario: String,
    pub(crate) conditions: String,
    pub(crate) figures: Vec<Figure>,
}

/// One figure.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) value: f64,
    pub(crate) unit: String,
}

impl Report {
    pub(crate) fn new(scenario: &str, conditions: String) -> Self {
        Self { scenario: scenario.to_owned(), conditions, figures: Vec::new() }
    }

    pub(crate) fn add(&mut self, name: &str, value: f64, unit: &str) {
        self.figures.push(Figure { name: name.to_owned(), value, unit: unit.to_owned() });
    }

    /// The first figure of this name.
    pub(crate) fn figure(&self, name: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| figure.name == name)
    }

    pub(crate) fn count(&mut self, name: &str, value: u64) {
        self.add(name, number(value), "");
    }

    /// The quantiles of a time.
    pub(crate) fn times(&mut self, name: &str, times: &Histogram) {
        for (quantile, per_mille) in [("p50", 500), ("p99", 990), ("p99.9", 999)] {
            let value = milliseconds(times.quantile_ns(per_mille));
            self.add(&format!("{name} {quantile}"), value, "ms");
        }
        self.add(&format!("{name} max"), milliseconds(times.max_ns()), "ms");
    }

    fn print(&self) -> anyhow::Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "\n{}: {}", self.scenario, self.conditions)?;
        for figure in &self.figures {
            let value = rounded(figure.value);
            writeln!(out, "  {:<44} {value:>14} {}", figure.name, figure.unit)?;
        }
        Ok(())
    }
}

/// A value with as many places as it deserves.
pub(crate) fn rounded(value: f64) -> String {
    let size = value.abs();
    if size >= 100.0 || value.fract() == 0.0 {
        let whole = format!("{value:.0}");
        let (sign, digits) =
            whole.strip_prefix('-').map_or(("", whole.as_str()), |digits| ("-", digits));
        let mut grouped = String::from(sign);
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        grouped
    } else if size >= 10.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.3}")
    }
}

/// Prints the reports and writes them as JSON, if a file is named.
pub(crate) fn publish(reports: &[Report], json: Option<&Path>) -> anyhow::Result<()> {
    for report in reports {
        report.print()?;
    }
    let Some(file) = json else { return Ok(()) };
    #[derive(Serialize)]
    struct Document<'a> {
        version: &'static str,
        machine: crate::machine::Machine,
        reports: &'a [Report],
    }
    let document = Document {
        version: env!("CARGO_PKG_VERSION"),
        machine: crate::machine::Machine::look(),
        reports,
    };
    let text = serde_json::to_string_pretty(&document)? + "\n";
    std::fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

/// Tells what goes on, beside the results.
pub(crate) fn note(line: &str) {
    // Whoever watches no standard error misses nothing that counts.
    drop(writeln!(std::io::stderr().lock(), "{line}"));
}

#[cfg(test)]
mod tests {
    use super::rounded;

    #[test]
    fn figures_are_easy_to_read() {
        for (value, text) in [
            (1_234_567.4, "1,234,567"),
            (-1_000.0, "-1,000"),
            (999.6, "1,000"),
            (12.34, "12.3"),
            (7.0, "7"),
            (0.1234, "0.123"),
            (0.0, "0"),
        ] {
            assert_eq!(rounded(value), text);
        }
    }
}
