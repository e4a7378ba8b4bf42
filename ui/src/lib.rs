//! The screens: pages ask, parts draw, words speak. The two programs in `bin` put them on a page.

pub mod backend;
pub mod hooks;
pub mod pages;
pub mod parts;
pub mod words;
