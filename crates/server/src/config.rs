//! The configuration: one documented tree, read once at start from a TOML file and the environment.
//!
//! The doc comments of the fields are the comments of `kith config example`. What the file does not name has its
//! default; a name that Kith does not know is refused, so that a spelling mistake is never silently ignored.

mod check;
mod proxy;
mod rate;
mod secret;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use confique::env::parse::list_by_comma;
use confique::{Config as _, Layer as _};

pub use proxy::{ClientAddress, Network, TrustedProxies};
pub use rate::Rate;
pub use secret::Secret;

/// Bytes of a MiB, in which operators are asked and told about sizes.
pub(crate) const MIB: u64 = 1024 * 1024;

/// Configuration of Kith.
///
/// Every value may also be given in the environment; the name of the variable stands beside it. The environment wins
/// over this file. Times and sizes carry their unit in their name.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Configuration {
    /// Where Kith listens and what it is called.
    #[config(nested)]
    pub server: Server,
    /// Encryption. Without this section Kith speaks plain HTTP: put it behind a proxy that adds TLS, or fill this in.
    #[config(nested)]
    pub tls: Tls,
    /// Who may register.
    #[config(nested)]
    pub registration: Registration,
    /// How long people stay signed in.
    #[config(nested)]
    pub session: Session,
    /// What one address, one connection and one user may use.
    #[config(nested)]
    pub limits: Limits,
    /// Where messages are kept.
    #[config(nested)]
    pub storage: Storage,
    /// What is written to standard error, and who may read the metrics.
    #[config(nested)]
    pub log: Log,
}

/// Where Kith listens and what it is called.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Server {
    /// The address and port to listen on. The default is reachable from this machine only.
    #[config(default = "127.0.0.1:8080", env = "KITH_SERVER_LISTEN")]
    pub listen: SocketAddr,
    /// The folder that holds everything Kith stores. It is made if it is missing.
    #[config(default = "data", env = "KITH_SERVER_DATA")]
    pub data: PathBuf,
    /// The address under which people reach Kith, for example `https://chat.example.org`.
    #[config(env = "KITH_SERVER_PUBLIC_URL")]
    pub public_url: Option<String>,
    /// The addresses or networks of reverse proxies. Only from these is `X-Forwarded-For` believed.
    #[config(default = [], env = "KITH_SERVER_TRUSTED_PROXIES", parse_env = list_by_comma)]
    pub trusted_proxies: Vec<Network>,
    /// Foreign web pages whose scripts may call the API, for example `["https://app.example.org"]`.
    #[config(default = [], env = "KITH_SERVER_CORS_ORIGINS", parse_env = list_by_comma)]
    pub cors_origins: Vec<String>,
}

/// Encryption.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Tls {
    /// A certificate chain in PEM form. Needs `key_file`. Read again when the process gets SIGHUP.
    #[config(env = "KITH_TLS_CERTIFICATE_FILE")]
    pub certificate_file: Option<PathBuf>,
    /// The private key of the certificate, in PEM form.
    #[config(env = "KITH_TLS_KEY_FILE")]
    pub key_file: Option<PathBuf>,
    /// Domains to get certificates for, automatically. Kith must be reachable under them on port 443.
    #[config(default = [], env = "KITH_TLS_DOMAINS", parse_env = list_by_comma)]
    pub domains: Vec<String>,
    /// The certificate authority that issues automatic certificates (an ACME directory).
    #[config(
        default = "https://acme-v02.api.letsencrypt.org/directory",
        env = "KITH_TLS_ACME_DIRECTORY"
    )]
    pub acme_directory: String,
    /// Where the certificate authority may write to when a certificate is about to expire.
    #[config(env = "KITH_TLS_ACME_EMAIL")]
    pub acme_email: Option<String>,
    /// The root certificate, in PEM form, of a private certificate authority named by `acme_directory`.
    #[config(env = "KITH_TLS_ACME_CA_FILE")]
    pub acme_ca_file: Option<PathBuf>,
    /// An address and port, usually "0.0.0.0:80", where plain HTTP is redirected to HTTPS.
    #[config(env = "KITH_TLS_REDIRECT_LISTEN")]
    pub redirect_listen: Option<SocketAddr>,
}

/// Who may register.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Registration {
    /// Whether anybody may register. If not, `kith user create` makes accounts.
    #[config(default = true, env = "KITH_REGISTRATION_OPEN")]
    pub open: bool,
}

/// How long people stay signed in.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Session {
    /// An access token is good for this long; then the client refreshes it.
    #[config(default = 24, env = "KITH_SESSION_ACCESS_HOURS")]
    pub access_hours: u32,
    /// A device that was not used for this long has to sign in again.
    #[config(default = 60, env = "KITH_SESSION_REFRESH_DAYS")]
    pub refresh_days: u32,
}

/// What one address, one connection and one user may use.
///
/// A rate is written "10/second", "30/minute" or "60/hour", with "burst 100" behind it if more may come at once, or
/// "off". IPv6 addresses count by their /64 network.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Limits {
    /// Whether the rates below apply. Switch them off for load tests only.
    #[config(default = true, env = "KITH_LIMITS_RATES")]
    pub rates: bool,
    /// Sign-ins from one address.
    #[config(default = "30/minute", env = "KITH_LIMITS_LOGIN_PER_ADDRESS")]
    pub login_per_address: Rate,
    /// Sign-ins to one account from one address.
    #[config(default = "10/minute", env = "KITH_LIMITS_LOGIN_PER_USER")]
    pub login_per_user: Rate,
    /// Sign-ins to one account, from wherever they come. Whoever uses it up keeps the owner from signing in, so it is
    /// a loose one.
    #[config(default = "600/hour burst 600", env = "KITH_LIMITS_LOGIN_PER_ACCOUNT")]
    pub login_per_account: Rate,
    /// Registrations from one address.
    #[config(default = "60/hour", env = "KITH_LIMITS_REGISTER_PER_ADDRESS")]
    pub register_per_address: Rate,
    /// Messages, edits and reactions from one address.
    #[config(default = "200/second burst 2000", env = "KITH_LIMITS_SEND_PER_ADDRESS")]
    pub send_per_address: Rate,
    /// Messages, edits and reactions of one user, over HTTP and sockets together.
    #[config(default = "20/second burst 200", env = "KITH_LIMITS_SEND_PER_USER")]
    pub send_per_user: Rate,
    /// Reads (history, conversations, profiles) from one address.
    #[config(default = "500/second burst 5000", env = "KITH_LIMITS_READ_PER_ADDRESS")]
    pub read_per_address: Rate,
    /// Reads (history, conversations, profiles) of one user.
    #[config(default = "50/second burst 500", env = "KITH_LIMITS_READ_PER_USER")]
    pub read_per_user: Rate,
    /// Searches for people from one address.
    #[config(default = "10/second burst 100", env = "KITH_LIMITS_SEARCH_PER_ADDRESS")]
    pub search_per_address: Rate,
    /// Searches for people by one user.
    #[config(default = "2/second burst 20", env = "KITH_LIMITS_SEARCH_PER_USER")]
    pub search_per_user: Rate,
    /// New sockets from one address.
    #[config(default = "20/second burst 400", env = "KITH_LIMITS_SOCKET_HELLO_PER_ADDRESS")]
    pub socket_hello_per_address: Rate,
    /// New sockets of one user.
    #[config(default = "1/second burst 60", env = "KITH_LIMITS_SOCKET_HELLO_PER_USER")]
    pub socket_hello_per_user: Rate,
    /// Signing out and ending sessions, from one address.
    #[config(default = "20/second burst 400", env = "KITH_LIMITS_SIGN_OUT_PER_ADDRESS")]
    pub sign_out_per_address: Rate,
    /// Signing out and ending sessions, by one user.
    #[config(default = "1/second burst 60", env = "KITH_LIMITS_SIGN_OUT_PER_USER")]
    pub sign_out_per_user: Rate,
    /// Everything else from one address.
    #[config(default = "100/second burst 1000", env = "KITH_LIMITS_GENERAL_PER_ADDRESS")]
    pub general_per_address: Rate,
    /// Everything else by one user.
    #[config(default = "20/second burst 200", env = "KITH_LIMITS_GENERAL_PER_USER")]
    pub general_per_user: Rate,
    /// The largest body of a request, in bytes.
    #[config(default = 262_144, env = "KITH_LIMITS_BODY_BYTES_MAX")]
    pub body_bytes_max: u32,
    /// The largest head of a request (request line and headers), in bytes. At least 8192.
    #[config(default = 32_768, env = "KITH_LIMITS_HEADER_BYTES_MAX")]
    pub header_bytes_max: u32,
    /// The longest path and query of a request, in bytes.
    #[config(default = 8_192, env = "KITH_LIMITS_URL_BYTES_MAX")]
    pub url_bytes_max: u32,
    /// A connection that has not sent a whole request head after this is closed, also one that waits for its next.
    #[config(default = 30_000, env = "KITH_LIMITS_HEADER_TIMEOUT_MS")]
    pub header_timeout_ms: u64,
    /// A request that is not answered after this gets 503.
    #[config(default = 30_000, env = "KITH_LIMITS_REQUEST_TIMEOUT_MS")]
    pub request_timeout_ms: u64,
    /// A connection that takes nothing of what it was sent for this long is closed.
    #[config(default = 60_000, env = "KITH_LIMITS_WRITE_TIMEOUT_MS")]
    pub write_timeout_ms: u64,
    /// Requests that send messages or read pages at the same time; more are answered 503 at once. More than a hundred
    /// for each processor make nothing faster, and everybody waits longer.
    #[config(default = 128, env = "KITH_LIMITS_REQUESTS_AT_ONCE")]
    pub requests_at_once: u32,
    /// Open connections, sockets included. Each needs a file descriptor; `ulimit -Hn` is the end of it.
    #[config(default = 100_000, env = "KITH_LIMITS_CONNECTIONS_MAX")]
    pub connections_max: u32,
    /// Open connections of one address, sockets included. Addresses of trusted proxies are not counted.
    #[config(default = 512, env = "KITH_LIMITS_CONNECTIONS_PER_ADDRESS")]
    pub connections_per_address: u32,
    /// Passwords that are checked at the same time. Each needs 19 MiB of memory and a processor core.
    #[config(default = 2, env = "KITH_LIMITS_LOGIN_THREADS")]
    pub login_threads: u32,
    /// Sign-ins that may wait for their check; more are answered 429 at once.
    #[config(default = 64, env = "KITH_LIMITS_LOGIN_QUEUE_MAX")]
    pub login_queue_max: u32,
}

/// Where messages are kept.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Storage {
    /// Memory for recently read blocks, in MiB, which is used once so much was read. Without a value it is a
    /// thirty-second of the machine's memory or the container's, at least 32 MiB and at most 1 GiB.
    #[config(env = "KITH_STORAGE_CACHE_MIB")]
    pub cache_mib: Option<u32>,
    /// When less than this many bytes of the disk are free, new messages are refused; deleting still works. Without a
    /// value it is the smaller of 1 GiB and a twentieth of the disk.
    #[config(env = "KITH_STORAGE_FREE_BYTES_MIN")]
    pub free_bytes_min: Option<u64>,
}

/// What is written to standard error, and who may read the metrics.
#[derive(confique::Config, Clone, Debug)]
#[config(layer_attr(serde(deny_unknown_fields)))]
pub struct Log {
    /// "text" for people, "json" for machines.
    #[config(default = "text", env = "KITH_LOG_FORMAT")]
    pub format: LogFormat,
    /// "error", "warn", "info", "debug" or "trace"; or by part, for example "info,access=off" for no line per request.
    #[config(default = "info", env = "KITH_LOG_LEVEL")]
    pub level: String,
    /// Who sends `Authorization: Bearer <this>` may read `/metrics` from anywhere. Without it only this machine may.
    #[config(env = "KITH_LOG_METRICS_TOKEN")]
    pub metrics_token: Option<Secret>,
    /// A file that holds the metrics token.
    #[config(env = "KITH_LOG_METRICS_TOKEN_FILE")]
    pub metrics_token_file: Option<PathBuf>,
}

/// The form of a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What the command line says, which wins over the environment and the file.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// `--data`.
    pub data: Option<PathBuf>,
    /// `--listen`.
    pub listen: Option<SocketAddr>,
}

impl Configuration {
    /// Reads the file, if one is named, and the environment, and checks what they say.
    ///
    /// # Errors
    /// A sentence that says what is wrong, where, and what to do.
    pub fn load(file: Option<&Path>, overrides: Overrides) -> anyhow::Result<Self> {
        type Layer = <Configuration as confique::Config>::Layer;
        let mut layer = Layer::from_env()?;
        if let Some(file) = file {
            layer = layer.with_fallback(
                confique::File::with_format(file, confique::FileFormat::Toml).required().load()?,
            );
        }
        Self::finish(layer, overrides)
    }

    fn finish(
        layer: <Self as confique::Config>::Layer,
        overrides: Overrides,
    ) -> anyhow::Result<Self> {
        let mut configuration = Self::from_layer(
            layer.with_fallback(<Self as confique::Config>::Layer::default_values()),
        )?;
        if let Some(data) = overrides.data {
            configuration.server.data = data;
        }
        if let Some(listen) = overrides.listen {
            configuration.server.listen = listen;
        }
        configuration.log.metrics_token = secret::read(
            configuration.log.metrics_token.take(),
            configuration.log.metrics_token_file.as_deref(),
        )?;
        check::check(&configuration)?;
        Ok(configuration)
    }

    /// The example file, made from the doc comments of this module.
    pub fn example() -> String {
        confique::toml::template::<Self>(confique::toml::FormatOptions::default())
    }

    /// Whether people reach Kith over HTTPS: its own, or that of a proxy before it.
    pub fn is_https(&self) -> bool {
        self.tls.is_on()
            || self.server.public_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// Which peers may say for whom they speak.
    pub fn trusted_proxies(&self) -> TrustedProxies {
        TrustedProxies::new(self.server.trusted_proxies.clone())
    }
}

impl Tls {
    /// Whether Kith itself speaks TLS.
    pub fn is_on(&self) -> bool {
        self.certificate_file.is_some() || !self.domains.is_empty()
    }
}

#[cfg(test)]
mod tests;
