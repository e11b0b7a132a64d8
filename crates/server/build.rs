//! Puts the web client that `make web` built into the binary: a table of its files with their compressed forms.
//! Where there is none, the table is empty and the server says how to build it.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Where Vite writes.
const DIST: &str = "../../web/dist";
/// Endings that `web/scripts/compress.js` adds.
const COMPRESSED: [&str; 2] = ["br", "gz"];

fn main() -> io::Result<()> {
    let package = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").unwrap_or_default());
    let dist = package.join(DIST);
    // A folder that is not there would count as changed in every build. One that cannot be made is as good as empty.
    let made = fs::create_dir_all(&dist);
    println!("cargo::rerun-if-changed={}", dist.display());
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").unwrap_or_default());
    let mut files = BTreeMap::new();
    if made.is_ok() {
        collect(&dist, "", &mut files)?;
    }
    keep(&mut files, &out.join("web"))?;
    fs::write(out.join("web.rs"), table(&files)?)
}

/// Copies the files to where the compiler finds them, whatever Vite does meanwhile.
fn keep(files: &mut BTreeMap<String, PathBuf>, folder: &Path) -> io::Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    for (number, file) in files.values_mut().enumerate() {
        let kept = folder.join(number.to_string());
        fs::copy(&file, &kept)?;
        *file = kept;
    }
    Ok(())
}

/// Files by the path at which they are served. What Vite leaves for tools lies in folders that begin with a dot.
fn collect(folder: &Path, path: &str, files: &mut BTreeMap<String, PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = format!("{path}/{name}");
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.insert(path, entry.path());
        }
    }
    Ok(())
}

fn table(files: &BTreeMap<String, PathBuf>) -> io::Result<String> {
    let mut table = String::from("[\n");
    for (path, file) in files.iter().filter(|(path, _)| !is_compressed(files, path)) {
        let mut hasher = DefaultHasher::new();
        fs::read(file)?.hash(&mut hasher);
        let [brotli, gzip] = COMPRESSED.map(|ending| files.get(&format!("{path}.{ending}")));
        let line = format!(
            "Asset {{ path: {path:?}, tag: \"W/\\\"{:016x}\\\"\", plain: {}, brotli: {}, gzip: {} }},\n",
            hasher.finish(),
            bytes(file),
            optional(brotli),
            optional(gzip),
        );
        table.push_str(&line);
    }
    table.push(']');
    Ok(table)
}

fn is_compressed(files: &BTreeMap<String, PathBuf>, path: &str) -> bool {
    let parent = path.rsplit_once('.').filter(|(_, ending)| COMPRESSED.contains(ending));
    parent.is_some_and(|(plain, _)| files.contains_key(plain))
}

fn bytes(file: &Path) -> String {
    format!("include_bytes!({:?})", file.display().to_string())
}

fn optional(file: Option<&PathBuf>) -> String {
    file.map_or_else(|| "None".to_owned(), |file| format!("Some({})", bytes(file)))
}
