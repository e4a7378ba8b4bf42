//! The officer's page on the server: areas with counts, what arrived, restoring and settling, devices,
//! whether both sides hold the same, and why. Keyboard first.

mod app;
mod contradiction;
mod devices;
mod grade;
mod held;
mod home;
mod overview;
mod permits;
mod photos;
mod plates;
mod proof;
mod record;
mod records;
mod restored;
mod route;
mod safety;
mod same;
mod sign_in;
mod sweeps;
mod why;

pub use app::DeskApp;
