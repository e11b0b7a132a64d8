//! The edge of Kith: HTTP routes, the socket, configuration and the command line. The binary is `kith`.
//!
//! Here requests are parsed, limited and counted, and answers are rendered. What is deliberately not here: decisions.
//! Those are made in `domain`, by way of the use cases in `app`.

pub mod auth;
pub mod cli;
pub mod config;
mod control;
pub mod edge;
pub mod health;
pub mod http;
pub mod limits;
pub mod logs;
pub mod metrics;
pub mod openapi;
pub mod places;
pub mod problem;
mod refusal;
pub mod render;
pub mod security;
pub mod serve;
pub mod socket;
pub mod start;
pub mod state;
pub mod tls;
mod web;
