//! What the tests stand on: a county with a real server, real devices, a clock to set and a network that lies.

pub mod county;
pub mod proxy;
pub mod world;

pub use world::{Actor, Lie, PhoneCopy, World};
