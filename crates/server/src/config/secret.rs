//! A value that no log and no error may show.

use std::fmt;
use std::path::Path;

use anyhow::{Context as _, bail};

/// A value that no log and no error may show.
#[derive(Clone, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Whether `candidate` is this secret. Takes the same time wherever the two differ.
    pub fn matches(&self, candidate: &str) -> bool {
        let (own, other) = (self.0.as_bytes(), candidate.as_bytes());
        own.len() == other.len()
            && own.iter().zip(other).fold(0, |seen, (a, b)| seen | (a ^ b)) == 0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// The secret that is given directly or lies in `file`.
pub(super) fn read(given: Option<Secret>, file: Option<&Path>) -> anyhow::Result<Option<Secret>> {
    match (given, file) {
        (Some(_), Some(_)) => bail!("give log.metrics_token or log.metrics_token_file, not both"),
        (given, None) => Ok(given),
        (None, Some(file)) => {
            let text = std::fs::read_to_string(file).with_context(|| {
                format!("log.metrics_token_file: cannot read {}", file.display())
            })?;
            Ok(Some(Secret(text.trim().to_owned())))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_matches_itself_only_and_is_never_shown() {
        let secret = Secret("open sesame".to_owned());
        assert!(secret.matches("open sesame"));
        for wrong in ["", "open sesam", "open sesame ", "Open sesame"] {
            assert!(!secret.matches(wrong), "{wrong}");
        }
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }
}
