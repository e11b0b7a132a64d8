//! A node from its configuration: opens the store, starts the app, and serves until it is told to stop.

use std::io::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use app::{App, Env, Settings};
use axum::Router;
use bus::Bus;
use store::Store;
use store::backend::{Embedded, EmbeddedOptions};
use tokio::signal::unix::{SignalKind, signal};

use crate::config::{Configuration, MIB};
use crate::edge::{Edge, Observed};
use crate::serve::{self, Door};
use crate::tls::{self, Tls};
use crate::{control, health, http, security, socket, web};

/// How often the machine is looked at, in milliseconds.
const LOOK_MS: u64 = 5_000;
/// How often limits forget whom they need not remember, in milliseconds.
const SWEEP_MS: u64 = 60_000;
/// How long a stop waits for jobs, in milliseconds; what is left is done after the next start.
const CLOSE_SETTLE_MS: u64 = 2_000;
/// The part of the memory that recently read blocks may take.
const CACHE_SHARE: u64 = 32;
/// What they may take at least and at most, whatever the machine.
const CACHE_BYTES: (u64, u64) = (32 * MIB, 1024 * MIB);
/// The port of HTTPS.
const HTTPS_PORT: u16 = 443;

/// A store and the app above it.
pub(crate) struct Node {
    pub(crate) app: App,
    embedded: Embedded,
}

impl Node {
    /// Opens the store in the data folder and starts the app.
    ///
    /// # Errors
    /// If another process uses the folder, or it cannot be read.
    pub(crate) async fn open(configuration: &Configuration) -> anyhow::Result<Self> {
        let folder = configuration.server.data.clone();
        let options = EmbeddedOptions {
            cache_bytes: configuration
                .storage
                .cache_mib
                .map_or_else(usual_cache_bytes, |mib| u64::from(mib) * MIB),
            free_bytes_min: configuration.storage.free_bytes_min,
            ..EmbeddedOptions::default()
        };
        let opened = tokio::task::spawn_blocking(move || Embedded::open(&folder, &options)).await?;
        let embedded = opened
            .with_context(|| format!("the data folder {}", configuration.server.data.display()))?;
        let store = Store::Embedded(embedded.clone());
        let app = App::start(store, Bus::local(), Env::system(), settings(configuration)).await;
        let app =
            app.map_err(|failure| anyhow::anyhow!("the store cannot be used: {failure:?}"))?;
        Ok(Self { app, embedded })
    }

    /// Finishes what waits and closes the store.
    pub(crate) async fn close(self) -> anyhow::Result<()> {
        if self.app.settle(CLOSE_SETTLE_MS).await == app::Settled::No {
            tracing::info!("jobs are left for the next start");
        }
        let embedded = self.embedded;
        tokio::task::spawn_blocking(move || embedded.shutdown()).await?;
        Ok(())
    }
}

/// Enough that what is read again and again need not be read from the disk and unpacked each time.
fn usual_cache_bytes() -> u64 {
    let (least, most) = CACHE_BYTES;
    (health::memory_bytes() / CACHE_SHARE).clamp(least, most)
}

fn settings(configuration: &Configuration) -> Settings {
    const HOUR_MS: u64 = 60 * 60 * 1000;

    let count = |number: u32| usize::try_from(number).unwrap_or(usize::MAX);
    Settings {
        access_token_ms: u64::from(configuration.session.access_hours) * HOUR_MS,
        session_ms: u64::from(configuration.session.refresh_days) * 24 * HOUR_MS,
        password_threads: count(configuration.limits.login_threads),
        password_queue: count(configuration.limits.login_queue_max),
        registration: match configuration.registration.open {
            true => app::Registration::Open,
            false => app::Registration::Closed,
        },
        ..Settings::default()
    }
}

/// Serves until SIGTERM or SIGINT, then drains and closes.
///
/// # Errors
/// If the store, the certificates or the address cannot be used.
pub async fn run(configuration: Configuration) -> anyhow::Result<()> {
    tls::install_cryptography();
    let node = Node::open(&configuration).await?;
    let edge = edge(configuration.clone(), &node.app);
    look_after(&node.app, &edge);
    let tls = encryption(&node.app, &configuration)?;
    let routes = routes(&edge, &node.app);
    let listener = serve::listen(configuration.server.listen)?;
    let control = control::listen(&configuration.server.data)?;
    node.app
        .env()
        .spawn("control socket", control::serve(control, control::routes(node.app.clone())));
    redirect(&node.app, &edge, &configuration).await?;
    // Whoever reads that the server is ready may ask it to stop at once.
    let (mut term, mut interrupt) =
        (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    announce(&configuration, listener.local_addr()?);
    let door = Door { listener, tls, routes };
    let stop = async {
        tokio::select! {
            _ = term.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping");
    };
    serve::serve(&edge, door, stop, socket::drain(&edge, &node.app)).await;
    control::forget(&configuration.server.data);
    node.close().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Everything that strangers can ask.
pub fn routes(edge: &Edge, app: &App) -> Router {
    let routes = http::routes(edge, app).merge(health::routes(edge.clone())).merge(web::routes());
    let routes = routes.fallback(web::missing);
    security::around(routes, edge)
}

/// The edge above `app`.
pub fn edge(configuration: Configuration, app: &App) -> Edge {
    let app = app.clone();
    Edge::new(
        configuration,
        Box::new(move || Observed {
            store: app.store().status(),
            queues: vec![
                ("jobs", u64::try_from(app.jobs_waiting()).unwrap_or(u64::MAX)),
                ("commits", app.store().status().waiting_batches),
            ],
        }),
    )
}

/// What has to be done from time to time.
fn look_after(app: &App, edge: &Edge) {
    let (env, edge) = (app.env().clone(), edge.clone());
    app.env().spawn("look after the edge", async move {
        let mut since_sweep_ms = 0;
        while !edge.is_draining() {
            edge.host().refresh();
            env.sleep_ms(LOOK_MS).await;
            since_sweep_ms += LOOK_MS;
            if since_sweep_ms >= SWEEP_MS {
                edge.limits().sweep();
                since_sweep_ms = 0;
            }
        }
    });
}

/// Certificates, if any are configured; they are read again on SIGHUP and renewed by themselves.
fn encryption(app: &App, configuration: &Configuration) -> anyhow::Result<Option<Arc<Tls>>> {
    let Some((tls, renewal)) = Tls::new(&configuration.tls, &configuration.server.data)? else {
        return Ok(None);
    };
    let tls = Arc::new(tls);
    if let Some(renewal) = renewal {
        app.env().spawn("certificates", renewal.run());
    }
    let (reloaded, mut hangup) = (tls.clone(), signal(SignalKind::hangup())?);
    app.env().spawn("reload certificates", async move {
        while hangup.recv().await.is_some() {
            match reloaded.reload() {
                Ok(()) => tracing::info!("certificates were read again"),
                Err(error) => tracing::error!(error = %error, "certificates cannot be read; the old ones stay"),
            }
        }
    });
    Ok(Some(tls))
}

/// Plain HTTP that sends everybody to HTTPS, if configured.
async fn redirect(app: &App, edge: &Edge, configuration: &Configuration) -> anyhow::Result<()> {
    let Some(address) = configuration.tls.redirect_listen else {
        return Ok(());
    };
    let port = match configuration.server.listen.port() {
        0 => HTTPS_PORT,
        port => port,
    };
    let door = Door {
        listener: serve::listen(address)?,
        tls: None,
        routes: security::around(serve::redirect_to_https(port), edge),
    };
    let edge = edge.clone();
    app.env().spawn("redirect to HTTPS", async move {
        serve::serve(&edge, door, std::future::pending(), std::future::ready(())).await;
    });
    Ok(())
}

/// Tells where to go: the one thing that `kith serve` says on standard output. Nobody needs to listen there.
fn announce(configuration: &Configuration, address: SocketAddr) {
    let url = public_url(configuration, address);
    let data = configuration.server.data.display();
    let mut out = std::io::stdout().lock();
    let said = writeln!(out, "Kith is ready at {url}")
        .and_then(|()| writeln!(out, "Listening on {address}; data in {data}"))
        .and_then(|()| out.flush());
    if let Err(error) = said {
        tracing::debug!(error = %error, "nobody reads standard output");
    }
}

/// Where people reach the server, as far as the configuration tells.
fn public_url(configuration: &Configuration, address: SocketAddr) -> String {
    let scheme = if configuration.tls.is_on() { "https" } else { "http" };
    match (&configuration.server.public_url, configuration.tls.domains.first()) {
        (Some(url), _) => url.clone(),
        (None, Some(domain)) if address.port() == HTTPS_PORT => format!("https://{domain}"),
        (None, Some(domain)) => format!("https://{domain}:{}", address.port()),
        (None, None) => format!("{scheme}://{address}"),
    }
}
