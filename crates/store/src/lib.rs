//! SQLite. The only crate that contains SQL, and it decides nothing: what is written was decided by its callers.

pub mod open;
pub mod device;
pub mod server;
mod rows;

pub use device::DeviceStore;
pub use open::StoreError;
pub use server::ServerStore;
