//! `sync-server`: see `sync-server --help`.

fn main() -> anyhow::Result<()> {
    sync_server::cli::main()
}
