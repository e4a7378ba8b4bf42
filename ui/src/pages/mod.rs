//! Pages ask one or two questions and say with parts what came of it.

pub mod desk;
pub mod field;
mod shared;
