//! The configuration file, and the small languages in it.

use std::cell::RefCell;
use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};

use server::config::{Configuration, Network, Overrides, Rate};
use tempfile::NamedTempFile;

thread_local! {
    static FILE: RefCell<Option<NamedTempFile>> = const { RefCell::new(None) };
}

/// A file is taken or refused with words; what it says about rates and networks means something.
pub fn judge(bytes: &[u8]) {
    FILE.with_borrow_mut(|file| {
        let file = file
            .get_or_insert_with(|| NamedTempFile::new().expect("there is room for a small file"));
        replace(file.as_file_mut(), bytes);
        match Configuration::load(Some(file.path()), Overrides::default()) {
            Ok(configuration) => {
                assert!(configuration.limits.body_bytes_max > 0, "a limit of nothing");
            }
            Err(refused) => assert!(!format!("{refused:#}").is_empty(), "no words"),
        }
    });
    let Ok(text) = str::from_utf8(bytes) else { return };
    if let Ok(Rate::Every { period, .. }) = text.parse() {
        assert!(!period.is_zero(), "{text:?} is no limit");
    }
    if let Ok(network) = text.parse::<Network>() {
        let address = text.split('/').next().and_then(|address| address.parse().ok());
        assert!(address.is_some_and(|address| network.contains(address)), "{text:?}");
    }
}

fn replace(file: &mut File, bytes: &[u8]) {
    file.set_len(0).expect("the file is ours");
    file.seek(SeekFrom::Start(0)).expect("the file is ours");
    file.write_all(bytes).expect("there is room for a small file");
}
