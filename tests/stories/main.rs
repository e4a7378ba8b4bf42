//! Stories with named actors on the real server and real devices. For every happy path, one lie.

mod authorisation;
mod conflicts;
mod echo;
mod evolution;
mod family;
mod files;
mod first_sync;
mod identity;
mod landlord;
mod late;
mod lies;
mod mistakes;
mod moving;
mod offline_day;
mod permits;
mod photos;
mod proof;
mod random_walk;
mod registering;
mod releases;
mod restored;
mod safety;
mod salvage;
mod same_person;
mod sign_in;
mod why;
