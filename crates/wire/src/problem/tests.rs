use std::collections::BTreeSet;

use domain::refusal::Reason;

use super::*;

const REASONS: [Reason; 18] = [
    Reason::NotYourself,
    Reason::NotAccepted,
    Reason::BlockedByYou,
    Reason::NeedsAdmin,
    Reason::NeedsOwner,
    Reason::NeedsSender,
    Reason::NeedsOperator,
    Reason::NotAGroup,
    Reason::AlreadyMember,
    Reason::GroupFull,
    Reason::LastOwner,
    Reason::Deleted,
    Reason::MessageLimit,
    Reason::NotAMessage,
    Reason::Taken,
    Reason::StaleVersion,
    Reason::BlockLimit,
    Reason::Disabled,
];

fn every_problem() -> Vec<Problem> {
    let refusals = [
        Refusal::Unacceptable(Vec::new()),
        Refusal::NotFound,
        Refusal::IdempotencyConflict,
        Refusal::Unauthenticated,
        Refusal::TooMany { retry_after_ms: 1 },
    ];
    let mut all: Vec<Problem> = refusals.iter().map(Problem::from).collect();
    all.extend(REASONS.map(|reason| Problem::from(&Refusal::Forbidden(reason))));
    all.extend([
        Problem::malformed(),
        Problem::too_deep(),
        Problem::invalid_parameter("limit"),
        Problem::cross_site(),
        Problem::method_not_allowed(),
        Problem::request_timeout(),
        Problem::too_large(),
        Problem::address_too_long(),
        Problem::unsupported_media_type(),
        Problem::internal(),
        Problem::overloaded(1),
        Problem::storage_full(),
    ]);
    all
}

#[test]
fn every_problem_has_a_code_of_its_own() {
    let all = every_problem();
    let codes: BTreeSet<&str> = all.iter().map(|problem| problem.code.as_str()).collect();
    assert_eq!(codes.len(), all.len());
    for problem in &all {
        assert_eq!(problem.type_uri, format!("/problems/{}", problem.code));
        assert!(problem.detail.ends_with('.') && !problem.title.is_empty(), "{}", problem.code);
    }
}

#[test]
fn a_refusal_has_the_status_of_the_contract() {
    let statuses = [
        (Refusal::Unacceptable(Vec::new()), 422),
        (Refusal::NotFound, 404),
        (Refusal::Forbidden(Reason::NotYourself), 403),
        (Refusal::Conflict(Reason::Taken), 409),
        (Refusal::IdempotencyConflict, 422),
        (Refusal::Unauthenticated, 401),
        (Refusal::TooMany { retry_after_ms: 1 }, 429),
    ];
    for (refusal, status) in statuses {
        assert_eq!(Problem::from(&refusal).status, status, "{refusal:?}");
    }
}

#[test]
fn a_problem_is_written_as_the_standard_says() {
    let refusal = Refusal::field("password", Fault::TooShort);
    let problem = Problem::from(&refusal).with_request_id("r1".to_owned());
    let expected = concat!(
        r#"{"type":"/problems/unacceptable","title":"Not acceptable","status":422,"#,
        r#""detail":"Some fields are not acceptable. Look at `errors` and correct them.","#,
        r#""code":"unacceptable","request_id":"r1","#,
        r#""errors":[{"field":"password","code":"too-short","detail":"It is too short. Make it longer."}]}"#
    );
    assert_eq!(serde_json::to_string(&problem).unwrap(), expected);
    assert_eq!(serde_json::from_str::<Problem>(expected).unwrap(), problem);
}

#[test]
fn only_what_time_or_signing_in_can_mend_is_not_final() {
    let retryable: BTreeSet<String> = every_problem()
        .into_iter()
        .filter(|problem| !problem.is_final())
        .map(|problem| problem.code)
        .collect();
    let expected = [
        "internal",
        "overloaded",
        "request-timeout",
        "storage-full",
        "too-many-requests",
        "unauthenticated",
    ];
    assert_eq!(retryable, expected.map(str::to_owned).into());
}

#[test]
fn a_body_of_the_wrong_shape_names_the_field() {
    let wrong = |field: &str, fault, expected: Option<&str>| {
        let error = JsonError::WrongShape {
            field: field.to_owned(),
            fault,
            expected: expected.map(str::to_owned),
        };
        let problem = Problem::from(&error);
        assert_eq!((problem.status, problem.errors.len()), (422, 1));
        problem.errors.into_iter().next().unwrap()
    };
    let malformed = wrong("privacy.discoverable", Fault::Malformed, Some("a boolean"));
    assert_eq!(
        (malformed.field.as_str(), malformed.code.as_str()),
        ("privacy.discoverable", "malformed")
    );
    assert_eq!(malformed.detail, "It must be a boolean.");
    assert_eq!(wrong("name", Fault::Missing, None).code, "missing");
    assert_eq!(Problem::from(&JsonError::NotJson).status, 400);
    assert_eq!(Problem::from(&JsonError::TooDeep).status, 400);
}

#[test]
fn frames_carry_one_word_that_names_the_field() {
    let code = |field, fault| Problem::from(&Refusal::field(field, fault)).frame_code();
    assert_eq!(code("message", Fault::TooLong), "text-too-long");
    assert_eq!(code("text", Fault::Empty), "text-empty");
    assert_eq!(code("client_message_id", Fault::Malformed), "client-message-id-malformed");
    assert_eq!(Problem::from(&Refusal::NotFound).frame_code(), "not-found");
}
