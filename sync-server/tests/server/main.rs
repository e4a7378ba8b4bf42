//! The whole server against real files: what it takes in, what it refuses, whom it tells.

mod access;
mod ask;
mod backup;
mod conflicts;
mod console;
mod desk;
mod enrolment;
mod exchange;
mod group;
mod hardening;
mod health;
mod held;
mod http;
mod landlord;
mod laws;
mod lookup;
mod moving;
mod openapi;
mod permits;
mod photos;
mod quarantine;
mod refusals;
mod renewal;
mod same;
mod town;
mod verify;
