//! The rules of a conversation, as tables of who asks for what and what comes of it.

use super::*;

const OWNER: UserId = UserId::from_bytes([1; 16]);
const ADMIN: UserId = UserId::from_bytes([2; 16]);
const MEMBER: UserId = UserId::from_bytes([3; 16]);
const STRANGER: UserId = UserId::from_bytes([9; 16]);
const NOW: Timestamp = Timestamp::from_ms(1_000);

fn text(text: &str) -> Text {
    Text::parse(text).expect("a good text")
}

/// A group with an owner, an admin, a member and one message of the member.
fn group() -> (Conversation, Event) {
    let settings = Settings {
        name: Name::parse("Club").unwrap(),
        picture: None,
        history: HistoryPolicy::FromJoin,
    };
    let mut group = Conversation::group(ConversationId::group([7; 16]), settings, NOW);
    let founded = found(&group, OWNER, &[ADMIN, MEMBER], NOW);
    group.apply(&founded, OWNER, None, NOW);
    perform(&mut group, OWNER, &Request::SetRole { user: ADMIN, role: Role::Admin })
        .expect("an owner gives roles");
    let sent = perform(&mut group, MEMBER, &say("hello")).expect("a member writes");
    let message = sent.first().cloned().expect("one event");
    (group, message)
}

fn say(words: &str) -> Request {
    Request::Send { text: text(words), reply_to: None, standing: Standing::Open }
}

fn perform(
    group: &mut Conversation,
    actor: UserId,
    request: &Request,
) -> Result<Vec<Event>, Refusal> {
    let change = decide(group, actor, request, NOW)?;
    Ok(group.apply(&change, actor, None, NOW))
}

fn check(actor: UserId, request: &Request, expected: &Result<usize, Refusal>) {
    let (group, _) = group();
    let outcome = decide(&group, actor, request, NOW).map(|change| change.events.len());
    assert_eq!(&outcome, expected, "{actor} asks for {request:?}");
}

#[test]
fn places_are_dense_and_messages_are_counted() {
    let (mut group, message) = group();
    assert_eq!((message.seq, message.messages), (Seq::new(6), 1));
    let next = perform(&mut group, OWNER, &say("and you?")).unwrap();
    assert_eq!(
        next.iter().map(|event| (event.seq, event.messages)).collect::<Vec<_>>(),
        [(Seq::new(7), 2)]
    );
}

#[test]
fn strangers_learn_nothing() {
    let (_, message) = group();
    for request in [
        say("hi"),
        Request::Delete { target: message },
        Request::Add { user: STRANGER, standing: Standing::Open },
        Request::Remove { user: MEMBER },
        Request::Configure(SettingsChange::default()),
    ] {
        check(STRANGER, &request, &Err(Refusal::NotFound));
    }
}

#[test]
fn each_role_may_do_what_it_may() {
    let forbidden = |reason| Err(Refusal::Forbidden(reason));
    let add = Request::Add { user: STRANGER, standing: Standing::Open };
    check(MEMBER, &add, &forbidden(Reason::NeedsAdmin));
    check(ADMIN, &add, &Ok(1));
    check(MEMBER, &Request::Remove { user: ADMIN }, &forbidden(Reason::NeedsOwner));
    check(ADMIN, &Request::Remove { user: MEMBER }, &Ok(1));
    check(ADMIN, &Request::Remove { user: OWNER }, &forbidden(Reason::NeedsOwner));
    check(MEMBER, &Request::Remove { user: MEMBER }, &Ok(1));
    check(
        ADMIN,
        &Request::SetRole { user: MEMBER, role: Role::Admin },
        &forbidden(Reason::NeedsOwner),
    );
    check(OWNER, &Request::SetRole { user: MEMBER, role: Role::Owner }, &Ok(1));
    check(OWNER, &Request::TransferOwnership { user: ADMIN }, &Ok(2));
    let rename =
        SettingsChange { name: Some(Name::parse("New").unwrap()), ..SettingsChange::default() };
    check(MEMBER, &Request::Configure(rename.clone()), &forbidden(Reason::NeedsAdmin));
    check(ADMIN, &Request::Configure(rename), &Ok(1));
    check(
        ADMIN,
        &Request::Add { user: MEMBER, standing: Standing::Open },
        &Err(Refusal::Conflict(Reason::AlreadyMember)),
    );
    check(
        ADMIN,
        &Request::Add { user: STRANGER, standing: Standing::Blocked },
        &forbidden(Reason::NotAccepted),
    );
}

#[test]
fn the_last_owner_stays_while_others_do() {
    let (mut group, _) = group();
    perform(&mut group, OWNER, &Request::SetRole { user: ADMIN, role: Role::Owner }).unwrap();
    perform(&mut group, OWNER, &Request::Remove { user: OWNER }).unwrap();
    let second = perform(&mut group, ADMIN, &Request::Remove { user: ADMIN });
    assert_eq!(second, Err(Refusal::Conflict(Reason::LastOwner)));
    perform(&mut group, MEMBER, &Request::Remove { user: MEMBER }).unwrap();
    perform(&mut group, ADMIN, &Request::Remove { user: ADMIN }).unwrap();
    assert!(group.members.is_empty());
}

#[test]
fn a_delete_empties_the_message_for_good() {
    let (group, message) = group();
    for actor in [MEMBER, ADMIN] {
        let change =
            decide(&group, actor, &Request::Delete { target: message.clone() }, NOW).unwrap();
        let emptied = change.target.expect("the message is rewritten");
        let EventBody::Message(body) = &emptied.body else { panic!("still a message") };
        assert_eq!(body.text, None);
        let again = decide(&group, actor, &Request::Delete { target: emptied.clone() }, NOW);
        assert_eq!(again, Ok(Change::default()));
        let edit = Request::Edit { target: emptied, text: text("back"), standing: Standing::Open };
        assert_eq!(decide(&group, MEMBER, &edit, NOW), Err(Refusal::Conflict(Reason::Deleted)));
    }
}

#[test]
fn only_the_sender_edits() {
    let (_, message) = group();
    let edit = |words| Request::Edit {
        target: message.clone(),
        text: text(words),
        standing: Standing::Open,
    };
    check(MEMBER, &edit("hello!"), &Ok(1));
    check(MEMBER, &edit("hello"), &Ok(0));
    check(OWNER, &edit("hijacked"), &Err(Refusal::Forbidden(Reason::NeedsSender)));
}

#[test]
fn reactions_are_a_set() {
    let (group, message) = group();
    let react = |target: &Event, change| Request::React {
        target: target.clone(),
        emoji: Emoji::parse("👍").unwrap(),
        change,
        standing: Standing::Open,
    };
    let added = decide(&group, OWNER, &react(&message, ReactionChange::Added), NOW).unwrap();
    let reacted = added.target.expect("rewritten");
    let twice = decide(&group, OWNER, &react(&reacted, ReactionChange::Added), NOW).unwrap();
    assert_eq!(twice, Change::default());
    let removed = decide(&group, OWNER, &react(&reacted, ReactionChange::Removed), NOW).unwrap();
    assert_eq!(removed.target, Some(message));
}

#[test]
fn who_joins_later_sees_what_the_policy_says() {
    let (mut group, message) = group();
    perform(&mut group, OWNER, &Request::Add { user: STRANGER, standing: Standing::Open }).unwrap();
    assert_eq!(group.members[&STRANGER].visible_from, group.head);
    let delete = Request::Delete { target: message };
    assert_eq!(decide(&group, STRANGER, &delete, NOW), Err(Refusal::NotFound));
    let reply =
        Request::Send { text: text("re"), reply_to: Some(Seq::new(6)), standing: Standing::Open };
    assert_eq!(
        decide(&group, STRANGER, &reply, NOW),
        Err(Refusal::field("reply_to", Fault::Unknown))
    );
}

#[test]
fn a_blocked_sender_is_told_nothing_more() {
    let mut direct = Conversation::direct(OWNER, MEMBER, NOW);
    let blocked = Request::Send { text: text("hi"), reply_to: None, standing: Standing::Blocked };
    assert_eq!(perform(&mut direct, OWNER, &blocked), Err(Refusal::Forbidden(Reason::NotAccepted)));
    assert_eq!(direct.peer(OWNER), Some(MEMBER));
    let add = Request::Add { user: STRANGER, standing: Standing::Open };
    assert_eq!(perform(&mut direct, OWNER, &add), Err(Refusal::Conflict(Reason::NotAGroup)));
}

#[test]
fn a_blocked_person_reaches_nobody_by_editing() {
    let mut direct = Conversation::direct(OWNER, MEMBER, NOW);
    let sent = perform(&mut direct, OWNER, &say("hello")).unwrap();
    let target = sent.first().cloned().expect("one event");
    let edit = Request::Edit { target, text: text("abuse"), standing: Standing::Blocked };
    assert_eq!(perform(&mut direct, OWNER, &edit), Err(Refusal::Forbidden(Reason::NotAccepted)));
}
