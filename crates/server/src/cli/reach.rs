//! How the command line reaches a deployment: through the socket of the running server, or by opening the store.

use anyhow::{Context as _, bail};
use axum::Router;
use axum::body::Body;
use axum::http::{Method, Request, Response, header};
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::net::UnixStream;
use tower::ServiceExt as _;

use crate::config::Configuration;
use crate::control;
use crate::start::Node;

/// A deployment, running or not.
pub(super) enum Reach {
    /// Through the socket of the running server.
    Running(hyper::client::conn::http1::SendRequest<Body>),
    /// In this process.
    Stopped(Node, Router),
}

impl Reach {
    pub(super) async fn open(configuration: &Configuration) -> anyhow::Result<Self> {
        let path = control::socket_path(&configuration.server.data);
        if let Ok(stream) = UnixStream::connect(&path).await {
            let (requests, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
            let env = app::Env::system();
            env.spawn("control connection", async move {
                if let Err(error) = connection.await {
                    tracing::debug!(error = %error, "the control connection broke off");
                }
            });
            return Ok(Self::Running(requests));
        }
        let node = Node::open(configuration).await?;
        let routes = control::routes(node.app.clone());
        Ok(Self::Stopped(node, routes))
    }

    /// Asks with a JSON body and reads a JSON answer.
    pub(super) async fn ask<T: DeserializeOwned>(
        &mut self,
        path: &str,
        body: &impl Serialize,
    ) -> anyhow::Result<T> {
        let request = Request::builder()
            .method(Method::POST)
            .uri(path)
            .header(header::HOST, "control")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(serde_json::to_vec(body)?))?;
        let response = self.call(request).await?;
        let status = response.status();
        let bytes = response.into_body().collect().await?.to_bytes();
        if !status.is_success() {
            bail!("{}", String::from_utf8_lossy(&bytes));
        }
        serde_json::from_slice(&bytes).context("the server gave an answer of another version")
    }

    /// The body of a GET.
    pub(super) async fn fetch(&mut self, path: &str) -> anyhow::Result<Body> {
        let request =
            Request::builder().uri(path).header(header::HOST, "control").body(Body::empty())?;
        let response = self.call(request).await?;
        if !response.status().is_success() {
            bail!("the server refused: {}", response.status());
        }
        Ok(response.into_body())
    }

    async fn call(&mut self, request: Request<Body>) -> anyhow::Result<Response<Body>> {
        match self {
            Self::Running(requests) => {
                requests.ready().await?;
                Ok(requests.send_request(request).await?.map(|body: Incoming| Body::new(body)))
            }
            Self::Stopped(_, routes) => Ok(routes.clone().oneshot(request).await?),
        }
    }

    pub(super) async fn close(self) -> anyhow::Result<()> {
        match self {
            Self::Running(_) => Ok(()),
            Self::Stopped(node, routes) => {
                drop(routes);
                node.close().await
            }
        }
    }
}
