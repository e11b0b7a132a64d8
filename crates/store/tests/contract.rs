//! What every backend promises, asked of each of them.

#![expect(clippy::unwrap_used, reason = "a test fails by a panic")]

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::time::Day;
use domain::{ConversationId, UserId};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use store::backend::{Embedded, EmbeddedOptions, Memory, SCAN_ROWS_MAX};
use store::{
    Batch, Check, CommitError, Direction, Job, Partition, ReadError, Row, RowRef, Space, Store,
    Version, Write,
};

/// A store of each kind, empty.
struct Stores {
    all: Vec<Store>,
    _folder: tempfile::TempDir,
}

fn stores() -> Stores {
    let folder = tempfile::tempdir().unwrap();
    let embedded = Embedded::open(folder.path(), &EmbeddedOptions::default()).unwrap();
    Stores { all: vec![Store::Memory(Memory::new()), Store::Embedded(embedded)], _folder: folder }
}

/// A store of each kind whose disk is nearly full, holding the row `old`.
async fn full_stores() -> Stores {
    let memory = Memory::new();
    let folder = tempfile::tempdir().unwrap();
    let embedded =
        Store::Embedded(Embedded::open(folder.path(), &EmbeddedOptions::default()).unwrap());
    for store in [&Store::Memory(memory.clone()), &embedded] {
        store.commit(puts(&room(1), &[b"old"])).await.unwrap();
    }
    memory.fill_disk();
    drop(embedded);
    let always_full =
        EmbeddedOptions { free_bytes_min: Some(u64::MAX), ..EmbeddedOptions::default() };
    let embedded = Embedded::open(folder.path(), &always_full).unwrap();
    Stores { all: vec![Store::Memory(memory), Store::Embedded(embedded)], _folder: folder }
}

fn room(number: u8) -> Partition {
    Partition::Conversation(ConversationId::from_bytes([number; 16]))
}

fn puts(partition: &Partition, keys: &[&[u8]]) -> Batch {
    let writes =
        keys.iter().map(|key| Write::Put(key.to_vec(), [b"value of ", *key].concat())).collect();
    Batch { writes, ..Batch::new(partition.clone()) }
}

fn checked(check: Check, batch: Batch) -> Batch {
    Batch { checks: vec![check], ..batch }
}

async fn scan(store: &Store, partition: &Partition) -> Vec<Row> {
    let page = store
        .scan(partition, b"", &[u8::MAX; 8], (Direction::Forward, SCAN_ROWS_MAX))
        .await
        .unwrap();
    assert!(!page.more);
    page.rows
}

async fn keys(store: &Store, range: (&[u8], &[u8]), how: (Direction, usize)) -> (String, bool) {
    let page = store.scan(&room(1), range.0, range.1, how).await.unwrap();
    let keys: Vec<u8> = page.rows.iter().flat_map(|row| row.key.clone()).collect();
    (String::from_utf8(keys).unwrap(), page.more)
}

#[tokio::test]
async fn what_was_committed_is_read_back_with_its_version() {
    for store in &stores().all {
        assert_eq!(store.get(&room(1), b"a").await.unwrap(), None);
        let first = store.commit(puts(&room(1), &[b"a", b"b"])).await.unwrap();
        let second = store.commit(puts(&room(1), &[b"b", b""])).await.unwrap();
        assert!(first.version < second.version);
        assert_eq!(
            store.get(&room(1), b"a").await.unwrap(),
            Some((b"value of a".to_vec(), first.version))
        );
        assert_eq!(
            store.get(&room(1), b"b").await.unwrap(),
            Some((b"value of b".to_vec(), second.version))
        );
        assert_eq!(
            store.get(&room(1), b"").await.unwrap(),
            Some((b"value of ".to_vec(), second.version))
        );
        let remove = Batch { writes: vec![Write::Remove(b"a".to_vec())], ..Batch::new(room(1)) };
        store.commit(remove).await.unwrap();
        assert_eq!(store.get(&room(1), b"a").await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_later_write_of_one_batch_wins() {
    for store in &stores().all {
        let writes = vec![
            Write::Put(b"a".to_vec(), b"1".to_vec()),
            Write::Put(b"a".to_vec(), b"2".to_vec()),
            Write::Put(b"b".to_vec(), b"1".to_vec()),
            Write::Remove(b"b".to_vec()),
        ];
        let version = store.commit(Batch { writes, ..Batch::new(room(1)) }).await.unwrap().version;
        let expected = Row { key: b"a".to_vec(), value: b"2".to_vec(), version };
        assert_eq!(scan(store, &room(1)).await, [expected]);
    }
}

#[tokio::test]
async fn a_scan_is_ordered_bounded_and_tells_whether_there_is_more() {
    use Direction::{Backward, Forward};

    for store in &stores().all {
        store.commit(puts(&room(1), &[b"b", b"d", b"a", b"e", b"c"])).await.unwrap();
        for (from, to, direction, limit, expected) in [
            ("a", "z", Forward, 10, ("abcde", false)),
            ("a", "z", Backward, 10, ("edcba", false)),
            ("", "z", Forward, 5, ("abcde", false)),
            ("", "z", Forward, 4, ("abcd", true)),
            ("", "z", Backward, 2, ("ed", true)),
            ("b", "d", Forward, 10, ("bc", false)),
            ("b", "d", Backward, 10, ("cb", false)),
            ("b", "d", Backward, 1, ("c", true)),
            ("b\0", "d", Forward, 10, ("c", false)),
            ("a", "z", Forward, 0, ("", true)),
            ("f", "z", Forward, 0, ("", false)),
            ("c", "c", Forward, 10, ("", false)),
            ("d", "b", Forward, 10, ("", false)),
        ] {
            let found = keys(store, (from.as_bytes(), to.as_bytes()), (direction, limit)).await;
            assert_eq!(
                (found.0.as_str(), found.1),
                expected,
                "{store:?}: {from:?}..{to:?} {direction:?} {limit}"
            );
        }
    }
}

#[tokio::test]
async fn a_visit_ends_where_the_visitor_fails() {
    for store in &stores().all {
        store.commit(puts(&room(1), &[b"a", b"b", b"c"])).await.unwrap();
        let mut seen = Vec::new();
        let see = |row: RowRef<'_>| {
            seen.push((row.key.to_vec(), row.value.to_vec()));
            if row.key == b"b" { Err(ReadError::Unavailable("enough".to_owned())) } else { Ok(()) }
        };
        let ended = store.visit(&room(1), (b"", b"z"), (Direction::Forward, 10), see).await;
        assert!(matches!(ended, Err(ReadError::Unavailable(_))), "{store:?}: {ended:?}");
        let expected = [b"a", b"b"].map(|key| (key.to_vec(), [b"value of ", &key[..]].concat()));
        assert_eq!(seen, expected, "{store:?}");
    }
}

#[tokio::test]
async fn a_failed_check_leaves_nothing_behind() {
    for store in &stores().all {
        let old = store.commit(puts(&room(1), &[b"a"])).await.unwrap().version;
        let new = store.commit(puts(&room(1), &[b"a"])).await.unwrap().version;
        for (check, expected) in [
            (Check::Version(b"a".to_vec(), new), true),
            (Check::Version(b"a".to_vec(), old), false),
            (Check::Version(b"z".to_vec(), old), false),
            (Check::Absent(b"z".to_vec()), true),
            (Check::Absent(b"a".to_vec()), false),
        ] {
            let batch = Batch {
                jobs: vec![Job { key: b"job".to_vec(), value: Vec::new() }],
                ..checked(check.clone(), puts(&room(1), &[b"x"]))
            };
            let before = (scan(store, &room(1)).await, scan(store, &Partition::Jobs).await);
            let outcome = store.commit(batch).await;
            assert_eq!(outcome.is_ok(), expected, "{store:?}: {check:?}");
            if !expected {
                assert_eq!(outcome, Err(CommitError::Conflict));
                assert_eq!(
                    (scan(store, &room(1)).await, scan(store, &Partition::Jobs).await),
                    before
                );
            }
        }
    }
}

#[tokio::test]
async fn of_two_that_ask_for_the_same_only_one_gets_it() {
    for store in &stores().all {
        let claim = || store.commit(checked(Check::Absent(b"a".to_vec()), puts(&room(1), &[b"a"])));
        let (one, other) = tokio::join!(claim(), claim());
        assert_eq!([one, other].iter().filter(|outcome| outcome.is_ok()).count(), 1, "{store:?}");
        assert!([one, other].contains(&Err(CommitError::Conflict)), "{store:?}");
    }
}

#[tokio::test]
async fn a_job_lies_in_its_own_partition_and_replaces_its_predecessor() {
    for store in &stores().all {
        for value in [b"1", b"2"] {
            let jobs = vec![Job { key: b"job".to_vec(), value: value.to_vec() }];
            store.commit(Batch { jobs, ..puts(&room(1), &[b"a"]) }).await.unwrap();
        }
        let jobs = scan(store, &Partition::Jobs).await;
        assert_eq!(jobs.len(), 1);
        assert_eq!((jobs[0].key.as_slice(), jobs[0].value.as_slice()), (&b"job"[..], &b"2"[..]));
        assert_eq!(store.get(&room(1), b"a").await.unwrap().unwrap().1, jobs[0].version);
        assert_eq!(scan(store, &room(1)).await.len(), 1);
    }
}

#[tokio::test]
async fn a_full_disk_refuses_what_grows_and_takes_what_is_essential() {
    for store in &full_stores().await.all {
        assert_eq!(
            store.commit(puts(&room(1), &[b"new"])).await,
            Err(CommitError::Full),
            "{store:?}"
        );
        assert!(store.status().full);
        let remove = Write::Remove(b"old".to_vec());
        let delete = Batch { writes: vec![remove], space: Space::Essential, ..Batch::new(room(1)) };
        store.commit(delete).await.unwrap();
        assert_eq!(scan(store, &room(1)).await, []);
    }
}

#[tokio::test]
async fn partitions_do_not_leak_into_each_other() {
    let partitions = [
        room(0),
        room(1),
        room(u8::MAX),
        Partition::User(UserId::from_bytes([0; 16])),
        Partition::User(UserId::from_bytes([1; 16])),
        Partition::Claim("a".to_owned()),
        Partition::Claim("ab".to_owned()),
        Partition::Day(Day::from_number(1)),
        Partition::Day(Day::from_number(256)),
        Partition::Directory('a'),
        Partition::Directory('b'),
        Partition::Deployment,
        Partition::Jobs,
    ];
    for store in &stores().all {
        let mut versions = Vec::new();
        for partition in &partitions {
            versions.push(
                store
                    .commit(puts(partition, &[b"", b"a", &[0], &[u8::MAX]]))
                    .await
                    .unwrap()
                    .version,
            );
        }
        for (partition, version) in partitions.iter().zip(versions) {
            let rows = scan(store, partition).await;
            assert_eq!(rows.len(), 4, "{store:?}: {partition:?}");
            assert!(rows.iter().all(|row| row.version == version), "{store:?}: {partition:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_commits_at_once_lose_nothing_and_share_syncs() {
    const COMMITS: u32 = 1000;

    for store in &stores().all {
        let store = Arc::new(store.clone());
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..COMMITS {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                store.commit(puts(&room(1), &[&number.to_be_bytes()])).await.unwrap().version
            });
        }
        let mut versions = tasks.join_all().await;
        versions.sort_unstable();
        versions.dedup();
        assert_eq!(versions.len(), 1000, "every commit has its own version");
        assert_eq!(scan(&store, &room(1)).await.len(), 1000);
        let status = store.status();
        assert_eq!((status.committed_batches, status.waiting_batches), (1000, 0));
        if matches!(*store, Store::Embedded(_)) {
            assert!(status.syncs < 500, "{} syncs", status.syncs);
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn counting_up_with_checks_counts_every_time() {
    for store in &stores().all {
        let store = Arc::new(store.clone());
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..20 {
            let store = Arc::clone(&store);
            tasks.spawn(async move {
                for _ in 0..10 {
                    count_up(&store).await;
                }
            });
        }
        tasks.join_all().await;
        let (value, _) = store.get(&room(1), b"count").await.unwrap().unwrap();
        assert_eq!(value, 200_u64.to_be_bytes());
    }
}

async fn count_up(store: &Store) {
    loop {
        let read = store.get(&room(1), b"count").await.unwrap();
        let count = read
            .as_ref()
            .map_or(0, |(value, _)| u64::from_be_bytes(value.as_slice().try_into().unwrap()));
        let batch = Batch {
            checks: vec![Check::unchanged(b"count".to_vec(), read.as_ref())],
            writes: vec![Write::Put(b"count".to_vec(), (count + 1).to_be_bytes().to_vec())],
            ..Batch::new(room(1))
        };
        match store.commit(batch).await {
            Ok(_) => return,
            Err(CommitError::Conflict) => {}
            Err(other) => panic!("{other}"),
        }
    }
}

/// One step of the model test: writes and checks in one of three partitions.
#[derive(Clone, Debug)]
struct Step {
    partition: u8,
    writes: Vec<(u8, Option<u8>)>,
    absent: Option<u8>,
}

fn step() -> impl Strategy<Value = Step> {
    let writes = vec((0_u8..6, proptest::option::of(any::<u8>())), 0..4);
    (0_u8..3, writes, proptest::option::weighted(0.3, 0_u8..6))
        .prop_map(|(partition, writes, absent)| Step { partition, writes, absent })
}

type Model = BTreeMap<(u8, u8), (u8, Version)>;

async fn take(store: &Store, model: &mut Model, step: Step) {
    let writes = step.writes.iter().map(|(key, value)| match value {
        Some(value) => Write::Put(vec![*key], vec![*value]),
        None => Write::Remove(vec![*key]),
    });
    let checks = step.absent.iter().map(|key| Check::Absent(vec![*key])).collect();
    let batch = Batch { checks, writes: writes.collect(), ..Batch::new(room(step.partition)) };
    let outcome = store.commit(batch).await;
    if step.absent.is_some_and(|key| model.contains_key(&(step.partition, key))) {
        assert_eq!(outcome, Err(CommitError::Conflict));
        return;
    }
    let version = outcome.unwrap().version;
    for (key, value) in step.writes {
        match value {
            Some(value) => model.insert((step.partition, key), (value, version)),
            None => model.remove(&(step.partition, key)),
        };
    }
}

#[test]
fn any_sequence_of_batches_does_what_a_map_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let config =
        ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() };
    let result = TestRunner::new(config).run(&vec(step(), 1..40), |steps| {
        for store in &stores().all {
            let mut model = Model::new();
            for step in steps.clone() {
                runtime.block_on(take(store, &mut model, step));
            }
            for partition in 0..3 {
                let rows = runtime.block_on(scan(store, &room(partition)));
                let found: Vec<_> =
                    rows.iter().map(|row| (row.key[0], row.value[0], row.version)).collect();
                let expected = model.range((partition, 0)..(partition, u8::MAX));
                let expected: Vec<_> =
                    expected.map(|((_, key), (value, version))| (*key, *value, *version)).collect();
                prop_assert_eq!(found, expected);
            }
        }
        Ok(())
    });
    result.unwrap();
}

#[tokio::test]
async fn reopening_keeps_all_rows_and_versions_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let mut last = Version(0);
    for round in 0..5_u8 {
        let store =
            Store::Embedded(Embedded::open(folder.path(), &EmbeddedOptions::default()).unwrap());
        assert_eq!(scan(&store, &room(1)).await.len(), usize::from(round));
        let version = store.commit(puts(&room(1), &[&[round]])).await.unwrap().version;
        assert!(version > last);
        // The row with the highest version goes; its version is not given out again all the same.
        store.commit(puts(&room(2), &[b"a"])).await.unwrap();
        let remove = Batch { writes: vec![Write::Remove(b"a".to_vec())], ..Batch::new(room(2)) };
        last = store.commit(remove).await.unwrap().version;
    }
}
