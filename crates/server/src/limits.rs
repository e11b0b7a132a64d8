//! How often: rate limits per group of endpoints, for each address and for each user.
//!
//! The rates are counted in this process; they protect it, and they make guessing slow. An address is counted before
//! anything is known about the caller, by [`apply`] around a route; a user is counted by whoever has found out who
//! asks, with the [`Group`] that [`apply`] left in the request.

use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use domain::UserId;
use governor::clock::{Clock as _, DefaultClock};
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};

use crate::config::{self, ClientAddress, Rate};
use crate::edge::Edge;
use crate::problem::Failed;

/// Endpoints that share their limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Group {
    /// Signing in.
    Login,
    /// Making an account.
    Register,
    /// Messages, edits, reactions.
    Send,
    /// History, conversations, profiles.
    Read,
    /// Looking for people.
    Search,
    /// A new socket.
    SocketHello,
    /// Signing out, and ending sessions: whoever was robbed must get there whatever else is counted.
    SignOut,
    /// All else.
    General,
}

impl Group {
    /// Whether its endpoints work in the store long enough to need a place in [`crate::places`].
    const fn takes_a_place(self) -> bool {
        matches!(self, Self::Send | Self::Read)
    }

    /// Its name in metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Register => "register",
            Self::Send => "send",
            Self::Read => "read",
            Self::Search => "search",
            Self::SocketHello => "socket_hello",
            Self::SignOut => "sign_out",
            Self::General => "general",
        }
    }
}

/// Who is counted.
#[derive(Clone, Copy, Debug)]
pub enum Subject<'a> {
    /// Whoever asks from there.
    Address(ClientAddress),
    /// A signed-in user.
    User(UserId),
    /// An account that somebody tries to sign in to from there, by the name given, whether it exists or not.
    AccountFrom(&'a str, Option<ClientAddress>),
    /// The same from wherever it comes. This limit is a loose one, since any stranger can use it up and so keep the
    /// owner out.
    Account(&'a str),
}

/// The limit is reached; it is over after this time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryAfter {
    /// Milliseconds until one more is allowed.
    pub ms: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Address(ClientAddress),
    User(UserId),
    Account(u64),
}

type Limiter = RateLimiter<Key, HashMapStateStore<Key>, DefaultClock>;

struct Pair {
    address: Option<Limiter>,
    user: Option<Limiter>,
}

/// The rate limits. Cheap to clone.
#[derive(Clone)]
pub struct Limits(Arc<Inner>);

struct Inner {
    clock: DefaultClock,
    names: RandomState,
    login: Pair,
    register: Pair,
    send: Pair,
    read: Pair,
    search: Pair,
    socket_hello: Pair,
    sign_out: Pair,
    general: Pair,
    account: Option<Limiter>,
}

impl Limits {
    /// The limits that the configuration describes.
    pub fn new(limits: &config::Limits) -> Self {
        let pair = |address, user| match limits.rates {
            true => Pair { address: limiter(address), user: limiter(user) },
            false => Pair { address: None, user: None },
        };
        Self(Arc::new(Inner {
            clock: DefaultClock::default(),
            names: RandomState::new(),
            login: pair(limits.login_per_address, limits.login_per_user),
            register: pair(limits.register_per_address, Rate::Off),
            send: pair(limits.send_per_address, limits.send_per_user),
            read: pair(limits.read_per_address, limits.read_per_user),
            search: pair(limits.search_per_address, limits.search_per_user),
            socket_hello: pair(limits.socket_hello_per_address, limits.socket_hello_per_user),
            sign_out: pair(limits.sign_out_per_address, limits.sign_out_per_user),
            general: pair(limits.general_per_address, limits.general_per_user),
            account: limits.rates.then(|| limiter(limits.login_per_account)).flatten(),
        }))
    }

    /// Counts one request.
    ///
    /// # Errors
    /// [`RetryAfter`] if it is one too many; then it is not counted.
    pub fn check(&self, group: Group, subject: Subject<'_>) -> Result<(), RetryAfter> {
        let pair = self.0.pair(group);
        let (limiter, key) = match subject {
            Subject::Address(address) => (&pair.address, Key::Address(address)),
            Subject::User(user) => (&pair.user, Key::User(user)),
            Subject::AccountFrom(name, address) => {
                (&pair.user, Key::Account(self.0.names.hash_one((name, address))))
            }
            Subject::Account(name) => (&self.0.account, Key::Account(self.0.names.hash_one(name))),
        };
        let Some(limiter) = limiter else { return Ok(()) };
        limiter.check_key(&key).map_err(|not_until| {
            let wait = not_until.wait_time_from(self.0.clock.now());
            RetryAfter { ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1) }
        })
    }

    /// Forgets whom no limit would stop now. To be called from time to time.
    pub fn sweep(&self) {
        let inner = &self.0;
        let pairs = [
            &inner.login,
            &inner.register,
            &inner.send,
            &inner.read,
            &inner.search,
            &inner.socket_hello,
            &inner.sign_out,
            &inner.general,
        ];
        let in_pairs = pairs.iter().flat_map(|pair| [&pair.address, &pair.user]);
        for limiter in in_pairs.chain([&inner.account]).flatten() {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
    }
}

impl Inner {
    const fn pair(&self, group: Group) -> &Pair {
        match group {
            Group::Login => &self.login,
            Group::Register => &self.register,
            Group::Send => &self.send,
            Group::Read => &self.read,
            Group::Search => &self.search,
            Group::SocketHello => &self.socket_hello,
            Group::SignOut => &self.sign_out,
            Group::General => &self.general,
        }
    }
}

fn limiter(rate: Rate) -> Option<Limiter> {
    match rate {
        Rate::Off => None,
        Rate::Every { period, burst } => {
            let quota = Quota::with_period(period)
                .expect("a rate has a period above zero")
                .allow_burst(burst);
            Some(RateLimiter::new(quota, HashMapStateStore::default(), DefaultClock::default()))
        }
    }
}

/// Middleware: counts the request for its address and leaves `group` in it, so that the user can be counted too.
///
/// `from_fn_with_state((edge, Group::Send), limits::apply)`
pub async fn apply(
    State((edge, group)): State<(Edge, Group)>,
    mut request: Request,
    next: Next,
) -> Response {
    if let Some(address) = request.extensions().get::<ClientAddress>()
        && let Err(retry_after) = edge.check(group, Subject::Address(*address))
    {
        return Failed::from(retry_after).into_response();
    }
    if group.takes_a_place()
        && let Err(full) = edge.places().look()
    {
        return Failed::from(full).into_response();
    }
    request.extensions_mut().insert(group);
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Configuration, Overrides};

    fn limits(change: impl FnOnce(&mut config::Limits)) -> Limits {
        let mut configuration =
            Configuration::load(None, Overrides::default()).expect("defaults are valid").limits;
        change(&mut configuration);
        Limits::new(&configuration)
    }

    fn client(last: u8) -> ClientAddress {
        ClientAddress::new([192, 0, 2, last].into())
    }

    fn address(last: u8) -> Subject<'static> {
        Subject::Address(client(last))
    }

    #[test]
    fn one_too_many_is_told_when_to_come_back() {
        let limits = limits(|limits| limits.login_per_address = "2/hour".parse().unwrap());
        assert_eq!(limits.check(Group::Login, address(1)), Ok(()));
        assert_eq!(limits.check(Group::Login, address(1)), Ok(()));
        let RetryAfter { ms } =
            limits.check(Group::Login, address(1)).expect_err("the third of two");
        assert!((1..=30 * 60 * 1000).contains(&ms), "{ms}");
    }

    #[test]
    fn addresses_users_accounts_and_groups_count_apart() {
        let limits = limits(|limits| {
            limits.login_per_address = "1/hour".parse().unwrap();
            limits.login_per_user = "1/hour".parse().unwrap();
            limits.login_per_account = "1/hour".parse().unwrap();
            limits.search_per_address = "1/hour".parse().unwrap();
        });
        for (group, subject) in [
            (Group::Login, address(1)),
            (Group::Login, address(2)),
            (Group::Login, Subject::AccountFrom("anna", None)),
            (Group::Login, Subject::AccountFrom("ben", None)),
            (Group::Login, Subject::AccountFrom("ben", Some(client(1)))),
            (Group::Login, Subject::AccountFrom("ben", Some(client(2)))),
            (Group::Login, Subject::Account("ben")),
            (Group::Search, address(1)),
        ] {
            assert_eq!(limits.check(group, subject), Ok(()), "{group:?} {subject:?}");
            assert!(limits.check(group, subject).is_err(), "{group:?} {subject:?}");
        }
    }

    #[test]
    fn off_is_off() {
        let limits = limits(|limits| {
            limits.login_per_address = Rate::Off;
            limits.send_per_address = "1/hour".parse().unwrap();
            limits.rates = false;
        });
        for _ in 0..10 {
            assert_eq!(limits.check(Group::Login, address(1)), Ok(()));
            assert_eq!(limits.check(Group::Send, address(1)), Ok(()));
        }
    }

    #[test]
    fn a_sweep_keeps_whom_a_limit_still_stops() {
        let limits = limits(|limits| {
            limits.login_per_address = "1/hour".parse().unwrap();
            limits.search_per_address = "1000000/second".parse().unwrap();
        });
        limits.check(Group::Login, address(1)).unwrap();
        limits.sweep();
        assert!(limits.check(Group::Login, address(1)).is_err());
    }
}
