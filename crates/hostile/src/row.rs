//! Rows of the store: any bytes in the place of a row, read by the code that reads them in production.

use std::fmt::Debug;

use domain::account::Account;
use domain::conversation::{Conversation, Settings};
use domain::event::{Event, EventBody};
use domain::member::{HistoryPolicy, Member, Role};
use domain::text::{Email, Fingerprint, Name, StatusLine};
use domain::time::Day;
use domain::{ClientMessageId, ConversationId, Receipt, Seq, SessionId, Timestamp, UserId};
use futures_util::FutureExt as _;
use store::backend::Memory;
use store::tables::{
    self, account, conversation, cursor, deployment, directory, event, inbox, job, preference,
    session, statistic,
};
use store::{Batch, Partition, ReadError, Store, Version, Write};

const USER: UserId = UserId::from_bytes([1; 16]);
const SESSION: SessionId = SessionId::from_bytes([2; 16]);
const GROUP: ConversationId = ConversationId::from_bytes([3; 16]);
const DAY: Day = Day::from_number(20_000);
const SEQ: Seq = Seq::new(7);
const NOW: Timestamp = Timestamp::from_ms(1_767_268_800_000);

/// Every table; the first byte of the input chooses one.
const TABLES: [fn(&[u8]); 17] = [
    events,
    heads,
    settings,
    members,
    sends,
    accounts,
    claims,
    last_seen,
    sessions,
    preferences,
    inbox_rows,
    summaries,
    words,
    cursors,
    counts,
    keys,
    jobs,
];

/// A row that can be read is written back and read as the same; one that cannot is reported, and the full check of a
/// store says the same about it.
pub fn judge(bytes: &[u8]) {
    let Some((choice, value)) = bytes.split_first() else { return };
    let index = usize::from(*choice) % TABLES.len();
    if let Some(table) = TABLES.get(index) {
        table(value);
    }
}

/// A store with one row, whose value came from outside.
struct Planted<'a> {
    store: Store,
    partition: Partition,
    key: Vec<u8>,
    value: &'a [u8],
}

impl<'a> Planted<'a> {
    /// Puts the value in the place of a row that the table itself would write.
    fn new(partition: Partition, sample: Write, value: &'a [u8]) -> Self {
        let (Write::Put(key, _) | Write::Remove(key)) = sample;
        let planted =
            Self { store: Store::Memory(Memory::new()), partition, key: key.clone(), value };
        planted.write(Write::Put(key, value.to_vec()));
        planted
    }

    fn write(&self, write: Write) {
        let batch = Batch { writes: vec![write], ..Batch::new(self.partition.clone()) };
        self.store.commit(batch).now_or_never().expect("memory answers").expect("no checks");
    }

    /// `read` reads the row, `write` is what the table makes of what was read.
    fn judge<T: Debug>(
        &self,
        read: impl AsyncFn(&Store) -> Result<Option<T>, ReadError>,
        write: impl Fn(&T) -> Write,
    ) {
        let read = move || read(&self.store).now_or_never().expect("memory answers");
        let full_key = [self.partition.prefix(), self.key.clone()].concat();
        let checked = tables::check_row(&full_key, self.value);
        match read() {
            Ok(Some(row)) => {
                assert_eq!(checked, Ok(()), "what can be read is called undecodable: {row:?}");
                let written = write(&row);
                self.write(written.clone());
                let again = read().expect("what was written can be read").expect("it is there");
                assert_eq!(write(&again), written, "{row:?} became {again:?}");
            }
            Ok(None) => panic!("a row is not found"),
            Err(ReadError::Damaged { .. }) => {
                assert!(checked.is_err(), "what cannot be read is called good");
            }
            Err(failure) => panic!("memory can be read: {failure}"),
        }
    }
}

/// What was read, without its version.
fn row<T>(read: Result<Option<(T, Version)>, ReadError>) -> Result<Option<T>, ReadError> {
    read.map(|found| found.map(|(row, _)| row))
}

fn events(value: &[u8]) {
    let sample = Event {
        seq: SEQ,
        sender: USER,
        at: NOW,
        client_message_id: None,
        messages: 1,
        body: EventBody::Delete { target: SEQ },
    };
    Planted::new(Partition::Conversation(GROUP), event::put(&sample), value)
        .judge(async |store| event::get(store, GROUP, SEQ).await, event::put);
}

fn hiking() -> Settings {
    let name = Name::parse("Hiking").expect("a good name");
    Settings { name, picture: None, history: HistoryPolicy::All }
}

fn heads(value: &[u8]) {
    let sample = conversation::put_head(&Conversation::group(GROUP, hiking(), NOW));
    Planted::new(Partition::Conversation(GROUP), sample, value).judge(
        async |store| conversation::load(store, GROUP).await,
        |loaded| conversation::put_head(&loaded.conversation),
    );
}

fn settings(value: &[u8]) {
    let put = |settings: &Settings| conversation::put_settings(settings, None);
    Planted::new(Partition::Conversation(GROUP), put(&hiking()), value)
        .judge(async |store| conversation::settings(store, GROUP).await, put);
}

fn members(value: &[u8]) {
    let sample = Member { role: Role::Owner, visible_from: Seq::ZERO, joined_at: NOW };
    let put = |member: &Member| conversation::put_member(USER, Some(member));
    Planted::new(Partition::Conversation(GROUP), put(&sample), value)
        .judge(async |store| conversation::member(store, GROUP, USER).await, put);
}

fn sends(value: &[u8]) {
    let id: ClientMessageId = "7f".parse().expect("an id");
    let sample = conversation::Sent { seq: SEQ, fingerprint: Fingerprint::of(&[]) };
    let put = |sent: &conversation::Sent| conversation::put_sent(USER, &id, *sent);
    Planted::new(Partition::Conversation(GROUP), put(&sample), value)
        .judge(async |store| conversation::sent(store, GROUP, USER, &id).await, put);
}

fn accounts(value: &[u8]) {
    let account = Account {
        id: USER,
        email: Email::parse("anna@example.org").expect("a good address"),
        username: None,
        name: Name::parse("Anna").expect("a good name"),
        picture: None,
        status: StatusLine::parse("").expect("a good line"),
        operator: false,
        disabled: false,
        created_at: NOW,
    };
    let sample = account::put(&account::Stored { account, password_hash: String::new() });
    Planted::new(Partition::User(USER), sample, value)
        .judge(async |store| row(account::get(store, USER).await), account::put);
}

fn claims(value: &[u8]) {
    let partition = account::operator_claim();
    let sample = account::put_claim(account::Claim { user: USER, claimed_at: NOW });
    Planted::new(partition.clone(), sample, value).judge(
        async |store| row(account::claim(store, &partition).await),
        |claim| account::put_claim(*claim),
    );
}

fn last_seen(value: &[u8]) {
    let put = |at: &Timestamp| account::put_last_seen(*at);
    Planted::new(Partition::User(USER), put(&NOW), value)
        .judge(async |store| account::last_seen(store, USER).await, put);
}

fn sessions(value: &[u8]) {
    Planted::new(Partition::User(USER), session::remove(SESSION), value)
        .judge(async |store| row(session::get(store, USER, SESSION).await), session::put);
}

fn preferences(value: &[u8]) {
    let sample = preference::put(&domain::preference::Preferences::default());
    Planted::new(Partition::User(USER), sample, value).judge(
        async |store| preference::get(store, USER).await.map(|(found, _)| Some(found)),
        preference::put,
    );
}

fn inbox_rows(value: &[u8]) {
    let put = |row: &inbox::InboxRow| {
        inbox::replace(None, row).pop().expect("the row is written after its places in the orders")
    };
    let sample = inbox::InboxRow {
        conversation: GROUP,
        upos: 1,
        head: SEQ,
        messages: 1,
        read_seq: SEQ,
        read_messages: 1,
        active_at: NOW,
        muted: false,
        left: false,
    };
    Planted::new(Partition::User(USER), put(&sample), value)
        .judge(async |store| inbox::get(store, USER, GROUP).await, put);
}

fn summaries(value: &[u8]) {
    let put = |summary: &inbox::Summary| inbox::put_summary(*summary);
    Planted::new(Partition::User(USER), put(&inbox::Summary::default()), value)
        .judge(async |store| inbox::summary(store, USER).await.map(|(row, _)| Some(row)), put);
}

fn words(value: &[u8]) {
    let put = |words: &Vec<String>| directory::put_indexed(words);
    Planted::new(Partition::User(USER), put(&Vec::new()), value)
        .judge(async |store| directory::indexed(store, USER).await.map(Some), put);
}

fn cursors(value: &[u8]) {
    let put = |seq: &Seq| cursor::put((USER, Receipt::Read), *seq);
    Planted::new(Partition::Conversation(GROUP), put(&SEQ), value)
        .judge(async |store| row(cursor::get(store, GROUP, (USER, Receipt::Read)).await), put);
}

fn counts(value: &[u8]) {
    let put = |count: &statistic::Count| statistic::put_count(GROUP, *count);
    Planted::new(Partition::Day(DAY), put(&statistic::Count::default()), value).judge(
        async |store| statistic::count(store, DAY, GROUP).await.map(|(row, _)| Some(row)),
        put,
    );
}

fn keys(value: &[u8]) {
    let put = |keys: &deployment::Keys| deployment::put_keys(keys).1;
    let sample = deployment::Keys { signing_pkcs8: Vec::new(), refresh_secret: [0; 32] };
    Planted::new(Partition::Deployment, put(&sample), value)
        .judge(async |store| deployment::keys(store).await, put);
}

fn jobs(value: &[u8]) {
    let work = job::Work::Advanced(GROUP);
    let put = |from: &Seq| {
        let job = job::job(work, *from);
        Write::Put(job.key, job.value)
    };
    Planted::new(Partition::Jobs, put(&Seq::new(7)), value).judge(
        async |store| job::get(store, work).await.map(|found| found.map(|pending| pending.from)),
        put,
    );
}
