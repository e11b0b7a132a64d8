//! Encryption: certificates from files, or from a certificate authority, automatically.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use futures_util::StreamExt as _;
use parking_lot::RwLock;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use rustls_acme::caches::DirCache;
use rustls_acme::{AcmeConfig, AcmeState, is_tls_alpn_challenge};
use tokio::net::TcpStream;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::server::Acceptor;
use tokio_rustls::server::TlsStream;

use crate::config;

/// What this server speaks inside TLS, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// Encrypts connections.
pub struct Tls {
    config: RwLock<Arc<ServerConfig>>,
    source: Source,
}

enum Source {
    Files { certificate: PathBuf, key: PathBuf },
    Authority { challenge: Arc<ServerConfig> },
}

/// Gets certificates and renews them, as long as [`Renewal::run`] runs.
pub struct Renewal(AcmeState<io::Error>);

/// Chooses the one cryptography that the whole process uses. More calls change nothing.
pub fn install_cryptography() {
    if rustls::crypto::aws_lc_rs::default_provider().install_default().is_err() {
        tracing::debug!("the cryptography was chosen before");
    }
}

impl Tls {
    /// What the configuration describes: nothing, files, or automatic certificates that are kept in `folder`.
    ///
    /// # Errors
    /// If a file cannot be read or holds no usable certificate.
    pub fn new(
        tls: &config::Tls,
        folder: &Path,
    ) -> anyhow::Result<Option<(Self, Option<Renewal>)>> {
        if let (Some(certificate), Some(key)) = (&tls.certificate_file, &tls.key_file) {
            let config = RwLock::new(from_files(certificate, key)?);
            let source = Source::Files { certificate: certificate.clone(), key: key.clone() };
            return Ok(Some((Self { config, source }, None)));
        }
        if tls.domains.is_empty() {
            return Ok(None);
        }
        let state = authority(tls, folder)?.state();
        let mut config = (*state.default_rustls_config()).clone();
        config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
        let source = Source::Authority { challenge: state.challenge_rustls_config() };
        Ok(Some((Self { config: RwLock::new(Arc::new(config)), source }, Some(Renewal(state)))))
    }

    /// Reads the files again. Connections that are open keep their certificate.
    ///
    /// # Errors
    /// As [`Tls::new`]; then the old certificate stays.
    pub fn reload(&self) -> anyhow::Result<()> {
        match &self.source {
            Source::Files { certificate, key } => {
                *self.config.write() = from_files(certificate, key)?;
            }
            Source::Authority { .. } => {}
        }
        Ok(())
    }

    /// Encrypts one connection. None if it was the certificate authority that looked whether the domain is ours.
    ///
    /// # Errors
    /// If the other side does not speak TLS as we do, or takes longer than `timeout`.
    pub async fn accept(
        &self,
        tcp: TcpStream,
        timeout: Duration,
    ) -> io::Result<Option<TlsStream<TcpStream>>> {
        tokio::time::timeout(timeout, self.handshake(tcp))
            .await
            .unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    async fn handshake(&self, tcp: TcpStream) -> io::Result<Option<TlsStream<TcpStream>>> {
        let start = LazyConfigAcceptor::new(Acceptor::default(), tcp).await?;
        if let Source::Authority { challenge } = &self.source
            && is_tls_alpn_challenge(&start.client_hello())
        {
            let mut stream = start.into_stream(Arc::clone(challenge)).await?;
            tokio::io::AsyncWriteExt::shutdown(&mut stream).await?;
            return Ok(None);
        }
        let config = Arc::clone(&self.config.read());
        start.into_stream(config).await.map(Some)
    }
}

impl Renewal {
    /// Gets certificates and renews them, for as long as it is polled.
    pub async fn run(mut self) {
        while let Some(event) = self.0.next().await {
            match event {
                Ok(event) => tracing::info!(?event, "certificates"),
                Err(error) => {
                    tracing::error!(%error, "a certificate could not be had; it is tried again");
                }
            }
        }
    }
}

fn from_files(certificate: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let chain = certificates(certificate, "tls.certificate_file")?;
    let key = PrivateKeyDer::from_pem_file(key).map_err(|error| {
        anyhow!("tls.key_file: no private key can be read from {}: {error}", key.display())
    })?;
    let mut config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("the certificate and the key do not fit together")?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(Arc::new(config))
}

fn certificates(file: &Path, name: &str) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read =
        |error| anyhow!("{name}: no certificate can be read from {}: {error}", file.display());
    let found: Vec<_> = CertificateDer::pem_file_iter(file)
        .map_err(read)?
        .collect::<Result<_, _>>()
        .map_err(read)?;
    anyhow::ensure!(!found.is_empty(), "{name}: there is no certificate in {}", file.display());
    Ok(found)
}

fn authority(tls: &config::Tls, folder: &Path) -> anyhow::Result<AcmeConfig<io::Error>> {
    let config = match &tls.acme_ca_file {
        None => AcmeConfig::new(&tls.domains),
        Some(file) => {
            let mut roots = RootCertStore::empty();
            for root in certificates(file, "tls.acme_ca_file")? {
                roots.add(root).context("tls.acme_ca_file: this is no root certificate")?;
            }
            let client =
                ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
            AcmeConfig::new_with_client_config(&tls.domains, Arc::new(client))
        }
    };
    let contact = tls.acme_email.iter().map(|email| format!("mailto:{email}"));
    Ok(config
        .directory(&tls.acme_directory)
        .contact(contact)
        .cache(DirCache::new(folder.join("acme"))))
}
