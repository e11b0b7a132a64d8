//! Sends back what comes, over the socket code and the accept loop of Kith: the other side of `make autobahn`.

mod service;

use std::io::Write as _;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let listener = server::serve::listen("127.0.0.1:0".parse()?)?;
    writeln!(std::io::stdout().lock(), "{}", listener.local_addr()?)?;
    service::serve(listener).await
}
