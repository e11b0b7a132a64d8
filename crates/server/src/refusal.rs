//! From why a use case gave no result to what the caller is told.

use app::Failure;
use domain::Refusal;
use domain::refusal::{Fault, FieldError};
use wire::Problem;

use crate::problem::Failed;

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Refused(refusal) => refusal.into(),
            Failure::Busy { retry_after_ms } => Problem::overloaded(retry_after_ms).into(),
            Failure::StorageFull => Problem::storage_full().into(),
            Failure::Damaged => Problem::internal().into(),
        }
    }
}

/// The faults of a request's fields, collected so that one answer names them all.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<FieldError>);

impl Faults {
    /// What `parsed` holds; a fault is noted under the name of the field.
    pub(crate) fn take<T>(&mut self, field: &'static str, parsed: Result<T, Fault>) -> Option<T> {
        parsed.map_err(|fault| self.0.push(FieldError { field, fault })).ok()
    }

    /// The same for a field that may be absent.
    pub(crate) fn take_optional<T>(
        &mut self,
        field: &'static str,
        text: Option<&str>,
        parse: impl FnOnce(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        text.and_then(|text| self.take(field, parse(text)))
    }

    /// `whole` if nothing was wrong. To be called with what all fields together give.
    pub(crate) fn or<T>(self, whole: Option<T>) -> Result<T, Failed> {
        match whole {
            Some(whole) if self.0.is_empty() => Ok(whole),
            Some(_) | None => Err(Refusal::Unacceptable(self.0).into()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_status() {
        let status = |failure: Failure| Failed::from(failure).0.status;
        assert_eq!(status(Failure::Refused(Refusal::NotFound)), 404);
        assert_eq!(status(Failure::Busy { retry_after_ms: 250 }), 503);
        assert_eq!(status(Failure::StorageFull), 507);
        assert_eq!(status(Failure::Damaged), 500);
    }

    #[test]
    fn one_answer_names_all_faults() {
        let mut faults = Faults::default();
        let name: Option<()> = faults.take("name", Err(Fault::Empty));
        let email = faults.take("email", Ok(1));
        assert_eq!(faults.take_optional("username", None, |_| Err::<(), _>(Fault::TooLong)), None);
        let _: Option<()> = faults.take("password", Err(Fault::TooShort));
        let failed = faults.or(name.zip(email)).expect_err("two fields are wrong");
        let fields: Vec<_> = failed.0.errors.iter().map(|error| error.field.as_str()).collect();
        assert_eq!((failed.0.status, fields), (422, vec!["name", "password"]));
    }
}
