//! What earlier releases stored is read as they meant it: `testdata/` holds a small backup made by each of them.
//!
//! A change of a row's layout that breaks this needs a new version of the row beside the old one. At a release, run
//! this test with `KITH_WRITE_TESTDATA=v2` (or whatever the release is) to add its backup, and list it below.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::fmt::Debug;
use std::path::{Path, PathBuf};

use domain::account::Account;
use domain::conversation::{Conversation, Settings};
use domain::event::{
    Event, EventBody, MemberChange, Message, Reaction, ReactionChange, SettingsChange,
};
use domain::member::{HistoryPolicy, Member, Role};
use domain::preference::{Notifications, NotifyFor, Preferences, Privacy, Theme};
use domain::text::{
    DeviceName, Email, Emoji, Fingerprint, Name, Picture, StatusLine, Text, Username,
};
use domain::{ConversationId, Receipt, Seq, SessionId, Timestamp, UserId};
use store::archive::restore;
use store::backend::{Embedded, EmbeddedOptions, Memory};
use store::tables::{
    account, block, conversation, cursor, deployment, directory, event, inbox, job, preference,
    session, statistic,
};
use store::{Batch, Direction, Partition, Store, Write};

/// The releases whose rows this one reads.
const RELEASES: [&str; 1] = ["v1"];
const WRITE: &str = "KITH_WRITE_TESTDATA";

const ANN: UserId = UserId::from_bytes([1; 16]);
const BOB: UserId = UserId::from_bytes([2; 16]);
const NOW: Timestamp = Timestamp::from_ms(1_795_000_000_000);

fn archive_of(release: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(release).join("store.kithbak")
}

fn group() -> ConversationId {
    ConversationId::group([3; 16])
}

fn settings() -> Settings {
    Settings {
        name: Name::parse("Hiking").unwrap(),
        picture: Some(Picture::from_row("https://example.org/hill.png".to_owned())),
        history: HistoryPolicy::FromJoin,
    }
}

fn account() -> account::Stored {
    account::Stored {
        account: Account {
            id: ANN,
            email: Email::parse("ann@example.org").unwrap(),
            username: Some(Username::parse("ann").unwrap()),
            name: Name::parse("Ann Example").unwrap(),
            picture: None,
            status: StatusLine::parse("on the road").unwrap(),
            operator: true,
            disabled: false,
            created_at: NOW,
        },
        password_hash: "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA".to_owned(),
    }
}

fn session() -> session::Session {
    session::Session {
        id: SessionId::from_bytes([4; 16]),
        device: DeviceName::parse("laptop").unwrap(),
        created_at: NOW,
        last_seen_at: NOW.plus_ms(1000),
        expires_at: NOW.plus_ms(1_000_000),
        refresh_hash: [5; 32],
        previous_refresh_hash: Some([6; 32]),
    }
}

fn preferences() -> Preferences {
    Preferences {
        version: 3,
        theme: Theme::Dark,
        language: Some("de".to_owned()),
        privacy: Privacy { discoverable: false, show_presence: true, send_read_receipts: false },
        notifications: Notifications { messages: NotifyFor::Mentions, preview: true, sound: false },
        client: r#"{"tab":1}"#.to_owned(),
    }
}

fn bodies() -> Vec<EventBody> {
    let target = Seq::new(1);
    let emoji = || Emoji::parse("👍").unwrap();
    let message = Message {
        edited_at: Some(NOW),
        edits: 2,
        reactions: vec![Reaction { emoji: emoji(), users: vec![BOB, ANN] }],
        ..Message::new(Text::parse("Grüße 🌄").unwrap(), None)
    };
    let change = SettingsChange {
        name: Some(Name::parse("Hikers").unwrap()),
        picture: Some(None),
        history: Some(HistoryPolicy::All),
    };
    vec![
        EventBody::Message(message),
        EventBody::Message(Message {
            text: None,
            ..Message::new(Text::parse("x").unwrap(), Some(target))
        }),
        EventBody::Edit { target },
        EventBody::Delete { target },
        EventBody::Reaction { target, emoji: emoji(), change: ReactionChange::Added },
        EventBody::Reaction { target, emoji: emoji(), change: ReactionChange::Removed },
        EventBody::Member { user: BOB, change: MemberChange::Added(Role::Admin) },
        EventBody::Member { user: BOB, change: MemberChange::Role(Role::Member) },
        EventBody::Member { user: BOB, change: MemberChange::Removed },
        EventBody::Member { user: BOB, change: MemberChange::Left },
        EventBody::Settings(change),
    ]
}

fn events() -> Vec<Event> {
    let events = bodies().into_iter().zip(1..).map(|(body, seq)| Event {
        seq: Seq::new(seq),
        sender: ANN,
        at: NOW.plus_ms(seq),
        client_message_id: (seq == 1).then(|| "first".parse().unwrap()),
        messages: seq.min(2),
        body,
    });
    events.collect()
}

fn inbox_row() -> inbox::InboxRow {
    inbox::InboxRow {
        upos: 9,
        head: Seq::new(11),
        messages: 2,
        read_seq: Seq::new(1),
        read_messages: 1,
        active_at: NOW,
        muted: true,
        ..inbox::InboxRow::new(group())
    }
}

fn of_user() -> Vec<Write> {
    let mut writes = vec![
        account::put(&account()),
        account::put_last_seen(NOW),
        session::put(&session()),
        preference::put(&preferences()),
        block::put(BOB, NOW),
        directory::put_indexed(&["ann".to_owned(), "example".to_owned()]),
        inbox::put_summary(inbox::Summary {
            upos: 9,
            digest: inbox::head_hash(group(), Seq::new(11)),
        }),
    ];
    writes.extend(inbox::replace(None, &inbox_row()));
    writes
}

fn of_conversation() -> Vec<Write> {
    let mut state = Conversation::group(group(), settings(), NOW);
    state.head = Seq::new(11);
    state.messages = 2;
    let member = Member { role: Role::Owner, visible_from: Seq::new(1), joined_at: NOW };
    let sent = conversation::Sent { seq: Seq::new(1), fingerprint: Fingerprint::of(&[b"first"]) };
    let mut writes = vec![
        conversation::put_head(&state),
        conversation::put_settings(&settings(), Some(Fingerprint::of(&[b"request"]))),
        conversation::put_member(ANN, Some(&member)),
        conversation::put_sent(ANN, &"first".parse().unwrap(), sent),
        cursor::put((ANN, Receipt::Read), Seq::new(1)),
    ];
    writes.extend(events().iter().map(event::put));
    writes
}

/// One row of every kind, in a store in memory.
async fn sample() -> Store {
    let count = statistic::Count { through: Seq::new(11), messages: 2 };
    let keys = deployment::Keys { signing_pkcs8: vec![7; 48], refresh_secret: [8; 32] };
    let email = account().account.email;
    let store = Store::Memory(Memory::new());
    for (partition, writes) in [
        (Partition::User(ANN), of_user()),
        (Partition::Conversation(group()), of_conversation()),
        (
            account::email_claim(&email),
            vec![account::put_claim(account::Claim { user: ANN, claimed_at: NOW })],
        ),
        (
            Partition::Day(NOW.day()),
            vec![statistic::put_count(group(), count), statistic::put_user(ANN)],
        ),
        (directory::partition("ann"), vec![directory::put("ann", ANN)]),
        (Partition::Deployment, vec![deployment::put_keys(&keys).1]),
    ] {
        let jobs = vec![
            job::job(job::Work::Advanced(group()), Seq::new(2)),
            job::job(job::Work::Profile(ANN), Seq::ZERO),
        ];
        store.commit(Batch { writes, jobs, ..Batch::new(partition) }).await.unwrap();
    }
    store
}

fn told(what: &impl Debug) -> String {
    format!("{what:?}")
}

/// Everything that the tables say about the sample, without the numbers of commits.
async fn everything(store: &Store) -> Vec<String> {
    [of_ann(store).await, of_group(store).await, of_others(store).await].concat()
}

async fn of_ann(store: &Store) -> Vec<String> {
    vec![
        told(&account::get(store, ANN).await.unwrap().unwrap().0),
        told(&account::last_seen(store, ANN).await.unwrap()),
        told(&session::all(store, ANN).await.unwrap()),
        told(&preference::get(store, ANN).await.unwrap().0),
        told(&block::all(store, ANN).await.unwrap()),
        told(&directory::indexed(store, ANN).await.unwrap()),
        told(&inbox::all(store, ANN).await.unwrap()),
        told(&inbox::by_activity(store, ANN, None, 10).await.unwrap()),
        told(&inbox::summary(store, ANN).await.unwrap().0),
    ]
}

async fn of_group(store: &Store) -> Vec<String> {
    let loaded = conversation::load(store, group()).await.unwrap().unwrap();
    let sent = conversation::sent(store, group(), ANN, &"first".parse().unwrap()).await;
    let all = (Seq::new(0), Seq::new(100));
    vec![
        told(&(loaded.conversation, loaded.founded_by)),
        told(&sent.unwrap().unwrap()),
        told(&event::scan(store, group(), all, (Direction::Forward, 100)).await.unwrap()),
        told(&cursor::all(store, group(), Receipt::Read).await.unwrap()),
    ]
}

async fn of_others(store: &Store) -> Vec<String> {
    let claim = account::claim(store, &account::email_claim(&account().account.email)).await;
    let jobs = job::pending(store, None, 10).await.unwrap();
    let keys = deployment::keys(store).await.unwrap().unwrap();
    vec![
        told(&claim.unwrap().unwrap().0),
        told(&directory::find(store, "an", 10).await.unwrap()),
        told(&statistic::count(store, NOW.day(), group()).await.unwrap().0),
        told(&statistic::total(store, NOW.day()).await.unwrap()),
        told(&statistic::users(store, NOW.day()).await.unwrap()),
        told(&jobs.iter().map(|job| (job.work, job.from)).collect::<Vec<_>>()),
        told(&(keys.signing_pkcs8, keys.refresh_secret)),
    ]
}

#[tokio::test]
async fn rows_of_every_release_are_read() {
    let sample = sample().await;
    write_if_asked(&sample);
    let expected = everything(&sample).await;
    for release in RELEASES {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("store");
        restore(std::fs::File::open(archive_of(release)).unwrap(), &target, |_| {}).unwrap();
        let store = Store::Embedded(Embedded::open(&target, &EmbeddedOptions::default()).unwrap());
        assert_eq!(everything(&store).await, expected, "{release}");
        let decode = |key: &[u8], value: &[u8]| {
            store::tables::check_row(key, value).map_err(|error| told(&error))
        };
        let report = store.check(decode, |_| {}).unwrap();
        assert_eq!((report.damaged, report.findings), (0, Vec::new()), "{release}");
        assert!(report.rows > 30);
    }
}

#[expect(clippy::disallowed_methods, reason = "a test has no configuration")]
fn write_if_asked(sample: &Store) {
    if let Ok(release) = std::env::var(WRITE) {
        let path = archive_of(&release);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        sample.backup(std::fs::File::create(path).unwrap(), |_| {}).unwrap();
    }
}

#[tokio::test]
async fn a_full_check_decodes_every_row_that_says_something_in_its_value() {
    let mut unread = std::collections::BTreeSet::new();
    let sample = sample().await;
    let look = |full_key: &[u8], _: &[u8]| {
        let key_at = if full_key[0] == b's' { 9 } else { 17 };
        if store::tables::check_row(full_key, b"").is_ok() {
            unread.insert((char::from(full_key[0]), full_key.get(key_at).copied().map(char::from)));
        }
        Ok(())
    };
    sample.check(look, |_| {}).unwrap();
    unread.retain(|(partition, _)| *partition != 'i');
    // Blocks, the two orders of the inbox, and who wrote on a day are told by their keys alone, as the directory is.
    let by_key = [('s', Some('u')), ('u', Some('b')), ('u', Some('o')), ('u', Some('y'))];
    assert_eq!(unread, by_key.into());
}
