//! The machine, as far as it is ours: in a container, its share.

use std::fs;
use std::path::{Path, PathBuf};

use parking_lot::Mutex;
use sysinfo::{
    CpuRefreshKind, MemoryRefreshKind, Pid, ProcessRefreshKind, ProcessesToUpdate, RefreshKind,
    System,
};
use tokio::time::Instant;

/// Where the kernel tells what a control group may use.
const CONTROL_GROUPS: &str = "/sys/fs/cgroup";

/// The machine at the last look.
#[derive(Clone, Copy, Debug, Default)]
pub struct Sample {
    /// How busy the processors are that we may use.
    pub cpu_percent: f64,
    /// How much of the memory that we may use is used.
    pub memory_percent: f64,
    /// Processes that run or want to, over one, five and fifteen minutes.
    pub load: [f64; 3],
    /// Memory of this process.
    pub resident_bytes: u64,
}

/// Looks at the machine from time to time.
#[derive(Debug)]
pub struct Host {
    look: Mutex<Look>,
    sample: Mutex<Sample>,
}

#[derive(Debug)]
struct Look {
    /// None on a machine that does not tell.
    system: Option<System>,
    group: Option<PathBuf>,
    used: Option<(Instant, u64)>,
}

impl Host {
    /// Nothing is known until the first [`Host::refresh`].
    pub fn new() -> Self {
        let refresh = RefreshKind::nothing().with_cpu(CpuRefreshKind::nothing().with_usage());
        let system = System::new_with_specifics(refresh).ok();
        let look = Look { system, group: control_group(), used: None };
        Self { look: Mutex::new(look), sample: Mutex::default() }
    }

    /// The machine at the last look.
    pub fn sample(&self) -> Sample {
        *self.sample.lock()
    }

    /// Looks again. Reads a few files of the kernel; to be called every few seconds.
    pub fn refresh(&self) {
        let sample = self.look.lock().sample();
        *self.sample.lock() = sample;
    }
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Look {
    fn sample(&mut self) -> Sample {
        let group_cpu_percent = self.group_cpu_percent();
        let Some(system) = &mut self.system else {
            return Sample {
                cpu_percent: group_cpu_percent.unwrap_or_default(),
                ..Sample::default()
            };
        };
        system.refresh_cpu_usage();
        system.refresh_memory_specifics(MemoryRefreshKind::nothing().with_ram());
        let own = Pid::from_u32(std::process::id());
        let memory = ProcessRefreshKind::nothing().with_memory();
        system.refresh_processes_specifics(ProcessesToUpdate::Some(&[own]), true, memory);
        let cpu_percent = group_cpu_percent.unwrap_or_else(|| system.global_cpu_usage().into());
        let resident_bytes = system.process(own).map_or(0, sysinfo::Process::memory);
        let machine = (system.total_memory(), system.available_memory());
        let load =
            System::load_average().map_or([0.0; 3], |load| [load.one, load.five, load.fifteen]);
        Sample { cpu_percent, memory_percent: self.memory_percent(machine), load, resident_bytes }
    }

    /// The share of its processor time that our control group used since the last look, if its time is limited.
    fn group_cpu_percent(&mut self) -> Option<f64> {
        let group = self.group.as_deref()?;
        let cores = cores(&fs::read_to_string(group.join("cpu.max")).ok()?)?;
        let used_us = used_us(&fs::read_to_string(group.join("cpu.stat")).ok()?)?;
        let now = Instant::now();
        let (before, used_before_us) = self.used.replace((now, used_us))?;
        let elapsed = now.duration_since(before).as_secs_f64();
        let used = number(used_us.saturating_sub(used_before_us)) / 1e6;
        (elapsed > 0.0).then(|| used / (elapsed * cores) * 100.0)
    }

    fn memory_percent(&self, machine: (u64, u64)) -> f64 {
        let (total, free) = self.group_memory(machine.0).unwrap_or(machine);
        if total == 0 { 0.0 } else { 100.0 * number(total.saturating_sub(free)) / number(total) }
    }

    /// Total and free memory of our control group, if its memory is limited.
    fn group_memory(&self, machine_total: u64) -> Option<(u64, u64)> {
        let group = self.group.as_deref()?;
        let total = memory_limit(group)?;
        let used: u64 =
            fs::read_to_string(group.join("memory.current")).ok()?.trim().parse().ok()?;
        // Pages of files that nobody reads now are given back before anything fails.
        let idle = field(&fs::read_to_string(group.join("memory.stat")).ok()?, "inactive_file")
            .unwrap_or(0);
        (total <= machine_total).then(|| (total, total.saturating_sub(used.saturating_sub(idle))))
    }
}

/// Memory that we may use: that of the machine, or less in a container. 0 if nobody tells.
pub fn memory_bytes() -> u64 {
    let refresh = RefreshKind::nothing().with_memory(MemoryRefreshKind::nothing().with_ram());
    let machine = System::new_with_specifics(refresh).map_or(0, |system| system.total_memory());
    let limit = control_group().and_then(|group| memory_limit(&group));
    limit.map_or(machine, |limit| limit.min(machine))
}

/// None if its memory is not limited.
fn memory_limit(group: &Path) -> Option<u64> {
    fs::read_to_string(group.join("memory.max")).ok()?.trim().parse().ok()
}

/// The folder of our control group, version 2.
fn control_group() -> Option<PathBuf> {
    let own = fs::read_to_string("/proc/self/cgroup").ok()?;
    let path = own.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let root = Path::new(CONTROL_GROUPS);
    // In a container the path may be that of the host, which is not visible: then the root is the container's.
    [root.join(path), root.to_owned()].into_iter().find(|folder| folder.join("cpu.max").exists())
}

/// The processors that `cpu.max` allows; none if it allows all.
fn cores(cpu_max: &str) -> Option<f64> {
    let (quota, period) = cpu_max.trim().split_once(' ')?;
    let (quota, period): (u64, u64) = (quota.parse().ok()?, period.parse().ok()?);
    (quota > 0 && period > 0).then(|| number(quota) / number(period))
}

fn used_us(cpu_stat: &str) -> Option<u64> {
    field(cpu_stat, "usage_usec")
}

fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))?;
    value.trim().parse().ok()
}

#[expect(clippy::cast_precision_loss, reason = "a percentage needs no more than 52 bits")]
const fn number(value: u64) -> f64 {
    value as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_finds_this_process() {
        let host = Host::new();
        host.refresh();
        let sample = host.sample();
        assert!(sample.resident_bytes > 0);
        assert!((0.0..=100.0).contains(&sample.memory_percent), "{sample:?}");
        assert!(sample.cpu_percent.is_finite());
        assert!(memory_bytes() > sample.resident_bytes);
    }

    #[test]
    fn the_limits_of_a_container_are_read() {
        assert_eq!(cores("200000 100000\n"), Some(2.0));
        assert_eq!(cores("50000 100000\n"), Some(0.5));
        assert_eq!(cores("max 100000\n"), None);
        assert_eq!(used_us("usage_usec 1234\nuser_usec 1000\n"), Some(1234));
        assert_eq!(field("anon 5\ninactive_file 77\n", "inactive_file"), Some(77));
    }
}
