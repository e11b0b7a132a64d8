//! Whose request this is: the peer of the connection, or whom a trusted proxy names.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

use axum::http::HeaderMap;
use thiserror::Error;

/// A network, or one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    prefix_bits: u8,
}

/// A text that is no network.
#[derive(Debug, Error, PartialEq, Eq)]
#[error(
    "\"{0}\" is no address or network: write for example \"10.0.0.1\", \"10.0.0.0/8\" or \"fd00::/8\""
)]
pub struct NotANetwork(String);

impl FromStr for Network {
    type Err = NotANetwork;

    fn from_str(text: &str) -> Result<Self, NotANetwork> {
        parse(text).ok_or_else(|| NotANetwork(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Network> {
    let (address, prefix) = match text.split_once('/') {
        Some((address, prefix)) => (address, Some(prefix)),
        None => (text, None),
    };
    let address: IpAddr = address.trim().parse().ok()?;
    let bits_max = if address.is_ipv4() { 32 } else { 128 };
    let prefix_bits = prefix.map_or(Some(bits_max), |prefix| prefix.trim().parse().ok())?;
    (prefix_bits <= bits_max).then_some(Network { address, prefix_bits })
}

impl Network {
    /// Whether `address` lies in this network.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(own), IpAddr::V4(other)) => {
                let shift = 32_u32.saturating_sub(self.prefix_bits.into());
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V6(own), IpAddr::V6(other)) => {
                let shift = 128_u32.saturating_sub(self.prefix_bits.into());
                own.to_bits().checked_shr(shift) == other.to_bits().checked_shr(shift)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

impl<'de> serde::Deserialize<'de> for Network {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Which peers may say for whom they speak.
#[derive(Clone, Debug, Default)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// These networks, and no other peer.
    pub const fn new(networks: Vec<Network>) -> Self {
        Self(networks)
    }

    /// Whether `address` is a proxy of ours.
    pub fn trusts(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Who asks: `peer`, or, if that is a trusted proxy, the last address in `X-Forwarded-For` that is not one.
    ///
    /// Each proxy appends whom it heard from, so the list is read from its end; what stands before the first
    /// stranger was written by the stranger and is not believed.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> ClientAddress {
        let mut client = peer;
        let forwarded =
            headers.get_all("x-forwarded-for").iter().rev().filter_map(|line| line.to_str().ok());
        let mut hops = forwarded.flat_map(|line| line.rsplit(','));
        while self.trusts(client) {
            match hops.next().and_then(|hop| hop.trim().parse().ok()) {
                Some(hop) => client = hop,
                None => break,
            }
        }
        ClientAddress::new(client)
    }
}

/// The address that a request is counted under. Never logged.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ClientAddress(IpAddr);

impl ClientAddress {
    /// The address `address` is counted under: itself, or its /64 network, since one IPv6 host has that many.
    pub fn new(address: IpAddr) -> Self {
        match address.to_canonical() {
            IpAddr::V4(address) => Self(address.into()),
            IpAddr::V6(address) => Self(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into()),
        }
    }

    /// Whether the request comes from this machine.
    pub fn is_loopback(self) -> bool {
        match self.0 {
            IpAddr::V4(address) => address.is_loopback(),
            // `::1` counted by its /64 network is `::`.
            IpAddr::V6(address) => address.is_unspecified(),
        }
    }
}

impl fmt::Debug for ClientAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientAddress(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(text: &str) -> Network {
        text.parse().expect("a network")
    }

    fn ask(peer: &str, forwarded: &[&str]) -> ClientAddress {
        let proxies = TrustedProxies::new(vec![network("10.0.0.0/8"), network("fd00::1")]);
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().expect("a header value"));
        }
        proxies.client(peer.parse().expect("an address"), &headers)
    }

    fn address(text: &str) -> ClientAddress {
        ClientAddress::new(text.parse().expect("an address"))
    }

    #[test]
    fn a_network_holds_its_addresses_and_no_other() {
        assert!(network("10.0.0.0/8").contains("10.255.0.1".parse().unwrap()));
        assert!(!network("10.0.0.0/8").contains("11.0.0.1".parse().unwrap()));
        assert!(network("10.0.0.0/8").contains("::ffff:10.0.0.1".parse().unwrap()));
        assert!(network("0.0.0.0/0").contains("192.0.2.1".parse().unwrap()));
        assert!(!network("0.0.0.0/0").contains("2001:db8::1".parse().unwrap()));
        assert!(network("192.0.2.1").contains("192.0.2.1".parse().unwrap()));
        assert!(!network("192.0.2.1").contains("192.0.2.2".parse().unwrap()));
        assert!(network("fd00::/8").contains("fd12::1".parse().unwrap()));
    }

    #[test]
    fn what_is_no_network_is_refused() {
        for text in ["", "10.0.0.0/33", "::/129", "example.org", "10.0.0.0/", "10.0.0.0/-1"] {
            assert_eq!(text.parse::<Network>(), Err(NotANetwork(text.to_owned())));
        }
    }

    #[test]
    fn a_stranger_cannot_choose_their_address() {
        assert_eq!(ask("192.0.2.1", &["198.51.100.9"]), address("192.0.2.1"));
        assert_eq!(ask("10.0.0.1", &["198.51.100.9, 192.0.2.1"]), address("192.0.2.1"));
        assert_eq!(ask("10.0.0.1", &["198.51.100.9", "192.0.2.1"]), address("192.0.2.1"));
    }

    #[test]
    fn a_trusted_proxy_names_the_client() {
        assert_eq!(ask("10.0.0.1", &["192.0.2.1"]), address("192.0.2.1"));
        assert_eq!(ask("10.0.0.1", &["192.0.2.1, 10.0.0.7"]), address("192.0.2.1"));
        assert_eq!(ask("fd00::1", &["2001:db8::5"]), address("2001:db8::5"));
        assert_eq!(ask("10.0.0.1", &[]), address("10.0.0.1"));
        assert_eq!(ask("10.0.0.1", &["unknown"]), address("10.0.0.1"));
    }

    #[test]
    fn an_ipv6_host_counts_by_its_network() {
        assert_eq!(address("2001:db8:0:1::1"), address("2001:db8:0:1:ffff::2"));
        assert_ne!(address("2001:db8:0:1::1"), address("2001:db8:0:2::1"));
        assert_eq!(address("::ffff:192.0.2.1"), address("192.0.2.1"));
        assert!(address("::1").is_loopback());
        assert!(address("127.0.0.1").is_loopback());
    }
}
