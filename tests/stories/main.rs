//! Stories with named actors on the real server and real devices. For every happy path, one lie.

mod offline_day;
mod conflicts;
mod lies;
mod moving;
mod landlord;
mod sign_in;
mod files;
mod mistakes;
mod registering;
mod authorisation;
mod random_walk;
