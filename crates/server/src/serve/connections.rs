//! How many connections are open, in all and from each address.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use parking_lot::Mutex;

use crate::config::ClientAddress;
use crate::metrics::{Counted, Metrics};

/// Counts open connections against their limits. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections(Arc<Inner>);

struct Inner {
    all_max: u32,
    per_address_max: u32,
    open: Mutex<Open>,
    metrics: Metrics,
}

#[derive(Default)]
struct Open {
    all: u32,
    by_address: HashMap<ClientAddress, u32>,
}

/// A place for one connection, until it is dropped.
pub(super) struct Permit {
    connections: Connections,
    address: Option<ClientAddress>,
    _counted: Counted,
}

impl Connections {
    pub(super) fn new(limits: &crate::config::Limits, metrics: Metrics) -> Self {
        Self(Arc::new(Inner {
            all_max: limits.connections_max,
            per_address_max: limits.connections_per_address,
            open: Mutex::default(),
            metrics,
        }))
    }

    /// A place for a connection from `address`, or from a proxy, which speaks for many.
    pub(super) fn admit(&self, address: Option<ClientAddress>) -> Option<Permit> {
        let mut open = self.0.open.lock();
        if open.all >= self.0.all_max {
            return None;
        }
        if let Some(address) = address {
            let of_address = open.by_address.entry(address).or_default();
            if *of_address >= self.0.per_address_max {
                return None;
            }
            *of_address += 1;
        }
        open.all += 1;
        Some(Permit { connections: self.clone(), address, _counted: self.0.metrics.connection() })
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut open = self.connections.0.open.lock();
        open.all = open.all.saturating_sub(1);
        if let Some(address) = self.address
            && let Entry::Occupied(mut entry) = open.by_address.entry(address)
        {
            *entry.get_mut() = entry.get().saturating_sub(1);
            if *entry.get() == 0 {
                entry.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(all: u32, per_address: u32) -> Connections {
        let mut configuration =
            crate::config::Configuration::load(None, crate::config::Overrides::default())
                .expect("defaults are valid")
                .limits;
        configuration.connections_max = all;
        configuration.connections_per_address = per_address;
        Connections::new(&configuration, Metrics::new())
    }

    fn address(last: u8) -> Option<ClientAddress> {
        Some(ClientAddress::new([192, 0, 2, last].into()))
    }

    #[test]
    fn an_address_has_its_limit_and_gets_places_back() {
        let connections = connections(10, 2);
        let first = connections.admit(address(1)).expect("the first");
        let _second = connections.admit(address(1)).expect("the second");
        assert!(connections.admit(address(1)).is_none());
        let _other = connections.admit(address(2)).expect("another address");
        drop(first);
        let _again = connections.admit(address(1)).expect("a place became free");
    }

    #[test]
    fn all_together_have_a_limit_too() {
        let connections = connections(2, 2);
        let first = connections.admit(address(1));
        let _second = connections.admit(None).expect("a proxy counts only here");
        assert!(connections.admit(address(3)).is_none());
        drop(first);
        assert!(connections.admit(address(3)).is_some());
        assert!(
            connections.0.open.lock().by_address.is_empty(),
            "no address is kept without a connection"
        );
    }
}
