//! The field app: the coordinator's and the landlord's.

mod app;
mod route;

// Before the work begins.
mod enrol;
mod sign_in;

// What is due, homes, people.
mod today;
mod homes;
mod home;
mod home_form;
mod people;
mod person;
mod document;
mod resident;
mod moves;
mod leave;

// Reports, from both sides of the door.
mod report;
mod verify;
mod landlord;
mod report_forms;

// How the work stands.
mod me;
mod attention;
mod settings;
mod help;

mod picks;
mod restored;
mod undo;

pub use app::FieldApp;
