//! The officer's page on the server: areas with counts, what arrived, restoring and settling, devices. Keyboard first.

mod app;
mod devices;
mod held;
mod overview;
mod record;
mod records;
mod route;
mod same;
mod sign_in;

pub use app::DeskApp;
