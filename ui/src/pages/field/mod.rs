//! The field app: the coordinator's and the landlord's.

mod app;
mod route;

// Before the work begins.
mod enrol;
mod lease;
mod lock;
mod pin;
mod sign_in;

// What is due, homes, people.
mod contradiction;
mod county;
mod document;
mod empty_home;
mod extend;
mod half_done;
mod hazard;
mod history;
mod home;
mod home_actions;
mod home_form;
mod homes;
mod leave;
mod letter;
mod moves;
mod notice_slip;
mod people;
mod permit_apply;
mod permit_note;
mod permit_slip;
mod permits;
mod person;
mod photos;
mod plate;
mod resident;
mod resident_done;
mod resident_sections;
mod safety;
mod safety_check;
mod safety_failure;
mod safety_rooms;
mod same;
mod same_home;
mod scan;
mod taking_back;
mod tenants;
mod today;

// A visit: the door, the roster, what came of it.
mod leave_note;
mod past_check;
mod past_visit;
mod visit;
mod visit_result;
mod visit_roster;
mod visit_taps;
mod visits;

// Reports, from both sides of the door.
mod landlord;
mod referral;
mod report;
mod report_forms;
mod verify;

// How the work stands.
mod attention;
mod evening;
mod help;
mod me;
mod proof;
mod propose;
mod settings;
mod why;

mod picks;
mod restored;
mod undo;

pub use app::FieldApp;
