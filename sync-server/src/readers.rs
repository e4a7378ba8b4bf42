//! Connections that look. A long page blocks nobody.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use store::server::{ServerReader, View};

use crate::failure::Failure;

/// Connections kept open; more are opened when needed and closed after.
const IDLE_MAX: usize = 8;

/// A few reading connections on one file.
#[derive(Debug)]
pub struct Readers {
    path: PathBuf,
    idle: Mutex<Vec<ServerReader>>,
}

impl Readers {
    /// For this file.
    pub fn new(path: PathBuf) -> Readers {
        Readers { path, idle: Mutex::new(Vec::new()) }
    }

    /// Looks at one snapshot, not older than any COMMIT that was answered before.
    ///
    /// # Errors
    /// Whatever `look` answers, and opening the file.
    pub fn look<T>(&self, look: impl FnOnce(&View<'_>) -> Result<T, Failure>) -> Result<T, Failure> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let reader = match idle {
            Some(reader) => reader,
            None => ServerReader::open(&self.path)?,
        };
        let seen = reader.look(look);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(reader);
        }
        seen
    }
}
