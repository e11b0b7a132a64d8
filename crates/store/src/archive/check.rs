//! The full check of a store, and the walk over all its records.

use super::{ArchiveError, tell};
use crate::backend::VERSION_KEY;
use crate::{Store, Version, record, row};

/// Findings named in a report; the rest are counted.
const FINDINGS_MAX: usize = 100;

/// What a full check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Rows of all partitions.
    pub rows: u64,
    /// Rows that are damaged or do not decode.
    pub damaged: u64,
    /// The first of those.
    pub findings: Vec<Finding>,
}

/// A row that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Its key with the prefix of its partition, in hexadecimal.
    pub key: String,
    /// What is wrong with it.
    pub problem: String,
}

/// The whole key of a row and its record.
type Record = (Vec<u8>, Vec<u8>);

/// All records of all partitions at one moment, in key order.
pub(super) type Records = Box<dyn Iterator<Item = Result<Record, ArchiveError>>>;

impl Store {
    /// Reads every row and verifies its checksum; `decode` is asked about each value, with its whole key.
    ///
    /// # Errors
    /// If the engine cannot go on reading.
    pub fn check(
        &self,
        mut decode: impl FnMut(&[u8], &[u8]) -> Result<(), String>,
        mut progress: impl FnMut(u64),
    ) -> Result<Report, ArchiveError> {
        let mut report = Report::default();
        for found in self.records()?.1 {
            let (full_key, record) = found?;
            report.rows += 1;
            tell(&mut progress, report.rows);
            let decoded = match record::decode(&full_key, &record) {
                Ok((_, value)) => decode(&full_key, value),
                Err(record::Damaged) => Err("the checksum is wrong".to_owned()),
            };
            if let Err(problem) = decoded {
                report.note(&full_key, problem);
            }
        }
        progress(report.rows);
        Ok(report)
    }

    /// The number of the last commit, and the records of all partitions as they are after it.
    pub(super) fn records(&self) -> Result<(Version, Records), ArchiveError> {
        match self {
            Self::Memory(memory) => {
                let (version, records) = memory.records();
                Ok((version, Box::new(records.into_iter().map(Ok))))
            }
            Self::Embedded(embedded) => {
                let (version, records) = embedded.snapshot().map_err(unreadable)?;
                let records = records.map(|found| {
                    let (full_key, record) = found.map_err(unreadable)?;
                    Ok((full_key.to_vec(), record.to_vec()))
                });
                let of_partitions = |found: &Result<Record, _>| {
                    found.as_ref().map_or(true, |(key, _)| key != VERSION_KEY)
                };
                Ok((version, Box::new(records.filter(of_partitions))))
            }
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is the shape that map_err wants")]
fn unreadable(error: fjall::Error) -> ArchiveError {
    ArchiveError::Store(error.to_string())
}

impl Report {
    fn note(&mut self, full_key: &[u8], problem: String) {
        self.damaged += 1;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(Finding { key: row::hexadecimal(full_key), problem });
        }
    }
}
