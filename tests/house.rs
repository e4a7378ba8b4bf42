//! Placeholder while the house test is being written.
