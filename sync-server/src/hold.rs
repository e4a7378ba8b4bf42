//! Who has the server's file: one serving process, and nobody who would put another file in its place meanwhile.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

use anyhow::{Context, bail};

use crate::core::FILE_NAME;

/// Held as long as this lives; the operating system lets go when the process ends, however it ends.
#[derive(Debug)]
pub struct Hold {
    _lock: File,
}

impl Hold {
    /// Takes the data folder.
    ///
    /// # Errors
    /// When a server is serving from it, or a restore is putting a file there.
    pub fn take(data: &Path) -> anyhow::Result<Hold> {
        let path = data.join(format!("{FILE_NAME}.lock"));
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        let lock = lock.with_context(|| format!("opening {}", path.display()))?;
        match lock.try_lock() {
            Ok(()) => Ok(Hold { _lock: lock }),
            Err(TryLockError::WouldBlock) => bail!("a server is running on {}: stop it first", data.display()),
            Err(TryLockError::Error(error)) => Err(error).with_context(|| format!("locking {}", path.display())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_by_one_and_free_again_afterwards() {
        let folder = tempfile::tempdir().expect("a folder");
        let held = Hold::take(folder.path()).expect("free");
        let refused = Hold::take(folder.path()).expect_err("held");
        assert!(refused.to_string().contains("is running"), "{refused}");
        drop(held);
        Hold::take(folder.path()).expect("free again");
    }
}
