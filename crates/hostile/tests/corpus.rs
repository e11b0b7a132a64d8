//! Replays the corpus of every fuzz target: what a fuzzer once reached or broke is looked at in each run of the tests.

use std::fs;
use std::path::{Path, PathBuf};

use hostile::DOORS;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus")
}

fn replay(name: &str) {
    let (_, judge) = DOORS.iter().find(|(door, _)| *door == name).expect("a door of this name");
    let mut files: Vec<PathBuf> = fs::read_dir(corpus().join(name))
        .expect("every door has a corpus")
        .map(|entry| entry.expect("the folder can be read").path())
        .collect();
    files.sort();
    assert!(!files.is_empty(), "an empty corpus shows nothing");
    for file in files {
        let bytes = fs::read(&file).expect("the file can be read");
        // The name of the file is the last thing printed where a promise is broken.
        let broken = std::panic::catch_unwind(|| judge(&bytes)).is_err();
        assert!(!broken, "{}", file.display());
    }
}

macro_rules! replays {
    ($($name:ident),*) => {
        $(#[test]
        fn $name() {
            replay(stringify!($name));
        })*

        #[test]
        fn every_door_is_replayed() {
            let replayed = [$(stringify!($name)),*];
            assert_eq!(DOORS.map(|(name, _)| name), replayed);
        }
    };
}

replays!(
    backup,
    body,
    codec,
    configuration,
    frame,
    header,
    id,
    password,
    record,
    request,
    row,
    text,
    time,
    token
);

#[test]
fn every_corpus_belongs_to_a_door() {
    for entry in fs::read_dir(corpus()).expect("the corpus is there") {
        let name = entry.expect("the folder can be read").file_name();
        assert!(DOORS.iter().any(|(door, _)| name == *door), "{}", name.display());
    }
}
