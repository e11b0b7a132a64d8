//! What is done to this machine: a private set of mounts and processes, in which everything happens and with which
//! everything goes, and a disk whose writes are logged.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context as _, ensure};

use crate::plan::FileRange;

/// What it takes besides root, and the package that has it on Debian.
const PROGRAMS: [(&str, &str); 9] = [
    ("qemu-storage-daemon", "qemu-utils"),
    ("mkfs.ext4", "e2fsprogs"),
    ("filefrag", "e2fsprogs"),
    ("mount", "mount"),
    ("umount", "mount"),
    ("losetup", "mount"),
    ("truncate", "coreutils"),
    ("unshare", "util-linux"),
    ("setpriv", "util-linux"),
];
const DEVICES: [&str; 2] = ["/dev/fuse", "/dev/loop-control"];
/// A file system that is still in use after so many tries stays in use.
const UNMOUNTS_MAX: usize = 200;
/// Bytes of the log: a file with holes, so only what is used counts.
const LOG_BYTES: &str = "8G";
/// Bytes of the disk that is logged.
pub(crate) const DISK_BYTES: u64 = 256 << 20;

/// Why this machine cannot do it.
pub(crate) fn obstacle() -> Option<String> {
    if !rustix::process::geteuid().is_root() {
        return Some("it takes root, for mounts and loop devices".to_owned());
    }
    for (program, package) in PROGRAMS {
        if !succeeds(Command::new("sh").args(["-c", "command -v -- \"$0\"", program])) {
            return Some(format!("there is no {program} (on Debian: apt install {package})"));
        }
    }
    let device = DEVICES.iter().find(|device| !Path::new(device).exists());
    if let Some(device) = device {
        return Some(format!("there is no {device}"));
    }
    let alone = succeeds(private().args(["mount", "-t", "tmpfs", "none", "/mnt"]));
    (!alone).then(|| "mounts of its own are not allowed here".to_owned())
}

fn succeeds(command: &mut Command) -> bool {
    command
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// A command in its own set of mounts and processes: when it or this program ends, however it ends, the kernel ends
/// every process that is left and undoes every mount, and with them go the loop devices.
fn private() -> Command {
    let mut command = Command::new("setpriv");
    command.args([
        "--pdeathsig",
        "KILL",
        "unshare",
        "--mount",
        "--pid",
        "--fork",
        "--kill-child",
        "--mount-proc",
        "--",
    ]);
    command
}

/// Runs this program again, in private. Returns whether it succeeded.
pub(crate) fn again(
    arguments: impl IntoIterator<Item = impl AsRef<OsStr>>,
) -> anyhow::Result<bool> {
    let program = std::env::current_exe()?;
    let status = private().arg(program).args(arguments).status();
    Ok(status.context("setpriv cannot be run")?.success())
}

pub(crate) fn run(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("{command:?} cannot be run"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed: {}", told.trim());
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Mounts fresh memory at `folder`.
pub(crate) fn mount_memory(folder: &Path) -> anyhow::Result<()> {
    run(Command::new("mount").args(["-t", "tmpfs", "-o", "size=80%", "none"]).arg(folder))?;
    Ok(())
}

/// A file system of a file, mounted. The kernel lets go of the loop device with the mount.
#[derive(Debug)]
pub(crate) struct Mounted {
    pub(crate) at: PathBuf,
}

impl Mounted {
    pub(crate) fn new(disk: &Path, at: &Path) -> anyhow::Result<Self> {
        std::fs::create_dir_all(at)?;
        run(Command::new("mount").args(["-t", "ext4", "-o", "loop,commit=1"]).arg(disk).arg(at))?;
        Ok(Self { at: at.to_owned() })
    }

    /// A program that another thread is about to start has, for a moment, all files open that this one had.
    pub(crate) fn unmount(&self) -> anyhow::Result<()> {
        let mut unmount = Command::new("umount");
        unmount.arg(&self.at);
        for _ in 1..UNMOUNTS_MAX {
            if run(&mut unmount).is_ok() {
                return Ok(());
            }
        }
        run(&mut unmount).map(drop)
    }
}

/// A disk with a file system, and the log of all writes to it since it was made.
#[derive(Debug)]
pub(crate) struct LoggedDisk {
    pub(crate) mounted: Mounted,
}

/// The disk as it was when the log began.
pub(crate) fn base_of(folder: &Path) -> PathBuf {
    folder.join("base.img")
}

pub(crate) fn log_of(folder: &Path) -> PathBuf {
    folder.join("writes.log")
}

impl LoggedDisk {
    pub(crate) fn create(folder: &Path) -> anyhow::Result<Self> {
        let (base, disk) = (base_of(folder), folder.join("disk.img"));
        let size = DISK_BYTES.to_string();
        run(Command::new("truncate").args(["-s", &size]).arg(&base))?;
        // Nothing is left for later, so that the log holds only what the server causes.
        let now = "lazy_itable_init=0,lazy_journal_init=0";
        run(Command::new("mkfs.ext4").args(["-q", "-F", "-E", now]).arg(&base))?;
        run(Command::new("cp").arg("--sparse=always").arg(&base).arg(&disk))?;
        run(Command::new("truncate").args(["-s", LOG_BYTES]).arg(log_of(folder)))?;
        let export = folder.join("export");
        std::fs::write(&export, "")?;
        let mut daemon = Command::new("qemu-storage-daemon");
        let file =
            |name: &str, path: &Path| format!("file,node-name={name},filename={}", path.display());
        daemon.args([
            "--blockdev",
            &file("disk", &disk),
            "--blockdev",
            &file("log", &log_of(folder)),
        ]);
        daemon.args(["--blockdev", "blklogwrites,node-name=logged,file=disk,log=log"]);
        let mountpoint = export.display();
        let fuse = format!("fuse,id=export,node-name=logged,mountpoint={mountpoint},writable=on");
        // It answers when it is ready. It ends with everything else that is private.
        run(daemon.args(["--export", &fuse, "--daemonize"]))?;
        let mounted = Mounted::new(&export, &folder.join("logged"))?;
        Ok(Self { mounted })
    }

    /// The parts of the disk that hold the contents of the files below this folder.
    pub(crate) fn files(&self, folder: &Path) -> anyhow::Result<Vec<FileRange>> {
        let mut find = Command::new("find");
        find.arg(folder).args(["-type", "f", "-exec", "filefrag", "-v", "-b1", "{}", "+"]);
        Ok(run(&mut find)?.lines().filter_map(range_of).collect())
    }
}

/// Reads `0: 0.. 4095: 8716288.. 8720383: 4096: last,eof`.
fn range_of(line: &str) -> Option<FileRange> {
    let mut fields = line.split(':');
    let _extent: u64 = fields.next()?.trim().parse().ok()?;
    let (from, to) = fields.nth(1)?.split_once("..")?;
    Some((from.trim().parse().ok()?, to.trim().parse::<u64>().ok()? + 1))
}

#[cfg(test)]
mod tests {
    use super::range_of;

    #[test]
    fn extents_are_read_and_all_else_is_not() {
        let line = "   0:        0..    8191:   16384..     24575:   8192:             last,eof";
        assert_eq!(range_of(line), Some((16384, 24576)));
        for line in ["Filesystem type is: ef53", " ext:  logical_offset:  physical_offset:", ""] {
            assert_eq!(range_of(line), None, "{line}");
        }
    }
}
