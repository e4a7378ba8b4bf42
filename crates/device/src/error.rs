//! What went wrong below, as a sentence's code for the screen.

use store::StoreError;
use sync_protocol::SyncError;
use ui_protocol::{ErrorCode, UiError};

/// A use case's failure.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The person is told.
    #[error("{0:?}")]
    Ui(UiError),
    /// The file.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<UiError> for Failure {
    fn from(error: UiError) -> Failure {
        Failure::Ui(error)
    }
}
impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Failure {
        Failure::Ui(UiError::of(code))
    }
}
impl From<serde_json::Error> for Failure {
    fn from(error: serde_json::Error) -> Failure {
        Failure::Store(StoreError::Unreadable(error))
    }
}

impl Failure {
    pub(crate) fn into_ui(self) -> UiError {
        match self {
            Failure::Ui(error) => error,
            Failure::Store(error) => UiError::of(store_code(&error)),
        }
    }
}

pub(crate) fn store_code(error: &StoreError) -> ErrorCode {
    match error {
        StoreError::DiskFull(_) => ErrorCode::DiskFull,
        StoreError::ReadOnly(_) => ErrorCode::ReadOnly,
        StoreError::Newer { .. } => ErrorCode::FileNewer,
        StoreError::Corrupt(_) => ErrorCode::FileCorrupt,
        StoreError::File(error) if error.kind() == std::io::ErrorKind::StorageFull => ErrorCode::DiskFull,
        StoreError::Unencrypted => ErrorCode::Encrypted,
        StoreError::Locked(_) | StoreError::Unreadable(_) | StoreError::File(_) | StoreError::Sqlite(_) => ErrorCode::Internal,
    }
}

pub(crate) fn sync_code(error: &SyncError) -> ErrorCode {
    match error {
        SyncError::Unreachable => ErrorCode::Unreachable,
        SyncError::Unauthorised => ErrorCode::Unauthorised,
        SyncError::WrongPassword => ErrorCode::WrongPassword,
        SyncError::WrongCode => ErrorCode::WrongCode,
        SyncError::Revoked => ErrorCode::Revoked,
        SyncError::UnknownDevice => ErrorCode::UnknownDevice,
        SyncError::Forked => ErrorCode::Forked,
        SyncError::TooOld { .. } => ErrorCode::TooOld,
        SyncError::Busy { .. } => ErrorCode::Busy,
        SyncError::Gap { .. } | SyncError::TooLarge | SyncError::Malformed(_) | SyncError::Server => ErrorCode::Server,
    }
}

pub(crate) fn sync_failure(error: &SyncError) -> UiError {
    let retry_after_s = match error {
        SyncError::Busy { retry_after_ms } => retry_after_ms.div_ceil(1000),
        _ => 0,
    };
    UiError { retry_after_s, ..UiError::of(sync_code(error)) }
}
