//! SQLite. The only crate that contains SQL, and it decides nothing: what is written was decided by its callers.

pub mod cipher;
pub mod device;
#[cfg(feature = "drill")]
pub mod drill;
pub mod ending;
pub mod folder;
pub mod open;
pub mod points;
mod rows;
pub mod server;

pub use device::DeviceStore;
pub use open::StoreError;
pub use server::ServerStore;
