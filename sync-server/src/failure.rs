//! Why the server did not do what it was asked.

use store::StoreError;
use sync_protocol::SyncError;
use ui_protocol::{ErrorCode, UiError};

/// A variant exists because someone acts on it.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// What a device is told.
    #[error(transparent)]
    Sync(#[from] SyncError),
    /// What a person at the desk is told.
    #[error("the desk was answered {0:?}")]
    Desk(ErrorCode),
    /// What the administrator at the console is told.
    #[error(transparent)]
    Admin(#[from] AdminError),
    /// The file did not take or give it.
    #[error("the server's file")]
    Store(#[from] StoreError),
    /// A mistake of ours; the work was taken back.
    #[error("the work was given up after a panic")]
    Panicked,
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopped,
}

/// What an administrator can get wrong.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AdminError {
    /// Another account has this login.
    #[error("there is already an account with this login")]
    LoginTaken,
    /// Letters, digits, dots and dashes; 2 to 32.
    #[error("a login has 2 to 32 letters, digits, dots or dashes")]
    BadLogin,
    /// A name, please.
    #[error("this name cannot be used")]
    BadName,
    /// Not a phone number.
    #[error("this is not a phone number; a landlord's homes are found by it")]
    BadPhone,
    /// Too short.
    #[error("a password has at least {0} characters")]
    WeakPassword(usize),
    /// Nobody has this login.
    #[error("there is no account with this login")]
    NoAccount,
    /// No such device.
    #[error("there is no device with this number")]
    NoDevice,
    /// Not in the county.
    #[error("there is no area {0}")]
    NoArea(String),
    /// A record of another kind has the id that follows from this name.
    #[error("something else in the register stands where {0} belongs")]
    NameTaken(String),
    /// The role needs areas.
    #[error("this role needs at least one area")]
    AreasNeeded,
    /// A line of an area file.
    #[error("line {line} of the area file cannot be read: expected code,name,level,parent")]
    BadAreaLine {
        /// Counted from 1.
        line: usize,
    },
    /// Not whole, or a known version with other words.
    #[error("this wording cannot be used: its {0}; a version that is known is never changed")]
    BadWording(String),
    /// `init` was not run.
    #[error("this folder holds no server yet: run `sync-server init` first")]
    NotInitialised,
}

impl Failure {
    /// As a device is told.
    pub fn into_sync(self) -> SyncError {
        match self {
            Failure::Sync(error) => error,
            failure => {
                tracing::error!(error = &failure as &dyn std::error::Error, "an exchange failed");
                SyncError::Server
            }
        }
    }

    /// As a person at the desk is told.
    pub fn into_desk(self) -> UiError {
        match self {
            Failure::Desk(code) => UiError::of(code),
            failure => {
                tracing::error!(error = &failure as &dyn std::error::Error, "a question of the desk failed");
                UiError::of(ErrorCode::Server)
            }
        }
    }
}
