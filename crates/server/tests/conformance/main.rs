//! The API contract, checked from outside: the real binary, plain HTTP, and every literal and status it promises.

mod bad_input;
mod beyond;
mod groups;
mod messages;
mod operation;
mod retry;
mod support;
mod tokens;
mod users;
