//! The binary `kith`.

fn main() -> anyhow::Result<()> {
    server::cli::run()
}
