//! A county to try things in: made-up people with valid document numbers, entered by the same means as real ones.

mod cast;
mod county;
mod endings;
mod events;
mod homes;
mod pen;
mod people;
mod permits;
mod pictures;
mod rounds;
mod safety;
mod sweeps;
mod visits;

pub use cast::{ACCOUNTS, DemoAccount, Someone, someone};
pub use county::fill;
pub use homes::{home, rooms_of};
pub use pen::{Draft, Pen};
pub use people::{Registered, Resident, citizen_id, registration};
pub use safety::{Check, check, recheck, signed_letter};
